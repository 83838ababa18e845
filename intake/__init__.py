"""Reading a force's extract: lines to rows, rows to sound reports or refusals (docs/intake.md)."""
