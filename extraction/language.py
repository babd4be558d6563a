"""Which language a text is in, as far as matching cares: Vietnamese with marks, without, or something else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from extraction.alphabet import encoded, to_bytes
from extraction.folded import folded
from extraction.words import words

Language = Literal["vi", "vi-ascii", "other"]

_MARKED = re.compile(r"[ăâđêôơưĂÂĐÊÔƠƯ\u1ea0-\u1ef9\u0303\u0309\u0323]|[aeiouyAEIOUY\u0302\u0306\u031b][\u0300\u0301]")
"""Letters that Vietnamese alone (or nearly) has, composed or not; à, é and ó are left to French and Spanish."""

_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|[bcdghklmnprstvx])?"
    r"(?:uyê|uye|uya|uoi|uou|ieu|yeu|oai|oay|oeo|uay|uyu|ia|ie|iu|ua|uo|uu|uy|ue|ui|ya|ye|ai|ao|au|ay|oa|oe|oi|eo|eu|oo|[aeiouy])"
    r"(?:ng|nh|ch|[cmnpt])?"
)
_ABBREVIATIONS = frozenset(
    "k ko kg dc đc vs ck cty tphcm hcm tp lh stk tk sdt dt ctv shop zalo fb ib mn mng ng nc r t m e a c j z".split()  # noqa: SIM905
)
_MARKERS = frozenset(
    "khong cua va cho nguoi duoc cac mot trong ngay tien lien nhan viec minh ban nha hang toi nay voi la co de bi khi hoac nhung "  # noqa: SIM905
    "thi gia chi em anh so tai khoan vay lam them tu den ra vao gi nao day do roi nua rat can goi nhe luong cao mua".split()
)


_OWN = re.compile(
    r"(?:(?:ngh?|nh|gh|gi|kh|ph|th|tr|qu)[a-z]{1,5}|[a-z]{0,3}(?:uo|uy|ie|ye|oa|oe)(?:ng|nh|ch|[cmnptiu])|[a-z]{1,3}(?:inh|anh|enh|ach|ich|ech|ung|ong|uoi|ieu|oai|uay))"
)
"""Spellings of syllables that Vietnamese has and few other languages in Latin letters."""

_NOT_OWN = words(
    "than that the them then thin this tho thus song long along gang phi phone pho que qui gin king kong trip tram true"
)

_OWN_SHARE, _LEAST_SHARE = 0.4, 0.2
_SYLLABLES_SHARE = 0.55


_SHAPES = to_bytes(lambda letter: "m" if _MARKED.match(letter) else " " if letter.isspace() else "a")
"""Letters that Vietnamese alone has as `m`."""


def _counted(text: str) -> tuple[int, int]:
    """How many words the text has, and how many of them carry a letter that only Vietnamese has."""
    code = encoded(text)
    if code is not None:
        shapes = code.translate(_SHAPES).split()
        return len(shapes), sum([b"m" in word for word in shapes])
    words = text.split()
    return len(words), sum(1 for word in words if _MARKED.search(word))


def language(text: str) -> Language:
    """`vi` with marks, `vi-ascii` without them, `other`.

    Marks decide when one word in twelve carries a letter that only Vietnamese has; else the share of words that are
    Vietnamese syllables or its common short forms, with at least one everyday word among them, or with enough that are
    spelt as no other language spells.
    """
    count, marked = _counted(text)
    if not count:
        return "other"
    if marked and marked * 12 >= count:
        return "vi"
    tokens = [token for _, token in folded(text).words if token.isalpha()]
    if not tokens:
        return "other"
    syllables = sum(1 for token in tokens if token in _ABBREVIATIONS or _SYLLABLE.fullmatch(token))
    markers = sum(1 for token in tokens if token in _MARKERS)
    if (syllables >= 0.7 * len(tokens) and markers >= max(1, len(tokens) // 12)) or _has_own(
        tokens, syllables, markers
    ):
        return "vi" if marked * 4 >= len(tokens) else "vi-ascii"
    return "other"


def _has_own(tokens: Sequence[str], syllables: int, markers: int) -> bool:
    """Whether enough words are spelt as only Vietnamese spells, among names, brands and English (`can ban laptop dell`)."""
    if syllables < _SYLLABLES_SHARE * len(tokens):
        return False
    own = sum(1 for token in tokens if _OWN.fullmatch(token) and _SYLLABLE.fullmatch(token) and token not in _NOT_OWN)
    return own >= (_LEAST_SHARE if markers else _OWN_SHARE) * len(tokens) or (own > 0 and syllables == len(tokens) < 5)
