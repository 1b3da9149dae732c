"""Ed25519 keys that sign the ledger's checkpoints, and the file that checkpoints go to."""
