"""What letters are called, in Vietnamese schools and in English: `vê cê bê`, `vi xi bi`, `cờ o mờ`. Accents folded."""

from __future__ import annotations

from extraction.words import words

LETTER_NAMES: dict[str, frozenset[str]] = {
    letter: words(names)
    for letter, names in {
        "a": "a ay", "b": "b be bo bi", "c": "c ce xe xi si co", "d": "d de do di", "e": "e i", "f": "f ep", "g": "g gie go gi ghe",
        "h": "h hat ho ech", "i": "i ai", "j": "j gi giay", "k": "k ca co kay", "l": "l lo en eo", "m": "m mo em", "n": "n no en",
        "o": "o au", "p": "p pe po pi", "q": "q quy cu kiu", "r": "r ro e", "s": "s et so xi", "t": "t te to ti", "u": "u iu",
        "v": "v ve vo vi", "w": "w", "x": "x ich", "y": "y quai", "z": "z det ziet",
    }.items()
}  # fmt: skip
