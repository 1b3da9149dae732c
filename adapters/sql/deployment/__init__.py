"""What administrators of an Oracle database get: scripts, accounts, grants, and a check."""
