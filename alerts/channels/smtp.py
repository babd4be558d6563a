"""Mail over SMTP: one connection a flush, one recipient a message, ten minutes of patience after the final dot."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from datetime import datetime
from typing import ClassVar
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from alerts.channels.base import Channel, ChannelConfig
from alerts.mail import compose, header_text
from model.errors import ConfigError, DeliveryDeferredError, DeliveryRefusedError
from model.message import Delivery
from store.faults import fault_point

CONNECT_TIMEOUT = 30.0
COMMAND_TIMEOUT = 300.0
"""RFC 5321 section 4.5.3.2: five minutes for greeting, MAIL and RCPT."""

DATA_TIMEOUT = 600.0
"""RFC 5321 section 4.5.3.2.6: ten minutes for the answer to the final dot; giving up earlier makes duplicates."""

_PORTS = {"smtp": 25, "smtps": 465}
_EXAMPLE = "Write smtp://user:password@host:587?starttls=1 or smtps://user:password@host"
_GOING_DOWN = 421


class Smtp(Channel):
    """The channel `smtp`."""

    name: ClassVar[str] = "smtp"

    def __init__(self, config: ChannelConfig) -> None:
        super().__init__(config)
        self._url = _checked(config.smtp_url)
        self._server: smtplib.SMTP | None = None

    def send(self, delivery: Delivery, *, now: datetime) -> str:
        data = compose(
            delivery.message,
            sender=self.config.sender,
            sender_name=self.config.department,
            address=delivery.address,
            date=now,
        )
        server = self._connection(delivery.address)
        try:
            return self._transaction(server, delivery.address, data)
        except smtplib.SMTPResponseException as error:
            raise self._refusal(error, delivery.address) from error
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise DeliveryDeferredError(
                f"the connection broke, whether it was taken is unknown ({error})", recipient=delivery.address
            ) from error

    def close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            with suppress(smtplib.SMTPException, OSError):
                server.sock.settimeout(CONNECT_TIMEOUT) if server.sock else None
                server.quit()
            server.close()

    def _transaction(self, server: smtplib.SMTP, address: str, data: bytes) -> str:
        _expect(*server.mail(self.config.sender))
        _expect(*server.rcpt(address))
        if server.sock is not None:
            server.sock.settimeout(DATA_TIMEOUT)
        fault_point("smtp: before data")
        code, answer = server.data(data)
        _expect(code, answer)
        fault_point("smtp: after accept")
        if server.sock is not None:
            server.sock.settimeout(COMMAND_TIMEOUT)
        return f"{code} {header_text(answer.decode('utf-8', 'replace'))}"

    def _refusal(
        self, error: smtplib.SMTPResponseException, address: str
    ) -> DeliveryDeferredError | DeliveryRefusedError:
        answer = f"{error.smtp_code} {header_text(_text(error.smtp_error))}"
        if error.smtp_code == _GOING_DOWN:
            self.close()
            return DeliveryDeferredError(answer, recipient=address)
        self._reset()
        if 500 <= error.smtp_code < 600:
            return DeliveryRefusedError(answer, recipient=address)
        return DeliveryDeferredError(answer, recipient=address)

    def _reset(self) -> None:
        """Clear the server's idea of the transaction, so that the next message starts clean."""
        try:
            if self._server is not None:
                self._server.rset()
        except (smtplib.SMTPException, OSError):
            self.close()

    def _connection(self, address: str) -> smtplib.SMTP:
        if self._server is None:
            try:
                self._server = self._open()
            except (smtplib.SMTPException, OSError) as error:
                # Also a refused password: it says nothing about the message and is mended by a person.
                raise DeliveryDeferredError(
                    f"mail server {self._url.hostname}:{self._port} cannot be used ({_words(error)})", recipient=address
                ) from error
        return self._server

    @property
    def _port(self) -> int:
        return self._url.port or _PORTS[self._url.scheme]

    def _open(self) -> smtplib.SMTP:
        host, domain = str(self._url.hostname), self.config.sender.rpartition("@")[2] or "localhost"
        if self._url.scheme == "smtps":
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, self._port, local_hostname=domain, timeout=CONNECT_TIMEOUT, context=context
            )
        else:
            server = smtplib.SMTP(host, self._port, local_hostname=domain, timeout=CONNECT_TIMEOUT)
        try:
            self._greet(server)
        except BaseException:
            server.close()
            raise
        return server

    def _greet(self, server: smtplib.SMTP) -> None:
        server.ehlo_or_helo_if_needed()
        if parse_qs(self._url.query).get("starttls", ["0"])[-1] not in ("0", "no", "false", ""):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        if self._url.username:
            server.login(unquote(self._url.username), unquote(self._url.password or ""))
        if server.sock is not None:
            server.sock.settimeout(COMMAND_TIMEOUT)


def _checked(url: str) -> SplitResult:
    parts = urlsplit(url)
    try:
        usable = parts.scheme in _PORTS and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError("is not the address of a mail server", key="CANHGIAC_SMTP_URL", cure=_EXAMPLE)
    return parts


def _expect(code: int, answer: bytes) -> None:
    if not 200 <= code < 300:
        raise smtplib.SMTPResponseException(code, answer)


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {header_text(_text(error.smtp_error))}"
    return header_text(str(error)) or type(error).__name__
