"""Every setting of the system: name, type, default and one sentence.

Settings come from environment variables `CANHGIAC_<NAME>`, from a `.env` file in the working directory, and from files in
the folder `CANHGIAC_SECRETS_DIR` that are named like the variable in lower case (`canhgiac_smtp_url`); the first wins.
They are read once, by `console.wiring` (and by `crawler.settings` in a crawl child), and handed on as values.
"""

from __future__ import annotations

import os
import re
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from model.errors import ConfigError

PREFIX = "CANHGIAC_"
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")


def seconds(text: object) -> float:
    """The seconds of `90`, `30s`, `30m`, `24h`, `7d`, `1h30m`. Raises ValueError with the accepted spellings."""
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        return float(text)
    spelled = str(text).strip().lower()
    if re.fullmatch(r"\d+(\.\d+)?", spelled):
        return float(spelled)
    if spelled and re.fullmatch(rf"(?:{_DURATION.pattern}\s*)+", spelled):
        return sum(float(number) * _UNITS[unit] for number, unit in _DURATION.findall(spelled))
    raise ValueError(f"{text!r} is not a duration; write for example 45s, 30m, 24h or 7d")


Duration = Annotated[float, BeforeValidator(seconds)]
"""Seconds, written `45s`, `30m`, `24h` or as a bare number."""


class Settings(BaseSettings):
    """What an installation can set. Secrets never appear in `repr`, logs or error texts."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True
    )

    home: Path = Field(
        Path("var"), description="Folder of everything that is kept: databases, own sheets, keys, inbox."
    )
    database_url: SecretStr = Field(
        SecretStr(""),
        description="Operations database: sqlite:////absolute/path.db (default, in the home) or postgresql://...",
    )
    index_url: SecretStr = Field(
        SecretStr(""),
        description="Search index: sqlite:////absolute/path.db (default, in the home) or http(s)://host:9200.",
    )
    index_user: str = Field("", description="User name for Elasticsearch (basic authentication).")
    index_password: SecretStr = Field(SecretStr(""), description="Password for Elasticsearch.")
    index_api_key: SecretStr = Field(
        SecretStr(""), description="API key for Elasticsearch, instead of user and password."
    )
    index_ca: Path | None = Field(None, description="File with the certificate authority of Elasticsearch.")
    index_allow_insecure: bool = Field(
        False, description="Accept an Elasticsearch on another machine without authentication or TLS."
    )
    kibana_url: str = Field(
        "",
        description="Kibana of the desk, https://host:5601; set: its [CB] queries are brought back every five minutes.",
    )
    kibana_space: str = Field("", description="Space in Kibana; empty: the default space.")
    kibana_api_key: SecretStr = Field(
        SecretStr(""), description="API key for Kibana; empty: user and password (or key) of the index."
    )
    kibana_interval: Duration = Field(300.0, description="Pause between two looks at the saved queries in Kibana.")

    index_months: int = Field(
        24,
        ge=0,
        le=1200,
        description="Whole months before the present one that the search index keeps; the log keeps all. 0: everything.",
    )
    backfill_days: int = Field(
        30,
        ge=0,
        le=3650,
        description="Days of collected posts that a new, edited or approved saved query is taken over; 0: none.",
    )

    smtp_url: SecretStr = Field(
        SecretStr(""),
        description="Mail server: smtp://user:password@host:587?starttls=1 or smtps://...; empty: nothing is mailed.",
    )
    mail_sender: str = Field("canhgiac@localhost", description="Address that mails come from.")
    department: str = Field(
        "Sở Khoa học và Công nghệ", description="Name of the department, as it signs digests and reports."
    )
    province: str = Field(
        "", description="Province code of the department, for example VN-35; empty: the whole country."
    )

    console_host: str = Field("127.0.0.1", description="Address that the console listens on.")
    console_port: int = Field(8600, ge=0, le=65535, description="Port that the console listens on; 0 takes a free one.")
    console_url: str = Field("", description="Address of the console in mails; default http://host:port.")
    secret_key: SecretStr = Field(
        SecretStr(""), description="Key that signs console sessions; empty: made once and kept in the home."
    )

    contact: str = Field(
        "", description="Mail address or page in the crawler's user agent, so that a site can reach us."
    )
    chromium: str = Field(
        "", description="Path of the Chromium for pages that need a browser; empty: found on this machine."
    )
    crawl_workers: int = Field(2, ge=1, le=32, description="Crawl children that run at once.")
    tick_interval: Duration = Field(15.0, description="Pause between two looks at which sources are due.")
    outbox_interval: Duration = Field(
        2.0, description="Pause between two looks at deliveries that wait for another try."
    )
    health_interval: Duration = Field(300.0, description="Pause between two looks at the health of sources.")
    digest_at: time = Field(time(7, 30), description="When the daily digest is made, Asia/Ho_Chi_Minh.")

    log_format: Literal["auto", "console", "json"] = Field(
        "auto", description="Log lines for people (console) or machines (json); auto: by terminal."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")

    @property
    def home_path(self) -> Path:
        """The home as an absolute path."""
        return self.home.expanduser().absolute()

    @property
    def operations_url(self) -> str:
        """The operations database, default filled in."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.home_path / 'canhgiac.db'}"

    @property
    def search_url(self) -> str:
        """The search index, default filled in."""
        return self.index_url.get_secret_value() or f"sqlite:///{self.home_path / 'index.db'}"

    @property
    def public_url(self) -> str:
        """Where officials reach the console, without a trailing slash."""
        return (self.console_url or f"http://{self.console_host}:{self.console_port}").rstrip("/")


def in_force(settings: Settings) -> dict[str, str]:
    """The settings that differ from their defaults, by variable; secrets as `***`."""
    shown = {}
    for name, info in Settings.model_fields.items():
        value = getattr(settings, name)
        if value != info.default:
            shown[f"{PREFIX}{name.upper()}"] = "***" if isinstance(value, SecretStr) else str(value)
    return shown


def read_settings(**given: Any) -> Settings:
    """The settings of this process; `given` wins over environment and `.env`.

    Raises ConfigError that names the variable at fault and what it should be.
    """
    folder = os.environ.get(f"{PREFIX}SECRETS_DIR")
    if folder and not Path(folder).is_dir():
        raise ConfigError(
            f"{folder!r} is not a folder", file=f"{PREFIX}SECRETS_DIR", cure="Name the folder with the secrets"
        )
    if folder:
        given["_secrets_dir"] = folder
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        described = Settings.model_fields.get(str(first["loc"][0]) if first["loc"] else "")
        raise ConfigError(
            first["msg"].removeprefix("Value error, "),
            file=f"{PREFIX}{name.upper()}",
            cure=f"It is: {described.description}" if described else "",
        ) from None
