"""Rule `blacklist`: a matched document names a suspect of a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from alerts.rules.base import Case, Rule
from alerts.rules.options import Options


class Blacklist(Rule):
    """Option: `values`, a list of `kind:value` such as `phone:+84900000001`."""

    name: ClassVar[str] = "blacklist"
    label: ClassVar[str] = "định danh trong danh sách theo dõi"

    def __init__(self, options: Mapping[str, object]) -> None:
        with Options(options) as given:
            self.values: frozenset[str] = given.texts("values")

    def fires(self, case: Case) -> bool:
        return any(mention.entity.key in self.values for item in case.matched for mention in item.suspects)
