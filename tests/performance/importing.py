"""Measures imports, by dataset: `uv run python -m tests.performance.importing`.

Each dataset that ships, and a franchise directory of as many brands as told (`--rows`, 10,000), as
CSV and as XLSX, into an empty SQLite database: reading and checking the file alone, a dry run,
the import, and the same import once more, which changes nothing. Prints rows a second.
"""

import argparse
import asyncio
import csv
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from adapters.datasets.country import COUNTRIES
from adapters.datasets.franchise import DEMO_FRANCHISES
from adapters.datasets.naics import NAICS_2022
from application.imports import foresee
from domain.model import Record
from entrypoints.container import wiring
from entrypoints.container.datasets import READERS, reference_data
from entrypoints.stocking import bring_in
from tests.http.serving import settings_for

Use = Callable[[Sequence[Record]], Coroutine[Any, Any, None]]


def main() -> None:
    """Measure every dataset."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    rows = parser.parse_args().rows
    print("| dataset | rows | read and check | dry run | import | once more |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, (told, dataset, path) in enumerate(_files(folder, rows)):
            home = folder / str(number)
            home.mkdir()
            print(f"| {told} | {_measured(home, dataset, path)} |", flush=True)


def _files(folder: Path, rows: int) -> Iterator[tuple[str, str, Path]]:
    yield "`country`, CSV", "country", COUNTRIES
    yield "`naics`, CSV", "naics", NAICS_2022
    yield "`holiday`, CSV", "holiday", _holidays(folder / "holidays.csv")
    directory = _directory(rows)
    path = folder / "directory.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(directory)
    yield "`franchise`, CSV", "franchise", path
    yield "`franchise`, XLSX", "franchise", _workbook(folder / "directory.xlsx", directory)


def _directory(rows: int) -> list[list[str]]:
    """Give the rows of a directory: those of the demo again and again, under other names."""
    with DEMO_FRANCHISES.open(newline="", encoding="utf-8") as file:
        headings, *known = csv.reader(file)
    brand, code = headings.index("BRAND"), headings.index("SBA FRANCHISE IDENTIFIER CODE")
    made = [headings]
    for number in range(rows):
        row = list(known[number % len(known)])
        row[brand] = f"{row[brand]} {number}"
        row[code] = f"T{number}" if row[code] else ""
        made.append(row)
    return made


def _workbook(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def _holidays(path: Path) -> Path:
    """Write the holidays that development loads as a file."""
    days: Sequence[Any] = reference_data()["holiday"]()
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("calendar", "date", "name", "observed", "actual_date"))
        for day in days:
            observed = "yes" if day.observed else "no"
            writer.writerow((day.calendar.value, day.date, day.name, observed, day.actual_date))
    return path


def _measured(home: Path, dataset: str, path: Path) -> str:
    container = wiring.build(settings_for(home))
    wiring.upgrade(container)
    runner = container.runner()

    async def dry(records: Sequence[Record]) -> None:
        await runner.read(foresee, records)

    async def real(records: Sequence[Record]) -> None:
        await bring_in(runner, dataset, records)

    try:
        with asyncio.Runner() as loop:
            reading, records = _timed(lambda: READERS[dataset](path))
            seconds = [
                _timed(partial(_run, loop, use, records))[0] for use in (dry, real, real)
            ]
    finally:
        runner.close()
        container.database().close()
    rates = [f"{len(records) / one:,.0f}" for one in (reading, *seconds)]
    return " | ".join((f"{len(records):,}", *rates))


def _run(loop: asyncio.Runner, use: Use, records: Sequence[Record]) -> None:
    loop.run(use(records))


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


if __name__ == "__main__":
    main()
