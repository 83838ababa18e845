"""Activities: where workflows touch the world, each one transaction or one message."""
