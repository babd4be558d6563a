"""Invented posts and saved queries for the search benchmarks: seeded, Vietnamese in shape, nobody's numbers.

Not a benchmark itself; `bench/matching.py` and `bench/search.py` use it.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from model.document import Document, DocumentVersion, Mention, Role

START = datetime(2026, 1, 1, tzinfo=UTC)
_ONSETS = "b c ch d đ g gi h kh l m n ng nh ph qu r s t th tr v x".split()  # noqa: SIM905
_RIMES = "a á à ả ã ạ ăn ắt âu ấn ang ách anh ay e ép ê ết i in ít iên iếc o óc ông ốt ơi ợp u ung út ưa ươn ứng y yên".split()  # noqa: SIM905
SYLLABLES = tuple(onset + rime for onset in _ONSETS for rime in _RIMES)
PHRASES = (
    "lừa đảo", "chuyển khoản", "công an", "lệnh bắt", "mã otp", "xác minh danh tính", "nhận quà miễn phí", "trúng thưởng",
    "việc nhẹ lương cao", "cộng tác viên online", "nạp tiền", "rút tiền", "hoa hồng", "đầu tư sinh lời", "sàn giao dịch",
    "vay nhanh không thế chấp", "định danh mức hai", "cài đặt ứng dụng", "tài khoản tạm giữ", "rửa tiền", "bưu phẩm",
    "kết bạn zalo", "nhóm telegram", "đường dây nóng", "hỗ trợ lấy lại tiền", "khóa sim", "ngân hàng", "căn cước",
)  # fmt: skip
SOURCES = tuple(f"nguon_{number}" for number in range(40))
KINDS = ("social", "forum", "news", "warning", "classified", "ad", "channel")


class Posts:
    """An endless, repeatable supply of posts; words follow a Zipf-like law, a third of the posts hold a phone."""

    def __init__(self, seed: int = 7) -> None:
        self.chance = random.Random(seed)
        self.words = list(SYLLABLES)
        self.chance.shuffle(self.words)
        self.weights = [1 / (rank + 8) for rank in range(len(self.words))]
        # Drawn once and cut into posts: drawing words for 500,000 posts one by one takes minutes.
        self.stream = self.chance.choices(self.words, self.weights, k=400_000)

    def text(self, low: int = 30, high: int = 300) -> str:
        """One body of 30 to 300 syllables, as people write: a few without accents, decomposed or with emoji."""
        chance = self.chance
        size = chance.randint(low, high)
        at = chance.randrange(len(self.stream) - size)
        words = self.stream[at : at + size]
        for _ in range(chance.choice((0, 1, 1, 2, 3))):
            words[chance.randrange(size)] = chance.choice(PHRASES)
        for sign in chance.choices((".", ",", "!", "🔥", "…", "\n"), k=size // 12):
            words[chance.randrange(size)] += sign
        text = " ".join(words)
        style = chance.random()
        if style < 0.04:
            return unicodedata.normalize("NFD", text)
        if style < 0.19:
            bare = (char for char in unicodedata.normalize("NFD", text) if unicodedata.category(char) != "Mn")
            return "".join(bare).replace("đ", "d")
        return text

    def versions(self, count: int, first: int = 1) -> Iterator[DocumentVersion]:
        """`count` documents, one a minute on average."""
        chance = self.chance
        for number in range(first, first + count):
            text, mentions = self.text(), tuple[Mention, ...]()
            if chance.random() < 0.3:
                digits = f"9{int(chance.paretovariate(0.9)) % 10**8:08d}"
                raw = f"0{digits[:3]}.{digits[3:6]}.{digits[6:]}"
                text = f"{text} {raw}"
                mentions = (Mention(kind="phone", value=f"+84{digits}", raw=raw, role=Role.SUSPECT),)
            moment = START + timedelta(seconds=60 * number + chance.randint(-3600, 3600))
            document = Document(
                source=SOURCES[int(chance.paretovariate(0.8)) % len(SOURCES)],
                source_kind=chance.choice(KINDS),
                external_id=str(number),
                url=f"https://dien-dan.example/bai/{number}",
                author=f"nguoi_dung_{int(chance.paretovariate(0.7)) % 20_000}",
                text=text,
                published=moment if chance.random() < 0.97 else None,
                collected=moment + timedelta(minutes=5),
                likes=chance.randrange(500) if chance.random() < 0.8 else None,
                mentions=mentions,
                language="vi",
                regions=("VN-35",) if chance.random() < 0.1 else (),
                fingerprint=f"{number:x}",
            )
            yield DocumentVersion(
                document=document, seq=number, revision=number, position=number, first_seen=moment, updated=moment
            )

    def phrase(self, low: int = 2, high: int = 4, *, common: bool = False) -> str:
        """Words as a query would name them: common phrases, or words as frequent as they come."""
        if common:
            return self.chance.choice(PHRASES)
        return " ".join(self.chance.choices(self.words, self.weights, k=self.chance.randint(low, high)))

    def broad_query(self) -> str:
        """A saved query of realistic shape: phrases, identifiers, exclusions; one in seven has a beginning or a `not`."""
        chance, kind = self.chance, self.chance.random()
        phrases = " or ".join(f'"{self.phrase(common=chance.random() < 0.4)}"' for _ in range(chance.randint(1, 4)))
        if kind < 0.45:
            return f"({phrases}) and (phones: * or accounts: *) and not source_kind: (news or warning)"
        if kind < 0.65:
            return f'({phrases}) and "{self.phrase(common=True)}"'
        if kind < 0.8:
            return f'({phrases}) and not "{self.phrase()}" and likes >= {chance.randrange(500)}'
        if kind < 0.86:
            return f"phones: +849{chance.randrange(10**8):08d} or {phrases}"
        if kind < 0.93:
            return f"{self.phrase(1, 1)[:3]}x* or regions: VN-35 and source: {chance.choice(SOURCES)}"
        return f"not source_kind: social and ({phrases})"

    def selective_query(self) -> str:
        """A query that few posts meet: a number, a domain, a phrase of rare words."""
        chance, kind = self.chance, self.chance.random()
        rare = " ".join(chance.choices(self.words[200:], k=3))
        if kind < 0.4:
            return f'"{rare}"'
        if kind < 0.7:
            return f"phones: +849{chance.randrange(10**8):08d}"
        return f'"{rare}" and not source_kind: news or domains: "vi-du-{chance.randrange(10**6)}.example"'
