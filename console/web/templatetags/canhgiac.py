"""Template filters: Vietnamese labels and times of the nouns; every indicator defanged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from django import template

from alerts import wording
from alerts.mail import show
from extraction.defang import defang as make_harmless
from extraction.image import problem_text
from extraction.kinds.base import kinds
from extraction.narratives import forms
from extraction.places import place_label
from model.document import ROLE_LABELS, Role
from model.lead import LEAD_STATUS_LABELS, LeadStatus
from model.message import DELIVERY_LABELS, DeliveryState
from model.query import PRIORITY_LABELS, Priority
from model.source import BLIND_STATES, STATE_LABELS, SourceState

register = template.Library()
LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")

SOURCE_KIND_LABELS = {
    "news": "báo chí",
    "warning": "cảnh báo",
    "social": "mạng xã hội",
    "forum": "diễn đàn",
    "channel": "kênh tin nhắn",
    "video": "video",
    "classified": "rao vặt",
    "ad": "quảng cáo",
    "app": "ứng dụng",
    "landing": "trang đích",
}
PURPOSE_LABELS = {
    "lead": "đầu mối mới",
    "update": "tin thêm",
    "correction": "đính chính",
    "digest": "bản tin",
    "notice": "thông báo",
}


@register.filter
def when(moment: datetime | None) -> str:
    """Day and time in Viet Nam."""
    return moment.astimezone(LOCAL).strftime("%H:%M %d/%m/%Y") if moment else "–"


@register.filter
def iso(moment: datetime | None) -> str:
    """For the attribute `datetime`."""
    return moment.isoformat(timespec="seconds") if moment else ""


@register.filter
def defang(text: object) -> str:
    """Nothing left that a program links."""
    return make_harmless(str(text))


@register.filter
def shown(value: str, kind: str) -> str:
    """A value of a kind as the mails write it: nothing that can be clicked or called."""
    return show(kind, value)


@register.filter
def kind_label(kind: str) -> str:
    """Of an entity kind; the register also keeps registrable domains, which are no kind of mention."""
    found = kinds().get(kind)
    return found.label if found else {"domain": "Tên miền"}.get(kind, kind)


@register.filter
def pictured(attributes: Mapping[str, str]) -> str:
    """How an identifier was read from a picture, "" when it was not."""
    return wording.pictured(attributes)


@register.filter
def picture_problem(problem: str) -> str:
    """Why a picture was not read, or not wholly."""
    return make_harmless(problem_text(problem))


@register.filter
def named(identifier: str, titles: Mapping[str, str]) -> str:
    """The title of a source or query; its id when it has none."""
    return titles.get(identifier) or identifier


@register.filter
def role_label(role: Role) -> str:
    """Of a role."""
    return ROLE_LABELS.get(role, str(role))


@register.filter
def status_label(status: LeadStatus) -> str:
    """Of a lead's status."""
    return LEAD_STATUS_LABELS[status]


MOVE_LABELS = {
    LeadStatus.ACKNOWLEDGED: "Nhận xử lý",
    LeadStatus.CONFIRMED: "Đã xác minh",
    LeadStatus.DISMISSED: "Loại",
    LeadStatus.REFERRED: "Đã chuyển",
    LeadStatus.CLOSED: "Đóng",
}


@register.filter
def move_label(status: LeadStatus) -> str:
    """On the button that moves a lead there."""
    return MOVE_LABELS[status]


@register.filter
def priority_label(priority: str) -> str:
    """Of a priority."""
    return PRIORITY_LABELS[Priority(priority)]


@register.filter
def state_label(state: SourceState) -> str:
    """Of a source's state."""
    return STATE_LABELS[state]


@register.filter
def is_blind(state: SourceState) -> bool:
    """Whether we see nothing of the source."""
    return state in BLIND_STATES


@register.filter
def delivery_label(state: DeliveryState) -> str:
    """Of a delivery's state."""
    return DELIVERY_LABELS[state]


@register.filter
def purpose_label(purpose: str) -> str:
    """What a message was sent for."""
    return PURPOSE_LABELS.get(purpose, purpose)


@register.filter
def source_kind_label(kind: str) -> str:
    """Of a source kind."""
    return SOURCE_KIND_LABELS.get(kind, kind)


@register.filter
def form_name(identifier: str) -> str:
    """Name of a scam form."""
    found = forms().get(identifier)
    return found.name if found else identifier


@register.filter
def place(code: str) -> str:
    """A province, with its old names."""
    return place_label(code)


FACET_LABELS = {
    "source_kind": "Loại nguồn",
    "source": "Nguồn",
    "narratives": "Hình thức",
    "regions": "Địa bàn",
    "banks": "Ngân hàng",
}
_FACET_VALUES = {"source_kind": source_kind_label, "narratives": form_name, "regions": place}


@register.filter
def facet_label(name: str) -> str:
    """Of a field whose values are counted."""
    return FACET_LABELS.get(name, name)


@register.filter
def facet_value(value: str, name: str) -> str:
    """A counted value as people read it."""
    return make_harmless(_FACET_VALUES.get(name, str)(value))
