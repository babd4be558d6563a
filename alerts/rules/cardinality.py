"""Rule `cardinality`: the matched documents of a cluster come from, or name, at least so many different ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from alerts.rules.base import Case, Rule
from alerts.rules.options import Options

_FIELDS = ("sources", "documents", "suspects")


class Cardinality(Rule):
    """Options: `field` (`sources`, `documents` or `suspects`), `min_cardinality` (2 or more)."""

    name: ClassVar[str] = "cardinality"
    label: ClassVar[str] = "lan ra nhiều nguồn"

    def __init__(self, options: Mapping[str, object]) -> None:
        with Options(options) as given:
            self.field: str = given.choice("field", _FIELDS)
            self.least: int = given.number("min_cardinality", least=2)

    def fires(self, case: Case) -> bool:
        if self.field == "sources":
            return len({item.source for item in case.matched}) >= self.least
        if self.field == "documents":
            return len(case.matched) >= self.least
        return len({mention.entity for item in case.matched for mention in item.suspects}) >= self.least
