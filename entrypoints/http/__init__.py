"""The REST API: one gate, one file a resource."""
