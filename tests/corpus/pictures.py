"""Pictures as people post them, drawn from a seed: VietQR codes in thirteen conditions, posts as screenshots and banners.

Used by `bench/images.py` and `tests/corpus/test_images.py`. The codes are written by segno, which shares nothing with the
reader. Every number is invented: phones have `00` behind their block, accounts are drawn.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy
import segno
from attrs import frozen
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from extraction.vietqr import crc16

Picture = Image.Image

BINS = {"VCB": "970436", "TCB": "970407", "MB": "970422", "STB": "970403", "ICB": "970415"}

FONTS = (
    "noto/NotoSans-Regular.ttf",
    "noto/NotoSans-Bold.ttf",
    "noto/NotoSerif-Regular.ttf",
    "dejavu/DejaVuSans.ttf",
    "dejavu/DejaVuSans-Bold.ttf",
    "dejavu/DejaVuSansCondensed-Bold.ttf",
)
_FONT_FOLDERS = (Path("/usr/share/fonts/truetype"), Path("/usr/share/fonts"))

BODIES = (
    "TUYỂN CỘNG TÁC VIÊN ONLINE\nViệc nhẹ lương cao 500k - 2 triệu/ngày\nKhông cần cọc, không cần kinh nghiệm\nLiên hệ Zalo: {phone} (Ms. Hạnh)",
    "VAY TIỀN NHANH 24/7\nChỉ cần CCCD, giải ngân trong 15 phút\nNợ xấu vẫn hỗ trợ. Gọi ngay {phone}\nChuyển phí hồ sơ: STK {account} Vietcombank\nChủ TK: NGUYEN THI HANH",
    "Em cần thanh lý điện thoại còn mới 99%\ngiá rẻ cho anh em thiện chí\ncọc trước 500k vào {account} MB Bank\nib hoặc gọi {phone} nha",
    "Cảnh báo: số {phone} tự xưng công an\nyêu cầu cài ứng dụng tại {link}\nMọi người tuyệt đối không làm theo",
    "Hỗ trợ lấy lại tiền bị lừa đảo qua mạng\nLuật sư tư vấn miễn phí, cam kết thu hồi 100%\nHotline/Zalo {phone}\nWebsite: {link}",
)
GROUNDS: Mapping[str, tuple[str, str]] = {
    "light": ("white", "black"),
    "dark": ("#18191a", "#e4e6eb"),
    "red": ("#c0141c", "white"),
    "yellow": ("#ffe000", "#c00000"),
    "bubble": ("#0084ff", "white"),
    "grey": ("#e4e6eb", "#333333"),
    "gradient": ("", "white"),
    "mixed": ("white", "black"),
    "photo": ("", "white"),
}
"""Name -> colours of ground and letters."""


# ---- VietQR


def tlv(tag: str, value: str) -> str:
    """One field of a payload."""
    return f"{tag}{len(value):02d}{value}"


@frozen(kw_only=True)
class Payment:
    """A payment code and what is in it."""

    payload: str
    bank: str
    number: str
    holder: str = ""
    amount: str = ""
    purpose: str = ""


def payment(rng: random.Random, place: int = 0) -> Payment:
    """A VietQR payment; every second one has an amount, every third a holder, every fourth a purpose."""
    bank = rng.choice(sorted(BINS))
    number = "".join(rng.choice("0123456789") for _ in range(rng.randint(8, 16)))
    amount = str(rng.randint(1, 90) * 50_000) if place % 2 else ""
    holder = f"NGUYEN VAN {rng.choice('ABCDE')}" if place % 3 == 0 else ""
    purpose = f"Dat coc don {rng.randint(1, 9999)}" if place % 4 == 0 else ""
    merchant = tlv("00", "A000000727") + tlv("01", tlv("00", BINS[bank]) + tlv("01", number)) + tlv("02", "QRIBFTTA")
    body = tlv("00", "01") + tlv("01", "12" if amount else "11") + tlv("38", merchant) + tlv("53", "704")
    body += tlv("54", amount) if amount else ""
    body += tlv("58", "VN") + (tlv("59", holder) if holder else "")
    body += tlv("62", tlv("08", purpose)) if purpose else ""
    body += "6304"
    return Payment(payload=body + crc16(body), bank=bank, number=number, holder=holder, amount=amount, purpose=purpose)


def code(content: str, scale: int = 8, border: int = 4) -> Picture:
    """A QR code in grey; scale: pixels of a module."""
    drawn = io.BytesIO()
    segno.make(content, error="m", micro=False).save(drawn, kind="png", scale=scale, border=border)
    return Image.open(drawn).convert("L")


def jpeg(picture: Picture, quality: int) -> Picture:
    """The picture as JPEG leaves it."""
    written = io.BytesIO()
    picture.convert("RGB").save(written, "JPEG", quality=quality)
    return Image.open(written)


def noisy(picture: Picture, deviation: float) -> Picture:
    """The grey picture with Gaussian noise."""
    noise = numpy.random.default_rng(1).normal(0, deviation, (picture.height, picture.width))
    return Image.fromarray(numpy.clip(numpy.asarray(picture, dtype=float) + noise, 0, 255).astype("uint8"))


def slanted(picture: Picture) -> Picture:
    """The picture photographed from the side."""
    picture = ImageOps.expand(picture, 80, 255)
    width, height = picture.size
    source = [(0, 0), (width, 0), (width, height), (0, height)]
    target = [(width * 0.12, height * 0.05), (width * 0.9, 0), (width, height * 0.95), (0, height * 0.88)]
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(target, source, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    answers = [value for point in source for value in point]
    factors = numpy.linalg.solve(numpy.array(rows, float), numpy.array(answers, float))
    return picture.transform(
        (width, height), Image.Transform.PERSPECTIVE, tuple(factors), Image.Resampling.BICUBIC, fillcolor=255
    )


def _with_logo(picture: Picture) -> Picture:
    side = picture.width // 6
    place = (picture.width - side) // 2
    picture.paste(Image.new("L", (side, side), 200), (place, place))
    return picture


def _on_screenshot(picture: Picture) -> Picture:
    page = Image.new("L", (1080, 1920), 240)
    page.paste(picture.resize((420, 420)), (330, 700))
    return page


def _shaded(picture: Picture) -> Picture:
    shade = Image.linear_gradient("L").resize(picture.size).point(lambda value: 80 + value * 175 // 255)
    return Image.composite(picture, Image.new("L", picture.size, 0), shade)


CONDITIONS: Mapping[str, Callable[[str], Picture]] = {
    "clean": code,
    "two pixels a module": lambda content: code(content, 2, 2),
    "no quiet zone": lambda content: code(content, 6, 0),
    "jpeg 15": lambda content: jpeg(code(content, 5), 15),
    "turned 30": lambda content: code(content).rotate(30, expand=True, fillcolor=255),
    "inverted": lambda content: ImageOps.invert(code(content)),
    "low contrast": lambda content: code(content).point(lambda value: 140 + value * 25 // 255),
    "blur 2": lambda content: code(content).filter(ImageFilter.GaussianBlur(2)),
    "noise 60": lambda content: noisy(code(content), 60),
    "slanted": lambda content: slanted(code(content)),
    "logo": lambda content: _with_logo(code(content)),
    "screenshot": lambda content: _on_screenshot(code(content)),
    "shaded": lambda content: _shaded(code(content)),
}


# ---- posts


@frozen(kw_only=True)
class Post:
    """A post drawn as a picture. phone: E.164; account, link: "" when the post has none."""

    text: str
    phone: str
    account: str
    link: str
    ground: str
    picture: Picture


@cache
def fonts() -> tuple[Path, ...]:
    """The fonts of FONTS that this machine has."""
    return tuple(
        path for name in FONTS for folder in _FONT_FOLDERS if (path := folder / name).exists() and folder.exists()
    )


def _written_phone(rng: random.Random) -> tuple[str, str]:
    digits = f"09{rng.choice('013678')}00" + "".join(rng.choice("0123456789") for _ in range(5))
    groups = rng.choice(((10,), (4, 3, 3), (3, 3, 4)))
    joint, parts, at = rng.choice((" ", ".")), [], 0
    for size in groups:
        parts.append(digits[at : at + size])
        at += size
    return joint.join(parts), f"+84{digits[1:]}"


def _lines(text: str, font: Any, width: float) -> list[str]:
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}".strip()
            if line and font.getlength(longer) > width:
                lines.append(line)
                line = word
            else:
                line = longer
        lines.append(line)
    return lines


def _ground(name: str, size: tuple[int, int]) -> Picture:
    if name == "gradient":
        top, bottom = Image.new("RGB", size, "#5b247a"), Image.new("RGB", size, "#1bcedf")
        return Image.composite(top, bottom, Image.linear_gradient("L").resize(size))
    if name == "photo":
        rough = numpy.random.default_rng(3).normal(90, 50, (size[1] // 40 + 2, size[0] // 40 + 2))
        blobs = Image.fromarray(numpy.clip(rough, 0, 200).astype("uint8"))
        return blobs.resize(size, Image.Resampling.BICUBIC).convert("RGB")
    return Image.new("RGB", size, GROUNDS[name][0])


def draw(text: str, *, ground: str, font: Any, width: int) -> Picture:
    """A text on a ground, with a margin of one letter; `mixed` has a red head and a black foot."""
    step, margin = int(font.size * 1.5), int(font.size)
    lines = _lines(text, font, width - 2 * margin)
    size = (width, len(lines) * step + 2 * margin)
    picture = _ground(ground, size)
    pen = ImageDraw.Draw(picture)
    ink = [GROUNDS[ground][1]] * len(lines)
    if ground == "mixed":
        pen.rectangle((0, 0, width, margin + step - 2), fill="#c0141c")
        pen.rectangle((0, size[1] - margin - step, width, size[1]), fill="#222222")
        ink[0] = ink[-1] = "white"
    outline = {"stroke_width": max(1, font.size // 16), "stroke_fill": "black"} if ground == "photo" else {}
    for place, line in enumerate(lines):
        pen.text((margin, margin + place * step), line, font=font, fill=ink[place], **outline)
    return picture


def post(rng: random.Random, place: int) -> Post:
    """A post as a picture; ground and wording take turns, font, size and compression are drawn."""
    written, phone = _written_phone(rng)
    account = "1010" + "".join(rng.choice("0123456789") for _ in range(9))
    link = f"hoan-tien-{''.join(rng.choice('bcdkmqz23456') for _ in range(5))}.top/dk"
    body, ground = BODIES[place % len(BODIES)], tuple(GROUNDS)[place % len(GROUNDS)]
    font = ImageFont.truetype(str(rng.choice(fonts())), rng.choice((16, 20, 26, 34, 44)))
    text = body.format(phone=written, account=account, link=link)
    picture = draw(text, ground=ground, font=font, width=int(font.size * rng.choice((22, 28, 34))))
    quality = rng.choice((0, 60, 35))
    return Post(
        text=text,
        phone=phone,
        account=account if "{account}" in body else "",
        link=link if "{link}" in body else "",
        ground=ground,
        picture=jpeg(picture, quality) if quality else picture,
    )


def png(picture: Picture) -> bytes:
    """The picture as a file."""
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


def character_errors(meant: str, read: str) -> float:
    """Edit distance over the length of what was meant, runs of white space as one space."""
    meant, read = " ".join(meant.split()), " ".join(read.split())
    row = list(range(len(read) + 1))
    for place, letter in enumerate(meant, start=1):
        following = [place]
        for other, written in enumerate(read, start=1):
            following.append(min(row[other] + 1, following[-1] + 1, row[other - 1] + (letter != written)))
        row = following
    return row[-1] / max(1, len(meant))
