"""Making client keys and tokens."""

from adapters.jwt.keys import make_key, mint, new_key_id

__all__ = ["make_key", "mint", "new_key_id"]
