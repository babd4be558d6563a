"""Rule `new_entity`: a match is worth a lead when it names a suspect that was never seen outside its own cluster."""

from __future__ import annotations

from typing import ClassVar

from alerts.rules.base import Case, Rule


class NewEntity(Rule):
    """Fires when a matched document names at least one suspect that no document outside the cluster names."""

    name: ClassVar[str] = "new_entity"
    label: ClassVar[str] = "định danh nghi vấn chưa từng thấy"

    def fires(self, case: Case) -> bool:
        return any(mention.entity.key not in case.seen_elsewhere for item in case.matched for mention in item.strong)
