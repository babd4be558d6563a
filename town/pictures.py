"""The town's pictures: payment codes and posters, drawn when they are asked for, the same bytes for the same words.

Drawn with Pillow and zxing-cpp, which the reading of pictures needs anyway; where they are missing the town answers 404,
and the demo says which frauds nobody could see.
"""

from __future__ import annotations

import io
from functools import lru_cache

from town.values import Invented

LETTERS, CODE = "letters", "code"
_MODULE = 7
_WIDTH, _LINE = 900, 40


def payment(item: Invented, bin_code: str, amount: str = "") -> str:
    """What the payment code of an account says (VietQR: EMVCo fields, NAPAS account in 38, CRC-16 in 63)."""
    target = _field("00", bin_code) + _field("01", item.digits)
    merchant = _field("00", "A000000727") + _field("01", target) + _field("02", "QRIBFTTA")
    body = _field("00", "01") + _field("01", "12" if amount else "11") + _field("38", merchant) + _field("53", "704")
    body += (_field("54", amount) if amount else "") + _field("58", "VN") + _field("59", item.extra["holder"]) + "6304"
    return body + _crc(body)


def _field(tag: str, value: str) -> str:
    return f"{tag}{len(value):02d}{value}"


def _crc(text: str) -> str:
    crc = 0xFFFF
    for byte in text.encode("ascii"):
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021) & 0xFFFF if crc & 0x8000 else crc << 1 & 0xFFFF
    return f"{crc:04X}"


@lru_cache(maxsize=64)
def draw(kind: str, content: str) -> bytes:
    """The picture as PNG: a code on a card, or lines of letters on a coloured ground; b"" where it cannot be drawn."""
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ImportError:
        return b""
    if kind == CODE:
        try:
            import zxingcpp
        except ImportError:
            return b""
        barcode = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
        drawn = zxingcpp.write_barcode_to_image(barcode, scale=_MODULE, add_quiet_zones=True)
        height, width = drawn.shape
        code = Image.frombytes("L", (width, height), bytes(memoryview(drawn)))  # type: ignore[arg-type]
        picture = Image.new("RGB", (width + 160, height + 240), "#eef3f8")
        picture.paste(code, (80, 120))
    else:
        lines = content.split("\n")
        picture = Image.new("RGB", (_WIDTH, 2 * _LINE * (len(lines) + 1)), "#0b4f6c")
        pen, font = ImageDraw.Draw(picture), ImageFont.load_default(_LINE)
        for place, line in enumerate(lines):
            pen.text((_LINE, _LINE + place * 2 * _LINE), line, font=font, fill="white")
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()
