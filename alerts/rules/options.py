"""Reading the options of a rule: each key is taken once, what is left over is refused."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from types import TracebackType

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Options:
    """The keys beside `type`. Used as a context: leaving it raises ValueError for keys that nobody took."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = dict(values)

    def __enter__(self) -> Options:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._values:
            raise ValueError(f"takes no option {sorted(self._values)[0]!r}")

    def number(self, key: str, *, least: int) -> int:
        """A whole number of at least `least`."""
        value = self._take(key)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ValueError(f"{key} must be a whole number of at least {least}")
        return value

    def duration(self, key: str) -> timedelta:
        """A time written `30m`, `1h`, `2d`."""
        found = re.fullmatch(r"(\d{1,6})([smhd])", str(self._take(key)).strip())
        if not found or not int(found[1]):
            raise ValueError(f"{key} must be a time such as 30m, 1h or 2d")
        return timedelta(**{_UNITS[found[2]]: int(found[1])})

    def choice(self, key: str, among: Collection[str]) -> str:
        """One of some words."""
        value = str(self._take(key))
        if value not in among:
            raise ValueError(f"{key} must be one of: {', '.join(among)}")
        return value

    def texts(self, key: str) -> frozenset[str]:
        """A list of texts, not empty."""
        value = self._take(key)
        if not isinstance(value, list | tuple) or not value:
            raise ValueError(f"{key} must be a list of kind:value")
        return frozenset(str(item) for item in value)

    def _take(self, key: str) -> object:
        if key not in self._values:
            raise ValueError(f"needs {key}")
        return self._values.pop(key)
