"""`canhgiac extract`: posts on stdin, or pictures by name; their identifiers on stdout.

Streams in constant memory and in order; a bad line or file costs only itself. Imports nothing but `extraction`, so that
it starts at once.
"""

from __future__ import annotations

import json
import os
import sys
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import datetime
from itertools import islice
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, BinaryIO
from zoneinfo import ZoneInfo

import click

from console.shapes import mention_json
from console.terminal import example, json_line
from indexer.heap import collect_seldom

if TYPE_CHECKING:
    from extraction.image_process import ImageProcess

LINE_LIMIT = 32 * 1024 * 1024
"""Bytes of one input line; a longer one is answered with an error and skipped without being held in memory."""
CHUNK = 64
"""Lines that travel to a process together: at 0.5 ms a post the pipe costs under 2 % of the work."""


@click.command(
    epilog=example(
        """echo '{"id": 1, "text": "Gọi ngay 0912.345.678 hoặc vào vcb-xacminh[.]top"}' | canhgiac extract
canhgiac extract --image anh-chup.png ma-qr.jpg"""
    )
)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@click.option(
    "--image",
    "images",
    is_flag=True,
    help="Đọc ảnh PNG, JPEG, GIF, WebP trong các FILE: mã QR (VietQR) và chữ trong ảnh.",
)
@click.option(
    "--jobs", "-j", type=click.IntRange(min=0), default=1, show_default=True, help="Số tiến trình; 0 = mọi lõi."
)
def extract(files: tuple[Path, ...], images: bool, jobs: int) -> None:
    """Đọc JSONL {"id","text"} từ stdin, in số điện thoại, đường dẫn, tài khoản... tìm được, mỗi bài một dòng.

    Trường thêm: title, html, published, source_kind, url. Dòng hỏng cho {"id","error"}, các dòng khác vẫn chạy.

    Với --image, mỗi tệp ảnh một dòng {"id","text","mentions"}: id là tên tệp như đã ghi; text là chữ trong ảnh, rồi nội
    dung từng mã QR, mỗi mã một dòng; start và end đếm trong text (field là "text"); attributes có box
    "trái,trên,rộng,cao" (điểm ảnh), read_by (qr hoặc ocr), sure (0 đến 1), với mã VietQR có bank, holder, amount,
    purpose. Phần không đọc được nêu ở "problems". Tệp hỏng cho {"id","error"}, các tệp khác vẫn chạy.
    """
    if files and not images:
        raise click.UsageError(
            "Có tên tệp mà thiếu --image. Bài viết JSONL thì đưa vào stdin: canhgiac extract < bai.jsonl"
        )
    if images and not files:
        raise click.UsageError("--image cần ít nhất một tên tệp ảnh.")
    collect_seldom()
    workers = jobs or os.cpu_count() or 1
    if images:
        answers = _of_images(files, workers)
    else:
        lines = read_lines(sys.stdin.buffer)
        answers = map(answer_line, lines) if jobs == 1 else _in_processes(lines, workers)
    for answer in answers:
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()


def read_lines(stream: BinaryIO, limit: int = LINE_LIMIT) -> Iterator[bytes]:
    """The non-blank lines; one longer than `limit` comes cut to `limit` + 1 bytes, its rest is skipped."""
    while line := stream.readline(limit + 1):
        rest = line
        while len(rest) > limit and not rest.endswith(b"\n"):
            rest = stream.readline(limit + 1)
        if not line.isspace():
            yield line


def answer_line(line: bytes) -> str:
    """The answer to one input line, as JSON; never raises for what a line holds."""
    identifier: Any = None
    try:
        if len(line) > LINE_LIMIT:
            raise ValueError(f"line is longer than {LINE_LIMIT // 2**20} MB")
        post = json.loads(line)
        if not isinstance(post, dict):
            raise ValueError('line is not an object such as {"id": 1, "text": "..."}')
        identifier = post.get("id")
        return json_line(_answer(post))
    except (ValueError, RecursionError) as error:
        problem = (
            f"not valid JSON: {error}" if isinstance(error, (json.JSONDecodeError, UnicodeDecodeError)) else str(error)
        )
        return json_line({"id": identifier, "error": problem})


def _answer(post: dict[str, Any]) -> dict[str, Any]:
    from extraction.extract import extract as extract_mentions

    texts = {key: _text(post, key) for key in ("text", "title", "html", "source_kind", "url")}
    published = _moment(post.get("published"))
    found: dict[str, Any] = {"id": post.get("id")}
    if post.get("text") is None and post.get("html") is not None:
        from extraction.article import read_article

        article = read_article(texts["html"], url=texts["url"])
        texts["text"] = found["text"] = article.text
        if post.get("title") is None:
            texts["title"] = found["title"] = article.title
    elif post.get("text") is None and post.get("title") is None:
        raise ValueError('"text" is missing (or give "title" or "html")')
    mentions = extract_mentions(
        texts["text"], title=texts["title"], source_kind=texts["source_kind"], url=texts["url"], published=published
    )
    found["mentions"] = [mention_json(mention) for mention in mentions]
    return found


def _text(post: dict[str, Any], key: str) -> str:
    value = post.get(key)
    if value is not None and not isinstance(value, str):
        raise ValueError(f'"{key}" is a {type(value).__name__}, not a text')
    return value or ""


def _moment(value: object) -> datetime | None:
    """An ISO 8601 time; naive ones are Viet Nam's."""
    if value in (None, ""):
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f'"published" {str(value)[:40]!r} is not an ISO 8601 time') from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))


def answer_chunk(lines: list[bytes]) -> list[str]:
    """The answers to several lines: the unit of work of a process."""
    return [answer_line(line) for line in lines]


def _in_processes(lines: Iterator[bytes], jobs: int) -> Iterator[str]:
    """Answers in input order from `jobs` processes, with at most four chunks a process under way."""
    waiting: deque[Future[list[str]]] = deque()
    with ProcessPoolExecutor(max_workers=jobs, initializer=collect_seldom) as pool:
        while chunk := list(islice(lines, CHUNK)):
            waiting.append(pool.submit(answer_chunk, chunk))
            if len(waiting) >= jobs * 4:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def _of_images(files: tuple[Path, ...], workers: int) -> Iterator[str]:
    """Answers in the order of the files. Says on stderr what this machine cannot read; ends with 1 when that is all."""
    from extraction.image import CURES, PROBLEMS, missing
    from extraction.image_process import ImageProcess

    idle: SimpleQueue[ImageProcess] = SimpleQueue()
    readers = [ImageProcess() for _ in range(min(workers, len(files)))]
    for reader in readers:
        idle.put(reader)
    try:
        lacking = missing(readers[0])
        for code, reason in lacking.items():
            click.echo(f"Lưu ý: {PROBLEMS[code]} ({reason}). {CURES[code]}.", err=True)
        if {"no_codes", "no_text"} <= lacking.keys():
            raise click.exceptions.Exit(1)
        with ThreadPoolExecutor(max_workers=len(readers)) as pool:
            # A thread takes a free child for each file; the answers of at most four files a child are kept waiting.
            waiting: deque[Future[str]] = deque()
            for file in files:
                waiting.append(pool.submit(_answer_file, file, idle))
                if len(waiting) >= 4 * len(readers):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
    finally:
        for reader in readers:
            reader.close()


def _answer_file(file: Path, idle: SimpleQueue[ImageProcess]) -> str:
    reader = idle.get()
    try:
        return answer_image(file, reader)
    finally:
        idle.put(reader)


def answer_image(file: Path, reader: ImageProcess) -> str:
    """The answer to one picture, as JSON; never raises for what the file is."""
    from attrs import evolve

    from extraction.image import FATAL, MOST_BYTES, picture_mentions, problem_text, read_picture

    try:
        with file.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        return json_line({"id": str(file), "error": f"không đọc được tệp: {error.strerror}"})
    picture = read_picture(data, process=reader)
    fatal = [problem for problem in picture.problems if problem.partition(":")[0] in FATAL]
    if fatal:
        return json_line({"id": str(file), "error": problem_text(fatal[0])})
    found: dict[str, Any] = {"id": str(file), "text": picture.text}
    mentions = picture_mentions((picture,))
    found["mentions"] = [mention_json(evolve(mention, field="text")) for mention in mentions]
    if picture.problems:
        found["problems"] = list(picture.problems)
    return json_line(found)
