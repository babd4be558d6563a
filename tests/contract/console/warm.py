"""A process that has the program imported and runs one `canhgiac` after another, each in a fork of its own.

A command costs a fraction of what it costs from a cold start; it is the whole program all the same: its own process, working
directory, environment, standard streams and exit status. That every command starts cold as well, `test_examples` shows;
`user`, which sets Django up in another way, cannot be run here.

Reads from standard input one JSON line a command, `{"arguments", "folder", "environment", "streams"}`, the last being the
files for its standard input, output and errors; answers each with the exit status, negative for a signal.
"""

from __future__ import annotations

import io
import json
import os
import sys
from importlib import import_module
from typing import Any

import click

from console.cli import COMMANDS, LazyGroup, cli, main


def warm_up() -> None:
    """Imports what any command imports first."""
    context = click.Context(cli)
    assert isinstance(cli, LazyGroup)
    for name in COMMANDS:
        cli.get_command(context, name)
    for module in (
        "alerts.raise_leads",
        "console.importing",
        "indexer.backends.embedded",
        "reports.digest",
        "store.audit",
    ):
        import_module(module)
    from extraction.extract import extract

    extract("Gọi 0900 000 001, chuyển vào STK 1010000000015 Vietcombank")


def run(arguments: list[str], folder: str, environment: dict[str, str], streams: list[str]) -> None:
    """Becomes the command; does not return."""
    flags = (os.O_RDONLY, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for number, (path, flag) in enumerate(zip(streams, flags, strict=True)):
        opened = os.open(path, flag, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin, sys.stdout, sys.stderr = (
        io.TextIOWrapper(os.fdopen(number, mode), encoding="utf-8", write_through=number == 2)
        for number, mode in enumerate(("rb", "wb", "wb"))
    )
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["canhgiac", *arguments]
    main()


def serve() -> None:
    """Runs the commands that are asked for, until there are no more."""
    answers = os.fdopen(os.dup(1), "w")
    asked = os.fdopen(os.dup(0), "r")
    for line in asked:
        wanted: dict[str, Any] = json.loads(line)
        child = os.fork()
        if child == 0:
            asked.close()
            answers.close()
            run(**wanted)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), file=answers, flush=True)


if __name__ == "__main__":
    warm_up()
    serve()
