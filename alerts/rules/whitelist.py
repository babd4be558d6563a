"""Rule `whitelist`: a matched document names a suspect that is not in a list of known good values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from alerts.rules.base import Case, Rule
from alerts.rules.options import Options


class Whitelist(Rule):
    """Option: `values`, a list of `kind:value` that are known to be good."""

    name: ClassVar[str] = "whitelist"
    label: ClassVar[str] = "định danh ngoài danh sách tin cậy"

    def __init__(self, options: Mapping[str, object]) -> None:
        with Options(options) as given:
            self.values: frozenset[str] = given.texts("values")

    def fires(self, case: Case) -> bool:
        return any(mention.entity.key not in self.values for item in case.matched for mention in item.strong)
