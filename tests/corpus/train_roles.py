"""Make `extraction/data/role_weights.tsv` from the labelled texts: `python -m tests.corpus.train_roles [--judge]`.

A multinomial logistic regression over the features of `extraction.role_model`, fitted by L-BFGS: the same texts give the
same weights. Features seen in fewer than three texts are left out. `--judge` leaves one batch of texts out after the
other and prints what the others make of it, which is the honest figure: a batch has its own writer.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from extraction.extract import _read
from extraction.role_model import RoleModel
from extraction.role_words import MARKS, SENTENCE_WEIGHT, UNIT, Fading, Lexicon, Whole
from extraction.roles import Described, describe, judge
from model.document import Role

HERE = Path(__file__).parent
TABLE = HERE.parents[1] / "extraction" / "data" / "role_weights.tsv"
CORPORA = ("roles.jsonl", "dev_cases.jsonl")

ROLES = [Role.SUSPECT, Role.OFFICIAL, Role.VICTIM, Role.NEUTRAL, Role.EXAMPLE, Role.CHROME, Role.SPOOFED, Role.UNKNOWN]

FEWEST = 4
"""Texts in which a feature must be seen."""
STRENGTH = 0.7
"""Inverse of the ridge penalty."""
BALANCE = 0.4
"""Power to which rare roles are weighed up."""
TRAPPED = 0.4
"""Weight of texts by writers who set traps: nearly each of theirs is one, and few posts are."""
TUNED = 0.4
"""Weight of texts on which the phrases were tuned: there the evidence of the phrases is better than it will be elsewhere."""
BOUND = 2.0
"""Weight of the shared cases and of the saved queries' examples, which must be read right."""
BATCH_WEIGHTS = {
    "first": TUNED, "second": TUNED, "cases": BOUND, "queries": BOUND, "twelfth": TRAPPED, "thirteenth": TRAPPED,
}  # fmt: skip
LEAST = 40
"""Thousandths of weight below which a feature is not written."""
UNSOURCED = 0.3
"""Weight of each text read once more without its kind of source."""


class Learning(Lexicon):
    """A lexicon that learns every word and pair of the texts that it reads."""

    def words(self, tokens: Sequence[str]) -> list[int]:
        for size in (1, 2):
            for first in range(len(tokens) - size + 1):
                self.add(" ".join(tokens[first : first + size]))
        return super().words(tokens)


LEXICON = Learning()


@frozen(kw_only=True)
class Example:
    """A labelled mention. text, batch: where it is from; again: read once more without its kind of source; features by name;
    weight in training."""

    text: str
    batch: str
    again: bool
    role: Role
    whole: Whole
    found: Described
    features: dict[str, float]
    weight: float


def rows() -> list[dict[str, Any]]:
    """The labelled texts of all corpora, with the batch that each belongs to."""
    found = []
    for name in CORPORA:
        for line in (HERE / name).read_text("utf-8").splitlines():
            row = json.loads(line)
            found.append({"batch": "cases", "source_kind": "", **row})
    return found


def examples(row: dict[str, Any], source_kind: str, weight: float) -> Iterator[Example]:
    """The labelled mentions of a text that are found in it."""
    text = row["text"]
    case = describe(
        text,
        _read(text, "text", None),
        LEXICON,
        source_kind=source_kind,
        url="",
        other_field_text=row.get("title", ""),
    )
    for label in row["mentions"]:
        found = _labelled(text, label, case.found)
        if found is None:
            continue
        yield Example(
            text=row["id"], batch=row["batch"], again=source_kind != row["source_kind"], role=Role(label["role"]), whole=case.document, found=found,
            features=_features(case.document, found), weight=weight,
        )  # fmt: skip


def _features(whole: Whole, found: Described) -> dict[str, float]:
    """How much of each feature a mention has, by the names that the table gives them."""
    features: dict[str, float] = defaultdict(float)
    groups: list[tuple[str, Fading]] = [
        ("d", (list(whole.grams), [whole.amount] * len(whole.grams))),
        ("b", found.words.before),
        ("a", found.words.after),
        ("s", (found.words.sentence, [SENTENCE_WEIGHT] * len(found.words.sentence))),
        ("c", (found.words.clause, [SENTENCE_WEIGHT] * len(found.words.clause))),
    ]
    for table, (grams, amounts) in groups:
        for gram, amount in zip(grams, amounts, strict=True):
            if gram and not (table in "ds" and MARKS.intersection(LEXICON.names[gram].split(" "))):
                features[f"{table}\t{LEXICON.names[gram]}"] += amount / UNIT
    for name, amount in found.signs:
        features[f"x\t{name}"] += amount
    return features


def _labelled(text: str, label: dict[str, Any], found: Sequence[Described]) -> Described | None:
    if "start" in label:
        start, end = label["start"], label["end"]
        over = [one for one in found if one.ruled.mention.start < end and start < one.ruled.mention.end]
        return max(
            over, key=lambda one: min(one.ruled.mention.end, end) - max(one.ruled.mention.start, start), default=None
        )
    return next(
        (one for one in found if (one.ruled.mention.kind, one.ruled.mention.value) == (label["kind"], label["value"])),
        None,
    )


def read_examples() -> list[Example]:
    """Every labelled mention, with the kind of its source and without."""
    found: list[Example] = []
    for row in rows():
        weight = BATCH_WEIGHTS.get(row["batch"], 1.0)
        found += examples(row, row["source_kind"], weight)
        if row["source_kind"]:
            found += examples(row, "", weight * UNSOURCED)
    return found


def fit(given: Sequence[Example]) -> dict[str, list[float]]:
    """Weights of each feature, role by role."""
    texts: dict[str, set[str]] = defaultdict(set)
    for example in given:
        for name in example.features:
            texts[name].add(example.text)
    names = sorted(name for name, seen in texts.items() if len(seen) >= FEWEST)
    columns = {name: place for place, name in enumerate(names)}
    cells = [
        (row, columns[name], amount)
        for row, example in enumerate(given)
        for name, amount in example.features.items()
        if name in columns
    ]
    row_of, column_of, amounts = zip(*cells, strict=True)
    matrix = csr_matrix((amounts, (row_of, column_of)), shape=(len(given), len(names)))
    truth = np.array([ROLES.index(example.role) for example in given])
    solved = _solve(matrix, truth, _weights(given), columns["x\tbias"])
    return {name: list(solved[place]) for name, place in columns.items()}


def _weights(given: Sequence[Example]) -> np.ndarray:
    """Weight of each mention: rare roles are weighed up."""
    number = Counter[Role]()
    for example in given:
        number[example.role] += example.weight  # type: ignore[assignment]
    mean = sum(number.values()) / len(number)
    return np.array([example.weight * (mean / number[example.role]) ** BALANCE for example in given])


def _solve(matrix: csr_matrix, truth: np.ndarray, weights: np.ndarray, bias: int) -> np.ndarray:
    count, width = matrix.shape[1], len(ROLES)
    wanted = np.zeros((len(truth), width))
    wanted[np.arange(len(truth)), truth] = 1.0
    ridge = np.full((count, 1), 1.0 / STRENGTH)
    ridge[bias] = 0.01

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        solution = flat.reshape(count, width)
        scores = matrix @ solution
        scores -= scores.max(axis=1, keepdims=True)
        powers = np.exp(scores)
        shares = powers / powers.sum(axis=1, keepdims=True)
        lost = -(weights * np.log(shares[np.arange(len(truth)), truth] + 1e-300)).sum()
        slope = matrix.T @ ((shares - wanted) * weights[:, None]) + ridge * solution
        return lost + 0.5 * (ridge * solution**2).sum(), slope.ravel()

    found = minimize(loss, np.zeros(count * width), jac=True, method="L-BFGS-B", options={"maxiter": 150})
    solved = found.x.reshape(count, width)
    return np.asarray(solved - solved.mean(axis=1, keepdims=True))


def lines(weights: dict[str, list[float]]) -> list[str]:
    """The table as it is shipped: weights in thousandths, features that weigh nothing left out."""
    written = ["\t".join(role.value for role in ROLES)]
    for name, amounts in sorted(weights.items()):
        thousandths = [round(1000 * amount) for amount in amounts]
        if max(map(abs, thousandths)) >= LEAST or name == "x\tbias":
            written.append(f"{name}\t" + "\t".join(map(str, thousandths)))
    return written


def judged(weights: dict[str, list[float]], given: Sequence[Example]) -> list[tuple[Role, Role]]:
    """(true role, given role) of mentions, by the rules of `extraction.roles`."""
    model = RoleModel(lines(weights), LEXICON)
    return [(one.role, judge(model, model.of_document(one.whole), one.found).role) for one in given]


def macro(pairs: Sequence[tuple[Role, Role]]) -> tuple[float, dict[str, float]]:
    """Macro F1 without `unknown`, and F1 by role."""
    true, got = Counter(one for one, _ in pairs), Counter(two for _, two in pairs)
    right = Counter(one for one, two in pairs if one is two)
    by_role = {role.value: 2 * right[role] / (true[role] + got[role]) for role in ROLES[:-1] if true[role]}
    return sum(by_role.values()) / len(by_role), by_role


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--judge", action="store_true", help="leave one batch out after the other; write nothing")
    parser.add_argument("--batch", action="append", help="judge only this batch")
    options = parser.parse_args()
    given = read_examples()
    if not options.judge:
        TABLE.write_text("\n".join(lines(fit(given))) + "\n", "utf-8")
        return
    everything: list[tuple[Role, Role]] = []
    for batch in options.batch or sorted(
        {example.batch for example in given} - {"first", "second", "cases", "queries"}
    ):
        weights = fit([example for example in given if example.batch != batch])
        pairs = judged(weights, [one for one in given if one.batch == batch and not one.again])
        everything += pairs
        total, by_role = macro(pairs)
        ruled = macro([(e.role, e.found.ruled.verdict.role) for e in given if e.batch == batch and not e.again])[0]
        right = sum(one is two for one, two in pairs) / len(pairs)
        print(
            batch,
            len(pairs),
            f"right {right:.3f} macro {total:.3f} rules {ruled:.3f}",
            {k: round(v, 2) for k, v in by_role.items()},
            flush=True,
        )
    total, by_role = macro(everything)
    right = sum(one is two for one, two in everything) / len(everything)
    print("all", len(everything), f"right {right:.3f} macro {total:.3f}", {k: round(v, 2) for k, v in by_role.items()})


if __name__ == "__main__":
    main()
