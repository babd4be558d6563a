"""Every error that this system raises on purpose, drawn as a tree.

CanhGiacError                      caught by the command line, printed as one sentence, exit status 1
├── ConfigError(file, key, cure)   a sheet, setting, query or recipient cannot be used; exit status 2
├── QuerySyntaxError(text, position, hint)   a saved or typed query is outside the KQL subset
├── SourceError(source, url)       a crawl of one source failed; ends as a Run row
│   ├── LayoutChangedError         the page is there and what the sheet expects is not
│   ├── BlockedError               challenge, 401/403, login wall: stop, never solve
│   └── QuotaError(retry_after)    429 or a quota: park the source
├── BadDocumentError               one document cannot be kept; ends as a Quarantine row
├── StoreError                     the operations database refused
│   └── StaleFenceError            a lease was lost: the holder must stop and write nothing
├── SearchError                    a search index refused
│   └── SearchUnavailableError     not reachable now; what is to be indexed stays in the log
└── DeliveryError(recipient)       a message was not accepted
    ├── DeliveryDeferredError      try again later
    └── DeliveryRefusedError       never will be: the delivery is dead and shown
"""

from __future__ import annotations


class CanhGiacError(Exception):
    """Base of all errors raised on purpose; its text says what failed, what was expected, where to mend it."""


class ConfigError(CanhGiacError):
    """A file or setting that cannot be used.

    file: path as the operator knows it; key: dotted path inside it; cure: what to write instead.
    """

    def __init__(self, problem: str, *, file: str = "", key: str = "", cure: str = "") -> None:
        where = ": ".join(part for part in (file, key) if part)
        text = f"{where}: {problem}" if where else problem
        super().__init__(f"{text}. {cure}" if cure else text)
        self.problem, self.file, self.key, self.cure = problem, file, key, cure


class QuerySyntaxError(CanhGiacError):
    """A query outside the KQL subset.

    position: offset in code points of the first character at fault; problem_vi and hint_vi are for officials.
    """

    def __init__(
        self, problem: str, *, text: str, position: int, hint: str = "", problem_vi: str = "", hint_vi: str = ""
    ) -> None:
        super().__init__(f"{problem} (position {position})" + (f". {hint}" if hint else ""))
        self.problem, self.text, self.position, self.hint = problem, text, position, hint
        self.problem_vi, self.hint_vi = problem_vi or problem, hint_vi or hint


class SourceError(CanhGiacError):
    """A crawl of one source failed."""

    def __init__(self, problem: str, *, source: str, url: str = "") -> None:
        super().__init__(f"{source}: {problem}" + (f" ({url})" if url else ""))
        self.problem, self.source, self.url = problem, source, url


class LayoutChangedError(SourceError):
    """The page answered, but what the sheet expects is not on it."""


class BlockedError(SourceError):
    """A challenge, a login wall or a refusal: the source stops; nothing is ever solved or evaded."""


class QuotaError(SourceError):
    """The site asked us to come back later. retry_after: seconds, or None when it did not say."""

    def __init__(self, problem: str, *, source: str, url: str = "", retry_after: float | None = None) -> None:
        super().__init__(problem, source=source, url=url)
        self.retry_after = retry_after


class BadDocumentError(CanhGiacError):
    """One document that cannot be kept; it is quarantined with this text as its reason."""


class StoreError(CanhGiacError):
    """The operations database refused."""


class StaleFenceError(StoreError):
    """The lease under which this was to be written has passed to another holder."""


class SearchError(CanhGiacError):
    """A search index refused a request."""


class SearchUnavailableError(SearchError):
    """A search index that does not answer now."""


class DeliveryError(CanhGiacError):
    """A message was not accepted for a recipient."""

    def __init__(self, problem: str, *, recipient: str) -> None:
        super().__init__(f"{recipient}: {problem}")
        self.problem, self.recipient = problem, recipient


class DeliveryDeferredError(DeliveryError):
    """Not accepted now; the outbox tries again with a growing pause."""


class DeliveryRefusedError(DeliveryError):
    """Never to be accepted; the delivery ends `dead` and is shown."""
