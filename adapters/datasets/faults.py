"""What is wrong with a file: every fault with its line and column, told at once."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in one place of a file; lines count from 1."""

    line: int
    column: str
    detail: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.column}: {self.detail}"


class Faulty(Exception):
    """A file that cannot be taken as it is; nothing of it was. As text, one line a fault."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults
