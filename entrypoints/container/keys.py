"""Making client keys and tokens, and judging public keys."""

from adapters.jwt.keys import make_key, mint, new_key_id
from adapters.jwt.signature import WeakKey, verifying_key

__all__ = ["WeakKey", "make_key", "mint", "new_key_id", "verifying_key"]
