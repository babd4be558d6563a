"""QR codes and text in pictures: how many are read, how exactly, and at what cost.

Usage: python bench/images.py [--codes N] [--posts N] [--seed S]

Codes: N payloads in each of thirteen conditions; decoded, every field of the payment exact, CPU of the decoder per picture.
Posts: rendered as screenshots, banners and on photos; character error rate, phones, accounts and links found, CPU. What is
timed runs in this process (the crawl reads in a child, which adds the pipe and nothing else).
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path

os.environ["OMP_THREAD_LIMIT"] = "1"
sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "corpus"))

import pictures

from extraction.extract import extract
from extraction.image_pixels import Reader, TextReader, codes
from extraction.vietqr import read_payload


def measure_codes(number: int, rng: random.Random) -> None:
    """Prints one line a condition."""
    payments = [pictures.payment(rng, place) for place in range(number)]
    total = 0
    for name, condition in pictures.CONDITIONS.items():
        decoded, times = 0, []
        for payment in payments:
            picture = condition(payment.payload).convert("L")
            begun = time.process_time()
            found = codes(picture)
            times.append(time.process_time() - begun)
            read = read_payload(found[0]["text"]) if len(found) == 1 else None
            decoded += read is not None and (
                (read.bank, read.number, read.holder, read.amount, read.purpose)
                == (payment.bank, payment.number, payment.holder, payment.amount, payment.purpose)
            )
        total += decoded
        print(f"  {name:22} {decoded / number:.3f}   {statistics.median(times) * 1000:6.2f} ms")
    print(f"  {'all':22} {total / number / len(pictures.CONDITIONS):.3f}   (notes: zxing-cpp .994 without blur 4)")


def measure_posts(number: int, rng: random.Random) -> None:
    """Prints one line a ground, and all."""
    if not pictures.fonts():
        print("  no fonts with Vietnamese here: apt-get install fonts-noto-core fonts-dejavu-core")
        return
    reader = TextReader()
    rows = defaultdict(list)
    for place in range(number):
        post = pictures.post(rng, place)
        begun = time.process_time()
        words, _ = reader.read(post.picture.convert("L"), until=time.process_time() + 60)
        spent = time.process_time() - begun
        text = "".join(word["before"] + word["text"] for word in words).strip()
        values = {mention.value for mention in extract(text)}
        row = {
            "cer": pictures.character_errors(post.text, text),
            "phone": post.phone in values,
            "account": any(post.account in value for value in values) if post.account else None,
            "link": any(value.startswith(post.link) for value in values) if post.link else None,
            "cpu": spent,
        }
        rows[post.ground].append(row)
    everything = [row for group in rows.values() for row in group]
    for name, group in (*rows.items(), ("all", everything)):
        shares = []
        for kind in ("phone", "account", "link"):
            judged = [row[kind] for row in group if row[kind] is not None]
            shares.append(f"{kind}s {sum(judged)}/{len(judged)}")
        errors = statistics.mean(row["cer"] for row in group)
        cpu = statistics.median(row["cpu"] for row in group)
        print(f"  {name:10} CER {errors:.4f}   {'  '.join(shares)}   {cpu:.2f} s")


def main() -> int:
    """Both measurements; says what cannot be measured here."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--codes", type=int, default=60)
    parser.add_argument("--posts", type=int, default=54)
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    missing = Reader().missing
    for problem, reason in missing.items():
        print(f"cannot be measured here: {problem} ({reason})")
    if "no_codes" not in missing:
        print(f"VietQR codes, {options.codes} payloads a condition: all fields exact, CPU")
        measure_codes(options.codes, random.Random(options.seed))
    if "no_text" not in missing:
        print(f"text in {options.posts} rendered posts")
        measure_posts(options.posts, random.Random(options.seed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
