"""Which Java a server is started with, and what is said when there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.elasticsearch_server import NEWER_VERSION, VERSION, ServerUnavailableError, find_java

MAKEFILE = Path(__file__).parents[3] / "Makefile"


def runtime(folder: Path, release: int, modules: str = "java.base jdk.incubator.vector") -> Path:
    """A folder that looks like a Java of that release."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "java").touch()
    (folder / "release").write_text(f'JAVA_VERSION="{release}.0.1"\nMODULES="{modules}"\n')
    return folder


def test_the_java_that_fits_the_version_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    older, newer = runtime(tmp_path / "17", 17), runtime(tmp_path / "25", 25)
    monkeypatch.setenv("ES_JAVA_HOME", str(older))
    monkeypatch.setenv("JAVA_HOME", str(newer))

    assert find_java(VERSION) == older
    assert find_java(NEWER_VERSION) == newer


def test_a_runtime_cut_for_another_program_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ES_JAVA_HOME", str(runtime(tmp_path / "cut", 21, "java.base java.logging")))
    monkeypatch.setenv("JAVA_HOME", str(runtime(tmp_path / "whole", 21)))

    assert find_java(NEWER_VERSION) == tmp_path / "whole"


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ES_JAVA_HOME", str(runtime(tmp_path / "11", 11)))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("console.elasticsearch_server.JVM_FOLDER", tmp_path / "none")

    with pytest.raises(ServerUnavailableError, match=r"needs Java 21 or later\. .*openjdk-21"):
        find_java(NEWER_VERSION)
    with pytest.raises(ServerUnavailableError, match="not supported"):
        find_java("7.17.0")


def test_the_second_target_runs_the_newer_version() -> None:
    assert f"ELASTICSEARCH_VERSION={NEWER_VERSION} " in MAKEFILE.read_text(encoding="utf-8")
