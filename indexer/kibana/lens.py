"""Panels of a dashboard: Lens charts by value, and Discover sessions by reference.

A chart by value carries its references in its own attributes, and the dashboard repeats each of them under
`<panel>:<name>`; both are needed. The shape is that of Lens since 8.9 (`formBased` layers).
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from indexer.fields import FieldType
from indexer.kibana.saved_objects import VIEW_TYPE, Json, reference
from indexer.kibana.sessions import Session
from indexer.kibana.views import DataView, label

GRID_COLUMNS = 48
"""Width of a dashboard; a row is about 20 pixels high."""

RECORDS = "___records___"
"""What Lens calls the rows themselves."""

_LAYER = "layer"
_TYPES = {FieldType.KEYWORD: "string", FieldType.DATE: "date", FieldType.LONG: "number"}


@frozen(kw_only=True)
class Place:
    """Where a panel stands: left, top, width, height in cells of the grid."""

    x: int
    y: int
    w: int
    h: int


@frozen(kw_only=True)
class Panel:
    """A panel as the dashboard keeps it, and the references that the dashboard repeats for it."""

    body: Json
    references: tuple[Json, ...]


def metric(id_: str, title: str, place: Place, *, view: DataView, query: str = "", color: str = "") -> Panel:
    """One number: how many rows of the view the query meets."""
    visualization: Json = {"layerId": _LAYER, "layerType": "data", "metricAccessor": "count"}
    if color:
        visualization["color"] = color
    return _lens(id_, title, place, view, "lnsMetric", {"count": count(title)}, visualization, query)


def table(
    id_: str,
    title: str,
    place: Place,
    *,
    view: DataView,
    by: Sequence[str],
    query: str = "",
    latest: str = "",
    size: int = 15,
) -> Panel:
    """Rows counted by the most frequent values of up to two fields; latest: a date field whose greatest value is shown."""
    columns: dict[str, Json] = {f"by_{name}": top(view, name, size=size) for name in by}
    columns["count"] = count("Số lượng")
    if latest:
        columns["latest"] = {
            "label": label(view, latest),
            "customLabel": True,
            "dataType": "date",
            "isBucketed": False,
            "operationType": "max",
            "sourceField": latest,
            "scale": "ratio",
            "params": {"emptyAsNull": True},
        }
    visualization: Json = {
        "layerId": _LAYER,
        "layerType": "data",
        "columns": [{"columnId": name, "isTransposed": False} for name in columns],
    }
    return _lens(id_, title, place, view, "lnsDatatable", columns, visualization, query)


def bars(
    id_: str,
    title: str,
    place: Place,
    *,
    view: DataView,
    x: str,
    split: str = "",
    query: str = "",
    interval: str = "auto",
) -> Panel:
    """Stacked bars over a date field, split by the most frequent values of another."""
    columns: dict[str, Json] = {}
    if split:
        columns["split"] = top(view, split, size=8)
    columns["time"] = {
        "label": label(view, x),
        "customLabel": True,
        "dataType": "date",
        "isBucketed": True,
        "operationType": "date_histogram",
        "sourceField": x,
        "scale": "interval",
        "params": {"interval": interval, "includeEmptyRows": True, "dropPartials": False},
    }
    columns["count"] = count("Số lượng")
    layer: Json = {
        "layerId": _LAYER,
        "layerType": "data",
        "seriesType": "bar_stacked",
        "xAccessor": "time",
        "accessors": ["count"],
        "position": "top",
        "showGridlines": False,
    }
    if split:
        layer["splitAccessor"] = "split"
    visualization: Json = {
        "legend": {"isVisible": bool(split), "position": "right"},
        "preferredSeriesType": "bar_stacked",
        "valueLabels": "hide",
        "layers": [layer],
    }
    return _lens(id_, title, place, view, "lnsXY", columns, visualization, query)


def session_panel(id_: str, place: Place, session: Session) -> Panel:
    """A Discover session inside a dashboard."""
    body = {
        "type": "search",
        "gridData": _grid(id_, place),
        "panelIndex": id_,
        "embeddableConfig": {"enhancements": {}},
        "panelRefName": f"panel_{id_}",
        "title": session.title,
    }
    return Panel(body=body, references=(reference(f"{id_}:panel_{id_}", "search", session.id),))


def count(title: str) -> Json:
    """The column that counts rows."""
    return {
        "label": title,
        "customLabel": True,
        "dataType": "number",
        "isBucketed": False,
        "operationType": "count",
        "sourceField": RECORDS,
        "scale": "ratio",
        "params": {"emptyAsNull": False},
    }


def top(view: DataView, name: str, *, size: int) -> Json:
    """The column of the most frequent values of a field, by count."""
    return {
        "label": label(view, name),
        "customLabel": True,
        "dataType": _TYPES[view.fields[name].type],
        "isBucketed": True,
        "operationType": "terms",
        "sourceField": name,
        "scale": "ordinal",
        "params": {
            "size": size,
            "orderBy": {"type": "column", "columnId": "count"},
            "orderDirection": "desc",
            "otherBucket": False,
            "missingBucket": False,
            "parentFormat": {"id": "terms"},
        },
    }


def _lens(
    id_: str,
    title: str,
    place: Place,
    view: DataView,
    kind: str,
    columns: dict[str, Json],
    visualization: Json,
    query: str,
) -> Panel:
    name = f"indexpattern-datasource-layer-{_LAYER}"
    layer = {"columns": columns, "columnOrder": list(columns), "incompleteColumns": {}, "sampling": 1}
    attributes = {
        "title": title,
        "type": "lens",
        "visualizationType": kind,
        "references": [reference(name, VIEW_TYPE, view.id)],
        "state": {
            "visualization": visualization,
            "query": {"query": query, "language": "kuery"},
            "filters": [],
            "datasourceStates": {"formBased": {"layers": {_LAYER: layer}}},
            "internalReferences": [],
            "adHocDataViews": {},
        },
    }
    body = {
        "type": "lens",
        "gridData": _grid(id_, place),
        "panelIndex": id_,
        "embeddableConfig": {"attributes": attributes, "enhancements": {}},
        "title": title,
    }
    return Panel(body=body, references=(reference(f"{id_}:{name}", VIEW_TYPE, view.id),))


def _grid(id_: str, place: Place) -> Json:
    return {"x": place.x, "y": place.y, "w": place.w, "h": place.h, "i": id_}
