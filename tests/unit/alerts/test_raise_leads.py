from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from alerts.decide import Book
from alerts.escalate import escalate
from alerts.mail import Letterhead
from alerts.raise_leads import Raised, raise_leads
from alerts.work import usable
from model.document import Document, Mention
from model.message import Hours, Recipient
from model.query import SavedQuery
from store import deliveries, documents, leads

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
QUERY = SavedQuery(
    id="vay",
    title="Cho vay thu phí trước",
    form="S07",
    query='"vay nhanh" and suspects: *',
    priority="immediate",
    realert=timedelta(days=7),
)
DESK = Recipient(id="truc", name="Trực ban", addresses=("truc@example.vn",))

pytestmark = pytest.mark.usefixtures("database")


def run(
    queries: Sequence[SavedQuery] | Book = (QUERY,), recipients: Sequence[Recipient] = (DESK,), **more: object
) -> Raised:
    return raise_leads(
        queries=queries,
        recipients=recipients,
        now=lambda: NOW,
        console_url="http://127.0.0.1:8600",
        sender="canhgiac@so.example.vn",
        **more,  # type: ignore[arg-type]
    )


def put(*items: Document) -> None:
    documents.append(items, now=NOW)


def test_a_match_becomes_one_lead_and_one_mail(
    document: Callable[..., Document], phone: Callable[..., Mention]
) -> None:
    put(
        document("1", "Vay nhanh 24/7 gọi 0900000001", phone("0900000001")),
        document("2", "VAY NHANH, giải ngân, 0900000001", phone("0900000001"), source="rao_vat", hours=1),
        document("3", "Bán xe, gọi 0900000002", phone("0900000002", role="neutral")),
    )
    raised = run()
    assert (raised.documents, raised.matches, raised.leads_new, raised.deliveries) == (3, 2, 1, 1)
    (lead,) = leads.list_leads()
    assert lead.code == "CG-1"
    assert len(lead.documents) == 2
    assert [one.entity.key for one in lead.identifiers] == ["phone:+84900000001"]
    assert lead.warning_gap_hours is None
    (delivery,) = deliveries.list_deliveries()
    assert delivery.subject_id == lead.id
    assert "CG-1" in delivery.message.subject
    assert documents.get(lead.documents[0]).leads == ("CG-1",)  # type: ignore[union-attr]
    assert run() == Raised()


def test_a_later_batch_grows_the_lead_and_sends_nothing_again(
    document: Callable[..., Document], phone: Callable[..., Mention]
) -> None:
    put(document("1", "Vay nhanh gọi 0900000001", phone("0900000001")))
    run()
    put(document("2", "vay nhanh nhé 0900000001", phone("0900000001"), hours=30))
    assert run().leads_updated == 1
    (lead,) = leads.list_leads()
    assert len(lead.documents) == 2
    assert len(deliveries.list_deliveries()) == 1
    assert [row.reason for row in leads.suppressions(lead=lead.id)] == ["realert"]


def test_an_earlier_post_that_met_no_query_is_found_when_its_number_recurs(
    document: Callable[..., Document], phone: Callable[..., Mention]
) -> None:
    put(document("1", "Ai cần tiền thì gọi 0900000001", phone("0900000001")))
    assert run().leads_new == 0
    put(document("2", "vay nhanh nhé 0900000001", phone("0900000001"), hours=2))
    run()
    (lead,) = leads.list_leads()
    assert len(lead.documents) == 2


def test_a_post_that_ties_two_leads_merges_them_into_the_oldest(
    document: Callable[..., Document], phone: Callable[..., Mention]
) -> None:
    put(document("1", "vay nhanh 0900000001", phone("0900000001")))
    run()
    put(document("2", "vay nhanh 0900000002", phone("0900000002")))
    run()
    put(document("3", "vay nhanh 0900000001 hoặc 0900000002", phone("0900000001"), phone("0900000002"), hours=1))
    run()
    (lead,) = leads.list_leads()
    assert (lead.code, len(lead.documents), len(lead.identifiers)) == ("CG-1", 3, 2)
    gone = [one for one in leads.list_leads(include_merged=True) if one.merged_into]
    assert [(one.code, one.merged_into) for one in gone] == [("CG-2", lead.id)]


def test_official_and_neutral_identifiers_never_raise(
    document: Callable[..., Document], phone: Callable[..., Mention]
) -> None:
    put(document("1", "vay nhanh, tổng đài 0900000001", phone("0900000001", role="official")))
    loose = SavedQuery(id="lỏng", title="Lỏng", query='"vay nhanh"', priority="immediate")
    assert run([loose]).leads_new == 0
    (row,) = leads.suppressions()
    assert row.reason == "official_only"


def test_a_warning_joins_and_tells_how_far_ahead_we_were(
    document: Callable[..., Document], phone: Callable[..., Mention]
) -> None:
    put(document("1", "vay nhanh 0900000001", phone("0900000001")))
    run()
    put(
        document(
            "w",
            "Cảnh báo số 0900000001",
            phone("0900000001"),
            source="so_tinh",
            kind="warning",
            hours=8,
            published=datetime(2026, 11, 20, 7, 0, tzinfo=UTC),
        )
    )
    run()
    (lead,) = leads.list_leads()
    assert lead.warning_gap_hours == 6.0
    assert sorted(one.purpose for one in deliveries.list_deliveries()) == ["lead", "update"]
    update = next(one for one in deliveries.list_deliveries() if one.purpose == "update")
    first = next(one for one in deliveries.list_deliveries() if one.purpose == "lead")
    assert update.message.references == (first.message.message_id,)


def test_two_episodes_that_share_an_article_are_two_leads(
    document: Callable[..., Document], phone: Callable[..., Mention]
) -> None:
    """The article came before both; the second lead once had the id of the first and took its place."""
    put(
        document("w", "Báo: số 0900000001 lừa vay nhanh", phone("0900000001"), kind="news"),
        document("1", "vay nhanh, lừa đảo 0900000001", phone("0900000001"), hours=10),
        document("2", "vay nhanh, lừa đảo 0900000001", phone("0900000001"), hours=300, source="khác"),
    )
    run()
    found = {one.id: len(one.documents) for one in leads.list_leads()}
    assert sorted(found.values()) == [2, 2]


def test_outside_hours_the_stand_in_is_told_and_over_budget_nobody(
    document: Callable[..., Document], phone: Callable[..., Mention]
) -> None:
    night = Recipient(id="dem", name="Trực đêm", addresses=("dem@example.vn",))
    absent = Recipient(
        id="truc", name="Trực ban", addresses=("truc@example.vn",), hours=Hours(days=("sun",)), stand_in="dem"
    )
    query = SavedQuery(
        id="vay",
        title="Vay",
        query='"vay nhanh" and suspects: *',
        priority="immediate",
        recipients=("truc",),
        origin="site",
    )
    put(document("1", "vay nhanh 0900000001", phone("0900000001")))
    run([query], [absent, night])
    assert [one.address for one in deliveries.list_deliveries()] == ["dem@example.vn"]
    full = Recipient(id="truc", name="Trực ban", addresses=("truc@example.vn",), daily_budget=0)
    put(document("2", "vay nhanh 0900000002", phone("0900000002")))
    run([query], [full])
    assert len(deliveries.list_deliveries()) == 1
    assert "budget" in [row.reason for row in leads.suppressions()]


def test_a_broken_query_costs_only_itself(document: Callable[..., Document], phone: Callable[..., Mention]) -> None:
    broken = SavedQuery(id="hong", title="Hỏng", query="(((")
    wrong = SavedQuery(id="sai", title="Sai", query="suspects: *", rule={"type": "no_such"})
    put(document("1", "vay nhanh 0900000001", phone("0900000001")))
    assert run([broken, wrong, QUERY]).leads_new == 1


def test_batch_size_does_not_matter(document: Callable[..., Document], phone: Callable[..., Mention]) -> None:
    for number in range(12):
        put(document(str(number), f"vay nhanh 090000000{number % 3}", phone(f"090000000{number % 3}"), hours=number))
    run(limit=2)
    assert sorted(len(lead.documents) for lead in leads.list_leads()) == [4, 4, 4]


def test_a_lead_that_nobody_takes_goes_to_the_stand_in_once(
    document: Callable[..., Document], phone: Callable[..., Mention]
) -> None:
    desk = Recipient(
        id="truc", name="Trực ban", addresses=("truc@example.vn",), stand_in="tp", escalate_after=timedelta(hours=1)
    )
    chief = Recipient(id="tp", name="Trưởng phòng", addresses=("tp@example.vn",))
    query = SavedQuery(
        id="vay", title="Vay", query='"vay nhanh" and suspects: *', priority="immediate", recipients=("truc",)
    )
    put(document("1", "vay nhanh, lừa đảo 0900000001 0900000002", phone("0900000001"), phone("0900000002")))
    run([query], [desk, chief])
    head = Letterhead(sender="canhgiac@so.example.vn")

    def pass_on(minutes: int) -> int:
        return escalate(queries=[query], recipients=[desk, chief], head=head, now=NOW + timedelta(minutes=minutes))

    (claimed,) = deliveries.claim(NOW, limit=5, lease_ttl=timedelta(minutes=20))
    deliveries.mark_sent(claimed.id, claimed.fence, "250", NOW)
    assert pass_on(59) == 0
    assert pass_on(61) == 1
    assert pass_on(62) == 0
    (other,) = [one for one in deliveries.list_deliveries() if one.recipient == "tp"]
    assert other.address == "tp@example.vn"
    (lead,) = leads.list_leads()
    leads.transition(lead.id, "acknowledged", actor="an", now=NOW)
    assert pass_on(200) == 0


def test_queries_that_were_read_and_checked_once_serve_many_calls(
    document: Callable[..., Document], phone: Callable[..., Mention]
) -> None:
    book = usable([QUERY, SavedQuery(id="hong", title="Hỏng", query="hai từ")], NOW)
    assert set(book.queries) == {"vay"}
    put(document("1", "Vay nhanh gọi 0900000001", phone("0900000001")))
    assert run(book).leads_new == 1
    put(document("2", "Vay nhanh gọi 0900000001", phone("0900000001"), source="khac"))
    assert run(book).leads_updated == 1
