"""What can be asked of us, and what that needs in return."""
