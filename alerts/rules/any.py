"""Rule `any`: every match is worth a lead."""

from __future__ import annotations

from typing import ClassVar

from alerts.rules.base import Case, Rule


class AnyMatch(Rule):
    """Fires on the first match."""

    name: ClassVar[str] = "any"
    label: ClassVar[str] = "mọi bài khớp"

    def fires(self, case: Case) -> bool:
        return True
