"""Where a document of the town stands: the path of its page, site by site."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from town.plan import Planned
from town.sites import ads, channel, classifieds, forum, news, portal

FRONT: Mapping[str, str] = {
    "portal": portal.LIST,
    "news": "/",
    "channel": "/",
    "forum": forum.BOARD,
    "classifieds": "/",
    "ads": ads.LIBRARY,
}
_PATHS: Mapping[str, Callable[[Planned], str]] = {
    "portal": portal.path_of,
    "news": news.path_of,
    "channel": channel.path_of,
    "forum": forum.path_of,
    "classifieds": classifieds.path_of,
    "ads": ads.path_of,
}


def path_of(item: Planned) -> str:
    """The path (with query) of a document's own page."""
    return _PATHS[item.site](item)
