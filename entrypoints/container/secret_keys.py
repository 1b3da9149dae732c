"""The keys that seal and sign: from the environment, or development's own."""

import base64
import hmac

from pydantic import SecretStr

from adapters.jwt.sealing import AesGcmSealer, sealing_key_name
from entrypoints.home import Home
from entrypoints.settings import BadSettings, Settings

FIRST_SEALING_KEY = "k1"
"""What seals name the sealing key of old, before they named each by its digest."""

KEY_BYTES = 32


def secret(settings: Settings, name: str) -> bytes:
    """Give 32 bytes from the setting of this name, or development's own."""
    given: SecretStr | None = getattr(settings, name)
    variable = f"LOAPI_{name.upper()}"
    if given is None and not settings.development:
        raise BadSettings(f"{variable}: give 32 bytes in base64.")
    text = _own_secret(settings, name) if given is None else given.get_secret_value()
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise BadSettings(f"{variable}: give 32 bytes in base64.")
    return key


def _own_secret(settings: Settings, name: str) -> str:
    try:
        return Home(settings.home).secret(name.removesuffix("_key"))
    except OSError as error:
        detail = f"LOAPI_HOME: {settings.home} cannot be used: {error.strerror}."
        raise BadSettings(detail) from None


def build_sealer(sealing_key: bytes, old: bytes | None) -> AesGcmSealer:
    """Give what seals client keys under the one key, and opens them under either."""
    keys = {sealing_key_name(key): key for key in (old, sealing_key) if key}
    keys[FIRST_SEALING_KEY] = old or sealing_key
    return AesGcmSealer(keys, sealing_key_name(sealing_key))


def cursor_key(sealing_key: bytes) -> bytes:
    """Give the key that signs the cursors of lists."""
    return hmac.digest(sealing_key, b"loapi list cursors", "sha256")
