"""What a channel is: it hands one message to one address and says what became of it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime
from typing import ClassVar

from attrs import field, frozen

from model.message import Delivery


@frozen(kw_only=True)
class ChannelConfig:
    """What channels need to know of the installation.

    smtp_url: `smtp://user:password@host:587?starttls=1`, `smtps://...`, "" when no mail server is set. sender:
    address that mails come from. department: its display name.
    """

    smtp_url: str = field(default="", repr=False)
    sender: str = "canhgiac@localhost"
    department: str = "Sở Khoa học và Công nghệ"


class Channel(ABC):
    """A way out. `name` is what a recipient's `channel:` says. Made once per flush and closed after it."""

    name: ClassVar[str] = ""

    def __init__(self, config: ChannelConfig) -> None:
        """Cheap: nothing is opened before the first message. Raises ConfigError for an unusable setting."""
        self.config = config

    @abstractmethod
    def send(self, delivery: Delivery, *, now: datetime) -> str:
        """Hand the message over; the other side's answer.

        Raises DeliveryDeferredError (again later, also when it is unknown whether the message was taken)
        or DeliveryRefusedError (never).
        """

    def close(self) -> None:
        """Let go of what was opened; never raises."""
        return
