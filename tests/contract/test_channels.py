"""One suite over every channel, and what SMTP in particular must survive, against a real server on loopback."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from alerts.channels.base import Channel, ChannelConfig
from alerts.channels.smtp import Smtp
from alerts.channels.terminal import Terminal
from alerts.outbox import channel_names, flush
from model.errors import ConfigError, DeliveryDeferredError, DeliveryRefusedError
from model.message import Delivery, DeliveryState, Message
from store import deliveries
from store.connect import connect, disconnect

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


class Inbox:
    """A mail server's handler: keeps what it takes and answers as it is told."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.answers: list[str] = []
        self.rcpt_answers: dict[str, str] = {}
        self.drop_after_dot = 0
        self.sessions = 0

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.sessions += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.rcpt_answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.answers.pop(0) if self.answers else "250 taken"
        if answer.startswith("250"):
            self.taken.append(envelope)
        if self.drop_after_dot:
            self.drop_after_dot -= 1
            transport: Any = server.transport
            transport.abort()
        return answer


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, str]]:
    handler = Inbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, f"smtp://127.0.0.1:{port}"
    controller.stop()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[None]:
    connect(f"sqlite:///{tmp_path / 'db.sqlite'}")
    yield
    disconnect()


def delivery(number: int = 1, address: str = "truc@example.vn", channel: str = "smtp", **more: Any) -> Delivery:
    message = Message(
        subject=more.pop("subject", "[KHẨN] CG-1 Cho vay"),
        text="Nội dung\n.dòng có chấm\n",
        html="<p>Nội dung</p>",
        message_id=f"d{number}@example.vn",
    )
    return Delivery(
        id=f"d{number}",
        subject_id="lead",
        purpose="lead",
        recipient="truc",
        channel=channel,
        address=address,
        message=message,
        created=NOW,
        **more,
    )


def config(url: str = "") -> ChannelConfig:
    return ChannelConfig(smtp_url=url, sender="canhgiac@so.example.vn", department="Sở KH&CN")


@pytest.fixture(params=["smtp", "terminal"])
def channel(request: pytest.FixtureRequest, inbox: tuple[Inbox, str]) -> Iterator[Channel]:
    made: Channel = Smtp(config(inbox[1])) if request.param == "smtp" else Terminal(config(), stream=io.StringIO())
    yield made
    made.close()


def test_every_channel_of_the_folder_is_in_this_suite() -> None:
    assert set(channel_names()) == {"smtp", "terminal"}


def test_a_channel_hands_messages_over_and_says_what_was_answered(channel: Channel) -> None:
    assert channel.send(delivery(1), now=NOW)
    assert channel.send(delivery(2, subject="[CẬP NHẬT] CG-1"), now=NOW)
    channel.close()
    channel.close()


def test_nothing_in_a_subject_breaks_out_of_it(channel: Channel, inbox: tuple[Inbox, str]) -> None:
    evil = "tin\r\nBcc: x@evil.example\n\u2028\x0b=?utf-8?q?hi=0D=0ABcc=3A_y=40evil=2Eexample?=\ud800"
    channel.send(delivery(1, subject=evil), now=NOW)
    for envelope in inbox[0].taken:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert mail["Bcc"] is None
        assert "evil" not in str(mail["To"])
        assert envelope.rcpt_tos == ["truc@example.vn"]


def test_smtp_sends_both_parts_with_the_stable_id_over_one_connection(inbox: tuple[Inbox, str]) -> None:
    channel = Smtp(config(inbox[1]))
    channel.send(delivery(1), now=NOW)
    channel.send(delivery(2), now=NOW)
    channel.close()
    mails = [message_from_bytes(envelope.content, policy=policy.default) for envelope in inbox[0].taken]
    assert [mail["Message-ID"] for mail in mails] == ["<d1@example.vn>", "<d2@example.vn>"]
    assert [part.get_content_type() for part in mails[0].iter_parts()] == ["text/plain", "text/html"]
    assert ".dòng có chấm" in mails[0].get_body(("plain",)).get_content()
    assert inbox[0].sessions == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("450 later", DeliveryDeferredError),
        ("421 going down", DeliveryDeferredError),
        ("554 no", DeliveryRefusedError),
        ("552 full", DeliveryRefusedError),
    ],
)
def test_smtp_answers_to_the_message(inbox: tuple[Inbox, str], answer: str, error: type[Exception]) -> None:
    inbox[0].answers = [answer]
    channel = Smtp(config(inbox[1]))
    with pytest.raises(error):
        channel.send(delivery(1), now=NOW)
    assert channel.send(delivery(2), now=NOW).startswith("250")
    channel.close()
    assert len(inbox[0].taken) == 1


@pytest.mark.parametrize(
    ("answer", "error"), [("450 busy", DeliveryDeferredError), ("550 unknown", DeliveryRefusedError)]
)
def test_smtp_answers_to_one_recipient_of_many(inbox: tuple[Inbox, str], answer: str, error: type[Exception]) -> None:
    inbox[0].rcpt_answers = {"xa@example.vn": answer}
    channel = Smtp(config(inbox[1]))
    channel.send(delivery(1), now=NOW)
    with pytest.raises(error):
        channel.send(delivery(2, address="xa@example.vn"), now=NOW)
    channel.send(delivery(3), now=NOW)
    channel.close()
    assert len(inbox[0].taken) == 2


@pytest.mark.parametrize("url", ["", "mailhost", "http://x", "smtp://", "smtp://host:port"])
def test_smtp_refuses_an_unusable_address_naming_the_setting(url: str) -> None:
    with pytest.raises(ConfigError, match="CANHGIAC_SMTP_URL"):
        Smtp(config(url))


@pytest.mark.usefixtures("database")
class TestOutbox:
    """The outbox over SMTP: every delivery ends sent or dead, and only a lost answer repeats a mail."""

    def flush(self, url: str, at: datetime = NOW) -> Any:
        return flush(config=config(url), now=lambda: at)

    def test_sent_deferred_and_dead(self, inbox: tuple[Inbox, str]) -> None:
        inbox[0].rcpt_answers = {"cham@example.vn": "451 slow", "sai@example.vn": "550 unknown"}
        deliveries.add([delivery(1), delivery(2, address="cham@example.vn"), delivery(3, address="sai@example.vn")])
        done = self.flush(inbox[1])
        assert (done.sent, done.deferred, done.dead) == (1, 1, 1)
        assert {one.id: one.state for one in deliveries.list_deliveries()} == {
            "d1": DeliveryState.SENT,
            "d2": DeliveryState.NEW,
            "d3": DeliveryState.DEAD,
        }
        inbox[0].rcpt_answers = {}
        assert self.flush(inbox[1]).sent == 0
        assert self.flush(inbox[1], NOW + timedelta(minutes=2)).sent == 1

    def test_a_lost_answer_repeats_the_mail_with_the_same_id(self, inbox: tuple[Inbox, str]) -> None:
        inbox[0].drop_after_dot = 1
        deliveries.add([delivery(1)])
        assert self.flush(inbox[1]).deferred == 1
        assert self.flush(inbox[1], NOW + timedelta(hours=1)).sent == 1
        ids = [message_from_bytes(one.content, policy=policy.default)["Message-ID"] for one in inbox[0].taken]
        assert ids == ["<d1@example.vn>"] * 2

    def test_a_server_that_is_away_costs_a_pause(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            url = f"smtp://127.0.0.1:{probe.getsockname()[1]}"
        deliveries.add([delivery(1)])
        assert self.flush(url).deferred == 1
        (waiting,) = deliveries.list_deliveries()
        assert waiting.next_at is not None
        assert timedelta(minutes=1) <= waiting.next_at - NOW <= timedelta(minutes=2)

    def test_without_a_mail_server_mails_wait_and_are_dead_after_days(self) -> None:
        deliveries.add([delivery(1)])
        assert self.flush("").deferred == 1
        assert self.flush("", NOW + timedelta(days=6)).dead == 1

    def test_an_unknown_channel_is_dead_and_shown(self, inbox: tuple[Inbox, str]) -> None:
        deliveries.add([delivery(1, channel="bo_cau")])
        assert self.flush(inbox[1]).dead == 1

    def test_two_senders_share_the_work(self, inbox: tuple[Inbox, str]) -> None:
        from store.connect import close_thread

        deliveries.add([delivery(number) for number in range(12)])

        def work() -> None:
            self.flush(inbox[1])
            close_thread()

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(inbox[0].taken) == 12
        assert {one.state for one in deliveries.list_deliveries()} == {DeliveryState.SENT}
