"""Rule `frequency`: so many matched documents of one cluster within a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

from alerts.rules.base import Case, Rule
from alerts.rules.options import Options


class Frequency(Rule):
    """Options: `num_events` (2 or more), `timeframe` (`1h`)."""

    name: ClassVar[str] = "frequency"
    label: ClassVar[str] = "nhiều bài trong một khoảng thời gian"

    def __init__(self, options: Mapping[str, object]) -> None:
        with Options(options) as given:
            self.events: int = given.number("num_events", least=2)
            self.timeframe: timedelta = given.duration("timeframe")

    def fires(self, case: Case) -> bool:
        times = sorted(item.at for item in case.matched)
        return any(last - first <= self.timeframe for first, last in zip(times, times[self.events - 1 :], strict=False))
