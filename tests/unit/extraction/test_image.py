"""Pictures to mentions: spans, boxes, roles by the post, and everything a stranger's picture may be."""

from __future__ import annotations

import io
import os
import random
import signal
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from extraction import image_pixels
from extraction.image import (
    CURES,
    FATAL,
    MOST_BYTES,
    PROBLEMS,
    extract_image,
    missing,
    picture_mentions,
    problem_text,
    read_picture,
)
from extraction.image_pixels import Word, _is_figure, _merged, _overlap
from extraction.image_process import ImageProcess
from extraction.vietqr import crc16, read_payload
from model.document import Document, Picture, Role

NOW = datetime(2026, 7, 1, tzinfo=UTC)
needs_readers = pytest.mark.usefixtures("reads_pictures")


def tlv(tag: str, value: str) -> str:
    return f"{tag}{len(value):02d}{value}"


def payload(number: str = "1010000000001", *, bank: str = "970436", name: str = "NGUYEN VAN A") -> str:
    """A VietQR payment of 500,000 dong to an invented account."""
    merchant = tlv("00", "A000000727") + tlv("01", tlv("00", bank) + tlv("01", number)) + tlv("02", "QRIBFTTA")
    body = tlv("00", "01") + tlv("01", "12") + tlv("38", merchant) + tlv("53", "704") + tlv("54", "500000")
    body += tlv("58", "VN") + tlv("59", name) + tlv("62", tlv("08", "dat coc")) + "6304"
    return body + crc16(body)


def code(content: str, scale: int = 6) -> Image.Image:
    segno = pytest.importorskip("segno")
    drawn = io.BytesIO()
    segno.make(content, micro=False).save(drawn, kind="png", scale=scale, border=4)
    return Image.open(drawn).convert("RGB")


def letters(
    text: str, *, size: tuple[int, int] = (1000, 400), height: int = 40, ink: str = "black", ground: str = "white"
) -> Image.Image:
    """Text without marks, in the font that Pillow carries: these tests run on machines without fonts."""
    picture = Image.new("RGB", size, ground)
    ImageDraw.Draw(picture).multiline_text((40, 40), text, font=ImageFont.load_default(height), fill=ink, spacing=24)
    return picture


def file(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    written = io.BytesIO()
    picture.save(written, kind, **options)
    return written.getvalue()


# ---- what is read


@needs_readers
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_payment_code_is_the_account_that_it_pays(kind: str) -> None:
    page = Image.new("RGB", (900, 1200), "white")
    page.paste(code(payload()), (200, 500))

    read = extract_image(file(page, kind), address="https://cdn.example/a", text="Chuyển cọc qua mã trong ảnh nhé")

    account = next(mention for mention in read if mention.kind == "account")
    assert account.value == "VCB:1010000000001"
    assert account.field == "image"
    assert read.text[account.start : account.end] == account.raw == payload()
    assert account.attributes | {"box": ""} == {
        "bank": "VCB",
        "holder": "NGUYEN VAN A",
        "amount": "500000",
        "purpose": "dat coc",
        "image": "https://cdn.example/a",
        "read_by": "qr",
        "sure": "1.00",
        "box": "",
    }
    left, top, width, height = map(int, account.attributes["box"].split(","))
    assert 200 <= left < 260
    assert 500 <= top < 560
    assert 200 < width < 400
    assert abs(width - height) < 8


@needs_readers
def test_a_phone_in_letters_has_its_box_and_how_sure_it_is() -> None:
    read = extract_image(file(letters("VAY NHANH 24H\nLH 0900.012.345")))

    phone = next(mention for mention in read if mention.kind == "phone")
    assert phone.value == "+84900012345"
    assert read.text[phone.start : phone.end] == phone.raw
    assert phone.attributes["read_by"] == "ocr"
    assert float(phone.attributes["sure"]) > 0.8
    assert phone.attributes["image"] == f"sha256:{read.picture.digest}"
    _, top, _, _ = map(int, phone.attributes["box"].split(","))
    assert 80 < top < 160


@needs_readers
@pytest.mark.parametrize(("ink", "ground"), [("white", "black"), ("white", "#c0141c"), ("#e4e6eb", "#18191a")])
def test_light_letters_on_dark(ink: str, ground: str) -> None:
    read = extract_image(file(letters("CALL NOW 0900 012 345", ink=ink, ground=ground)))
    assert "+84900012345" in {mention.value for mention in read}


@needs_readers
def test_letters_on_a_gradient() -> None:
    size = (1000, 400)
    ground = Image.composite(
        Image.new("RGB", size, "#5b247a"), Image.new("RGB", size, "#1bcedf"), Image.linear_gradient("L").resize(size)
    )
    ImageDraw.Draw(ground).text((40, 300), "CALL NOW 0900 012 345", font=ImageFont.load_default(44), fill="white")
    assert "+84900012345" in {mention.value for mention in extract_image(file(ground))}


@needs_readers
def test_small_letters_are_enlarged() -> None:
    read = extract_image(file(letters("LH ZALO 0900 012 345", size=(280, 80), height=14)))
    assert "+84900012345" in {mention.value for mention in read}


@needs_readers
def test_several_codes_in_one_picture_one_of_them_inverted() -> None:
    from PIL import ImageOps

    page = Image.new("RGB", (1000, 1200), "#eeeeee")
    page.paste(code(payload("1010000000001"), 4), (80, 80))
    page.paste(ImageOps.invert(code(payload("0700000000002", bank="970422"), 5)), (450, 600))

    read = extract_image(file(page))

    assert {mention.value for mention in read if mention.kind == "account"} == {"VCB:1010000000001", "MB:0700000000002"}
    assert len({mention.attributes["box"] for mention in read}) == 2


@needs_readers
def test_other_codes_are_read_as_text() -> None:
    read = extract_image(file(code("https://qua-tet-zq9.top/nhan")))
    assert [(mention.kind, mention.value) for mention in read] == [("link", "qua-tet-zq9.top/nhan")]
    assert read.mentions[0].attributes["read_by"] == "qr"
    zalo = extract_image(file(code("https://zalo.me/0900012345")))
    assert {"+84900012345", "zalo:84900012345"} & {mention.value for mention in zalo}


@needs_readers
def test_a_card_in_a_payment_code_is_never_stored_whole() -> None:
    card = "9704360000000000016"
    body = payload(card)[:-8].replace("QRIBFTTA", "QRIBFTTC") + "6304"
    read = extract_image(file(code(body + crc16(body))))
    assert card not in read.text
    assert "970436•••••••••0016" in read.text


@needs_readers
def test_a_wallet_in_a_payment_code_is_a_wallet() -> None:
    read = extract_image(file(code(payload("0900012345", bank="971025"))))
    assert [(mention.kind, mention.value) for mention in read] == [("wallet", "MOMO:0900012345")]


@needs_readers
def test_a_code_with_a_wrong_checksum_pays_nobody() -> None:
    wrong = payload()[:-1] + ("0" if payload()[-1] != "0" else "1")
    read = extract_image(file(code(wrong)))
    assert wrong in read.text
    assert not [mention for mention in read if mention.kind == "account"]


@needs_readers
def test_a_picture_on_its_side_is_turned_as_its_camera_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned by 90 degrees clockwise
    lying = letters("LH 0900 012 345").transpose(Image.Transpose.ROTATE_90)

    read = extract_image(file(lying, "JPEG", exif=exif))

    assert (read.picture.width, read.picture.height) == (1000, 400)
    assert "+84900012345" in {mention.value for mention in read}


@needs_readers
def test_what_is_transparent_hides_nothing() -> None:
    for ink in ("black", "white"):
        clear = Image.new("RGBA", (900, 200), (0, 0, 0, 0))
        ImageDraw.Draw(clear).text((40, 60), "LH 0900 012 345", font=ImageFont.load_default(44), fill=ink)
        assert "+84900012345" in {mention.value for mention in extract_image(file(clear))}, ink


@needs_readers
def test_the_first_frame_counts() -> None:
    frames = [letters("LH 0900 012 345"), *(letters(f"LH 0900 012 {number}") for number in (346, 347))]
    moving = file(frames[0], "GIF", save_all=True, append_images=frames[1:])
    values = {mention.value for mention in extract_image(moving) if mention.kind == "phone"}
    assert values == {"+84900012345"}


@needs_readers
def test_a_long_screenshot_is_read_to_its_end() -> None:
    long = Image.new("RGB", (400, 3200), "white")
    pen, font = ImageDraw.Draw(long), ImageFont.load_default(30)
    for place in range(0, 3000, 200):
        pen.text((30, place + 40), "tin nhan moi", font=font, fill="black")
    pen.text((30, 3100), "LH 0900 012 345", font=font, fill="black")

    read = extract_image(file(long))

    phone = next(mention for mention in read if mention.kind == "phone")
    assert phone.value == "+84900012345"
    assert 3080 < int(phone.attributes["box"].split(",")[1]) < 3160


# ---- roles


@needs_readers
@pytest.mark.parametrize(
    ("text", "source_kind", "role"),
    [
        ("Vé máy bay Tết giá rẻ, chuyển khoản cọc qua mã trong ảnh để giữ chỗ ngay, chỉ còn hôm nay!", "social", Role.SUSPECT),
        ("Tuyển cộng tác viên chốt đơn tại nhà, hoa hồng 20%, nạp tiền làm nhiệm vụ vào tài khoản dưới đây", "social", Role.SUSPECT),
        ("Mình bị lừa mất 5 triệu, đây là tài khoản của kẻ lừa đảo, mọi người cảnh giác", "forum", Role.SUSPECT),
    ],
)  # fmt: skip
def test_the_post_decides_over_an_account_that_is_only_in_its_picture(text: str, source_kind: str, role: Role) -> None:
    read = extract_image(file(code(payload())), text=text, source_kind=source_kind)
    assert [mention.role for mention in read] == [role]


def test_a_picture_without_letters_of_its_own_takes_the_words_of_the_post() -> None:
    """Pure: the same on machines that read no pictures."""
    said = payload()
    picture = Picture(digest="0" * 64, text=said, codes=((0, len(said), 10, 20, 300, 300, 100),))
    scam = "Nạp tiền làm nhiệm vụ nhận hoa hồng 20%, chuyển vào tài khoản trong ảnh"
    assert picture_mentions((picture,), text=scam)[0].role is Role.SUSPECT
    assert picture_mentions((picture,))[0].role is not Role.SUSPECT


def test_spans_are_in_the_texts_of_all_pictures_together() -> None:
    first, second = "LH 0900 012 345", "Zalo 0900.012.346 nha"
    pictures = (
        Picture(address="https://a.example/1", digest="1" * 64, text=first, words=((3, 15, 5, 6, 70, 8, 96),)),
        Picture(address="https://a.example/2", problems=("not_fetched: 404",)),
        Picture(address="https://a.example/3", digest="3" * 64, text=second, words=((5, 17, 50, 60, 70, 80, 96),)),
    )
    read = picture_mentions(pictures, title="Vay nhanh", text="Giải ngân trong ngày, liên hệ số trong ảnh")
    document = Document(
        source="a", source_kind="social", external_id="1", collected=NOW, pictures=pictures, mentions=read
    )
    assert [document.image_text[mention.start : mention.end] for mention in read] == ["0900 012 345", "0900.012.346"]
    assert [mention.attributes["image"] for mention in read] == ["https://a.example/1", "https://a.example/3"]
    assert [mention.attributes["box"] for mention in read] == ["5,6,70,8", "50,60,70,80"]


def test_what_is_read_unsurely_accuses_nobody() -> None:
    text = "Gọi vay 0900 012 345"
    picture = Picture(
        digest="0" * 64, text=text, words=((8, 12, 0, 0, 9, 9, 95), (13, 16, 9, 0, 9, 9, 41), (17, 20, 20, 0, 9, 9, 90))
    )
    scam = "Nợ xấu vẫn vay được, giải ngân ngay, đóng phí hồ sơ trước"
    (phone,) = picture_mentions((picture,), text=scam)
    assert phone.attributes["sure"] == "0.41"
    assert phone.role is Role.UNKNOWN


# ---- hostile pictures


def _png(width: int, height: int, body: bytes = b"") -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@needs_readers
@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "not_a_picture"),
        (b"<html><body>404</body></html>", "not_a_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_a_picture"),
        (b"%PDF-1.7", "not_a_picture"),
        (b"II*\x00" + b"\0" * 64, "not_a_picture"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 50, "broken"),
        (b"\xff\xd8\xff" + b"\0" * 500, "broken"),
        (b"GIF89a" + b"\xff" * 50, "broken"),
        (b"RIFF\x20\0\0\0WEBPVP8 " + b"\0" * 40, "broken"),
        (_png(60_000, 60_000, zlib.compress(b"\0" * 1000)), "too_many_pixels"),
        (_png(40_000, 100, zlib.compress(b"\0" * 1000)), "too_many_pixels"),
        (_png(10, 10, zlib.compress(b"\0" * 110)), "too_small"),
        (b"\xff\xd8\xff" + b"x" * MOST_BYTES, "too_large"),
    ],
)
def test_what_is_no_picture_is_said(data: bytes, problem: str) -> None:
    read = extract_image(data)
    assert read.problems == (problem,)
    assert not read.mentions
    assert read.text == ""
    assert problem in PROBLEMS


@needs_readers
def test_a_truncated_picture_is_broken_and_the_next_is_read() -> None:
    whole = file(letters("LH 0900 012 345"), "JPEG")
    assert extract_image(whole[: len(whole) // 2]).problems == ("broken",)
    assert extract_image(whole).mentions


@needs_readers
def test_random_bytes_behind_a_true_head_cost_one_picture() -> None:
    rng = random.Random(3)
    whole = {
        kind: file(letters("LH 0900 012 345", size=(300, 120), height=20), kind)
        for kind in ("PNG", "JPEG", "GIF", "WEBP")
    }
    for data in whole.values():
        for _ in range(6):
            spoilt = bytearray(data)
            for _ in range(12):
                spoilt[rng.randrange(20, len(spoilt))] = rng.randrange(256)
            for problem in extract_image(bytes(spoilt)).problems:
                assert problem in PROBLEMS
    assert extract_image(whole["PNG"]).mentions


@pytest.fixture
def reader_of(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], ImageProcess]:
    """A child that is a given program instead of ours: the outside world at its worst."""

    def make(program: str) -> ImageProcess:
        script = tmp_path / "child"
        script.write_text(f"#!{sys.executable}\n{program}")
        script.chmod(0o700)
        monkeypatch.setattr(sys, "executable", str(script))
        return ImageProcess(answer_seconds=1.0)

    return make


HELLO = (
    'import os, sys, time, struct\nhello = b\'{"missing": {}}\'\nos.write(1, struct.pack(">I", len(hello)) + hello)\n'
)
READ = "sys.stdin.buffer.read(300_008); "


@pytest.mark.parametrize(
    ("program", "problem"),
    [
        (HELLO + "os.read(0, 4); os.kill(os.getpid(), 11)", "crashed"),
        (HELLO + "os.read(0, 4); time.sleep(60)", "timeout"),
        (HELLO + "time.sleep(60)", "timeout"),
        (HELLO + READ + 'os.write(1, b"\\xff\\xff\\xff\\xff"); time.sleep(60)', "crashed"),
        (HELLO + READ + 'os.write(1, b"\\0\\0\\0\\4oops"); time.sleep(60)', "crashed"),
        ("raise SystemExit(1)", "crashed"),
    ],
)
def test_a_child_that_fails_costs_one_picture(
    reader_of: Callable[[str], ImageProcess], program: str, problem: str
) -> None:
    process = reader_of(program)
    for _ in range(2):
        read = read_picture(b"\x89PNG" + b"x" * 300_000, process=process)
        assert read.problems == (problem,)
    assert problem in FATAL
    process.close()


@needs_readers
def test_a_killed_child_is_replaced() -> None:
    process = ImageProcess()
    data = file(letters("LH 0900 012 345"))
    assert read_picture(data, process=process).text
    assert process._child is not None
    os.kill(process._child.pid, signal.SIGKILL)
    process._child.wait()
    assert read_picture(data, process=process).text
    process.close()


@needs_readers
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="asks /proc whether a process is there")
def test_the_child_ends_with_its_parent() -> None:
    """Also when the parent is killed: its end of the pipe is gone then."""
    code = (
        "import sys, time; from extraction.image_process import ImageProcess; process = ImageProcess();"
        "assert process.missing() == {}; print(process._child.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = Path("/proc") / parent.stdout.readline().strip()
        assert child.exists()
        parent.kill()
    until = time.monotonic() + 30
    while child.exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not child.exists()


@needs_readers
def test_the_child_gets_none_of_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANHGIAC_SMTP_URL", "smtp://user:secret@mail.example")
    process = ImageProcess()
    assert process.missing() == {}
    assert process._child is not None
    environment = Path(f"/proc/{process._child.pid}/environ")
    if environment.exists():
        assert b"CANHGIAC" not in environment.read_bytes()
    process.close()


# ---- two readings of one line

WORDS = st.lists(
    st.builds(
        lambda text, left, width, before: {"text": text, "box": [left, 5, width, 20], "sure": 90.0, "before": before},
        st.text("số0123456789.-/@abZ ", min_size=1, max_size=8),
        st.integers(0, 400), st.integers(1, 90), st.sampled_from([" ", "\n"]),
    ),
    max_size=8,
)  # fmt: skip


@given(line=WORDS.filter(bool), figures=WORDS)
def test_two_readings_of_a_line_give_one(line: list[Word], figures: list[Word]) -> None:
    """Whatever stands where: words without figures stay, nothing is doubled, marks are never made digits."""
    merged = _merged(line, figures)

    kept = [word["text"] for word in merged]
    assert len(merged) <= len(line) + len(figures)
    assert "".join(kept).count("ố") >= sum(word["text"].count("ố") for word in line)
    for word in line:
        if not _is_figure(word["text"]) and not any(_overlap(word, other) for other in figures):
            assert word["text"] in kept
    assert merged[0]["before"] == line[0]["before"]


def test_figures_are_taken_from_the_second_reading_and_letters_from_the_first() -> None:
    def word(text: str, left: int, width: int, sure: float = 95.0, before: str = " ") -> Word:
        return {"text": text, "box": [left, 0, width, 20], "sure": sure, "before": before}

    line = [word("Số", 0, 30, before="\n"), word("0956.148.110", 40, 200), word("nha", 260, 40)]
    figures = [word("S6", 0, 30), word("0936.148.110", 40, 200, 93.0), word("nha", 260, 40)]
    merged = _merged(line, figures)
    assert [one["text"] for one in merged] == ["Số", "0936.148.110", "nha"]
    assert [one["sure"] for one in merged] == [95.0, 93.0, 95.0]
    glued = [word("số0956148110", 0, 240, before="\n")]
    assert [one["text"] for one in _merged(glued, [word("s60936148110", 0, 240)])] == ["số0956148110"], "counts differ"
    assert _merged(glued, [word("s60936148110", 0, 240)])[0]["sure"] < 60
    assert [one["text"] for one in _merged(glued, [word("so0936148110", 0, 240)])] == ["số0936148110"]
    assert _merged(line, []) == line


# ---- without the extras


def test_a_machine_without_readers_says_so_with_the_cure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The extras are hidden from the child alone, as on a machine that never had them."""
    for name in ("zxingcpp", "tesserocr"):
        (tmp_path / f"{name}.py").write_text(f"raise ImportError('No module named {name}')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    process = ImageProcess()

    lacking = missing(process)
    read = read_picture(file(letters("LH 0900 012 345")), process=process)

    assert set(lacking) == {"no_codes", "no_text"} == set(read.problems)
    assert all(CURES[problem] for problem in lacking)
    assert read.text == ""
    process.close()


def test_without_the_vietnamese_model_codes_are_read_and_text_is_said_to_be_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(image_pixels, "_TESSDATA", (str(tmp_path / "nothing"),))
    monkeypatch.delenv("TESSDATA_PREFIX", raising=False)
    reader = image_pixels.Reader()
    pytest.importorskip("zxingcpp")
    assert "no_text" in reader.missing
    answer = reader.answer(file(code(payload())))
    assert [found["text"] for found in answer["codes"]] == [payload()]
    assert answer["problems"] == ["no_text"]


def test_problems_are_told_in_vietnamese() -> None:
    assert problem_text("not_fetched: 404") == "không tải được ảnh (404)"
    assert problem_text("cut") == PROBLEMS["cut"]
    assert set(CURES) <= set(PROBLEMS)
    assert set(PROBLEMS) >= FATAL


def test_amount_and_purpose_of_a_payment() -> None:
    payment = read_payload(payload())
    assert payment is not None
    assert (payment.amount, payment.purpose, payment.holder) == ("500000", "dat coc", "NGUYEN VAN A")
