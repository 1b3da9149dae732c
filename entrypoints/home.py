"""The folder in which development keeps its keys, readable by its owner only."""

import base64
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from entrypoints.settings import BadSettings


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A client's key as the person who tries the service needs it."""

    client_id: str
    key_id: str
    key: str


class Home:
    """Keys under LOAPI_HOME, in files of mode 0600."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keys_file = folder / "demo-keys.json"

    def secret(self, name: str) -> str:
        """Give 32 random bytes in base64, the same at every call; the first one makes them."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / f"{name}.key"
        try:
            _write_new(file, base64.b64encode(secrets.token_bytes(32)).decode())
        except FileExistsError:
            pass
        return file.read_text().strip()

    def keys(self) -> dict[str, StoredKey]:
        """Give the newest key kept here of each client; raises BadSettings where none can be."""
        if not self.keys_file.exists():
            return {}
        try:
            rows = json.loads(self.keys_file.read_text())
            return {row["client_id"]: StoredKey(**row) for row in rows}
        except (ValueError, TypeError, KeyError):
            instead = "remove it, and give each client a new key with 'loapi client rotate NAME'"
            raise BadSettings(f"{self.keys_file} cannot be read; {instead}.") from None

    def keep(self, *keys: StoredKey) -> None:
        """Keep keys, each in place of an older one of its client."""
        kept = self.keys() | {key.client_id: key for key in keys}
        rows = [
            {"client_id": key.client_id, "key_id": key.key_id, "key": key.key}
            for key in kept.values()
        ]
        fresh = self.keys_file.with_suffix(f".{os.getpid()}")
        _write_new(fresh, json.dumps(rows, indent=1))
        fresh.replace(self.keys_file)


def _write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet; raises FileExistsError where it is."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
