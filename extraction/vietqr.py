"""VietQR: what a payment QR code pays to. EMVCo merchant-presented TLV with a CRC; NAPAS puts bank and account in 38."""

from __future__ import annotations

from attrs import frozen

from extraction.institutions import banks_by_bin, wallets_by_bin

NAPAS = "A000000727"
"""Application identifier of NAPAS (VietQR)."""
LONGEST = 600
"""Characters of the longest payload that is read; real ones stay below 300."""


@frozen(kw_only=True)
class Payment:
    """bank: code of `data/banks.csv`, of `data/ewallets.csv` for a wallet, or `?`; number: account or card; card: whether the number is a card's.

    amount: in the currency of the code (dong but for foreign codes), as written; purpose: what the transfer will say.
    """

    bank: str
    number: str
    holder: str = ""
    card: bool = False
    amount: str = ""
    purpose: str = ""


def crc16(text: str) -> str:
    """CRC-16/CCITT-FALSE of the text in UTF-8, four upper-case hexadecimal digits (EMVCo, tag 63)."""
    crc = 0xFFFF
    for byte in text.encode("utf-8", "replace"):
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021) & 0xFFFF if crc & 0x8000 else crc << 1 & 0xFFFF
    return f"{crc:04X}"


def tlv(text: str) -> dict[str, str]:
    """Tag -> value of a run of two-digit tags and lengths; stops where the form ends."""
    fields: dict[str, str] = {}
    position = 0
    while position + 4 <= len(text):
        tag, size = text[position : position + 2], text[position + 2 : position + 4]
        if not (tag.isascii() and tag.isdigit() and size.isascii() and size.isdigit()):
            break
        value = text[position + 4 : position + 4 + int(size)]
        if len(value) < int(size):
            break
        fields.setdefault(tag, value)
        position += 4 + int(size)
    return fields


def payload_end(text: str, start: int) -> int | None:
    """End of the payload that begins at a position (`000201...6304CCCC`), its CRC not judged; None when it is none."""
    position = start
    limit = min(len(text), start + LONGEST)
    while position + 4 <= limit:
        tag, size = text[position : position + 2], text[position + 2 : position + 4]
        if not (tag.isascii() and tag.isdigit() and size.isascii() and size.isdigit()):
            return None
        position += 4 + int(size)
        if tag == "63":
            return position if size == "04" and position <= limit else None
    return None


def read_payload(payload: str) -> Payment | None:
    """The payment of a whole payload; None when the CRC is wrong or it pays no bank account."""
    if payload[-8:-4] != "6304" or crc16(payload[:-4]) != payload[-4:].upper():
        return None
    fields = tlv(payload)
    merchant = tlv(fields.get("38", ""))
    if merchant.get("00", "").upper() != NAPAS:
        return None
    target = tlv(merchant.get("01", ""))
    number = target.get("01", "").strip()
    if not number:
        return None
    card = merchant.get("02", "").upper() == "QRIBFTTC"
    member = target.get("00", "")
    return Payment(
        bank=banks_by_bin().get(member) or wallets_by_bin().get(member, "?"),
        number=number.upper(),
        holder=fields.get("59", ""),
        card=card,
        amount=fields.get("54", "").strip(),
        purpose=tlv(fields.get("62", "")).get("08", "").strip(),
    )
