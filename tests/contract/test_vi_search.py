"""What people type in Kibana, read by the server's Vietnamese analyzer, gives the words that `fold` put into the index.

The analyzer is production's only; it runs here on the Lucene of the same Elasticsearch, in a single-file Java program.
"""

from __future__ import annotations

import random
import subprocess
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from console.elasticsearch_server import ServerUnavailableError, find_java, unpacked
from extraction.fold import fold
from indexer.backends.elasticsearch_templates import VI_ANALYSIS

TEXTS = 20_000
WORDS = (  # noqa: SIM905 - a list of quoted words is no reading
    "lừa đảo chuyển khoản tài ngân hàng công an lệnh bắt mã otp xác minh quà trúng thưởng việc nhẹ lương cao Đà Lạt Phan Thiết "
    "Bình Thuận ĐẮK NÔNG ỷ ỵ ẵ ưỡn được 0912345678 1900 5.000.000đ 20/11 a1b2 x-y don't e.mail iPhone16 naïve façade Łódź "
    # Greek accents, its final sigma and Korean syllables stay as they are in Lucene: nobody searches for them here.
    "東京 カタカナ Москва αβγ हिन्दी straße"
).split()
SIGNS = (" ", " ", " ", " ", ", ", ". ", "-", "_", "/", ":", "…", "!", "🔥", "❤️", "\n", "\u00a0", "\u200b", "\u00ad", "\u2013", "(", '"')  # fmt: skip


def typed(chance: random.Random) -> str:
    text = "".join(chance.choice(WORDS) + chance.choice(SIGNS) for _ in range(chance.randint(1, 12)))
    style = chance.random()
    if style < 0.2:
        return unicodedata.normalize("NFD", text)
    return text.upper() if style < 0.3 else text


@pytest.mark.elasticsearch
def test_accented_input_finds_what_fold_finds(
    need_elasticsearch: Callable[[Exception], None], elasticsearch_version: str
) -> None:
    try:
        java, libraries = find_java(elasticsearch_version), unpacked(elasticsearch_version) / "lib"
    except ServerUnavailableError as error:
        need_elasticsearch(error)
        raise
    if not (java / "bin" / "javac").exists():
        need_elasticsearch(
            ServerUnavailableError("a JDK runs one Java file here: apt-get install default-jdk-headless")
        )
    chance = random.Random(20261124)
    texts = [typed(chance) for _ in range(TEXTS)]
    patterns = [str(VI_ANALYSIS["char_filter"][name]["pattern"]) for name in ("vi_marks", "vi_signs")]
    assert VI_ANALYSIS["analyzer"]["vi_search"]["char_filter"] == ["vi_marks", "vi_signs"]
    done = subprocess.run(
        [java / "bin" / "java", "-cp", f"{libraries}/*", Path(__file__).parent / "java" / "ViSearch.java", *patterns],
        input="\n".join(b64encode(text.encode()).decode() for text in texts) + "\n",
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-800:]
    found = [b64decode(line).decode() for line in done.stdout.splitlines()]
    assert len(found) == TEXTS
    differing = [(text, fold(text), words) for text, words in zip(texts, found, strict=True) if fold(text) != words]
    assert differing == []
