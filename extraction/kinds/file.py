"""Installable files that posts tell people to open."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extraction.kinds.base import EntityKind
from extraction.reading import Page
from extraction.refang import refanged
from extraction.signs import Gate
from extraction.syllables import is_syllable
from model.document import Mention

_NAME = re.compile(
    r"(?<![\w.\-/])[\w\-]++(?:[.][\w\-]++)*?[.](?:apk|xapk|apks|aab|ipa|exe|msi|dmg|pkg|bat|scr|vbs|jar|cmd|ps1|deb|mobileconfig|plist)(?![\w\-])",
    re.IGNORECASE,
)
_HINT = re.compile(
    r"\.(?:x?apks?|aab|ipa|exe|msi|dmg|pkg|bat|scr|vbs|jar|cmd|ps1|deb|mobileconfig|plist)(?![\w\-])", re.IGNORECASE
)


_ENDINGS = Gate(*(f".{ending}" for ending in ["apk", "xapk", "aab", "ipa", "exe", "msi", "dmg", "pkg", "bat", "scr", "vbs", "jar", "cmd", "ps1", "deb", "mobileconfig", "plist"]))  # fmt: skip


def _is_name(character: str) -> bool:
    return character.isalnum() or character in "_-."


class File(EntityKind):
    """Value: file name in lower case."""

    name = "file"
    label = "Tệp cài đặt"
    plural_label = "Tệp cài đặt"
    field = "files"
    rank = 18
    order = 33

    def find(self, page: Page) -> Iterator[Mention]:
        view = refanged(page)
        if not view.edited and not _ENDINGS(page):
            return
        for hint in _HINT.finditer(view.plain):
            start = hint.start()
            while start > 0 and hint.start() - start < 120 and _is_name(view.plain[start - 1]):
                start -= 1
            name = view.plain[start : hint.end()].lstrip(".-_")
            start = hint.end() - len(name)
            stem = view.plain[start : hint.start()]
            if not stem or (not stem.isascii() and is_syllable(view.base[start : hint.start()])):
                continue
            first, last = view.back(start, hint.end())
            if page.is_free(first, last):
                page.claim(first, last)
                yield page.mention("file", name.lower(), first, last, 0.95)

    def normalise(self, text: str) -> str | None:
        name = text.strip().lower()
        return name if len(name) < 160 and _NAME.fullmatch(name) else None
