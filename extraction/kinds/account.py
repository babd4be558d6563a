"""Bank accounts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extraction.accounts import accounts
from extraction.institutions import bank_codes, institution_of
from extraction.kinds.base import EntityKind
from extraction.numbering import dialled
from extraction.reading import Page
from model.document import Mention


def phone_key(number: str) -> tuple[str, ...]:
    """The join key of an account or wallet number that is somebody's phone."""
    judged = dialled(number) if number.isdigit() else None
    return (f"phone:{judged.value}",) if judged is not None and judged.kind == "phone" else ()


class Account(EntityKind):
    """Value: `BANK:number`, `?:number` when the bank is unknown; attributes: bank, holder."""

    name = "account"
    label = "Tài khoản ngân hàng"
    plural_label = "Tài khoản ngân hàng"
    field = "accounts"
    rank = 5
    order = 50

    def find(self, page: Page) -> Iterator[Mention]:
        for found in accounts(page):
            if found.kind != "account":
                continue
            bank, span = "" if found.bank == "?" else found.bank, (found.start, found.end)
            value = f"{found.bank}:{found.number}"
            yield page.mention("account", value, *span, found.confidence, bank=bank, holder=found.holder)
            number = dialled(found.number) if found.phone else None
            if number is not None and number.kind == "phone":
                yield page.mention("phone", number.value, *span, found.confidence, carrier=number.carrier)

    def normalise(self, text: str) -> str | None:
        page = Page(text.strip())
        if len(text) > 120:
            return None
        code, separator, number = page.plain.partition(":")
        if separator and code.strip().upper() in {*bank_codes(), "?"} and number.strip().isalnum():
            return f"{bank_codes().get(code.strip().upper(), '?')}:{number.strip().upper()}"
        found = [account for account in accounts(page) if account.kind == "account"]
        if found:
            return f"{found[0].bank}:{found[0].number}"
        digits = re.sub(r"[ .\-]", "", page.base)
        if digits.isdigit() and 6 <= len(digits) <= 19:
            return f"?:{digits}"
        words = re.fullmatch(r"(.{2,30}?)[ :\-]+([0-9]{6,19})", page.plain)
        institution = institution_of(words.group(1)) if words else None
        return f"{institution.code}:{words.group(2)}" if words and institution and institution.kind == "bank" else None

    def paste_forms(self, value: str) -> tuple[str, ...]:
        return (value.partition(":")[2],)

    def keys(self, mention: Mention) -> tuple[str, ...]:
        """The account, and the phone that it is when it has a phone's shape."""
        bank, _, number = mention.value.partition(":")
        if bank == "?":
            return phone_key(number) or (f"account:{mention.value}",)
        return (f"account:{mention.value}", *phone_key(number))
