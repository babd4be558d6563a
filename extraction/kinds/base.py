"""What an entity kind declares: one file in this package is one kind, found by its presence.

A kind knows its canonical value (DESIGN section 5), the document field its values are searched by, how people paste
the value, and which join keys make two documents one fraud.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import ClassVar

import extraction.kinds
from extraction.reading import Page
from model.discovery import discover
from model.document import Mention


class EntityKind:
    """Base of all kinds. Instances hold no state; `kinds()` makes one of each.

    name: the `kind` of mentions. label, plural_label: Vietnamese, what officials read. field: keyword field of a
    document (DESIGN section 6) that holds the values. rank: order among the join keys of one document, smaller is the
    better evidence that two documents are one fraud. order: kinds read a page in this order, and what one has claimed
    the later ones do not see.
    """

    name: ClassVar[str] = ""
    label: ClassVar[str] = ""
    plural_label: ClassVar[str] = ""
    field: ClassVar[str] = ""
    rank: ClassVar[int] = 50
    order: ClassVar[int] = 50

    def find(self, page: Page) -> Iterable[Mention]:
        """The mentions of this kind in a page, claiming the spans they stand on."""
        raise NotImplementedError

    def normalise(self, text: str) -> str | None:
        """A value as someone pasted it, in any spelling, to the canonical value; None when it is not one of this kind."""
        raise NotImplementedError

    def paste_forms(self, value: str) -> tuple[str, ...]:
        """The spellings under which people look for a canonical value; they are added to the search text."""
        return (value,)

    def keys(self, mention: Mention) -> tuple[str, ...]:
        """Join keys of a suspect mention of this kind, best first."""
        return (f"{self.name}:{mention.value}",)

    def field_value(self, value: str) -> str:
        """What stands in `field` for a canonical value; partial kinds share a field and prefix their kind."""
        return value


@lru_cache(maxsize=1)
def reading_order() -> tuple[EntityKind, ...]:
    """Every kind in the order in which they read a page."""
    return tuple(sorted(kinds().values(), key=lambda kind: (kind.order, kind.name)))


@lru_cache(maxsize=1)
def kinds() -> dict[str, EntityKind]:
    """Every kind by name."""
    return {name: kind() for name, kind in discover(extraction.kinds, EntityKind).items()}
