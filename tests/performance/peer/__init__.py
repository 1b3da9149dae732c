"""The peer: the same work as a good team writes it from the documentation of its frameworks."""
