"""Composition helpers: settings, embedded servers, client, logs and telemetry."""
