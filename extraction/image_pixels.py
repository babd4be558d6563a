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
from collections.abc import Iterator, Mapping, Sequence
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
TEXT_SECONDS, RECOGNITION_MS = 10.0, 8_000
CODE_SIDE = 1600
MOST_CODES = 16
MOST_WORDS = 5_000
LANGUAGE = "vie"

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
    """Tesseract with the Vietnamese model, loaded once (0.1 s)."""

    def __init__(self) -> None:
        import tesserocr

        self._library = tesserocr
        self._api = tesserocr.PyTessBaseAPI(path=tessdata(), lang=LANGUAGE, psm=tesserocr.PSM.AUTO)

    def read(self, grey: Image, *, until: float) -> tuple[list[Word], bool]:
        """The words in reading order, boxes in pixels of the picture, and whether all of it was read.

        until: `time.monotonic()` after which no further part is begun.
        """
        words: list[Word] = []
        for top, part in _parts(grey):
            if time.monotonic() > until or len(words) >= MOST_WORDS:
                return words[:MOST_WORDS], False
            view, scale = _sized(part)
            for word in self._best(view, until):
                left, upper, width, height = (round(value / scale) for value in word["box"])
                words.append({**word, "box": [left, upper + top, width, height]})
        return words[:MOST_WORDS], len(words) <= MOST_WORDS

    def _best(self, view: Image, until: float) -> list[Word]:
        """The words of one view: as it is, and where that leaves much unread, as what stands out from its surroundings."""
        plain = self._words(_dark_on_light(view))
        if _sureness(plain) >= SURE and _unread(view, plain) <= MOST_UNREAD:
            return plain
        readings = [plain]
        for relief in _reliefs(view):
            if time.monotonic() > until:
                break
            readings.append(self._words(relief))
        return max(readings, key=_weight)

    def _words(self, view: Image) -> list[Word]:
        self._api.SetImage(view)
        self._api.SetSourceResolution(200)
        self._api.Recognize(RECOGNITION_MS)
        found = list(self._iterate())
        self._api.Clear()
        return found

    def _iterate(self) -> Iterator[Word]:
        level = self._library.RIL
        iterator = self._api.GetIterator()
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
    from PIL import ImageDraw, ImageFilter, ImageStat

    edges = view.filter(ImageFilter.FIND_EDGES).point(lambda value: 255 if value > 60 else 0)
    whole = ImageStat.Stat(edges).sum[0]
    draw = ImageDraw.Draw(edges)
    for word in words:
        if word["sure"] >= 60:
            left, top, width, height = word["box"]
            draw.rectangle((left - 6, top - 6, left + width + 6, top + height + 6), fill=0)
    return ImageStat.Stat(edges).sum[0] / whole if whole else 0.0


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
        until = time.monotonic() + TEXT_SECONDS
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
        found = codes(grey) if self._codes else []
        words: list[Word] = []
        if self._text:
            self._texts = self._texts or TextReader()
            words, whole = self._texts.read(_without(grey, found), until=until)
            problems += [] if whole else ["cut"]
        return {**answer, "codes": found, "words": words, "problems": problems}


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
