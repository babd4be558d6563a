"""The pages: each reads what it shows with a few calls below and hands nouns to its template."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseForbidden,
    JsonResponse,
)
from django.shortcuts import redirect, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods

from console.finding import find
from console.inbox import read_inbox, read_mail
from console.web.highlight import pieces
from console.web.middleware import MAIL_POLICY
from console.web.options import current
from extraction.extract import normalise
from indexer.highlight import Highlighter, Marks
from indexer.port import SearchIndex, SearchRequest
from model.document import DocumentVersion, Role
from model.errors import QuerySyntaxError, SearchError, StoreError
from model.lead import LEAD_MOVES, LEAD_STATUS_LABELS, Lead, LeadStatus
from model.message import Delivery, DeliveryState
from model.source import BLIND_STATES, SourceStatus
from store import audit, notices
from store import deliveries as delivery_store
from store import documents as document_store
from store import entities as entity_store
from store import leads as lead_store
from store import queries as query_store
from store import sources as source_store

LEADS_SHOWN = 200
PAGE = 20
NOTE_LIMIT = 1000
DELIVERIES_READ = 2000
DIGESTS_SHOWN = 60
SEEN = "digest.seen"
"""Action in the audit trail: a person has read a digest."""
NO_MARKS = Marks()
SEARCH_FACETS = ("source_kind", "source", "narratives", "regions", "banks")


@cache
def _index() -> SearchIndex:
    return current().open_index()


def everywhere(_: HttpRequest) -> dict[str, Any]:
    """What every page shows: whether this is the demo, mails that could not be sent."""
    options = current()
    return {
        "demo": options.open_reading,
        "has_inbox": options.inbox is not None,
        "department": options.department,
        "dead": delivery_store.counts().get(DeliveryState.DEAD.value, 0),
    }


@require_GET
def leads(request: HttpRequest) -> HttpResponse:
    """The leads, newest first, with what stands before the eyes of whoever opens the console."""
    status = request.GET.get("tinh-trang", "")
    wanted = LeadStatus(status) if status in {item.value for item in LeadStatus} else None
    shown = lead_store.list_leads(status=wanted, limit=LEADS_SHOWN)
    statuses = source_store.list_statuses()
    watched, blind = _watched(statuses)
    day = current().clock() - timedelta(hours=24)
    recent = lead_store.list_leads(since=day)
    context = {
        "leads": [_card(lead) for lead in shown],
        "status": wanted,
        "statuses": list(LeadStatus),
        "new_today": len(recent),
        "waiting": len(lead_store.list_leads(status=LeadStatus.NEW)),
        "documents": document_store.count(),
        "watched": watched,
        "blind": blind,
        "notices": notices.open_notices(),
    }
    return render(request, "console/leads.html", context)


def _watched(statuses: Sequence[SourceStatus]) -> tuple[list[SourceStatus], list[SourceStatus]]:
    """Sources that are visited, and those of them of which we see nothing."""
    watched = [status for status in statuses if status.source.enabled and status.source.spider]
    return watched, [status for status in watched if status.state in BLIND_STATES]


def _card(lead: Lead) -> dict[str, Any]:
    suspects = [item for item in lead.identifiers if item.role is Role.SUSPECT]
    return {
        "lead": lead,
        "identifiers": suspects[:4],
        "more": max(0, len(suspects) - 4),
        "documents": len(lead.documents),
    }


@require_http_methods(["GET", "POST"])
def lead(request: HttpRequest, code: str) -> HttpResponse:
    """One lead: why, what identifies it, its documents with their mentions, who was told; POST moves its status."""
    found = lead_store.by_code(code)
    if found is None:
        raise Http404("không có đầu mối này")
    if request.method == "POST":
        return _move_lead(request, found)
    known = document_store.get_many(found.documents)
    context = {
        "lead": found,
        "into": lead_store.get(found.merged_into) if found.merged_into else None,
        "documents": [_post(known[identifier]) for identifier in found.documents if identifier in known],
        "deliveries": delivery_store.list_deliveries(subject_id=found.id),
        "suppressions": _counted(lead_store.suppressions(lead=found.id)),
        "moves": _moves(found) if request.user.is_authenticated else (),
        "history": _history(found),
        "source_titles": _source_titles(),
        "query_titles": {query.id: query.title for query in query_store.list_queries()},
    }
    return render(request, "console/lead.html", context)


def _move_lead(request: HttpRequest, lead: Lead) -> HttpResponse:
    """Moves the status as the form says, in the name of whoever is logged in; nobody else can."""
    if not request.user.is_authenticated:
        return HttpResponseForbidden("Cần đăng nhập để đổi tình trạng.")
    status, note = request.POST.get("status", ""), request.POST.get("note", "").strip()[:NOTE_LIMIT]
    if status not in {item.value for item in LeadStatus}:
        return HttpResponseBadRequest("Không có tình trạng này.")
    try:
        moved = lead_store.transition(
            lead.id, status, actor=request.user.get_username(), note=note, now=current().clock()
        )
    except StoreError as error:
        messages.error(request, f"Không đổi được: {error}")
    else:
        messages.success(request, f"Đã chuyển sang “{LEAD_STATUS_LABELS[moved.status]}”.")
    return redirect("lead", code=lead.code)


def _moves(lead: Lead) -> list[LeadStatus]:
    """What a person may ask for from the present status, in the order of the work."""
    return [] if lead.merged_into else [status for status in LeadStatus if status in LEAD_MOVES[lead.status]]


def _history(lead: Lead) -> list[dict[str, Any]]:
    """Who moved the lead, when, from what to what, newest first."""
    return [
        {"entry": entry, "to": LeadStatus(str(entry.detail["to"])), "note": entry.detail.get("note", "")}
        for entry in audit.entries(50, subject=lead.code)
        if entry.action == "lead.transition"
    ]


def _counted(suppressions: Sequence[Any]) -> list[tuple[str, int, Any]]:
    """Reasons with how often and when last."""
    counts = Counter(item.detail for item in suppressions)
    last = {item.detail: item.at for item in suppressions}
    return [(detail, number, last[detail]) for detail, number in counts.most_common()]


def _source_titles() -> dict[str, str]:
    return {status.source.id: status.source.title for status in source_store.list_statuses(include_retired=True)}


def _post(version: DocumentVersion, marks: Marks = NO_MARKS) -> dict[str, Any]:
    document = version.document
    return {
        "version": version,
        "document": document,
        "title": pieces(document.title, document.mentions, field="title", hits=marks.title),
        "text": pieces(document.text, document.mentions, field="text", hits=marks.text),
        "pictures": pieces(document.image_text, document.mentions, field="image", hits=marks.image),
    }


@require_GET
def document(request: HttpRequest, identifier: str) -> HttpResponse:
    """One document with its mentions."""
    version = document_store.get(identifier)
    if version is None:
        raise Http404("không có bài này")
    context = {"post": _post(version), "mentions": version.document.mentions, "source_titles": _source_titles()}
    return render(request, "console/document.html", context)


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Search in KQL, the same as in Kibana."""
    query, after = request.GET.get("q", "").strip(), request.GET.get("sau", "")
    context: dict[str, Any] = {"query": query, "asked": "q" in request.GET, "source_titles": _source_titles()}
    if "q" in request.GET:
        try:
            found = find(_index(), SearchRequest(query=query, after=after, facets=SEARCH_FACETS), most=PAGE)
            result, shown = found.result, Highlighter(query)
            context |= {
                "total": result.total,
                "posts": [_post(version, shown.marks(version)) for version in found.documents],
                "next": result.next,
                "facets": [(name, result.facets.get(name, ())) for name in SEARCH_FACETS if result.facets.get(name)],
            }
        except QuerySyntaxError as error:
            context |= {"refusal": error, "pointer": " " * error.position + "▲"}
        except SearchError as error:
            context["unavailable"] = str(error)
    return render(request, "console/search.html", context)


@require_GET
def entity(request: HttpRequest) -> HttpResponse:
    """What the register knows of a pasted value; without one, the newest entries."""
    value = request.GET.get("q", "").strip()
    context: dict[str, Any] = {"value": value, "source_titles": _source_titles()}
    if value:
        readings = normalise(value)
        context |= {"readings": readings, "entries": entity_store.get_many([reading.key for reading in readings])}
        keys = [entry.entity.key for entry in context["entries"]]
        ids = [identifier for found in document_store.with_entities(keys).values() for identifier in found]
        known = document_store.get_many(ids[:50])
        context["posts"] = [_post(known[identifier]) for identifier in ids[:50] if identifier in known]
    else:
        entries = entity_store.list_entries(limit=300, order="first_seen")
        context["entries"] = [entry for entry in entries if entry.status == Role.SUSPECT][:100]
    return render(request, "console/entity.html", context)


@require_GET
def digests(request: HttpRequest) -> HttpResponse:
    """The digests, newest first, each once however many received it, with who has seen it."""
    found: dict[str, list[Delivery]] = {}
    for delivery in delivery_store.list_deliveries(limit=DELIVERIES_READ):
        if delivery.purpose == "digest":
            found.setdefault(delivery.subject_id, []).append(delivery)
    seen: dict[str, dict[str, datetime]] = {}
    for entry in audit.entries(DELIVERIES_READ):
        if entry.action == SEEN:
            seen.setdefault(entry.subject, {})[entry.actor] = entry.at
    shown = [(group[0], group, seen.get(subject, {}).items()) for subject, group in found.items()]
    return render(request, "console/digests.html", {"digests": shown[:DIGESTS_SHOWN]})


@require_http_methods(["GET", "POST"])
def message(request: HttpRequest, identifier: str) -> HttpResponse:
    """A message as it was sent; POST notes that whoever is logged in has seen this digest."""
    delivery = delivery_store.get(identifier)
    if delivery is None:
        raise Http404("không có thư này")
    if request.method == "POST":
        if not request.user.is_authenticated or delivery.purpose != "digest":
            return HttpResponseForbidden("Cần đăng nhập, và chỉ bản tin mới có mục đã xem.")
        audit.record(request.user.get_username(), SEEN, delivery.subject_id, {}, current().clock())
        return redirect("digests")
    return render(request, "console/message.html", {"delivery": delivery})


@require_GET
@xframe_options_sameorigin
def message_body(request: HttpRequest, identifier: str) -> HttpResponse:
    """The HTML of a message, for the frame on its page."""
    delivery = delivery_store.get(identifier)
    if delivery is None:
        raise Http404("không có thư này")
    return _mail_body(delivery.message.html)


def _mail_body(html: str) -> HttpResponse:
    return HttpResponse(html, headers={"Content-Security-Policy": MAIL_POLICY})


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """The demo's inbox: the mails as they arrived over SMTP."""
    return render(request, "console/inbox.html", {"mails": read_inbox(_inbox())})


@require_GET
def received(request: HttpRequest, name: str) -> HttpResponse:
    """One mail as it arrived."""
    return render(request, "console/received.html", {"mail": read_mail(_mail_file(name))})


@require_GET
@xframe_options_sameorigin
def received_body(request: HttpRequest, name: str) -> HttpResponse:
    """Its HTML, for the frame on its page."""
    return _mail_body(read_mail(_mail_file(name)).html)


def _inbox() -> Path:
    folder = current().inbox
    if folder is None:
        raise Http404("chỉ có trong bản trình diễn")
    return folder


def _mail_file(name: str) -> Path:
    path = _inbox() / f"{name}.eml"
    if not name.isdigit() or not path.exists():
        raise Http404("không có thư này")
    return path


@require_GET
def sources(request: HttpRequest) -> HttpResponse:
    """Every source and how it stands; the blind ones first."""
    statuses = source_store.list_statuses()
    watched, blind = _watched(statuses)
    rest = [status for status in watched if status not in blind]
    imported = [status for status in statuses if not status.source.spider and status.documents]
    waiting = [status for status in statuses if status.source.spider and not status.source.enabled]
    context = {"watched": [*blind, *rest], "blind": blind, "imported": imported, "waiting": waiting}
    return render(request, "console/sources.html", context)


@require_GET
@login_not_required
def health(_: HttpRequest) -> JsonResponse:
    """For a monitor: whether the database answers, how far matching is, what waits."""
    last, matched = document_store.last_revision(), document_store.checkpoint("match")
    return JsonResponse({"ok": True, "unmatched": max(0, last - matched), "deliveries": delivery_store.counts()})
