"""Guards that make a change to running cases a decision rather than an accident."""
