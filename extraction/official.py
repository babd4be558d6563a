"""The allow-list `data/official.csv`: hotlines, short codes and domains of agencies, banks and platforms."""

from __future__ import annotations

import csv
import re
from functools import cache
from importlib.resources import files

from model.document import Mention


@cache
def _official_rows() -> tuple[dict[str, str], ...]:
    text = (files("extraction") / "data" / "official.csv").read_text("utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def _number_kind(number: str) -> tuple[str, str]:
    digits = number.lstrip("+")
    if digits.startswith(("1800", "1900")) or (digits.startswith("069") and len(digits) == 10):
        return "hotline", digits
    if len(digits) <= 5 or not digits.isdigit():
        return "shortcode", digits
    return "phone", number if number.startswith("+") else "+84" + digits[1:]


@cache
def _official_numbers(press: bool) -> frozenset[tuple[str, str]]:
    return frozenset(
        _number_kind(number.strip())
        for row in _official_rows()
        if (row["kind"] == "press-chrome") is press
        for number in row["hotline"].split(";")
        if number.strip()
    )


@cache
def _official_hosts() -> tuple[frozenset[str], frozenset[str]]:
    """Hosts of the allow-list, and hosts of the platforms, on which anybody may have a page."""
    hosts: set[str] = set()
    platforms: set[str] = set()
    for row in _official_rows():
        for host in filter(None, row["domain"].split(";")):
            if "<" not in host and row["kind"] != "press-chrome":
                (platforms if row["kind"] == "platform" else hosts).add(host.strip().removeprefix("*."))
    return frozenset(hosts), frozenset(platforms)


@cache
def _market_hosts() -> frozenset[str]:
    """Hosts of market places: below them, anybody may have a page."""
    return frozenset(
        host for row in _official_rows() if row["kind"] == "commerce" for host in row["domain"].split(";") if host
    )


@cache
def official_values() -> frozenset[tuple[str, str]]:
    """(kind, value) of the allow-list `data/official.csv`: hotlines, short codes, phones, and domains as `link`."""
    return _official_numbers(False) | {("link", host) for host in _official_hosts()[0]}


def is_official_domain(domain: str) -> bool:
    """Whether the host is of the allow-list, below one of its domains, or below gov.vn. Platforms are not official."""
    host = domain.lower().rstrip(".").removeprefix("www.")
    if host == "gov.vn" or host.endswith(".gov.vn"):
        return True
    labels = host.split(".")
    hosts = _official_hosts()[0]
    return any(".".join(labels[start:]) in hosts for start in range(len(labels) - 1))


def host_of(mention: Mention) -> str:
    """The host of a link or the domain of an address."""
    if mention.kind == "email":
        return mention.value.rpartition("@")[2]
    host = mention.attributes.get("host") or re.split(r"[/?#]", mention.value, maxsplit=1)[0]
    return re.sub(r":\d+$", "", host)


def is_official(mention: Mention) -> bool:
    """Whether the value is of the allow-list; a page on a market place is not."""
    if mention.kind in ("link", "email"):
        host = host_of(mention).removeprefix("www.")
        return is_official_domain(host) and not (host in _market_hosts() and "/" in mention.value)
    return (mention.kind, mention.value) in _official_numbers(False)
