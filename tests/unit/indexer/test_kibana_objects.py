"""What `canhgiac kibana export` writes, checked as Kibana would check it, and as its people would.

The checker knows nothing of the generator: schemas are those of Kibana's `dashboard` v2, `search` v2, `query` v1 and of data
views, typed anew. It cannot see rendering. Each mutation breaks one thing that an import or a reader would stumble over.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
import yaml

from config.sheets import SHIPPED
from indexer.compile_elastic import mapping
from indexer.fields import FIELDS
from indexer.kibana.export import export
from indexer.kibana.saved_objects import ndjson
from indexer.kql import parse
from indexer.mirror_fields import TABLES
from model.errors import QuerySyntaxError
from model.query import SavedQuery
from model.source import STATE_LABELS

Json = dict[str, Any]
CONSOLE = "https://canhgiac.example.vn"

PINNED = {"index-pattern": "8.0.0", "query": "10.1.0", "search": "10.2.0", "dashboard": "10.2.0"}
LINE = {"type", "id", "attributes", "references", "managed", "coreMigrationVersion", "typeMigrationVersion"}

# attribute -> (type, needed)
SCHEMAS: Mapping[str, Mapping[str, tuple[type, bool]]] = {
    "index-pattern": {
        "title": (str, True),
        "name": (str, False),
        "timeFieldName": (str, False),
        "fields": (str, False),
        "fieldAttrs": (str, False),
        "fieldFormatMap": (str, False),
        "sourceFilters": (str, False),
        "runtimeFieldMap": (str, False),
        "typeMeta": (str, False),
        "type": (str, False),
        "allowNoIndex": (bool, False),
    },
    "query": {
        "title": (str, True),
        "description": (str, True),
        "query": (dict, True),
        "filters": (list, False),
        "timefilter": (dict, False),
    },
    "search": {
        "title": (str, True),
        "description": (str, False),
        "columns": (list, True),
        "sort": (list, True),
        "grid": (dict, False),
        "rowHeight": (int, False),
        "rowsPerPage": (int, False),
        "sampleSize": (int, False),
        "headerRowHeight": (int, False),
        "hideChart": (bool, False),
        "breakdownField": (str, False),
        "kibanaSavedObjectMeta": (dict, True),
        "isTextBasedQuery": (bool, False),
        "usesAdHocDataView": (bool, False),
        "timeRestore": (bool, False),
        "timeRange": (dict, False),
        "refreshInterval": (dict, False),
        "viewMode": (str, False),
        "hideAggregatedPreview": (bool, False),
    },
    "dashboard": {
        "title": (str, True),
        "description": (str, False),
        "kibanaSavedObjectMeta": (dict, True),
        "timeRestore": (bool, False),
        "timeFrom": (str, False),
        "timeTo": (str, False),
        "refreshInterval": (dict, False),
        "controlGroupInput": (dict, False),
        "panelsJSON": (str, True),
        "optionsJSON": (str, True),
    },
}
OPTIONS = {"useMargins", "syncColors", "syncCursor", "syncTooltips", "hidePanelTitles"}
HIDDEN = {"text", "title", "exact"}
MAPPINGS: Mapping[str, Mapping[str, str]] = {
    "canhgiac-documents": {
        name: "stored" if part.get("index") is False else part["type"]
        for name, part in mapping()["properties"].items()
        if name != "id"
    },
    **{f"canhgiac-{table.index}": {name: field.type.value for name, field in table.fields.items()} for table in TABLES},
}
STAND_INS = {"text": "text", "keyword": "source", "date": "collected", "long": "seq", "stored": "content"}
"""A field of a document of each type: queries over the mirrors are parsed with these in the place of their own."""


def faults(objects: list[Json]) -> list[str]:
    """A sentence for everything in the export that Kibana, or a reader of it, would stumble over."""
    found = [fault for item in objects for fault in _line_faults(item)]
    if found:
        return found
    keys = Counter((item["type"], item["id"]) for item in objects)
    found += [f"{key} stands twice" for key, times in keys.items() if times > 1]
    for item in objects:
        where = f"{item['type']} {item['id']}: "
        try:
            found += [where + fault for fault in _reference_faults(item, set(keys))]
            found += [where + fault for fault in CHECKS[item["type"]](item, _views(item, objects))]
        except (KeyError, ValueError) as error:
            found.append(f"{where}{error!r}")
    return found


def _line_faults(item: Json) -> Iterator[str]:
    where = f"{item.get('type')} {item.get('id')}: "
    if set(item) != LINE:
        yield f"{where}keys {sorted(set(item) ^ LINE)}"
        return
    if item["coreMigrationVersion"] != "8.8.0" or item["typeMigrationVersion"] != PINNED.get(item["type"]):
        yield f"{where}version"
        return
    schema = SCHEMAS[item["type"]]
    for name, value in item["attributes"].items():
        if name not in schema:
            yield f"{where}unknown attribute {name}"
        elif not isinstance(value, schema[name][0]):
            yield f"{where}{name} is a {type(value).__name__}"
    for name, (_, needed) in schema.items():
        if needed and name not in item["attributes"]:
            yield f"{where}{name} is missing"


def _reference_faults(item: Json, known: set[tuple[str, str]]) -> Iterator[str]:
    """Both ways: what the attributes name is in `references`, and nothing else is; and each one exists."""
    names = Counter(part["name"] for part in item["references"])
    used = _used_references(item)
    if set(names) != used or any(times > 1 for times in names.values()):
        yield f"references {sorted(set(names) ^ used) or dict(names)}"
    for part in item["references"]:
        if set(part) != {"name", "type", "id"} or (part["type"], part["id"]) not in known:
            yield f"dangling reference {part}"


def _used_references(item: Json) -> set[str]:
    if item["type"] == "search":
        return {json.loads(item["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])["indexRefName"]}
    if item["type"] != "dashboard":
        return set()
    used = set()
    for panel in json.loads(item["attributes"]["panelsJSON"]):
        inner = panel["embeddableConfig"].get("attributes", {}).get("references", ())
        used |= {f"{panel['panelIndex']}:{part['name']}" for part in inner}
        if "panelRefName" in panel:
            used.add(f"{panel['panelIndex']}:{panel['panelRefName']}")
    return used


def _views(item: Json, objects: list[Json]) -> dict[str, str]:
    """Name of a reference to a data view -> the title of the indices it reads."""
    titles = {one["id"]: one["attributes"]["title"] for one in objects if one["type"] == "index-pattern"}
    return {part["name"]: titles[part["id"]] for part in item["references"] if part["id"] in titles}


def _view_faults(item: Json, _: Mapping[str, str]) -> Iterator[str]:
    attributes = item["attributes"]
    fields = MAPPINGS[attributes["title"]]
    labels = {name: part["customLabel"] for name, part in json.loads(attributes["fieldAttrs"]).items()}
    if set(labels) != set(fields):
        yield f"labels {sorted(set(labels) ^ set(fields))}"
    if not all(labels.values()) or any(times > 1 for times in Counter(labels.values()).values()):
        yield "a label is empty or stands twice"
    if not {part["value"] for part in json.loads(attributes["sourceFilters"])} >= HIDDEN & set(fields):
        yield "folded text is shown"
    time_field = attributes.get("timeFieldName")
    if time_field != ("collected" if attributes["title"] == "canhgiac-documents" else None):
        yield f"time field {time_field}"
    for name, shown in json.loads(attributes["fieldFormatMap"]).items():
        if fields.get(name) != "keyword":
            yield f"format of {name}"
        yield from _format_faults(name, shown, attributes["title"])


def _format_faults(name: str, shown: Json, title: str) -> Iterator[str]:
    parameters = shown["params"]
    if shown["id"] == "static_lookup":
        entries = parameters["lookupEntries"]
        if not entries or any(not (part["key"] and part["value"]) for part in entries):
            yield f"labels of {name}"
    elif shown["id"] == "url":
        lead_field = "code" if title == "canhgiac-leads" else "leads"
        if name != lead_field or parameters["urlTemplate"] != f"{CONSOLE}/vu-viec/{{{{value}}}}/":
            yield f"a link on {name}"
    else:
        yield f"format {shown['id']} of {name}"


def _query_faults(item: Json, _: Mapping[str, str]) -> Iterator[str]:
    attributes = item["attributes"]
    if attributes["title"].startswith("[CB]"):
        yield "would be pulled back"
    if attributes["query"].keys() != {"query", "language"} or attributes["filters"]:
        yield "filters or keys"
    yield from _kql_faults(attributes["query"], "canhgiac-documents")


def _kql_faults(asked: Json, title: str) -> Iterator[str]:
    if asked["language"] != "kuery":
        yield f"language {asked['language']}"
        return
    fields, text = MAPPINGS[title], asked["query"]
    if not text:
        return
    if title != "canhgiac-documents":
        for name in re.findall(r"([a-z_]+)(?=\s*[:<>])", text):
            if name not in fields:
                yield f"query on {name}"
                return
        text = re.sub(r"([a-z_]+)(?=\s*[:<>])", lambda found: STAND_INS[fields[found[1]]], text)
    try:
        parse(text)
    except QuerySyntaxError as error:
        yield f"query {text!r}: {error}"


def _session_faults(item: Json, views: Mapping[str, str]) -> Iterator[str]:
    attributes = item["attributes"]
    source = json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
    title = views[source["indexRefName"]]
    fields = MAPPINGS[title]
    yield from _kql_faults(source["query"], title)
    for name in attributes["columns"]:
        if name not in fields or name in HIDDEN:
            yield f"column {name}"
    if not set(attributes["grid"]["columns"]) <= set(attributes["columns"]):
        yield "width of a column that is not shown"
    for name, order in attributes["sort"]:
        if fields.get(name) not in ("keyword", "date", "long") or order not in ("asc", "desc"):
            yield f"sort by {name} {order}"
    if attributes["timeRestore"] is not ("timeRange" in attributes):
        yield "time range"


def _dashboard_faults(item: Json, views: Mapping[str, str]) -> Iterator[str]:
    attributes = item["attributes"]
    if not set(json.loads(attributes["optionsJSON"])) <= OPTIONS:
        yield "options"
    panels = json.loads(attributes["panelsJSON"])
    yield from _grid_faults(panels)
    for panel in panels:
        where = f"panel {panel['panelIndex']}: "
        if panel["type"] == "lens":
            yield from (where + fault for fault in _lens_faults(panel, views))
        elif panel["type"] != "search" or "panelRefName" not in panel:
            yield f"{where}type"


def _grid_faults(panels: list[Json]) -> Iterator[str]:
    taken: dict[tuple[int, int], str] = {}
    for panel in panels:
        grid = panel["gridData"]
        if set(grid) != {"x", "y", "w", "h", "i"} or grid["i"] != panel["panelIndex"]:
            yield f"grid of {panel['panelIndex']}"
            continue
        if grid["x"] < 0 or grid["y"] < 0 or grid["x"] + grid["w"] > 48 or min(grid["w"], grid["h"]) < 4:
            yield f"{grid['i']} outside the grid"
        for cell in (
            (x, y) for x in range(grid["x"], grid["x"] + grid["w"]) for y in range(grid["y"], grid["y"] + grid["h"])
        ):
            if taken.setdefault(cell, grid["i"]) != grid["i"]:
                yield f"{grid['i']} lies over {taken[cell]}"
                break
    if len({panel["panelIndex"] for panel in panels}) != len(panels):
        yield "a panel stands twice"


def _lens_faults(panel: Json, views: Mapping[str, str]) -> Iterator[str]:
    attributes = panel["embeddableConfig"]["attributes"]
    state = attributes["state"]
    keys = {"visualization", "query", "filters", "datasourceStates", "internalReferences", "adHocDataViews"}
    if set(state) != keys or set(attributes) != {"title", "type", "visualizationType", "references", "state"}:
        yield "state"
    layers = state["datasourceStates"]["formBased"]["layers"]
    inner = {part["name"]: part["id"] for part in attributes["references"]}
    if set(inner) != {f"indexpattern-datasource-layer-{layer}" for layer in layers}:
        yield "references of its layers"
        return
    for name, layer in layers.items():
        title = views[f"{panel['panelIndex']}:indexpattern-datasource-layer-{name}"]
        if inner[f"indexpattern-datasource-layer-{name}"] != title:
            yield "reads one view inside and another outside"
        yield from _kql_faults(state["query"], title)
        yield from _column_faults(layer, MAPPINGS[title])
        yield from _shape_faults(attributes["visualizationType"], state["visualization"], name, set(layer["columns"]))


def _column_faults(layer: Json, fields: Mapping[str, str]) -> Iterator[str]:
    columns = layer["columns"]
    if sorted(layer["columnOrder"]) != sorted(columns):
        yield "column order"
    buckets = [columns[name]["isBucketed"] for name in layer["columnOrder"] if name in columns]
    if buckets != sorted(buckets, reverse=True):
        yield "metrics before buckets"
    wanted = {"terms": "keyword", "date_histogram": "date", "max": "date", "count": None}
    for name, column in columns.items():
        operation, source = column["operationType"], column["sourceField"]
        if operation not in wanted:
            yield f"operation {operation}"
        elif operation == "count":
            if source != "___records___":
                yield f"count of {source}"
        elif fields.get(source) != wanted[operation]:
            yield f"{operation} of {source}"
        order = column["params"].get("orderBy")
        if order and order["columnId"] not in columns:
            yield f"{name} is ordered by {order['columnId']}"


def _shape_faults(kind: str, shape: Json, layer: str, columns: set[str]) -> Iterator[str]:
    if kind == "lnsXY":
        parts = shape["layers"]
        used = [{*part["accessors"], part["xAccessor"], *filter(None, [part.get("splitAccessor")])} for part in parts]
    elif kind == "lnsMetric":
        parts, used = [shape], [{shape["metricAccessor"]}]
    elif kind == "lnsDatatable":
        parts, used = [shape], [{column["columnId"] for column in shape["columns"]}]
    else:
        yield f"chart {kind}"
        return
    if [part["layerId"] for part in parts] != [layer] or used != [columns]:
        yield "accessors"


CHECKS: Mapping[str, Callable[[Json, Mapping[str, str]], Iterator[str]]] = {
    "index-pattern": _view_faults,
    "query": _query_faults,
    "search": _session_faults,
    "dashboard": _dashboard_faults,
}


def rule_pack() -> list[SavedQuery]:
    """The shipped saved queries."""
    sheets = [yaml.safe_load(path.read_text("utf-8")) for path in sorted((SHIPPED / "queries").glob("*.yaml"))]
    return [
        SavedQuery(id=sheet["id"], title=sheet["title"], query=sheet["query"], realert=timedelta(days=7))
        for sheet in sheets
    ]


@pytest.fixture(scope="module")
def exported() -> list[Json]:
    """What is exported, read back from its lines."""
    text = ndjson(export(queries=rule_pack(), sources={"bo_cong_an": "Bộ Công an"}, console_url=CONSOLE))
    return [json.loads(line) for line in text.splitlines()]


def of(objects: list[Json], type_: str, id_: str) -> Json:
    """The attributes of one object."""
    return next(item["attributes"] for item in objects if (item["type"], item["id"]) == (type_, id_))


def test_the_export_has_no_fault(exported: list[Json]) -> None:
    assert faults(exported) == []


def test_the_desk_finds_everything_under_its_name(exported: list[Json]) -> None:
    titles = {kind: [item["attributes"]["title"] for item in exported if item["type"] == kind] for kind in SCHEMAS}

    assert titles["index-pattern"] == ["canhgiac-documents", "canhgiac-leads", "canhgiac-entities", "canhgiac-sources"]
    assert titles["search"] == [
        "Tin mới chưa ai nhận",
        "Bài nghi vấn từ chiều hôm trước",
        "Tài khoản, ví mới",
        "Quảng cáo nghi vấn",
        "Cảnh báo của cơ quan nhà nước",
        "Nguồn im, bị chặn",
    ]
    assert titles["dashboard"] == ["Tình hình hôm nay", "Sổ đăng ký định danh nghi vấn", "Sức khỏe thu thập"]
    assert titles["query"] == [query.title for query in rule_pack()]
    assert of(exported, "dashboard", "canhgiac-today")["title"] == "Tình hình hôm nay"


def test_codes_are_shown_in_vietnamese(exported: list[Json]) -> None:
    documents = json.loads(of(exported, "index-pattern", "canhgiac-documents")["fieldFormatMap"])
    sources = json.loads(of(exported, "index-pattern", "canhgiac-sources")["fieldFormatMap"])

    def shown(formats: Json, name: str) -> dict[str, str]:
        return {part["key"]: part["value"] for part in formats[name]["params"]["lookupEntries"]}

    assert "Bình Thuận" in shown(documents, "regions")["VN-35"]
    assert shown(documents, "source") == {"bo_cong_an": "Bộ Công an"}
    assert shown(documents, "queries")["fake_police"] == next(
        query.title for query in rule_pack() if query.id == "fake_police"
    )
    assert set(shown(sources, "state")) == {state.value for state in STATE_LABELS}


def test_the_suspicious_posts_begin_at_four_the_day_before(exported: list[Json]) -> None:
    session = of(exported, "search", "canhgiac-suspect-posts")

    assert session["timeRange"] == {"from": "now/d-8h", "to": "now"}
    source = json.loads(session["kibanaSavedObjectMeta"]["searchSourceJSON"])
    assert source["query"]["query"] == "suspects: * and not source_kind: (news or warning)"


def test_every_line_is_one_object_and_the_order_is_that_of_references(exported: list[Json]) -> None:
    seen: set[tuple[str, str]] = set()
    for item in exported:
        assert {(part["type"], part["id"]) for part in item["references"]} <= seen
        seen.add((item["type"], item["id"]))


def test_every_field_of_a_document_has_its_label(exported: list[Json]) -> None:
    labels = json.loads(of(exported, "index-pattern", "canhgiac-documents")["fieldAttrs"])

    assert {name: part["customLabel"].lower() for name, part in labels.items()} == {
        name: field.label.lower() for name, field in FIELDS.items()
    }


# Mutations: each must be caught.


def inside(attribute: str, change: Callable[[Any], None]) -> Callable[[Json], None]:
    """A change of JSON that stands as text in an attribute."""

    def apply(attributes: Json) -> None:
        value = json.loads(attributes[attribute])
        change(value)
        attributes[attribute] = json.dumps(value)

    return apply


def panel(id_: str, change: Callable[[Json], None]) -> Callable[[Json], None]:
    """A change of one panel."""
    return inside("panelsJSON", lambda panels: change(next(one for one in panels if one["panelIndex"] == id_)))


def chart(id_: str, change: Callable[[Json], None]) -> Callable[[Json], None]:
    """A change of the state of a Lens panel."""
    return panel(id_, lambda one: change(one["embeddableConfig"]["attributes"]["state"]))


def column(id_: str, name: str, **values: object) -> Callable[[Json], None]:
    """Other values in one column of a Lens panel."""
    return chart(
        id_, lambda state: state["datasourceStates"]["formBased"]["layers"]["layer"]["columns"][name].update(values)
    )


def source_of(change: Callable[[Json], None]) -> Callable[[Json], None]:
    """A change of the search source of a session."""

    def apply(attributes: Json) -> None:
        inside("searchSourceJSON", change)(attributes["kibanaSavedObjectMeta"])

    return apply


DASHBOARD = ("dashboard", "canhgiac-today")
SESSION = ("search", "canhgiac-suspect-posts")
VIEW = ("index-pattern", "canhgiac-documents")
QUERY = ("query", "canhgiac-fake_police")

ATTRIBUTES: Mapping[str, tuple[tuple[str, str], Callable[[Json], Any]]] = {
    "an attribute of a later version": (SESSION, lambda found: found.update(tabs=[])),
    "an attribute of the wrong type": (DASHBOARD, lambda found: found.update(timeRestore="no")),
    "a missing attribute": (DASHBOARD, lambda found: found.pop("panelsJSON")),
    "broken inner JSON": (DASHBOARD, lambda found: found.update(panelsJSON="[{")),
    "an unknown option": (DASHBOARD, inside("optionsJSON", lambda found: found.update(darkTheme=True))),
    "a column that is not mapped": (SESSION, lambda found: found["columns"].append("sdt")),
    "folded text as a column": (SESSION, lambda found: found["columns"].append("text")),
    "a width without its column": (SESSION, lambda found: found["grid"]["columns"].update(url={"width": 9})),
    "sorting by text": (SESSION, lambda found: found.update(sort=[["content", "desc"]])),
    "a time range that is not restored": (SESSION, lambda found: found.update(timeRestore=False)),
    "a session query outside the subset": (SESSION, source_of(lambda found: found["query"].update(query="lua dao"))),
    "a session query in Lucene": (SESSION, source_of(lambda found: found["query"].update(language="lucene"))),
    "an index reference of another name": (SESSION, source_of(lambda found: found.update(indexRefName="index"))),
    "a query on an unknown field of leads": (
        ("search", "canhgiac-new-leads"),
        source_of(lambda found: found["query"].update(query="trang_thai: new")),
    ),
    "a comparison on a keyword of leads": (
        ("search", "canhgiac-new-leads"),
        source_of(lambda found: found["query"].update(query="status > 3")),
    ),
    "a saved query outside the subset": (QUERY, lambda found: found["query"].update(query="phones: 0912*34")),
    "a saved query that would come back": (QUERY, lambda found: found.update(title="[CB] x")),
    "a saved query with a filter": (QUERY, lambda found: found.update(filters=[{"meta": {}}])),
    "entities behind the time picker": (
        ("index-pattern", "canhgiac-entities"),
        lambda found: found.update(timeFieldName="last_seen"),
    ),
    "documents by another time": (VIEW, lambda found: found.update(timeFieldName="published")),
    "a field without label": (VIEW, inside("fieldAttrs", lambda found: found.pop("phones"))),
    "a label of no field": (VIEW, inside("fieldAttrs", lambda found: found.update(sdt={"customLabel": "Số"}))),
    "folded text beside the content": (VIEW, inside("sourceFilters", lambda found: found.clear())),
    "a link to what a post links to": (
        VIEW,
        inside("fieldFormatMap", lambda found: found.update(links=found["leads"])),
    ),
    "a link to another host": (
        VIEW,
        inside("fieldFormatMap", lambda found: found["leads"]["params"].update(urlTemplate="http://x/{{value}}")),
    ),
    "a code without word": (
        VIEW,
        inside("fieldFormatMap", lambda found: found["regions"]["params"]["lookupEntries"][0].update(value="")),
    ),
    "a panel outside the grid": (DASHBOARD, panel("silent", lambda found: found["gridData"].update(x=40))),
    "panels over each other": (DASHBOARD, panel("posts", lambda found: found["gridData"].update(x=6))),
    "a panel under another name": (DASHBOARD, panel("posts", lambda found: found["gridData"].update(i="other"))),
    "a session panel without reference": (DASHBOARD, panel("leads", lambda found: found.pop("panelRefName"))),
    "a chart query outside the subset": (
        DASHBOARD,
        chart("suspicious", lambda found: found["query"].update(query="suspects: (a b)")),
    ),
    "a chart of a field that is not mapped": (DASHBOARD, column("forms", "by_narratives", sourceField="forms")),
    "terms of text": (DASHBOARD, column("forms", "by_narratives", sourceField="text")),
    "a histogram of a keyword": (DASHBOARD, column("rhythm", "time", sourceField="source")),
    "an accessor of no column": (
        DASHBOARD,
        chart("waiting", lambda found: found["visualization"].update(metricAccessor="gone")),
    ),
    "a layer of another name": (
        DASHBOARD,
        chart("waiting", lambda found: found["visualization"].update(layerId="gone")),
    ),
    "an order by no column": (
        DASHBOARD,
        column("forms", "by_narratives", params={"orderBy": {"columnId": "gone"}, "size": 5}),
    ),
    "a column left out of the order": (
        DASHBOARD,
        chart(
            "forms",
            lambda found: found["datasourceStates"]["formBased"]["layers"]["layer"].update(columnOrder=["count"]),
        ),
    ),
    "Lens state of before 8.6": (
        DASHBOARD,
        chart("forms", lambda found: found["datasourceStates"].update(indexpattern={}) or found.pop("filters")),
    ),
    "another view inside than outside": (
        DASHBOARD,
        panel(
            "waiting",
            lambda found: found["embeddableConfig"]["attributes"]["references"][0].update(id="canhgiac-sources"),
        ),
    ),
}


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_a_broken_attribute_is_caught(exported: list[Json], name: str) -> None:
    (type_, id_), change = ATTRIBUTES[name]
    objects = deepcopy(exported)
    change(of(objects, type_, id_))

    assert faults(objects)


LINES: Mapping[str, Callable[[Json], Any]] = {
    "no version": lambda item: item.pop("typeMigrationVersion"),
    "a version that 8.19 does not know": lambda item: item.update(typeMigrationVersion="10.99.0"),
    "an unpinned core": lambda item: item.update(coreMigrationVersion="9.2.0"),
    "an unknown key": lambda item: item.update(updated_at="2026-01-01"),
    "no references": lambda item: item["references"].clear(),
    "a reference too many": lambda item: item["references"].append(
        {"name": "more", "type": "search", "id": "canhgiac-warnings"}
    ),
    "a dangling reference": lambda item: item["references"][0].update(id="gone"),
    "the id of another": lambda item: item.update(id="canhgiac-health"),
}


@pytest.mark.parametrize("name", LINES)
def test_a_broken_line_is_caught(exported: list[Json], name: str) -> None:
    objects = deepcopy(exported)
    LINES[name](next(item for item in objects if item["id"] == "canhgiac-today"))

    assert faults(objects)
