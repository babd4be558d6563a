"""What a rule is: it decides whether the documents of one cluster that met a saved query are worth a lead.

A rule sees a whole cluster at a time, never single documents in the order of their arrival, so that its verdict does
not depend on that order. Its options are the keys beside `type` in the saved query; they are checked when it is made.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cache
from typing import ClassVar

from attrs import frozen

import alerts.rules
from alerts.evidence import Evidence
from model.discovery import discover
from model.errors import ConfigError
from model.query import SavedQuery


@frozen(kw_only=True)
class Case:
    """What a rule decides on.

    matched: documents of the cluster that met the query, in order of seq; never empty. evidence: all documents of the
    cluster. seen_elsewhere: entity keys of the cluster that documents outside it also name.
    """

    matched: tuple[Evidence, ...]
    evidence: tuple[Evidence, ...]
    seen_elsewhere: frozenset[str] = frozenset()


class Rule(ABC):
    """A rule type. `name` is what `rule: {type: ...}` says; `label` is shown to officials."""

    name: ClassVar[str] = ""
    label: ClassVar[str] = ""

    def __init__(self, options: Mapping[str, object]) -> None:
        """Raises ValueError with a sentence when an option is unknown or has an unusable value."""
        if options:
            raise ValueError(f"takes no option {sorted(options)[0]!r}")

    @abstractmethod
    def fires(self, case: Case) -> bool:
        """Whether the case is worth a lead."""


@cache
def rules() -> dict[str, type[Rule]]:
    """All rule types by name, found by their presence in this folder."""
    return discover(alerts.rules, Rule)  # type: ignore[type-abstract]


def make_rule(query: SavedQuery) -> Rule:
    """The rule of a saved query. Raises ConfigError for an unknown type or option, naming file, key and cure."""
    options = dict(query.rule)
    kind = str(options.pop("type", "any"))
    known = rules()
    file = query.file or query.id
    if kind not in known:
        raise ConfigError(
            f"{kind!r} is no rule", file=file, key="rule.type", cure=f"One of: {', '.join(sorted(known))}"
        )
    try:
        return known[kind](options)
    except (ValueError, TypeError) as error:
        raise ConfigError(f"rule {kind}: {error}", file=file, key="rule", cure="See docs/how-to on rules") from None
