"""compose.yaml and what it mounts, checked without Docker: names that must agree, secrets, health, limits, the desk's Kibana.

The shell of its comments and the one in docs/installation.md must make every secret that it reads.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from config.settings import PREFIX, Settings
from console.cli import cli
from console.elasticsearch_server import VERSION
from indexer.kibana.export import export
from indexer.kibana_roles import GRANTS, roles_yml

ROOT = Path(__file__).parents[3]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ONE_SHOT = {"accounts", "kibana-objects", "kibana-roles"}
OURS = [name for name, service in SERVICES.items() if service.get("image", "").startswith("canhgiac:")]


def secrets_of(service: dict[str, Any]) -> dict[str, str]:
    """Name under /run/secrets -> the secret behind it."""
    found = {}
    for item in service.get("secrets", ()):
        source, target = (item, item) if isinstance(item, str) else (item["source"], item["target"])
        found[target] = source
    return found


def texts(value: object) -> Iterator[str]:
    """Every text inside a part of the file."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def test_every_variable_of_ours_is_a_setting() -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {f"{PREFIX}SECRETS_DIR"}
    assert OURS == ["kibana-objects", "kibana-roles", "canhgiac"]
    for name in OURS:
        assert set(SERVICES[name]["environment"]) <= known, name
        assert SERVICES[name]["environment"]["CANHGIAC_SECRETS_DIR"] == "/run/secrets"


def test_the_settings_can_be_read_as_they_stand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, text in SERVICES["canhgiac"]["environment"].items():
        monkeypatch.setenv(name, re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", str(text)))
    for target in secrets_of(SERVICES["canhgiac"]):
        (tmp_path / target).write_text(f"value-of-{target}")

    read = Settings(_env_file=None, _secrets_dir=tmp_path)  # type: ignore[call-arg]

    assert read.search_url == "http://elasticsearch:9200"
    assert read.index_password.get_secret_value() == "value-of-canhgiac_index_password"
    assert read.operations_url == "value-of-canhgiac_database_url"
    assert read.smtp_url.get_secret_value() == "value-of-canhgiac_smtp_url"


def test_secrets_are_files_and_every_one_that_is_read_is_given() -> None:
    assert COMPOSE["secrets"] == {name: {"file": f"./secrets/{name}"} for name in COMPOSE["secrets"]}
    used = set()
    for name, service in SERVICES.items():
        given = secrets_of(service)
        used |= set(given.values())
        read = {found for text in texts(service) for found in re.findall(r"/run/secrets/(\w+)", text)}
        assert read <= set(given), name
        assert not [
            text for text in texts(service.get("environment", {})) if re.search(r"(?i)password=|://\w+:\w+@", text)
        ]
        if name in OURS:
            assert {target.removeprefix("canhgiac_") for target in given} <= set(Settings.model_fields), name
    assert used == set(COMPOSE["secrets"])


@pytest.mark.parametrize("file", ["compose.yaml", "docs/installation.md"])
def test_the_instructions_make_every_secret(file: str) -> None:
    text = (ROOT / file).read_text("utf-8")
    made = {name for names in re.findall(r"for s in ([\w ]+); do", text) for name in names.split()}
    made |= set(re.findall(r"> secrets/(\w+)", text))
    assert made - {"$s"} == set(COMPOSE["secrets"])


def test_secrets_reach_neither_the_repository_nor_the_image() -> None:
    assert "/secrets/" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert "secrets" in (ROOT / ".dockerignore").read_text("utf-8").splitlines()


def test_what_runs_has_health_limits_and_a_restart_and_publishes_on_loopback_only() -> None:
    for name, service in SERVICES.items():
        if name in ONE_SHOT:
            assert service["restart"] == "on-failure", name
            continue
        assert service["restart"] == "unless-stopped", name
        assert set(service["healthcheck"]) == {"test", "interval", "timeout", "retries"}, name
        assert re.fullmatch(r"\d+[gm]", service["deploy"]["resources"]["limits"]["memory"]), name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ())), name
    assert "ports" not in SERVICES["elasticsearch"]


def test_dependencies_exist_and_can_become_what_is_waited_for() -> None:
    for name, service in SERVICES.items():
        for other, wanted in service.get("depends_on", {}).items():
            if wanted["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[other], (name, other)
            else:
                assert (wanted["condition"], other in ONE_SHOT) == ("service_completed_successfully", True), (
                    name,
                    other,
                )
    assert "kibana" not in str(SERVICES["canhgiac"]["depends_on"]), "alerting never waits for Kibana"


def test_volumes_are_declared_or_lie_here() -> None:
    for name, service in SERVICES.items():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert (ROOT / source).exists() if source.startswith("./") else source in COMPOSE["volumes"], (name, volume)


def test_elasticsearch_and_kibana_are_of_the_version_that_is_tested() -> None:
    assert SERVICES["elasticsearch"]["image"] == SERVICES["accounts"]["image"] == f"elasticsearch:{VERSION}"
    assert SERVICES["kibana"]["image"] == f"kibana:{VERSION}"


@pytest.mark.parametrize("name", OURS)
def test_commands_are_those_of_the_program(name: str) -> None:
    arguments, command = list(SERVICES[name]["command"]), cli
    context = click.Context(cli)
    while isinstance(command, click.Group):
        name_, command, arguments = command.resolve_command(context, arguments)
        assert command is not None, name_
    command.make_context("canhgiac", arguments)


def test_the_worker_has_its_own_user_and_the_role_that_is_printed() -> None:
    user = SERVICES["canhgiac"]["environment"]["CANHGIAC_INDEX_USER"]
    (script,) = SERVICES["accounts"]["command"]
    role = re.search(rf"^put {user} .*roles.*?(canhgiac_[a-z]+)", script, re.MULTILINE)
    assert user != "elastic"
    assert role is not None
    assert role[1] in GRANTS
    written = (ROOT / "deploy" / "roles.yml").read_text("utf-8")
    assert written.partition("\n")[2] == roles_yml(), "canhgiac kibana roles --file-realm > deploy/roles.yml"
    assert set(yaml.safe_load(written)) == set(GRANTS)


def test_the_desk_opens_kibana_on_its_page_its_days_and_its_clock() -> None:
    found = yaml.safe_load((ROOT / "deploy" / "kibana.yml").read_text("utf-8"))
    overrides = found["uiSettings"]["overrides"]
    dashboards = {item["id"] for item in export(queries=(), sources={}, console_url="") if item["type"] == "dashboard"}

    assert overrides["defaultRoute"].removeprefix("/app/dashboards#/view/") in dashboards
    assert json.loads(overrides["timepicker:timeDefaults"]) == {"from": "now-3d", "to": "now"}
    assert (overrides["dateFormat:tz"], overrides["dateFormat:dow"]) == ("Asia/Ho_Chi_Minh", "Monday")
    assert overrides["search:queryLanguage"] == "kuery"
