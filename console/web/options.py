"""What the web console is given by the process that serves it; it reads no configuration itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    from indexer.port import SearchIndex


@frozen(kw_only=True)
class WebOptions:
    """Everything the console needs.

    open_index: gives the search index, opened when first used. hosts: names that a request may use for us. inbox: folder
    of mails as received, in the demo alone. open_reading: pages need no login (the demo, on loopback); nothing can be
    changed then. secure: reached over HTTPS, so cookies are Secure. clock: the time now, UTC.
    """

    secret_key: str = field(repr=False)
    open_index: Callable[[], SearchIndex]
    clock: Callable[[], datetime]
    hosts: tuple[str, ...] = ()
    inbox: Path | None = None
    open_reading: bool = False
    secure: bool = False
    department: str = ""


class _Installed:
    options: WebOptions | None = None


def install(options: WebOptions) -> None:
    """Sets the options of this process; before Django is set up."""
    _Installed.options = options


def current() -> WebOptions:
    """The options of this process; a bare set (no login is possible, no index) where only tables are made."""
    if _Installed.options is None:
        raise RuntimeError("console.web.options.install comes first")
    return _Installed.options
