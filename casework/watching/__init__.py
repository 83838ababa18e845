"""What the watchdog looks at: the store alone, and the store against the engine."""
