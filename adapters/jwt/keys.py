"""Makes the keys that clients hold, and tokens by them for trying things."""

import re
import secrets
import string
import zlib
from typing import Any, Final

from jose import jwk, jws

_DIGITS: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_SECRET_BYTES: Final = 32
_SECRET_CHARS: Final = 43
_CHECKSUM_CHARS: Final = 6
_ENV: Final = re.compile(r"[a-z0-9]{1,20}")
_KEY_ID: Final = re.compile(r"[a-z0-9-]{1,60}")
_KEY_TEXT: Final = re.compile(r"loapi_[a-z0-9]{1,20}_[a-z0-9-]{1,60}_[0-9A-Za-z]{49}")
_TAIL_BYTES: Final = 3


def new_key_id(client_id: str) -> str:
    """Give a fresh key id that shows whose key it is, as `prepay-3f9a2c`."""
    name = re.sub(r"[^a-z0-9]+", "-", client_id.lower()).strip("-")
    return f"{name[:50] or 'client'}-{secrets.token_hex(_TAIL_BYTES)}"


def make_key(env: str, key_id: str) -> str:
    """Make a key text with 256 random bits; its checksum lets scanners and people trust it."""
    if not _ENV.fullmatch(env):
        raise ValueError("the environment in a key has lower-case letters and digits only")
    if not _KEY_ID.fullmatch(key_id):
        raise ValueError("a key id has lower-case letters, digits and dashes only")
    number = int.from_bytes(secrets.token_bytes(_SECRET_BYTES), "big")
    text = f"loapi_{env}_{key_id}_{_base62(number, _SECRET_CHARS)}"
    return text + _checksum(text)


def check_key_text(text: str) -> bool:
    """Tell whether a text is a whole key text, with no letter mistaken."""
    body, checksum = text[:-_CHECKSUM_CHARS], text[-_CHECKSUM_CHARS:]
    return bool(_KEY_TEXT.fullmatch(text)) and _checksum(body) == checksum


# pylint: disable-next=too-many-arguments,too-many-positional-arguments  # a token has that many
def mint(
    key_text: str,
    key_id: str,
    client_id: str,
    audience: str,
    user_id: str | None,
    location_id: int | None,
    lifetime: int,
    now: int,
    token_id: str,
) -> str:
    """Make a token as a client makes it, good from `now` for `lifetime` seconds."""
    context = {"user_id": user_id, "location_id": location_id}
    claims: dict[str, Any] = {
        "iss": client_id,
        "aud": audience,
        "iat": now,
        "exp": now + lifetime,
        "jti": token_id,
        "request_context": {name: value for name, value in context.items() if value is not None},
    }
    # Never the text itself: python-jose would read it as JSON before it used it as a key.
    key = jwk.construct(key_text.encode(), "HS256")
    return jws.sign(claims, key, headers={"kid": key_id}, algorithm="HS256")


def _checksum(text: str) -> str:
    return _base62(zlib.crc32(text.encode()), _CHECKSUM_CHARS)


def _base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
