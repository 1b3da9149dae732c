"""Servers on loopback that tests talk to, and that misbehave as they are told."""
