"""The child that touches pixels: decodes a picture, reads its QR codes and its text. Started by `extraction.image_process`.

    python -m extraction.image_pixels < frames > frames

A frame is four bytes of length (big-endian) and that many bytes: first a hello goes out (JSON, what cannot be read here),
then each picture that comes in is answered by one JSON object. Every C library that sees a stranger's bytes (Pillow's
decoders, zxing-cpp, tesseract) runs here, under limits of memory and time, so that its crash costs one picture.
"""

from __future__ import annotations

import io
import json
import os
import struct
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

if TYPE_CHECKING:
    from PIL.Image import Image, Resampling

Word: TypeAlias = dict[str, Any]
"""text; box: left, top, width, height; sure: confidence 0 to 100; before: " ", "\\n" or "\\n\\n", what parts it from the last."""

FORMATS = {
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
}
"""First bytes -> the one decoder that may see the rest; WebP is told by two marks."""

MOST_PIXELS = 40_000_000
"""By the header, before anything is decoded: the largest phone camera in common use gives 50 MP only on request, 12 MP else."""
LONGEST_SIDE = 32_000
SMALLEST_SIDE = 24
"""Pixels; below it nothing is a code or a word (the smallest QR code has 21 modules)."""

MEMORY = 1_536 * 1024 * 1024
"""Bytes of address space of the child. A 40 MP picture takes 160 MB as RGBA, tesseract 200 MB on the largest working size."""
CPU_SECONDS = 60
"""Processor time of one picture, beyond which the kernel ends the child: for when nobody is left to end it."""

TEXT_WIDTH, MOST_TEXT_WIDTH = 1400, 2400
TEXT_PIXELS = 7_000_000
"""The size at which text is read."""
DARK = 110
"""Median grey below which a picture is light on dark (a phone at night) and turned round."""
SURE, MOST_UNREAD = 85, 0.3
"""A reading is taken as it is when its letters are this sure (of 100) and no more than this share of the edges is left."""
SURROUNDINGS = 60
"""Pixels to each side that a letter is compared with; 16 eats the letters of large print, 60 read all of 108 pictures."""
STRIP, STRIP_MARGIN = 36, 20
"""Pixels of letters, and of white around them, of a line that is read for its figures: 2 of 320 numbers misread in a digit;
without margin 11 (a `)` or `7` at the end), as large as they come 30."""
TEXT_SECONDS, RECOGNITION_MS = 8.0, 8_000
"""Processor seconds of one picture after which no further part of it is read (a screenshot takes 0.2), and the bound that
tesseract is given for one pass, which it only keeps while it looks at letters."""
WORKING_PIXELS = 12_000_000
"""What a phone's camera gives; larger ones are made smaller first."""
ROUGH = 0.25
"""Share of pixels on an edge from which a picture is noise and no letters (text has 0.03 to 0.1, on a photo too); it is smoothed, for
tesseract takes half a minute for a megapixel of specks."""
CODE_SIDE = 1600
MOST_CODES = 16
MOST_WORDS = 5_000
LANGUAGE, FIGURES = "vie", "eng"
DISPUTED = 50.0
"""How sure a figure is, of 100, that two readings see differently: not sure enough to accuse anybody."""

_TESSDATA = (
    "/usr/share/tesseract-ocr/*/tessdata",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
)


class UnreadableError(Exception):
    """The bytes are no picture that may be decoded. The message is a problem code of `extraction.image`."""


# ---- pixels


def sniff(data: bytes) -> str:
    """The format that the bytes themselves show, `` when they are none that is read."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    return next((name for mark, name in FORMATS.items() if data.startswith(mark)), "")


def decode(data: bytes) -> tuple[Image, str]:
    """The first frame, upright, in grey, and its format. Raises UnreadableError."""
    from PIL import Image, ImageOps

    name = sniff(data)
    if not name:
        raise UnreadableError("not_a_picture")
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        picture: Image.Image = Image.open(io.BytesIO(data), formats=[name])
        width, height = picture.size
        if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
            raise UnreadableError("too_many_pixels")
        picture.load()
        return _grey(ImageOps.exif_transpose(picture)), name
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnreadableError("too_many_pixels") from None
    except MemoryError:
        raise UnreadableError("too_many_pixels") from None
    except (OSError, ValueError, SyntaxError, IndexError, TypeError, KeyError, EOFError, struct.error):
        # What Pillow's decoders raise on bytes that are not what their header says; SyntaxError is PNG's.
        raise UnreadableError("broken") from None


def _grey(picture: Image) -> Image:
    """Luminance. What is transparent lies on white, or on black where what is drawn is light."""
    from PIL import Image, ImageStat

    if picture.mode in ("1", "L", "I;16", "I", "F"):
        return picture.convert("L")
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("L")
    clear = picture.convert("RGBA")
    alpha = clear.getchannel("A")
    grey = clear.convert("L")
    drawn = alpha.point(lambda value: 255 if value > 127 else 0)
    light = drawn.getbbox() is not None and ImageStat.Stat(grey, drawn).median[0] > 200
    return Image.composite(grey, Image.new("L", grey.size, 0 if light else 255), alpha)


# ---- QR codes


def codes(grey: Image) -> list[dict[str, Any]]:
    """Every QR code: its content and its box in pixels of the upright picture."""
    for scale, view in _views(grey):
        found = {content: [round(value / scale) for value in box] for content, box in _scan(view)}
        if found:
            return [{"text": content, "box": box} for content, box in list(found.items())[:MOST_CODES]]
    return []


def _views(grey: Image) -> Iterator[tuple[float, Image]]:
    """The picture in the forms in which a code may show itself, cheapest first, each with its scale.

    Halving averages noise and JPEG blocks away, doubling helps codes of two pixels a module, the unsharp
    mask what is out of focus.
    """
    from PIL import Image, ImageFilter, ImageOps

    yield 1.0, grey
    longest = max(grey.size)
    for scale in sorted(
        {min(0.5, CODE_SIDE / longest), 0.25, 0.5} if longest < 3 * CODE_SIDE else {CODE_SIDE / longest}
    ):
        if longest * scale >= 60:
            yield scale, ImageOps.autocontrast(_resized(grey, scale, Image.Resampling.BOX), cutoff=1)
    scale = min(3.0, CODE_SIDE / longest)
    base = ImageOps.autocontrast(_resized(grey, scale, Image.Resampling.BICUBIC), cutoff=1)
    yield scale, base
    yield scale, base.filter(ImageFilter.UnsharpMask(radius=6, percent=300, threshold=0))


def _scan(view: Image) -> list[tuple[str, tuple[int, int, int, int]]]:
    import zxingcpp

    found = []
    for code in zxingcpp.read_barcodes(view, formats=zxingcpp.BarcodeFormat.QRCode):  # type: ignore[arg-type]
        if not code.valid or not code.text:
            continue
        corners = [
            code.position.top_left,
            code.position.top_right,
            code.position.bottom_left,
            code.position.bottom_right,
        ]
        left, top = min(corner.x for corner in corners), min(corner.y for corner in corners)
        right, bottom = max(corner.x for corner in corners), max(corner.y for corner in corners)
        found.append((code.text, (left, top, right - left, bottom - top)))
    return found


def _resized(picture: Image, scale: float, resampling: Resampling) -> Image:
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, resampling)


# ---- text


def tessdata() -> str:
    """The folder that holds the model of Vietnamese; "" when there is none."""
    given = os.environ.get("TESSDATA_PREFIX", "")
    folders = [
        Path(given),
        *(path for pattern in _TESSDATA for path in sorted(Path("/").glob(pattern[1:]), reverse=True)),
    ]
    return next((str(folder) for folder in folders if (folder / f"{LANGUAGE}.traineddata").is_file()), "")


class TextReader:
    """Tesseract with the Vietnamese model for words and the English one for figures, loaded once (0.2 s).

    The Vietnamese model misreads a digit in every tenth telephone number of large print, surely (`3` as `5`, `8` as `6`);
    the English one none of 1,500 (decision 13). So each line with a figure or an address in it is read once more.
    """

    def __init__(self) -> None:
        import tesserocr

        self._library = tesserocr
        self._api = tesserocr.PyTessBaseAPI(path=tessdata(), lang=LANGUAGE, psm=tesserocr.PSM.AUTO)
        self._figures = None
        if (Path(tessdata()) / f"{FIGURES}.traineddata").is_file():
            self._figures = tesserocr.PyTessBaseAPI(path=tessdata(), lang=FIGURES, psm=tesserocr.PSM.SINGLE_LINE)

    def read(self, grey: Image, *, until: float) -> tuple[list[Word], bool]:
        """The words in reading order, boxes in pixels of the picture, and whether all of it was read.

        until: `time.process_time()` after which no further part is begun.
        """
        words: list[Word] = []
        for top, part in _parts(grey):
            if time.process_time() > until or len(words) >= MOST_WORDS:
                return words[:MOST_WORDS], False
            view, scale = _sized(part)
            for word in self._best(view, until):
                left, upper, width, height = (round(value / scale) for value in word["box"])
                words.append({**word, "box": [left, upper + top, width, height]})
        return words[:MOST_WORDS], len(words) <= MOST_WORDS

    def _best(self, view: Image, until: float) -> list[Word]:
        """The words of one view: as it is, and where that leaves much unread, as what stands out from its surroundings."""
        plain = _dark_on_light(_smoothed(view))
        readings = [(self._words(plain), plain)]
        if _sureness(readings[0][0]) < SURE or _unread(view, readings[0][0]) > MOST_UNREAD:
            for relief in _reliefs(view):
                if time.process_time() > until:
                    break
                relief = _smoothed(relief)
                readings.append((self._words(relief), relief))
        words, shown = max(readings, key=lambda reading: _weight(reading[0]))
        return self._with_figures(shown, words, until)

    def _words(self, view: Image) -> list[Word]:
        self._api.SetImage(view)
        self._api.SetSourceResolution(200)
        self._api.Recognize(RECOGNITION_MS)
        found = list(self._iterate(self._api))
        self._api.Clear()
        return found

    def _with_figures(self, view: Image, words: Sequence[Word], until: float) -> list[Word]:
        """The words, figures and addresses in them as the other model reads them."""
        if self._figures is None:
            return list(words)
        corrected: list[Word] = []
        for line in _lines(words):
            if any(_is_figure(word["text"]) for word in line) and time.process_time() < until:
                strip, place = _strip(view, line)
                self._figures.SetImage(strip)
                self._figures.SetSourceResolution(200)
                self._figures.Recognize(RECOGNITION_MS)
                line = _merged(line, [place(word) for word in self._iterate(self._figures)])
            corrected += line
        self._figures.Clear()
        return corrected

    def _iterate(self, api: Any) -> Iterator[Word]:
        level = self._library.RIL
        iterator = api.GetIterator()
        if iterator is None:
            return
        for word in self._library.iterate_level(iterator, level.WORD):
            try:
                text = word.GetUTF8Text(level.WORD).strip()
            except RuntimeError:  # what tesserocr raises for an empty word
                continue
            box = word.BoundingBox(level.WORD)
            if not text or box is None:
                continue
            before = " "
            if word.IsAtBeginningOf(level.TEXTLINE):
                before = "\n\n" if word.IsAtBeginningOf(level.PARA) else "\n"
            left, top, right, bottom = box
            yield {
                "text": text,
                "box": [left, top, right - left, bottom - top],
                "sure": round(word.Confidence(level.WORD), 1),
                "before": before,
            }


def _lines(words: Sequence[Word]) -> Iterator[list[Word]]:
    line: list[Word] = []
    for word in words:
        if word["before"] != " " and line:
            yield line
            line = []
        line.append(word)
    if line:
        yield line


def _is_figure(text: str) -> bool:
    """Whether a word holds a digit, or is built as an address is (`vay-nhanh.top`, `a@b`)."""
    return any(letter.isdigit() for letter in text) or any(mark in text.strip(".,:;!?…") for mark in "./@_")


def _frame(words: Sequence[Word]) -> tuple[int, int, int, int]:
    """Left, top, width and height of what the words cover."""
    left, top = min(word["box"][0] for word in words), min(word["box"][1] for word in words)
    right = max(word["box"][0] + word["box"][2] for word in words)
    bottom = max(word["box"][1] + word["box"][3] for word in words)
    return left, top, right - left, bottom - top


def _strip(view: Image, line: Sequence[Word]) -> tuple[Image, Callable[[Word], Word]]:
    """A line of a view by itself, its letters no higher than STRIP, on a white margin; and what puts words read there
    back to their place in the view."""
    from PIL import Image, ImageOps

    left, top, width, height = _frame(line)
    margin = int(height * 0.3)
    begin, above = max(0, left - margin), max(0, top - margin)
    cut = view.crop((begin, above, min(view.width, left + width + margin), min(view.height, top + height + margin)))
    scale = min(1.0, STRIP / max(1, height))
    strip = ImageOps.autocontrast(_resized(cut, scale, Image.Resampling.LANCZOS) if scale < 1 else cut)
    strip = ImageOps.expand(strip, STRIP_MARGIN, 255)

    def place(word: Word) -> Word:
        x, y, wide, high = word["box"]
        box = [(x - STRIP_MARGIN) / scale + begin, (y - STRIP_MARGIN) / scale + above, wide / scale, high / scale]
        return {**word, "box": [round(value) for value in box]}

    return strip, place


def _merged(line: Sequence[Word], figures: Sequence[Word]) -> list[Word]:
    """The line, with figures and addresses as the second reading has them.

    What stands at the same place is compared. Where the first reading has letters with marks as well, which the second
    would make digits of (`số` is `s6`), only the digits are taken, and only when both count as many of them.
    """
    merged: list[Word] = []
    for first, second in _side_by_side(line, figures):
        written, figured = "".join(word["text"] for word in first), "".join(word["text"] for word in second)
        if not second or not any(_is_figure(word["text"]) for word in first):
            merged += first
        elif written.isascii() and _is_figure(figured):
            merged += [
                {**word, "before": first[0]["before"] if place == 0 else " "} for place, word in enumerate(second)
            ]
        else:
            merged += _with_digits_of(first, figured)
    return merged


def _side_by_side(line: Sequence[Word], figures: Sequence[Word]) -> Iterator[tuple[list[Word], list[Word]]]:
    """Words of both readings that share their place, in order; a word of the second alone is left out."""
    rest = [word for word in figures if any(_overlap(word, other) for other in line)]
    place = 0
    while place < len(line):
        first, second = [line[place]], []
        place += 1
        while True:
            joined = [word for word in rest if any(_overlap(word, other) for other in first)]
            second += joined
            rest = [word for word in rest if word not in joined]
            if place < len(line) and any(_overlap(line[place], word) for word in second):
                first.append(line[place])
                place += 1
            elif not joined:
                break
        yield first, second


def _overlap(one: Word, other: Word) -> bool:
    """Whether two words share more than a third of the narrower one's width."""
    (left, _, width, _), (begin, _, reach, _) = one["box"], other["box"]
    shared = min(left + width, begin + reach) - max(left, begin)
    return bool(shared > min(width, reach) / 3)


def _with_digits_of(words: Sequence[Word], figured: str) -> list[Word]:
    """The words with their digits replaced by those of the other reading; unsure where the two count differently."""
    digits = [letter for letter in figured if letter.isdigit()]
    count = sum(letter.isdigit() for word in words for letter in word["text"])
    if not count:
        return list(words)
    if len(digits) != count:
        return [{**word, "sure": min(word["sure"], DISPUTED)} if _is_figure(word["text"]) else word for word in words]
    following = iter(digits)
    return [
        {**word, "text": "".join(next(following) if letter.isdigit() else letter for letter in word["text"])}
        for word in words
    ]


def _parts(grey: Image) -> Iterator[tuple[int, Image]]:
    """A long screenshot in parts of at most three times its width, cut where a row is emptiest, each with its top."""
    from PIL import Image, ImageFilter

    longest = 3 * max(grey.width, 400)
    if grey.height <= longest * 1.2:
        yield 0, grey
        return
    edges = grey.filter(ImageFilter.FIND_EDGES).resize((1, grey.height), Image.Resampling.BOX).tobytes()
    top = 0
    while top < grey.height:
        end = min(grey.height, top + longest)
        if end < grey.height:
            end = min(range(end - longest // 5, end), key=lambda row: (edges[row], -row))
        yield top, grey.crop((0, top, grey.width, end))
        top = end


def _sized(grey: Image) -> tuple[Image, float]:
    """The picture at the size at which letters of a phone's screenshot are 20 to 40 pixels high, and its scale."""
    from PIL import Image

    scale = 1.0
    if grey.width < TEXT_WIDTH:
        scale = min(3.0, TEXT_WIDTH / grey.width)
    elif grey.width > MOST_TEXT_WIDTH:
        scale = MOST_TEXT_WIDTH / grey.width
    scale = min(scale, (TEXT_PIXELS / (grey.width * grey.height)) ** 0.5)
    if abs(scale - 1) <= 0.05:
        return grey, 1.0
    view = _resized(grey, scale, Image.Resampling.LANCZOS)
    return view, view.width / grey.width


def _smoothed(view: Image) -> Image:
    from PIL import ImageFilter

    return view.filter(ImageFilter.BoxBlur(4)) if _mean(_edges(view)) > ROUGH else view


def _edges(view: Image) -> Image:
    from PIL import ImageFilter

    return view.filter(ImageFilter.FIND_EDGES).point(lambda value: 255 if value > 60 else 0)


def _mean(mask: Image) -> float:
    from PIL import ImageStat

    return float(ImageStat.Stat(mask).mean[0]) / 255


def _dark_on_light(view: Image) -> Image:
    from PIL import ImageOps, ImageStat

    return ImageOps.invert(view) if ImageStat.Stat(view).median[0] < DARK else view


def _reliefs(view: Image) -> Iterator[Image]:
    """What is lighter than its surroundings, then what is darker, as dark on light: letters on a gradient or a photo."""
    from PIL import ImageChops, ImageFilter, ImageOps

    ground = view.filter(ImageFilter.BoxBlur(SURROUNDINGS))
    for difference in (ImageChops.subtract(view, ground), ImageChops.subtract(ground, view)):
        yield ImageOps.invert(ImageOps.autocontrast(difference))


def _weight(words: Sequence[Word]) -> float:
    """How much was read: letters, each counted by how far its word is surer than a guess."""
    return float(sum(max(0.0, word["sure"] - 50) * len(word["text"]) for word in words))


def _sureness(words: Sequence[Word]) -> float:
    letters = sum(len(word["text"]) for word in words)
    return float(sum(word["sure"] * len(word["text"]) for word in words)) / letters if letters else 0.0


def _unread(view: Image, words: Sequence[Word]) -> float:
    """Share of the picture's edges that lie outside the words that were read."""
    from PIL import ImageDraw

    edges = _edges(view)
    whole = _mean(edges)
    draw = ImageDraw.Draw(edges)
    for word in words:
        if word["sure"] >= 60:
            left, top, width, height = word["box"]
            draw.rectangle((left - 6, top - 6, left + width + 6, top + height + 6), fill=0)
    return _mean(edges) / whole if whole else 0.0


# ---- the child's life


class Reader:
    """Reads pictures with what this machine has. missing: problem codes of what it has not, with the reason."""

    def __init__(self) -> None:
        self.missing: dict[str, str] = {}
        self._codes = self._text = False
        self._texts: TextReader | None = None
        try:
            import PIL.Image  # noqa: F401
        except ImportError as error:
            self.missing = {"no_codes": str(error), "no_text": str(error)}
            return
        try:
            import zxingcpp  # noqa: F401

            self._codes = True
        except ImportError as error:
            self.missing["no_codes"] = str(error)
        try:
            import tesserocr  # noqa: F401
        except ImportError as error:
            self.missing["no_text"] = str(error)
        else:
            self._text = bool(tessdata())
            if not self._text:
                self.missing["no_text"] = f"no {LANGUAGE}.traineddata"

    def answer(self, data: bytes) -> dict[str, Any]:
        """What a picture says. problems: codes of what kept it from being read, wholly or in part."""
        until = time.process_time() + TEXT_SECONDS
        if not (self._codes or self._text):
            return {"problems": list(self.missing)}
        try:
            grey, name = decode(data)
        except UnreadableError as error:
            return {"problems": [str(error)]}
        answer: dict[str, Any] = {"format": name, "width": grey.width, "height": grey.height}
        if min(grey.size) < SMALLEST_SIDE:
            return {**answer, "problems": ["too_small"]}
        problems = list(self.missing)
        view, scale = _bounded(grey)
        found = codes(view) if self._codes else []
        words: list[Word] = []
        if self._text:
            self._texts = self._texts or TextReader()
            words, whole = self._texts.read(_without(view, found), until=until)
            problems += [] if whole else ["cut"]
        for item in (*found, *words):
            item["box"] = [round(value / scale) for value in item["box"]]
        return {**answer, "codes": found, "words": words, "problems": problems}


def _bounded(grey: Image) -> tuple[Image, float]:
    """The picture at WORKING_PIXELS at most, and its scale; a long screenshot, which is read in parts, as it is."""
    from PIL import Image

    if grey.width * grey.height <= WORKING_PIXELS or grey.height > 3 * grey.width:
        return grey, 1.0
    scale = float((WORKING_PIXELS / (grey.width * grey.height)) ** 0.5)
    return _resized(grey, scale, Image.Resampling.BOX), scale


def _without(grey: Image, found: Sequence[Mapping[str, Any]]) -> Image:
    """The picture with its codes painted over: they are no words."""
    from PIL import ImageDraw

    if not found:
        return grey
    bare = grey.copy()
    draw = ImageDraw.Draw(bare)
    for code in found:
        left, top, width, height = code["box"]
        ring = bare.crop((max(0, left - 8), max(0, top - 8), left + width + 8, max(1, top - 4)))
        draw.rectangle((left - 4, top - 4, left + width + 4, top + height + 4), fill=ring.getpixel((0, 0)))
    return bare


def bound() -> None:
    """Limits of this process: memory, and no core file. Processor time is bounded anew for each picture."""
    import resource

    for kind, limit in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0)):
        hard = resource.getrlimit(kind)[1]
        wanted = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (wanted, wanted))


def _grant_time() -> None:
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    soft = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answers pictures until the source ends."""
    reader = Reader()
    _send(sink, {"missing": reader.missing})
    while head := source.read(4):
        data = source.read(struct.unpack(">I", head)[0])
        _grant_time()
        try:
            answer = reader.answer(data)
        except MemoryError:
            answer = {"problems": ["too_many_pixels"]}
        except Exception as error:  # noqa: BLE001 - whatever a library makes of hostile bytes costs one picture
            answer = {"problems": ["broken"], "detail": f"{type(error).__name__}: {error}"[:200]}
        _send(sink, answer)


def _send(sink: BinaryIO, answer: Mapping[str, Any]) -> None:
    body = json.dumps(answer).encode("ascii")
    sink.write(struct.pack(">I", len(body)) + body)
    sink.flush()


def main() -> None:
    """Frames on stdin and stdout; what libraries print goes to stderr."""
    bound()
    with os.fdopen(os.dup(1), "wb") as sink:
        os.dup2(2, 1)
        serve(sys.stdin.buffer, sink)


if __name__ == "__main__":
    main()
