"""Cryptocurrency addresses, by their checksums: TRON and BTC base58check, BTC bech32 and bech32m, ETH (EIP-55)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from extraction.kinds.base import EntityKind
from extraction.reading import Page
from extraction.tokens import tokens
from model.document import Mention

_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9])(?:T[1-9A-HJ-NP-Za-km-z]{33}|[13][1-9A-HJ-NP-Za-km-z]{25,34}|(?:bc1|BC1)[02-9ac-hj-np-zAC-HJ-NP-Z]{11,71}|0[xX][0-9a-fA-F]{40})(?![A-Za-z0-9])"
)
_SHORTEST = 26
"""Letters and digits of the shortest address that people are told to pay to."""
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def _base58check(text: str) -> bytes | None:
    """The payload with its version byte, or None when the checksum is wrong."""
    number = 0
    for character in text:
        number = number * 58 + _BASE58.index(character)
    try:
        raw = number.to_bytes(25, "big")
    except OverflowError:
        return None
    body, checksum = raw[:-4], raw[-4:]
    return body if hashlib.sha256(hashlib.sha256(body).digest()).digest()[:4] == checksum else None


def _bech32(text: str) -> bool:
    """Whether a `bc1` address carries the checksum of BIP 173 (version 0) or BIP 350 (later versions)."""
    if text != text.lower() and text != text.upper():
        return False
    data = [_BECH32.index(character) for character in text.lower()[3:]]
    checksum = 1
    for value in [3, 3, 0, 2, 3, *data]:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            if top >> bit & 1:
                checksum ^= generator
    return checksum == (1 if data[0] == 0 else 0x2BC830A3)


def _eip55(text: str) -> bool:
    """Whether the mixed case is the checksum; addresses all in one case carry none and pass."""
    body = text[2:]
    if body in (body.lower(), body.upper()):
        return True
    from Crypto.Hash import keccak  # a tenth of a second to import: such addresses are rare

    digest = keccak.new(digest_bits=256, data=body.lower().encode("ascii")).hexdigest()
    return all(
        not letter.isalpha() or letter.isupper() == (int(nibble, 16) >= 8)
        for letter, nibble in zip(body, digest, strict=False)
    )


def address(text: str) -> str | None:
    """Canonical value of an address, or None when its checksum is wrong."""
    if text[:2] in ("0x", "0X"):
        return f"ETH:{text.lower()}" if _eip55(text) else None
    if text[:3].lower() == "bc1":
        return f"BTC:{text.lower()}" if _bech32(text) else None
    body = _base58check(text)
    if body is None:
        return None
    if body[0] == 0x41 and text[0] == "T":
        return f"TRON:{text}"
    return f"BTC:{text}" if body[0] in (0x00, 0x05) else None


class Crypto(EntityKind):
    """Value: `TRON:`, `BTC:` or `ETH:` and the address."""

    name = "crypto"
    label = "Ví tiền mã hóa"
    plural_label = "Ví tiền mã hóa"
    field = "crypto"
    rank = 3
    order = 10

    def find(self, page: Page) -> Iterator[Mention]:
        if max(map(len, tokens(page).texts)) < _SHORTEST:
            return
        for match in _ADDRESS.finditer(page.plain):
            value = address(match.group())
            page.claim(*match.span())
            if value is not None:
                yield page.mention("crypto", value, *match.span(), 1.0)

    def normalise(self, text: str) -> str | None:
        match = _ADDRESS.fullmatch(text.strip().rpartition(":")[2])
        return address(match.group()) if match else None

    def paste_forms(self, value: str) -> tuple[str, ...]:
        return (value.partition(":")[2],)
