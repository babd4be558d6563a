"""The source sheets of a running town: what `canhgiac crawl --sources DIR` reads. Written for the addresses of one run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from town.plan import scripts
from town.sites import ads, channel, classifieds, forum, news, portal

INTERVAL = "3s"

_RECORD_AD = {
    "id": "ad_archive_id",
    "author": "page_name",
    "title": "snapshot.title",
    "text": "snapshot.body.text | snapshot.cards.0.body",
    "published": "start_date",
}
_RECORD_OFFER = {
    "id": "list_id",
    "title": "subject",
    "text": "body",
    "author": "account_name",
    "published": "list_time",
    "images": "image",
}
_SHEETS: Mapping[str, dict[str, Any]] = {
    "portal": {
        "spider": "listing",
        "path": portal.LIST,
        "expect_min": 10,
        "options": {
            "item": '[id$="_pnListNews"] .news-item',
            "link": "a.news-title::attr(href)",
            "title": "a.news-title",
            "date": ".news-date",
            "id_pattern": r"(\d{4,})\.html",
            "next": ".pager a.next::attr(href)",
            "max_pages": 4,
            "article": {"title": "h1.tieude", "text": ".noidung", "date": ".ngaydang", "author": ".tacgia"},
        },
    },
    "news": {
        "spider": "feed",
        "path": news.FEED,
        "expect_min": 10,
        "options": {
            "id_pattern": r"(\d{6,})\.htm",
            "article": {
                "title": "h1.detail-title",
                "lead": "h2.detail-sapo",
                "text": "div.detail-content",
                "author": "p.author",
                "date": ".detail-time",
            },
        },
    },
    "channel": {
        "spider": "thread",
        "path": "",
        "expect_min": 10,
        "options": {
            "post": {
                "item": ".tgme_widget_message",
                "id": "::attr(data-post)",
                "text": ".tgme_widget_message_text",
                "author": ".tgme_widget_message_owner_name",
                "date": "time::attr(datetime)",
                "url": "a.tgme_widget_message_date::attr(href)",
                "views": ".tgme_widget_message_views",
                "images": ".tgme_widget_message_photo_wrap::attr(style)",
                "skip": ".service_message, .tgme_widget_message.service_message",
            },
            "older": "a.tme_messages_more::attr(href)",
            "max_pages": 10,
        },
    },
    "forum": {
        "spider": "thread",
        "path": forum.BOARD,
        "expect_min": 10,
        "options": {
            "list": {
                "thread": ".structItem--thread",
                "link": ".structItem-title a::attr(href)",
                "title": ".structItem-title a",
                "activity": ".structItem-cell--latest time::attr(datetime)",
                "recheck": 5,
            },
            "list_next": "a.pageNav-jump--next::attr(href)",
            "title": "h1.p-title-value",
            "post": {
                "item": "article.message--post",
                "id": "::attr(data-content)",
                "id_pattern": r"post-(\d+)",
                "text": ".bbWrapper",
                "author": "::attr(data-author)",
                "date": "time.u-dt::attr(datetime)",
                "url": ".message-attribution a::attr(href)",
                "remove": ".bbCodeBlock--quote",
            },
            "next": "a.pageNav-jump--next::attr(href)",
            "max_pages": 5,
        },
    },
    "classifieds": {
        "spider": "json_api",
        "path": classifieds.API,
        "expect_min": 10,
        "options": {
            "records": "ads",
            "record": {**_RECORD_OFFER, "url": "{base}/{{list_id}}.htm"},
            "paging": {"style": "offset", "parameter": "o", "size": 10, "size_parameter": "limit", "total": "total"},
            "max_pages": 8,
        },
    },
    "ads": {
        "spider": "browser",
        "path": ads.LIBRARY,
        "expect_min": 8,
        "options": {
            "embedded": 'script[type="application/json"]',
            "responses": ads.GRAPHQL,
            "connection": "search_results_connection",
            "edges": "edges[].node.collated_results[]",
            "has_next": "page_info.has_next_page",
            "total": "count",
            "ready": "#ads .ad",
            "record": {**_RECORD_AD, "url": "{base}" + ads.LIBRARY + "?id={{ad_archive_id}}"},
        },
    },
}
KINDS: Mapping[str, str] = {
    site.name: site.kind
    for site in (portal.Portal, news.News, channel.Channel, forum.Forum, classifieds.Classifieds, ads.Ads)
}


def source_id(site: str) -> str:
    """The id of a site's source."""
    return f"town_{site}"


def sheet(site: str, base: str) -> dict[str, Any]:
    """The sheet of one site that listens at `base` (scheme, host, port)."""
    parts = _SHEETS[site]
    options = {name: dict(value) if isinstance(value, dict) else value for name, value in parts["options"].items()}
    if "record" in options:
        options["record"]["url"] = options["record"]["url"].format(base=base)
    path = parts["path"] or f"/s/{scripts()['sites']['channel']['name']}"
    return {
        "id": source_id(site),
        "title": scripts()["sites"][site]["title"],
        "spider": parts["spider"],
        "kind": KINDS[site],
        "url": base + path,
        "interval": INTERVAL,
        "enabled": True,
        "expect_min": parts["expect_min"],
        "options": {"delay": 0, **options},
    }


def write_sheets(ready: Mapping[str, str], directory: Path | str) -> tuple[Path, ...]:
    """One YAML sheet per site of the ready file (site -> base URL) into a directory, which is made. Returns their paths."""
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for site in _SHEETS:
        path = folder / f"{source_id(site)}.yaml"
        path.write_text(
            yaml.safe_dump(sheet(site, ready[site]), allow_unicode=True, sort_keys=False, width=200), "utf-8"
        )
        written.append(path)
    return tuple(written)
