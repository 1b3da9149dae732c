"""Windows that move with the clock, in the memory of one process."""

from collections import OrderedDict

MOST_KEYS = 100_000
"""How many callers one limit keeps count of; who has not been seen for longest is forgotten."""

TICKS = 1000
"""How many parts of a window are counted apart, which bounds what a busy caller costs."""


class _Window(list[float]):
    """The requests of one caller that still count: by turns a time, and how many end then.

    One flat list, because a million small objects would stall the garbage collector.
    """

    __slots__ = ("total",)

    total: int

    def move(self, now: float) -> None:
        """Let go of what no longer counts."""
        gone = 0
        while gone < len(self) and self[gone] <= now:
            self.total -= int(self[gone + 1])
            gone += 2
        del self[:gone]


class Windows:
    """Counts requests against one limit, in a window of its own for each caller.

    No window of `seconds`, wherever it begins, holds more than `amount` requests. Up to 1,000
    requests are each remembered; beyond, those of a thousandth of the window are counted
    together and let go together with the last of them.
    """

    def __init__(self, amount: int, seconds: float) -> None:
        self._amount = amount
        self._seconds = seconds
        self._tick = seconds / TICKS if amount > TICKS else 0.0
        self._windows: OrderedDict[str, _Window] = OrderedDict()

    def __len__(self) -> int:
        """Count the callers who are kept count of."""
        return len(self._windows)

    def hit(self, key: str, now: float) -> tuple[bool, int, float]:
        """Count a request if there is room; give whether, how much is left, and the wait."""
        window = self._windows.get(key)
        if window is None:
            window = self._open(key, now)
        else:
            self._windows.move_to_end(key)
        if window and window[0] <= now:
            window.move(now)
        if window.total >= self._amount:
            return False, 0, window[0] - now
        window.total += 1
        end = now + self._seconds
        if window and end < window[-2]:
            window[-1] += 1
        else:
            window += (end + self._tick, 1)
        return True, self._amount - window.total, window[0] - now

    def full(self, key: str, now: float) -> bool:
        """Tell whether a caller has no request left."""
        window = self._windows.get(key)
        if window is None:
            return False
        window.move(now)
        return window.total >= self._amount

    def _open(self, key: str, now: float) -> _Window:
        """Begin a window, and let go of two at most: never of all at once, which would stall."""
        for _ in range(2):
            self._forget_one(now)
        window = self._windows[key] = _Window()
        window.total = 0
        return window

    def _forget_one(self, now: float) -> None:
        oldest = next(iter(self._windows.items()), None)
        if oldest is None:
            return
        key, window = oldest
        if not window or window[-2] <= now or len(self._windows) >= MOST_KEYS:
            del self._windows[key]
