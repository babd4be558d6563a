"""How a server of the cluster is reached: what counts as this machine, and how an API key is written."""

from __future__ import annotations

import ipaddress
import re
from base64 import b64encode

from model.errors import ConfigError

_ENCODED = re.compile(r"[A-Za-z0-9+/_\-]+={0,2}", re.ASCII)
_ID = re.compile(r"[!-~]+", re.ASCII)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: `localhost` or an address of 127/8 or ::1."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def encoded_key(text: str, *, setting: str) -> str:
    """An API key as `Authorization: ApiKey` carries it: base64 of `id:key`.

    text: the key in either form in which Elasticsearch and Kibana hand it out, `id:key` or `encoded`; blanks around it
    (a secret's last line break) do not count. Raises ConfigError, without the key in it, for what is neither.
    """
    text = text.strip()
    if ":" in text and _ID.fullmatch(text):
        return b64encode(text.encode()).decode()
    if not _ENCODED.fullmatch(text):
        raise ConfigError(
            "không phải khóa API", key=setting, cure="Chép nguyên giá trị `encoded` khi tạo khóa, hoặc viết id:api_key"
        )
    return text
