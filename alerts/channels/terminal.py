"""Messages on the terminal, for trials without a mail server."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import ClassVar, TextIO

from alerts.channels.base import Channel, ChannelConfig
from alerts.mail import header_text
from model.errors import DeliveryDeferredError
from model.message import Delivery


class Terminal(Channel):
    """The channel `terminal`: writes the text of a message to standard error, so that `--json` output stays clean."""

    name: ClassVar[str] = "terminal"

    def __init__(self, config: ChannelConfig, stream: TextIO | None = None) -> None:
        super().__init__(config)
        self._stream = stream

    def send(self, delivery: Delivery, *, now: datetime) -> str:
        stream = self._stream or sys.stderr
        try:
            stream.write(f"=== {delivery.address}: {header_text(delivery.message.subject)}\n{delivery.message.text}\n")
            stream.flush()
        except (OSError, ValueError) as error:
            raise DeliveryDeferredError(
                f"the terminal cannot be written ({error})", recipient=delivery.address
            ) from error
        return f"shown at {now.isoformat(timespec='seconds')}"
