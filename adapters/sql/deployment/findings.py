"""What is wrong with a schema or with an account, each in one line."""

from dataclasses import dataclass
from enum import StrEnum


class Subject(StrEnum):
    """What a finding is about."""

    REVISION = "revision"
    TABLE = "table"
    COLUMN = "column"
    KEY = "key"
    UNIQUE = "unique"
    INDEX = "index"
    CHECK = "check"
    LIST = "list"
    GRANT = "grant"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as the code expects it."""

    subject: Subject
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"
