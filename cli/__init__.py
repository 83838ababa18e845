"""The command line: one module a topic, loaded only when its command is called."""
