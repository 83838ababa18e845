"""The parts of a case's screen, a topic each."""
