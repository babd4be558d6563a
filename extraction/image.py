"""Pictures to mentions: QR codes by zxing-cpp, text by tesseract, both optional; what cannot be read is said.

A picture's text is what its letters say, then what each of its QR codes holds, on lines of their own; it goes through
`extract` behind the post that shows it, so that "chuyển vào tài khoản trong ảnh" decides over the account in the picture.
Decoding happens in a child process (`extraction.image_process`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from attrs import evolve, field, frozen

from extraction.clean import clean_text
from extraction.extract import extract
from extraction.image_process import ImageProcess, image_process
from extraction.vietqr import read_payload
from model.document import IMAGE_BREAK, Mention, Picture, Role

MOST_BYTES = 8 * 1024 * 1024
"""Bytes of a picture; a screenshot has 0.1 to 2 MB, a phone's photo 3 to 6."""
LONGEST_TEXT = 20_000
"""Code points kept of one picture."""
LEAST_SURE = 60
"""Of 100: below it a digit may be misread, and a misread number is somebody else's, so it makes nobody a suspect."""
CONTEXT = 1_500
"""Code points of the post, its last, that are read in front of the picture's text."""

PROBLEMS: Mapping[str, str] = {
    "no_codes": "máy này chưa đọc được mã QR",
    "no_text": "máy này chưa đọc được chữ trong ảnh",
    "too_large": "ảnh quá nặng (trên 8 MB)",
    "too_many_pixels": "ảnh quá lớn để giải nén an toàn",
    "too_small": "ảnh quá nhỏ",
    "not_a_picture": "không phải ảnh PNG, JPEG, GIF hay WebP",
    "broken": "tệp ảnh hỏng",
    "timeout": "đọc ảnh quá lâu",
    "crashed": "bộ giải ảnh bị hỏng khi đọc ảnh này",
    "cut": "ảnh dài, chỉ đọc được phần đầu",
    "not_fetched": "không tải được ảnh",
}
"""Problem code -> what officials read. Behind a code and a colon may stand a detail: `not_fetched: 404`."""

FATAL = frozenset(("too_large", "too_many_pixels", "not_a_picture", "broken", "timeout", "crashed", "not_fetched"))
"""Problems after which nothing of the picture was read."""

CURES: Mapping[str, str] = {
    "no_codes": "Cài zxing-cpp và Pillow: chạy make setup, hoặc pip install 'canhgiac[qr]'",
    "no_text": (
        "Cài tesseract cùng dữ liệu tiếng Việt: apt-get install tesseract-ocr tesseract-ocr-vie,"
        " rồi make setup hoặc pip install 'canhgiac[ocr]'"
    ),
}
"""What to do about what a machine lacks."""


@frozen(kw_only=True)
class ImageReading:
    """One picture as read. Iterates over its mentions, whose spans (`field` is `image`) are in `text`.

    problems: codes of PROBLEMS; empty when everything was read.
    """

    picture: Picture
    mentions: tuple[Mention, ...] = field(factory=tuple)

    @property
    def text(self) -> str:
        """What the picture says: its letters, then the content of each QR code, on lines of their own."""
        return self.picture.text

    @property
    def problems(self) -> tuple[str, ...]:
        return self.picture.problems

    def __iter__(self) -> Iterator[Mention]:
        return iter(self.mentions)

    def __len__(self) -> int:
        return len(self.mentions)


def extract_image(
    data: bytes,
    *,
    title: str = "",
    text: str = "",
    source_kind: str = "",
    url: str = "",
    published: datetime | None = None,
    address: str = "",
) -> ImageReading:
    """The identifiers of one picture, with their boxes. Never raises for what the bytes are: see `problems`.

    title, text, source_kind, url, published: of the post that shows it, which decide about roles. address: where the
    picture was found.
    """
    picture = read_picture(data, address=address)
    mentions = picture_mentions(
        (picture,), title=title, text=text, source_kind=source_kind, url=url, published=published
    )
    return ImageReading(picture=picture, mentions=mentions)


def missing(process: ImageProcess | None = None) -> Mapping[str, str]:
    """What this machine cannot read (`no_codes`, `no_text`) -> the technical reason; empty when it can read all."""
    return (process or image_process()).missing()


def problem_text(problem: str) -> str:
    """A problem as officials read it: its label, and the detail behind the colon."""
    code, _, detail = problem.partition(":")
    label = PROBLEMS.get(code, code)
    return f"{label} ({detail.strip()})" if detail.strip() else label


def read_picture(data: bytes, *, address: str = "", process: ImageProcess | None = None) -> Picture:
    """What a picture says, without judging it."""
    picture = Picture(address=address, digest=hashlib.sha256(data).hexdigest())
    if len(data) > MOST_BYTES:
        return evolve(picture, problems=("too_large",))
    answer = (process or image_process()).read(data)
    text, words, codes = _laid_out(answer)
    return evolve(
        picture,
        width=int(answer.get("width", 0)),
        height=int(answer.get("height", 0)),
        text=text,
        words=words,
        codes=codes,
        problems=tuple(map(str, answer.get("problems", ()))),
    )


Place = tuple[int, ...]


def _laid_out(answer: Mapping[str, object]) -> tuple[str, tuple[Place, ...], tuple[Place, ...]]:
    """Text, words and codes of a child's answer: each word and code as start, end, left, top, width, height, sureness."""
    parts: list[str] = []
    length = 0

    def put(before: str, item: Mapping[str, object], sure: float) -> Place | None:
        nonlocal length
        said = _without_card(clean_text(str(item["text"])))
        if length + len(before) + len(said) > LONGEST_TEXT or not said:
            return None
        start = length + len(before)
        parts.extend((before, said))
        length = start + len(said)
        return (start, length, *map(int, item["box"]), round(sure))  # type: ignore[call-overload]

    words = [
        put(str(word["before"]) if parts else "", word, float(str(word["sure"]))) for word in _items(answer, "words")
    ]
    codes = [put("\n" if parts else "", code, 100.0) for code in _items(answer, "codes")]
    return "".join(parts), tuple(filter(None, words)), tuple(filter(None, codes))


def _without_card(content: str) -> str:
    """A payment code that pays to a card, the card's middle digits hidden: a full card number is never stored."""
    payment = read_payload(content.strip())
    if payment is None or not payment.card:
        return content
    number = payment.number
    return content.replace(number, f"{number[:6]}{'•' * max(0, len(number) - 10)}{number[-4:]}")


def _items(answer: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    return answer.get(name) or []  # type: ignore[return-value]


# ---- mentions


def picture_mentions(
    pictures: Sequence[Picture],
    *,
    title: str = "",
    text: str = "",
    source_kind: str = "",
    url: str = "",
    published: datetime | None = None,
) -> tuple[Mention, ...]:
    """The identifiers of a post's pictures; `field` is `image`, spans are in `Document.image_text`, in text order.

    Attributes besides the kind's own: `image` (address, else `sha256:` and the digest), `box` (left, top, width, height
    in pixels), `read_by` (`qr` or `ocr`), `sure` (0 to 1), and of a payment code `amount` and `purpose`.
    """
    shown = [picture for picture in pictures if picture.text]
    if not shown:
        return ()
    context = _context(text)
    body = IMAGE_BREAK.join((*((context,) if context else ()), *(picture.text for picture in shown)))
    read = extract(body, title=title, source_kind=source_kind, url=url, published=published)
    begin = len(context) + len(IMAGE_BREAK) if context else 0
    found: list[Mention] = []
    for mention in read:
        if mention.field == "text" and mention.start >= begin:
            found.append(_placed(evolve(mention, start=mention.start - begin, end=mention.end - begin), shown))
    return tuple(found)


def _context(text: str) -> str:
    """The end of the post, from the beginning of a line where there is one."""
    text = text.strip()
    if len(text) <= CONTEXT:
        return text
    cut = text[-CONTEXT:]
    return cut.partition("\n")[2] or cut


def _placed(mention: Mention, pictures: Sequence[Picture]) -> Mention:
    """The mention with the picture it stands in, its box there, and how sure its reading is."""
    offset = 0
    for picture in pictures:
        if mention.start < offset + len(picture.text):
            break
        offset += len(picture.text) + len(IMAGE_BREAK)
    start, end = mention.start - offset, mention.end - offset
    code = next((place for place in picture.codes if place[0] < end and start < place[1]), None)
    places = [code] if code else [place for place in picture.words if place[0] < end and start < place[1]]
    attributes = {**mention.attributes, "image": picture.address or f"sha256:{picture.digest}"}
    sure = min((place[6] for place in places), default=0)
    attributes |= {"box": _around(places), "read_by": "qr" if code else "ocr", "sure": f"{sure / 100:.2f}"}
    if code:
        attributes |= _payment(picture.text[code[0] : code[1]])
    mention = evolve(mention, field="image", attributes=attributes)
    if sure < LEAST_SURE and mention.role is Role.SUSPECT:
        return evolve(mention, role=Role.UNKNOWN, confidence=0.3, reason="read from a picture, and not surely")
    return mention


def _around(places: Sequence[Place]) -> str:
    if not places:
        return ""
    left, top = min(place[2] for place in places), min(place[3] for place in places)
    right, bottom = max(place[2] + place[4] for place in places), max(place[3] + place[5] for place in places)
    return f"{left},{top},{right - left},{bottom - top}"


def _payment(content: str) -> dict[str, str]:
    payment = read_payload(content.strip())
    told = {"amount": payment.amount, "purpose": payment.purpose} if payment else {}
    return {name: value for name, value in told.items() if value}
