"""`canhgiac extract`: order, spans, bad lines, processes."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from console.commands.extract import answer_line, read_lines

KEYS = {"kind", "value", "raw", "field", "start", "end", "role", "confidence", "reason", "attributes"}


def answer(post: object) -> dict[str, Any]:
    """The answer to one post."""
    found: dict[str, Any] = json.loads(answer_line(json.dumps(post, ensure_ascii=False).encode()))
    return found


def test_mentions_have_every_key_and_slice_the_text() -> None:
    """`start` and `end` are code points of `field`."""
    post = {"id": "x", "title": "Số 0900 000 041 lừa đảo 🚨", "text": "🚨🚨 gọi 0900.000.042 là mất tiền"}

    found = answer(post)

    assert found["id"] == "x"
    assert [mention["value"] for mention in found["mentions"]] == ["+84900000041", "+84900000042"]
    for mention in found["mentions"]:
        assert set(mention) == KEYS
        assert post[mention["field"]][mention["start"] : mention["end"]] == mention["raw"]


def test_html_without_text_gives_the_text_back() -> None:
    """Offsets then belong to the extracted text, which is returned."""
    body = (
        "<html><body><article><h1>Cảnh báo</h1><p>"
        + "Người dân cẩn thận với số 0900 000 043. " * 8
        + "</p></article></body></html>"
    )

    found = answer({"id": 1, "html": body})

    assert found["mentions"]
    for mention in found["mentions"]:
        assert found[mention["field"]][mention["start"] : mention["end"]] == mention["raw"]


@pytest.mark.parametrize(
    ("line", "identifier", "problem"),
    [
        (b"not json", None, "not valid JSON"),
        (b"[1, 2]", None, "not an object"),
        (b'{"id": 7}', 7, '"text" is missing'),
        (b'{"id": 8, "text": 5}', 8, '"text" is a int'),
        (b'{"id": 9, "text": "a", "published": "dawn"}', 9, "ISO 8601"),
        (b'{"id": 10, "text": "\xff\xfe"}', None, "not valid JSON"),
        (b"[" * 100_000, None, ""),
    ],
)
def test_a_bad_line_gives_its_error(line: bytes, identifier: object, problem: str) -> None:
    """Nothing a line holds stops the stream."""
    found = json.loads(answer_line(line))

    assert found["id"] == identifier
    assert problem in found["error"]


def test_a_lone_surrogate_comes_back_as_it_was() -> None:
    """UTF-8 has no form for it; JSON has."""
    found = json.loads(answer_line(rb'{"id": "\ud800", "text": "g\u1ecdi 0900 000 044 \ud800"}'))

    assert found["id"] == "\ud800"
    assert found["mentions"][0]["value"] == "+84900000044"


def test_a_line_that_is_too_long_is_skipped_without_being_held() -> None:
    """Its answer is an error; the next line is read."""
    lines = list(read_lines(io.BytesIO(b"x" * 1000 + b"\n\n{}\n"), limit=100))

    assert [len(line) for line in lines] == [101, 3]


def test_processes_keep_the_order(run_cli: Callable[..., str]) -> None:
    """Two processes answer as one does."""
    posts = "".join(
        json.dumps({"id": number, "text": f"số {number} gọi 09{number:08d} ngay"}) + "\n" for number in range(300)
    )

    one, two = run_cli("extract", given=posts), run_cli("extract", "--jobs", "2", given=posts)

    assert one == two
    assert [json.loads(line)["id"] for line in two.splitlines()] == list(range(300))


@pytest.fixture
def run_cli() -> Callable[..., str]:
    """stdout of a command."""

    def run(*arguments: str, given: str) -> str:
        command = [sys.executable, "-m", "console.cli", *arguments]
        return subprocess.run(command, input=given, capture_output=True, text=True, check=True, timeout=120).stdout

    return run


@pytest.mark.usefixtures("reads_pictures")
def test_pictures_answer_in_the_shape_of_posts(run_cli: Callable[..., str], tmp_path: Path) -> None:
    """`id` is the file as named, spans are in `text`, a bad file costs only itself; two processes answer as one does."""
    for number in (345, 346):
        picture = Image.new("RGB", (800, 160), "white")
        font = ImageFont.load_default(40)
        ImageDraw.Draw(picture).text((40, 50), f"VAY NHANH LH 0900 012 {number}", font=font, fill="black")
        picture.save(tmp_path / f"{number}.png")
    (tmp_path / "no.png").write_bytes(b"<html>")
    names = [str(tmp_path / name) for name in ("345.png", "no.png", "absent.png", "346.png")]

    one, two = (
        run_cli("extract", "--image", *names, given=""),
        run_cli("extract", "--image", *names, "-j", "2", given=""),
    )

    assert one == two
    first, bad, absent, last = map(json.loads, one.splitlines())
    assert [line["id"] for line in (first, bad, absent, last)] == names
    assert [set(bad), set(absent)] == [{"id", "error"}] * 2
    for line, value in ((first, "+84900012345"), (last, "+84900012346")):
        assert set(line) == {"id", "text", "mentions"}
        (mention,) = line["mentions"]
        assert set(mention) == KEYS
        assert mention["value"] == value
        assert mention["field"] == "text"
        assert line["text"][mention["start"] : mention["end"]] == mention["raw"]
        assert {"box", "read_by", "sure", "image"} <= mention["attributes"].keys()


def test_files_need_the_option_and_the_option_files() -> None:
    """Both mistakes end with 2 and say what to write."""
    for arguments in (["extract", "a.png"], ["extract", "--image"]):
        done = subprocess.run(
            [sys.executable, "-m", "console.cli", *arguments], input="", capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 2
        assert "--image" in done.stderr


def test_a_machine_that_reads_no_pictures_ends_with_1_and_the_cure(tmp_path: Path) -> None:
    """The extras are hidden from the child, as on a machine that never had them."""
    for name in ("zxingcpp", "tesserocr"):
        (tmp_path / f"{name}.py").write_text(f"raise ImportError('No module named {name}')")
    done = subprocess.run(
        [sys.executable, "-m", "console.cli", "extract", "--image", "a.png"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == ""
    assert "apt-get install tesseract-ocr tesseract-ocr-vie" in done.stderr
    assert "canhgiac[qr]" in done.stderr


def test_extract_imports_neither_django_nor_scrapy() -> None:
    """It starts at once: the heavy rooms stay shut."""
    code = (
        "import sys, json\n"
        "from console.commands.extract import answer_line\n"
        "answer_line(json.dumps({'id': 1, 'text': 'gọi 0900 000 045'}).encode())\n"
        "print([name for name in ('django', 'scrapy', 'twisted', 'elasticsearch', 'pydantic', 'trafilatura') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.strip() == "[]"
