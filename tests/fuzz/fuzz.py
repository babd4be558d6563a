"""Coverage-guided fuzzing of everything that reads text from outside; a finding is a traceback and a file with the input.

Usage: python tests/fuzz/fuzz.py extract|kql|article|vietqr SECONDS

Needs atheris (`requirements/fuzz.in`), which has wheels for Linux on x86-64 only. Texts are made of bytes as they come
and of pieces that the reader reacts to, so that its inner branches are reached soon.
"""

from __future__ import annotations

import sys
import tempfile
import unicodedata
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

import atheris  # noqa: E402

with atheris.instrument_imports(include=["extraction", "indexer.kql", "model"]):
    from extraction.article import read_article
    from extraction.extract import extract
    from extraction.vietqr import crc16, read_payload
    from indexer.kql import parse
    from model.errors import BadDocumentError, QuerySyntaxError

PIECES = (
    *(
        "0912345678",
        "09",
        "84",
        "+84",
        "không",
        "chín",
        "hai số ",
        "ba",
        "mười",
        "STK ",
        "VCB",
        "momo ",
        "zalo ",
        "lh ",
    ),
    *(
        "1010000000001",
        "https://",
        "hxxp",
        "zq9",
        ".top",
        " . ",
        "[.]",
        "(chấm)",
        " chấm ",
        "@",
        " a còng ",
        "tele @a_1b",
    ),
    *(
        "\u200b",
        "\u0301",
        "①",
        "０",
        "0️⃣",
        "&#48;",
        "&nbsp;",
        "&period;",
        "***",
        "xxx",
        "…",
        "\n",
        "(",
        ")",
        "<b>",
        "O",
        "l",
    ),
    *(
        "000201",
        "38",
        "6304",
        "<title>",
        "<article>",
        "<p>",
        "</p>",
        "<meta ",
        "and ",
        "or ",
        "not ",
        "text:",
        '"',
        "*",
        "\\",
    ),
)
LONGEST = 3000


def text_of(data: bytes) -> str:
    """A text for the bytes of the fuzzer: about half of it pieces."""
    provider = atheris.FuzzedDataProvider(data)
    parts: list[str] = []
    while provider.remaining_bytes() and len(parts) < 200:
        if provider.ConsumeBool():
            parts.append(PIECES[provider.ConsumeIntInRange(0, len(PIECES) - 1)])
        else:
            parts.append(provider.ConsumeUnicode(provider.ConsumeIntInRange(1, 24)))
    return "".join(parts)[:LONGEST]


def fuzz_extract(data: bytes) -> None:
    """Spans slice the text, and composing it changes nothing but spans."""
    text = text_of(data)
    mentions = extract(text)
    assert all(text[mention.start : mention.end] == mention.raw != "" for mention in mentions)
    composed = extract(unicodedata.normalize("NFC", text))
    values = [sorted((mention.kind, mention.value) for mention in found) for found in (mentions, composed)]
    assert values[0] == values[1], values


def fuzz_kql(data: bytes) -> None:
    """A query is a tree or a named fault."""
    try:
        parse(text_of(data))
    except QuerySyntaxError:
        return


def fuzz_article(data: bytes) -> None:
    """A page is an article or a named fault."""
    try:
        read_article(text_of(data), url="https://a.example/bai-1")
    except BadDocumentError:
        return


def fuzz_vietqr(data: bytes) -> None:
    """A payload is a payment or none, its check sum right or wrong."""
    body = text_of(data)
    read_payload(body)
    read_payload(f"{body}6304{crc16(body + '6304')}")


TARGETS: dict[str, Callable[[bytes], None]] = {
    "extract": fuzz_extract, "kql": fuzz_kql, "article": fuzz_article, "vietqr": fuzz_vietqr,
}  # fmt: skip


def main() -> None:
    name, seconds = sys.argv[1], int(sys.argv[2])
    found = Path(tempfile.mkdtemp(prefix=f"fuzz-{name}-"))
    options = [
        f"-max_total_time={seconds}",
        "-max_len=4096",
        "-timeout=20",
        "-print_final_stats=1",
        f"-artifact_prefix={found}/",
    ]
    atheris.Setup([sys.argv[0], *options], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
