"""Bank accounts of which only a part is printed."""

from __future__ import annotations

from collections.abc import Iterator

from extraction.accounts import accounts
from extraction.kinds.base import EntityKind
from extraction.reading import Page
from model.document import Mention


class AccountPartial(EntityKind):
    """Value: `BANK:visible digits`. Joins nothing: many accounts share their first digits."""

    name = "account_partial"
    label = "Tài khoản (không đủ số)"
    plural_label = "Tài khoản (không đủ số)"
    field = "partials"
    rank = 90
    order = 51

    def find(self, page: Page) -> Iterator[Mention]:
        for found in accounts(page):
            if found.kind == "account_partial":
                bank = "" if found.bank == "?" else found.bank
                yield page.mention(
                    "account_partial",
                    f"{found.bank}:{found.number}",
                    found.start,
                    found.end,
                    0.7,
                    bank=bank,
                    holder=found.holder,
                )

    def normalise(self, text: str) -> str | None:
        found = [account for account in accounts(Page(text)) if account.kind == "account_partial"]
        return f"{found[0].bank}:{found[0].number}" if found else None

    def paste_forms(self, value: str) -> tuple[str, ...]:
        return (value.partition(":")[2],)

    def keys(self, mention: Mention) -> tuple[str, ...]:
        return ()

    def field_value(self, value: str) -> str:
        return f"account_partial:{value}"
