"""Where the application meets technology: one folder a technology, none knows another."""
