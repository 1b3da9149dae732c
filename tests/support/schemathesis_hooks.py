"""Hooks of Schemathesis: a token of its own for each request, as the service asks for."""

import os
import secrets
import time
from typing import Any

import schemathesis

from entrypoints.container.keys import mint


# None: nothing is remembered, so that no two requests share a token.
@schemathesis.auth(refresh_interval=None)
class FreshToken:
    """Gives each request a token that nothing has used."""

    def get(self, _case: Any, _context: Any) -> str:
        """Mint a token by the key in the environment."""
        key_text, key_id = os.environ["JUDGE_KEY"], os.environ["JUDGE_KEY_ID"]
        return mint(
            key_text, key_id, "prepay", "loapi-development", "U1001", None, 240,
            int(time.time()), secrets.token_urlsafe(16),
        )

    def set(self, case: Any, data: str, _context: Any) -> None:
        """Put the token on a request."""
        case.headers["Authorization"] = f"Bearer {data}"
