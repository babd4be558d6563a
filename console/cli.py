"""The command `canhgiac`: one group, its commands in `console/commands/`, each imported when it is asked for.

Exit status: 0 done, 1 failed, 2 wrong usage (of a command, a setting, a sheet or a query). Errors go to stderr as one
sentence that says what is wrong and where to mend it; a programming error keeps its traceback.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec

import click
from attrs import frozen

from model.errors import CanhGiacError, ConfigError, QuerySyntaxError

MINIMUM_PYTHON = (3, 11)


@frozen
class Place:
    """Where a command is written, and the module without which it has nothing to work on yet."""

    target: str
    needs: str = ""


COMMANDS: dict[str, Place] = {
    "demo": Place("console.commands.demo:demo"),
    "run": Place("console.commands.run:run"),
    "extract": Place("console.commands.extract:extract"),
    "ingest": Place("console.commands.ingest:ingest"),
    "crawl": Place("console.commands.crawl:crawl", "crawler.batches"),
    "source": Place("console.commands.source:source"),
    "search": Place("console.commands.search:search"),
    "query": Place("console.commands.query:query"),
    "leads": Place("console.commands.leads:leads"),
    "entity": Place("console.commands.entity:entity"),
    "digest": Place("console.commands.digest:digest", "reports.digest"),
    "outbox": Place("console.commands.outbox:outbox"),
    "reindex": Place("console.commands.reindex:reindex", "indexer.follow"),
    "kibana": Place("console.commands.kibana:kibana", "indexer.kibana"),
    "init": Place("console.commands.init:init"),
    "user": Place("console.commands.user:user"),
    "doctor": Place("console.commands.doctor:doctor"),
    "dev": Place("console.commands.dev:dev", "console.elasticsearch_server"),
}


class LazyGroup(click.Group):
    """A group whose commands are imported one by one, so that `extract` never waits for Django or Scrapy."""

    def list_commands(self, context: click.Context) -> list[str]:
        return [name for name, place in COMMANDS.items() if _is_there(place)]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        place = COMMANDS.get(name)
        if place is None or not _is_there(place):
            return None
        module, _, attribute = place.target.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


def _is_there(place: Place) -> bool:
    """Whether both the command and what it works on are written."""
    try:
        return all(find_spec(module) for module in (place.target.partition(":")[0], place.needs) if module)
    except ModuleNotFoundError:
        return False


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="canhgiac", message="%(prog)s %(version)s")
def cli() -> None:
    """Cảnh Giác: theo dõi tin công khai, phát hiện sớm dấu hiệu lừa đảo trên mạng.

    \b
    Thử ngay trên máy này:
      canhgiac demo --once
    """


def main() -> None:
    """Entry point: runs the group and turns the errors of the house into a sentence and a status."""
    if sys.version_info < MINIMUM_PYTHON:
        sys.exit("Lỗi: cần Python 3.11 trở lên. Chạy `make setup` để cài đúng bản.")
    try:
        status = cli.main(standalone_mode=False)
    except click.exceptions.Exit as error:
        status = error.exit_code
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except click.Abort:
        click.echo("Đã dừng.", err=True)
        status = 1
    except CanhGiacError as error:
        click.echo(explain(error), err=True)
        status = 2 if isinstance(error, (ConfigError, QuerySyntaxError)) else 1
    except BrokenPipeError:
        # The reader has gone (`canhgiac search ... | head`): nothing to say, and nothing more may be flushed to it.
        sys.stderr.close()
        sys.exit(1)
    sys.exit(status if isinstance(status, int) else 0)


def explain(error: CanhGiacError) -> str:
    """The error for the terminal: what is wrong, where, and what to write instead."""
    if isinstance(error, QuerySyntaxError):
        line, column = _line_at(error.text, error.position)
        pointer = " " * column + "^"
        hint = f"\nGợi ý: {error.hint_vi}" if error.hint_vi else ""
        return f"Lỗi truy vấn ở vị trí {error.position}: {error.problem_vi}\n  {line}\n  {pointer}{hint}"
    if isinstance(error, ConfigError):
        return f"Lỗi cấu hình: {error}"
    return f"Lỗi: {error}"


def _line_at(text: str, position: int) -> tuple[str, int]:
    """The line of `text` that holds `position`, cut to 100 characters around it, and the column in it."""
    start = text.rfind("\n", 0, position) + 1
    end = text.find("\n", position)
    line = text[start : end if end >= 0 else len(text)]
    column = position - start
    cut = max(0, column - 60)
    return line[cut : cut + 100], column - cut


if __name__ == "__main__":
    main()
