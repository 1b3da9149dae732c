"""Rate limits, counted by the limits library."""
