"""Reads a Dockerfile: its stages, their instructions and what they mean for a container."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_FROM = re.compile(r"(?P<base>\S+)(?:\s+AS\s+(?P<name>\S+))?", re.IGNORECASE)
_FLAG = re.compile(r"--\S+\s+")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its word in capitals, and the rest with its lines joined."""

    word: str
    rest: str

    @property
    def flags(self) -> list[str]:
        """Give the flags before the arguments, as `--from=build`."""
        return self.rest[: len(self.rest) - len(self.plain)].split()

    @property
    def plain(self) -> str:
        """Give the rest without its flags."""
        text = self.rest
        while found := _FLAG.match(text):
            text = text[found.end():]
        return text

    def command(self) -> list[str] | None:
        """Give the exec form behind the flags; None where it is a line for a shell."""
        text = self.plain
        if self.word == "HEALTHCHECK":
            text = text.removeprefix("CMD").strip()
        return list(json.loads(text)) if text.startswith("[") else None


@dataclass(frozen=True, slots=True)
class Stage:
    """What stands between one FROM and the next."""

    base: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def all(self, word: str) -> list[Instruction]:
        """Give the instructions with a word."""
        return [each for each in self.instructions if each.word == word]

    def only(self, word: str) -> Instruction:
        """Give the one instruction with a word; raises ValueError where it is not one."""
        (found,) = self.all(word)
        return found

    def environment(self) -> Mapping[str, str]:
        """Give what ENV sets."""
        pairs = (pair for each in self.all("ENV") for pair in shlex.split(each.rest))
        return dict(pair.split("=", 1) for pair in pairs)

    def start(self, *arguments: str) -> list[str]:
        """Give what a container runs: ENTRYPOINT, and CMD unless arguments take its place."""
        entrypoint = self.only("ENTRYPOINT").command() or []
        return [*entrypoint, *(arguments or self.only("CMD").command() or [])]


def read(path: Path) -> dict[str, Stage]:
    """Read a Dockerfile's stages by their names."""
    stages: dict[str, Stage] = {}
    for each in _instructions(path.read_text("utf-8")):
        if each.word == "FROM":
            found = _FROM.fullmatch(each.plain)
            assert found, each.rest
            name = found["name"] or str(len(stages))
            stages[name] = Stage(found["base"], name)
        elif stages:
            stages[name].instructions.append(each)
    return stages


def _instructions(text: str) -> Iterator[Instruction]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for whole in "\n".join(lines).replace("\\\n", " ").splitlines():
        word, _, rest = whole.strip().partition(" ")
        if word:
            yield Instruction(word.upper(), " ".join(rest.split()))


def sources(stage: Stage) -> Sequence[str]:
    """Name what a stage takes from the folder that the image is built in."""
    copies = (each for each in stage.all("COPY") if not _from(each))
    return [name for each in copies for name in each.plain.split()[:-1]]


def taken(stage: Stage, origin: str) -> Mapping[str, str]:
    """Give where a stage puts what it copies from another, by where that has it."""
    copies = (each for each in stage.all("COPY") if f"--from={origin}" in each.flags)
    return {each.plain.split()[0]: each.plain.split()[1] for each in copies}


def _from(copy: Instruction) -> bool:
    return any(flag.startswith("--from=") for flag in copy.flags)
