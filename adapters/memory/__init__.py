"""The whole store in memory: the mock of our own ports, and the simplest answer to them."""
