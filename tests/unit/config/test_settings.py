"""Settings: defaults, variables, and refusals that name the variable."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import PREFIX, Settings, in_force, read_settings, seconds
from model.errors import ConfigError


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine that runs the tests, and no `.env`."""
    import os

    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_every_setting_has_a_sentence_and_a_default() -> None:
    """A setting is name, type, default, sentence."""
    for name, info in Settings.model_fields.items():
        assert info.description, name
        assert info.description.endswith("."), name
        assert not info.is_required(), name


def test_databases_lie_in_the_home_by_default(tmp_path: Path) -> None:
    """Both databases are files of the home."""
    settings = read_settings(home=tmp_path / "h")

    assert settings.operations_url == f"sqlite:///{tmp_path}/h/canhgiac.db"
    assert settings.search_url == f"sqlite:///{tmp_path}/h/index.db"


def test_env_file_is_read_and_variables_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`.env` in the working directory counts less than a variable."""
    (tmp_path / ".env").write_text("CANHGIAC_PROVINCE=VN-35\nCANHGIAC_CONSOLE_PORT=9000\n", encoding="utf-8")
    monkeypatch.setenv("CANHGIAC_CONSOLE_PORT", "9100")

    settings = read_settings()

    assert (settings.province, settings.console_port) == ("VN-35", 9100)
    assert settings.public_url == "http://127.0.0.1:9100"


def test_secrets_stay_out_of_repr() -> None:
    """A password in a URL is never printed."""
    settings = read_settings(smtp_url="smtp://a:hunter2@mail.example:25", database_url="postgresql://u:hunter2@db/x")

    assert "hunter2" not in repr(settings)
    assert settings.operations_url == "postgresql://u:hunter2@db/x"


@pytest.mark.parametrize(
    ("name", "value"),
    [("CONSOLE_PORT", "eighty"), ("TICK_INTERVAL", "soon"), ("LOG_LEVEL", "loud"), ("DIGEST_AT", "dawn")],
)
def test_a_bad_value_names_its_variable(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says which variable, and what it is for."""
    monkeypatch.setenv(PREFIX + name, value)

    with pytest.raises(ConfigError) as caught:
        read_settings()

    assert PREFIX + name in str(caught.value)
    assert "It is:" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90", 90), ("45s", 45), ("30m", 1800), ("24h", 86400), ("7d", 604800), ("1h30m", 5400), (15, 15), ("0.5s", 0.5)],
)
def test_durations(text: object, expected: float) -> None:
    """Durations are read as people write them."""
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "soon", "5 parsecs", "-3m", None, True, "1h30"])
def test_not_durations(text: object) -> None:
    """What is not a duration is refused with an example."""
    with pytest.raises(ValueError, match="30m"):
        seconds(text)


def test_secrets_may_be_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Named as the variable in lower case; a variable wins; the folder must be there."""
    (tmp_path / "canhgiac_smtp_url").write_text("smtp://a:hunter2@mail.example\n", encoding="utf-8")
    monkeypatch.setenv("CANHGIAC_SECRETS_DIR", str(tmp_path))

    settings = read_settings()

    assert settings.smtp_url.get_secret_value() == "smtp://a:hunter2@mail.example"
    assert in_force(settings) == {"CANHGIAC_SMTP_URL": "***"}
    monkeypatch.setenv("CANHGIAC_SMTP_URL", "smtp://other.example")
    assert read_settings().smtp_url.get_secret_value() == "smtp://other.example"
    monkeypatch.setenv("CANHGIAC_SECRETS_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(ConfigError, match="SECRETS_DIR"):
        read_settings()
