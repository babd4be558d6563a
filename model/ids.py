"""Stable identifiers: the same facts give the same id on every machine, for ever.

An id is 20 lower-case base32 characters of a SHA-256 over its length-prefixed parts (100 bits), so that no two part
lists collide by concatenation. Changing anything here re-alerts everything: it is a breaking change.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache


def stable_id(*parts: str) -> str:
    """H(parts): 20 characters `[a-z2-7]`."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8")
        digest.update(str(len(data)).encode("ascii") + b":" + data)
    # Base32 goes by five bytes, so the first 15 give all that is kept; the rest would only cost time.
    return base64.b32encode(digest.digest()[:15]).decode("ascii")[:20].lower()


@lru_cache(maxsize=16_384)
def document_id(source: str, external_id: str) -> str:
    """One document per (source, external id); its versions share it."""
    return stable_id("document", source, external_id)


def lead_id(key: str, episode: str) -> str:
    """One lead per (highest-ranked join key, episode). episode: identifier of the episode, see `alerts.leads`."""
    return stable_id("lead", key, episode)


def delivery_id(subject: str, channel: str, address: str, purpose: str) -> str:
    """One delivery per (lead or digest slot, channel, address, purpose)."""
    return stable_id("delivery", subject, channel, address, purpose)
