"""Every duty together, on the real engine and database, with the messages that go between them."""
