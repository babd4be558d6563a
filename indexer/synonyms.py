"""Teen-code and look-alike spellings that a query also finds: applied when a query is compiled, the same on every engine.

One direction only: who looks for the word as the dictionary has it finds its disguises; who looks for `ck` finds `ck`.
Both sides are folded words. The table is kept small: an entry must be a spelling that scam posts were seen to use and that
seldom means anything else (so `nh`, `ca`, `k` are not here). It never applies to `exact` nor to `word*`.
"""

from __future__ import annotations

from collections.abc import Mapping

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "chuyen khoan": ("ck", "chuyenkhoan", "chuyen khoang"),
    "chuyen tien": ("chuyentien", "chuyen t1en"),
    "cong tac vien": ("ctv",),
    "facebook": ("fb", "face book"),
    "hoa hong": ("hoah0ng", "hoa h0ng"),
    "khong": ("ko", "khg", "hok"),
    "lien he": ("lh", "lhe", "lienhe"),
    "lua dao": ("luadao", "lua da0", "lu4 dao"),
    "mat khau": ("mk", "matkhau"),
    "nhan tin": ("nhantin", "ntin"),
    "so dien thoai": ("sdt", "so dt", "sodt"),
    "so tai khoan": ("stk", "so tk"),
    "tai khoan": ("tk", "taikhoan"),
    "telegram": ("telegr4m", "tele", "te le gram"),
    "viec lam": ("vieclam",),
    "vietcombank": ("vcb", "vietcom bank", "vjetcombank"),
    "zalo": ("zal0", "za lo", "zalo0", "z a l o"),
}

MAX_SPELLINGS = 12
"""A phrase with several table words is looked for in at most this many spellings, the plain one first."""


def spellings(words: str) -> tuple[str, ...]:
    """The folded phrase and its other spellings, each table word replaced wherever it stands as whole words."""
    found = [words]
    for plain, disguises in SYNONYMS.items():
        if f" {plain} " not in f" {words} ":
            continue
        found += [
            f" {spelling} ".replace(f" {plain} ", f" {disguise} ").strip()
            for spelling in tuple(found)
            for disguise in disguises
        ]
    return tuple(dict.fromkeys(found))[:MAX_SPELLINGS]
