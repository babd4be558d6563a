"""Installable files that posts tell people to open."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extraction.kinds.base import EntityKind
from extraction.reading import Page
from model.document import Mention

_NAME = re.compile(
    r"(?<![\w.\-/])[\w\-]++(?:[.][\w\-]++)*?[.](?:apk|xapk|apks|aab|ipa|exe|msi|dmg|pkg|bat|scr|vbs|jar|cmd|ps1|deb|mobileconfig|plist)(?![\w\-])",
    re.IGNORECASE,
)
_HINT = re.compile(
    r"\.(?:x?apks?|aab|ipa|exe|msi|dmg|pkg|bat|scr|vbs|jar|cmd|ps1|deb|mobileconfig|plist)(?![\w\-])", re.IGNORECASE
)


class File(EntityKind):
    """Value: file name in lower case."""

    name = "file"
    label = "Tệp cài đặt"
    plural_label = "Tệp cài đặt"
    field = "files"
    rank = 18
    order = 33

    def find(self, page: Page) -> Iterator[Mention]:
        for hint in _HINT.finditer(page.plain):
            start = hint.start()
            while (
                start > 0
                and hint.start() - start < 120
                and (page.plain[start - 1].isalnum() or page.plain[start - 1] in "_-.")
            ):
                start -= 1
            name = page.plain[start : hint.end()].lstrip(".-_")
            start = hint.end() - len(name)
            if start >= hint.start() or not page.is_free(start, hint.end()):
                continue
            page.claim(start, hint.end())
            yield page.mention("file", name.lower(), start, hint.end(), 0.95)

    def normalise(self, text: str) -> str | None:
        name = text.strip().lower()
        return name if len(name) < 160 and _NAME.fullmatch(name) else None
