"""Whether a word could be a Vietnamese syllable: onset + rhyme, accents folded.

The language has a closed set of onsets and rhymes; their product covers every syllable that sentences are made of, so
that `hang.lien` can be told from a host name without a dictionary.
"""

from __future__ import annotations

from functools import lru_cache

from extraction.words import words

_ONSETS = words("b c ch d g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x") | {""}
_RHYMES = words(
    "a ac ach ai am an ang anh ao ap at au ay e ec em en eng eo ep et eu ech enh i ia ich iec iem ien ieng iep iet ieu im in inh ip it iu"
    " o oa oac oach oai oam oan oang oanh oao oap oat oay oc oe oem oen oeo oet oi om on ong ooc oong op ot"
    " u ua uan uang uat uay uc ue uech uen uenh uet ui um un ung uoc uoi uom uon uong uop uot uou up ut uu uy uya uych uyen uyet uyn uynh uyp uyt uyu uo"
    " y yem yen yet yeu ynh yt"
)  # fmt: skip


@lru_cache(maxsize=1)
def _all() -> frozenset[str]:
    return frozenset(onset + rhyme for onset in _ONSETS for rhyme in _RHYMES)


def is_syllable(word: str) -> bool:
    """`word`: lower case, accents folded. `is_syllable("nghieng")`; not `is_syllable("vcb")`."""
    return word in _all()


@lru_cache(maxsize=8192)
def are_syllables(word: str) -> bool:
    """Whether the word is one to four syllables written together: `lienhe`, `dichvucong`."""
    return _split(word, 4)


def _split(word: str, most: int) -> bool:
    if not word:
        return True
    if most == 0:
        return False
    return any(word[:size] in _all() and _split(word[size:], most - 1) for size in range(min(7, len(word)), 0, -1))
