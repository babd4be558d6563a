"""Electronic wallets; their id is the owner's phone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extraction.accounts import accounts
from extraction.institutions import institution_of, wallet_codes
from extraction.kinds.account import phone_key
from extraction.kinds.base import EntityKind
from extraction.reading import Page
from model.document import Mention


class Wallet(EntityKind):
    """Value: `WALLET:number`; attributes: bank (the wallet's code), holder."""

    name = "wallet"
    label = "Ví điện tử"
    plural_label = "Ví điện tử"
    field = "wallets"
    rank = 11
    order = 52

    def find(self, page: Page) -> Iterator[Mention]:
        for found in accounts(page):
            if found.kind == "wallet":
                yield page.mention(
                    "wallet",
                    f"{found.bank}:{found.number}",
                    found.start,
                    found.end,
                    found.confidence,
                    holder=found.holder,
                )

    def normalise(self, text: str) -> str | None:
        match = re.fullmatch(r"\s*(.{2,20}?)[\s:\-]+([0-9][0-9 .\-]{6,14})\s*", Page(text).plain)
        institution = institution_of(match.group(1)) if match else None
        if match is None or institution is None or institution.code not in wallet_codes():
            return None
        return f"{institution.code}:{re.sub('[^0-9]', '', match.group(2))}"

    def paste_forms(self, value: str) -> tuple[str, ...]:
        return (value.partition(":")[2],)

    def keys(self, mention: Mention) -> tuple[str, ...]:
        """The phone behind the wallet, so that posts that name only the phone join."""
        return (*phone_key(mention.value.partition(":")[2]), f"wallet:{mention.value}")
