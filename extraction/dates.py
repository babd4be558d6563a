"""Dates as Vietnamese sites write them: day first, +07:00 where no zone is given, relative forms, precision kept."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

Precision = Literal["minute", "day"]
Moment = tuple[datetime, Precision]

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
_COMBINING = re.compile("[\u0300-\u036f\u20d0-\u20ff]")
_LONGEST = 400
"""Characters looked at: a date line is short, and a caller may pass a whole block."""

_MONTHS = {name: number for number, names in enumerate(
    ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august",
     "sep sept september", "oct october", "nov november", "dec december"), start=1) for name in names.split()}  # fmt: skip
_NUMBERS = {word: number for number, words in enumerate(
    ("khong", "mot", "hai", "ba", "bon tu", "nam lam", "sau", "bay", "tam", "chin", "muoi")) for word in words.split()}  # fmt: skip
_WEEKDAYS = {"hai": 0, "2": 0, "ba": 1, "3": 1, "tu": 2, "4": 2, "nam": 3, "5": 3, "sau": 4, "6": 4, "bay": 5, "7": 5}

_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[t ]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)? ?(z\b|utc\b|gmt\b(?! ?[+-])|[+-]\d{2}:?\d{2})?)?"
)
_DMY = re.compile(r"(?<![\d/.-])(\d{1,2}) ?([/.-]) ?(\d{1,2}) ?\2 ?(\d{4}|\d{2})(?!\d)")
_YMD = re.compile(r"(?<![\d/.-])(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?!\d)")
_WORDS = re.compile(
    r"(?<!\d)(\d{1,2}) ?,? ?(?:thang|thg\.?|th\.?) ?(\d{1,2}|gieng|chap|muoi hai|muoi mot|mot|hai|ba|tu|nam|sau|bay|tam|chin|muoi)"
    r"(?: ?[,/]? ?(?:nam ?)?(\d{4}))?(?!\d)"
)
_MONTH_FIRST = re.compile(
    r"(?<![a-z\d])(?:thang|thg\.?|th\.?) ?(\d{1,2}|gieng|chap|muoi hai|muoi mot|mot|hai|ba|tu|nam|sau|bay|tam|chin|muoi) (\d{1,2}) ?, ?(\d{4})(?!\d)"
)
"""`Th11 5, 2026`: English software with Vietnamese month names."""
_ENGLISH = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th)? ([a-z]{3,9})\.?,? (\d{4})|\b([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})"
)
_COMPACT = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])(?:[t ]?([01]\d|2[0-3])([0-5]\d)(?:[0-5]\d)?)?(?!\d)"
)
_NOT_OF = r"(?![\d/-]|[.,]\d|\s*(?:%|nguoi|trieu|ty|dong|suat|phieu|diem))"
_DM = re.compile(
    rf"(?<![\d/.,-])(?<!bai )(\d{{1,2}}) ?/ ?(\d{{1,2}}){_NOT_OF}|(?<=ngay )(\d{{1,2}}) ?- ?(\d{{1,2}}){_NOT_OF}"
)
"""A day without a year; with a hyphen only after `ngay`: `3-2` is a score, a range or a price first."""
_CLOCK = re.compile(
    r"(?<![\d/.:-])(\d{1,2}) ?(?::|gio\b|h|g(?![a-z])) ?(\d{1,2}(?= ?p)|\d{2})?(?::\d{2}| ?(?:phut|p)\b)?(?: ?kem (?P<less>\d{1,2}))?(?![\d/])"
    r"(?: ?(?P<half>am|pm|sa|ch|sang|trua|chieu|toi|dem)\b)?"
)
_DOTTED_CLOCK = re.compile(r"[ ,|-]+([01]?\d|2[0-3])\.([0-5]\d)(?![\d.%])")
"""`10.11.2026, 15.05`: a point parts hours from minutes only right behind a day."""
_PM = re.compile(r" ?(?:pm|ch|chieu|toi)\b")
_ZONE = re.compile(
    r"(?:gmt|utc) ?([+-]) ?(\d{1,2})(?::?(\d{2}))?|\d ?([+-])(\d{2}):?(\d{2})\b|\d ?(z|gmt|utc)\b(?! ?[+-])"
)
_UNITS = {"giay": 1, "phut": 60, "p": 60, "ph": 60, "gio": 3600, "tieng": 3600, "h": 3600, "g": 3600,
          "ngay": 86400, "hom": 86400, "d": 86400, "tuan": 604800, "w": 604800, "thang": 2592000, "nam": 31536000,
          "minute": 60, "minutes": 60, "hour": 3600, "hours": 3600, "day": 86400, "days": 86400, "min": 60, "mins": 60,
          "hrs": 3600, "hr": 3600, "week": 604800, "weeks": 604800, "month": 2592000, "months": 2592000, "year": 31536000}  # fmt: skip
_UNIT = "|".join(sorted(_UNITS, key=len, reverse=True))
_AGO = re.compile(
    rf"\b(\d{{1,3}}|nua|mot|hai|ba|bon|nam|sau|bay|tam|chin|muoi|vai|may|an?) ?({_UNIT}) ?(ruoi|\d{{1,2}} (?:phut|p))? ?(?:truoc|qua|ago|before)\b"
    rf"|\bcach day (?:khoang )?(\d{{1,3}}|nua|mot|hai|ba|bon|nam|sau|bay|tam|chin|muoi|vai|may) ?({_UNIT})\b"
)
_SUM = re.compile(rf"\b((?:\d{{1,3}} ?(?:{_UNIT}) ?(?:,|va)? ?){{2,}})(?:truoc|ago)\b")
_PART = re.compile(rf"(\d{{1,3}}) ?({_UNIT})(?![a-z])")
_SHORT = re.compile(rf"(?:khoang |dang )?(\d{{1,3}}|nua|mot|hai|ba|bon|nam|sau|bay|tam|chin|muoi|vai|may) ?({_UNIT})")
_LAST = re.compile(r"\b(tuan|thang|nam) (?:truoc|ngoai|roi)\b")
_DAYS = re.compile(
    r"\b(hom nay|today|sang nay|trua nay|chieu nay|toi nay|dem nay|hom qua|yesterday|toi qua|dem qua|sang qua|chieu qua|"
    r"hom kia|hom truoc|hom kia)\b"
)
_NOW = re.compile(
    r"\b(vua xong|vua moi|vua dang|moi day|moi dang|just now|bay gio|ngay bay gio|vai giay truoc|it phut truoc|(?:a )?few seconds ago|seconds ago)\b"
)
_WEEKDAY = re.compile(r"\b(?:thu|t) ?(hai|ba|tu|nam|sau|bay|[2-7])\b|\b(chu nhat|cn)\b")
_WEEKDAY_LAST = re.compile(rf"(?:{_WEEKDAY.pattern}) tuan (?:truoc|roi|vua roi|qua)\b")


def read_date(text: str, *, now: datetime) -> Moment | None:
    """The moment that the text names (aware, UTC) and how precisely; None when it names none.

    now: aware; relative forms count back from it, and a day without a year is its latest past. A day without a time is
    the local midnight it begins with, precision `day`. A date that does not exist, or lies more than two days ahead of
    `now`, is no date; three numbers that are none day first are never read month first. What our own forms leave open goes to dateparser, asked for Vietnamese and English only.
    """
    if now.tzinfo is None:
        raise ValueError("now needs an offset")
    plain = _plain(text[:_LONGEST])
    if not plain:
        return None
    local = now.astimezone(VIETNAM)
    found = (
        _iso(plain)
        or _absolute(plain, local)
        or _relative(plain, local)
        or _compact(plain)
        or _epoch(plain)
        or (None if _DMY.search(plain) else _fallback(text[:_LONGEST], now))
    )
    if found is None or found[0] > now + timedelta(days=2) or found[0].year < 1990:
        return None
    return found[0].astimezone(UTC), found[1]


def _plain(text: str) -> str:
    """Lower case, without marks and with single spaces; punctuation stays, for it tells dates from times."""
    letters = unicodedata.normalize("NFKD", text).casefold().replace("đ", "d")
    return " ".join(_COMBINING.sub("", letters).split())


def _at(year: int, month: int, day: int, hour: int = 0, minute: int = 0, zone: tzinfo = VIETNAM) -> datetime | None:
    try:
        return datetime(year, month, day, hour, minute, tzinfo=zone)
    except ValueError:
        return None


def _iso(plain: str) -> Moment | None:
    match = _ISO.search(plain)
    if match is None:
        return None
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    if match[4] is None:
        clock = _clock(plain[match.end() :]) or _clock(plain[: match.start()])
        found = _at(year, month, day, *(clock or (0, 0)))
        return (found, "minute" if clock else "day") if found else None
    zone: tzinfo = VIETNAM
    if match[7] in ("z", "utc", "gmt"):
        zone = UTC
    elif match[7]:
        zone = _offset(match[7][0], match[7][1:3], match[7][-2:])
    hour = int(match[4])
    if hour < 12 and not match[7] and _PM.match(plain, match.end()):
        hour += 12
    found = _at(year, month, day, hour, int(match[5]), zone)
    return (found, "minute") if found else None


def _offset(sign: str, hours: str, minutes: str | None) -> tzinfo:
    return timezone((1 if sign == "+" else -1) * timedelta(hours=int(hours) % 24, minutes=int(minutes or 0) % 60))


def _zone(rest: str) -> tzinfo:
    match = _ZONE.search(rest)
    if match is None:
        return VIETNAM
    if match[7]:
        return UTC
    return _offset(match[1] or match[4], match[2] or match[5], match[3] or match[6])


def _clock(text: str) -> tuple[int, int] | None:
    """The first time of day in the text; `2:30 chiều` is 14:30, `07:25 PM` 19:25, `19:25 PM` stays."""
    for match in _CLOCK.finditer(text):
        hour, minute, half = int(match[1]), int(match[2] or 0), match["half"]
        if (half in ("pm", "ch", "chieu", "toi", "dem") and hour < 12 and not (half == "dem" and hour < 5)) or (
            half == "trua" and hour < 3
        ):
            hour += 12
        elif half in ("am", "sa", "dem") and hour == 12:
            hour = 0
        if match["less"]:  # `7 giờ kém 15`
            hour, minute = divmod(hour * 60 - int(match["less"]), 60)
        if 0 <= hour < 24 and minute < 60:
            return hour, minute
    return None


def _dotted_clock(plain: str, end: int) -> tuple[int, int] | None:
    match = _DOTTED_CLOCK.match(plain, end)
    return (int(match[1]), int(match[2])) if match else None


def _day(plain: str, local: datetime) -> tuple[int, int, int, int, int] | None:
    """Year, month, day and the span of the first absolute day in the text."""
    if (match := _DMY.search(plain)) is not None:
        year = int(match[4])
        return (year if year > 99 else 2000 + year, int(match[3]), int(match[1]), *match.span())
    if (match := _YMD.search(plain)) is not None:
        return (int(match[1]), int(match[2]), int(match[3]), *match.span())
    for match in _ENGLISH.finditer(plain):
        month = _MONTHS.get(match[2] or match[4])
        if month:
            return (int(match[3] or match[6]), month, int(match[1] or match[5]), *match.span())
    if (match := _MONTH_FIRST.search(plain)) is not None:
        return (int(match[3]), _month(match[1]), int(match[2]), *match.span())
    if (match := _WORDS.search(plain)) is not None:
        month = _month(match[2])
        year = int(match[3]) if match[3] else _latest_year(month, int(match[1]), local)
        return (year, month, int(match[1]), *match.span())
    if (match := _DM.search(plain)) is not None:
        number, month = int(match[1] or match[3]), int(match[2] or match[4])
        return (_latest_year(month, number, local), month, number, *match.span())
    return None


def _month(word: str) -> int:
    named = {"gieng": 1, "chap": 12, "muoi mot": 11, "muoi hai": 12}.get(word) or _NUMBERS.get(word)
    return named or int(word)


def _latest_year(month: int, day: int, local: datetime) -> int:
    return local.year if (month, day) <= (local.month, local.day) else local.year - 1


def _absolute(plain: str, local: datetime) -> Moment | None:
    day = _day(plain, local)
    if day is None:
        return None
    year, month, number, start, end = day
    clock = _dotted_clock(plain, end) or _clock(plain[end:]) or _clock(plain[:start])
    zone = _zone(plain[end:]) if clock else VIETNAM
    found = _at(year, month, number, *(clock or (0, 0)), zone)
    return (found, "minute" if clock else "day") if found else None


def _relative(plain: str, local: datetime) -> Moment | None:
    if _NOW.search(plain):
        return local, "minute"
    if (match := _WEEKDAY_LAST.search(plain)) is not None:
        weekday = 6 if match[2] else _WEEKDAYS[match[1]]
        return _with_clock(local - timedelta(days=local.weekday() + 7 - weekday), plain)
    if (match := _SUM.search(plain)) is not None:
        back = sum(int(part[1]) * _UNITS[part[2]] for part in _PART.finditer(match[1]))
        return local - timedelta(seconds=back), "minute"
    match = _AGO.search(plain) or _SHORT.fullmatch(plain.strip(" ·•|-.,"))
    if match is not None:
        return _ago(match, plain, local)
    if (match := _DAYS.search(plain)) is not None:
        return _named_day(match[1], plain, local)
    if (match := _LAST.search(plain)) is not None:
        return _midnight(local - timedelta(seconds=_UNITS[match[1]])), "day"
    if (match := _WEEKDAY.search(plain)) is not None:
        weekday = 6 if match[2] else _WEEKDAYS[match[1]]
        back = (local.weekday() - weekday) % 7
        return _with_clock(local - timedelta(days=back), plain)
    return None


def _ago(match: re.Match[str], plain: str, local: datetime) -> Moment | None:
    groups = match.groups()
    word, name = (groups[3], groups[4]) if len(groups) > 3 and groups[3] else groups[:2]
    extra, unit = (groups[2] if len(groups) > 2 else None), _UNITS[name]
    amount = _amount(word)
    if extra:
        amount += 0.5 if extra == "ruoi" else int(extra.split()[0]) * 60 / unit
    if unit < 86400:
        return local - timedelta(seconds=amount * unit), "minute"
    months = {2592000: 1, 31536000: 12}.get(unit)
    if months and amount == int(amount):
        day = _months_before(local, int(amount) * months)
    else:
        day = local - timedelta(seconds=amount * unit)
    return _with_clock(day, plain[match.end() :])


def _amount(word: str) -> float:
    if word in ("vai", "may"):
        return 3.0
    if word in ("nua", "a", "an"):
        return 0.5 if word == "nua" else 1.0
    return float(_NUMBERS.get(word, 0) or (int(word) if word.isdigit() else 0))


def _months_before(moment: datetime, months: int) -> datetime:
    """The same day so many months before, or the last of a month that is too short."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, monthrange(year, month + 1)[1]))


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _with_clock(day: datetime, plain: str) -> Moment:
    clock = _clock(plain)
    if clock is None:
        return _midnight(day), "day"
    return _midnight(day).replace(hour=clock[0], minute=clock[1]), "minute"


def _named_day(word: str, plain: str, local: datetime) -> Moment:
    back = 0 if word.endswith("nay") or word == "today" else 2 if word in ("hom kia", "hom truoc") else 1
    moment, precision = _with_clock(local - timedelta(days=back), plain)
    if precision == "minute" and moment.hour < 12 and word.startswith(("chieu", "toi")):
        moment += timedelta(hours=12)
    return moment, precision


def _compact(plain: str) -> Moment | None:
    """`20261121` and `20261121201500`, as feeds and ad libraries write them; eight digits in a sentence are no date."""
    match = _COMPACT.fullmatch(plain)
    if match is None:
        return None
    clock = (int(match[4]), int(match[5])) if match[4] else (0, 0)
    found = _at(int(match[1]), int(match[2]), int(match[3]), *clock)
    return (found, "minute" if match[4] else "day") if found else None


def _epoch(plain: str) -> Moment | None:
    if plain.isdigit() and len(plain) in (10, 13):
        return datetime.fromtimestamp(int(plain) / (1000 if len(plain) == 13 else 1), UTC), "minute"
    return None


def _fallback(text: str, now: datetime) -> Moment | None:
    """dateparser, 1.9 ms a string and day first: only for short strings that hold a digit."""
    if len(text) > 60 or not any(character.isdigit() for character in text):
        return None
    import dateparser  # 0.3 s to import: rarely needed

    found = dateparser.parse(
        text,
        languages=["vi", "en"],
        settings={"DATE_ORDER": "DMY", "TIMEZONE": "Asia/Ho_Chi_Minh", "RETURN_AS_TIMEZONE_AWARE": True,
                  "RELATIVE_BASE": now.astimezone(VIETNAM).replace(tzinfo=None), "PREFER_DATES_FROM": "past", "REQUIRE_PARTS": ["day", "month"]},
    )  # fmt: skip
    if found is None:
        return None
    return found, "minute" if ":" in text else "day"
