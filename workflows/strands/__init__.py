"""Strands: what runs side by side inside one workflow, one async function a file.

A strand restarts from the shared state alone and reacts to facts; the rules are in `models`.
"""
