"""Ways in: HTTP for client applications, a command line for operators."""
