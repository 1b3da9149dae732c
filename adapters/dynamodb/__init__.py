"""The trail in one DynamoDB table, for reading it long after and far from the service."""
