"""A process that runs beside the server for as long as that lives, and is started again."""

import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

PAUSE_SECONDS = 0.2, 30.0
"""How long it is left alone when it has ended: at first, and where it ends by itself again and
again, as it would at once."""

STOP_SECONDS = 5.0


@contextmanager
def beside(arguments: Sequence[str]) -> Iterator[None]:
    """Keep `loapi` running with these arguments; stop it at the end."""
    stop = threading.Event()
    keeper = threading.Thread(target=_keep, args=(arguments, stop), name="loapi-companion")
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join()


def _keep(arguments: Sequence[str], stop: threading.Event) -> None:
    shortest, longest = PAUSE_SECONDS
    pause = shortest
    while not stop.is_set():
        with subprocess.Popen([sys.executable, "-m", "entrypoints.cli", *arguments]) as process:
            while process.poll() is None and not stop.wait(0.1):
                pass
            if process.poll() is None:
                _end(process)
        stop.wait(pause)
        # One that was killed has done nothing wrong.
        pause = min(pause * 2, longest) if process.returncode > 0 else shortest


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
