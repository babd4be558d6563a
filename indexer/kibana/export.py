"""Everything the desk needs in Kibana, in the order in which each object stands after those that it refers to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indexer.kibana.dashboards import dashboards
from indexer.kibana.saved_objects import Json
from indexer.kibana.sessions import saved_queries, sessions
from indexer.kibana.views import data_views
from model.query import SavedQuery


def export(*, queries: Sequence[SavedQuery], sources: Mapping[str, str], console_url: str) -> list[Json]:
    """Data views, saved queries, Discover sessions and dashboards; the same for the same arguments.

    queries: the rule pack. sources: titles by id. console_url: what a lead's code links to.
    """
    return [
        *data_views(queries=queries, sources=sources, console_url=console_url),
        *saved_queries(queries),
        *sessions(),
        *dashboards(),
    ]
