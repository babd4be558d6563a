"""Bands by number alone: 48 bits of the band, seq of family and document, no row numbers."""

from __future__ import annotations

from itertools import islice
from typing import Any

from django.db import migrations, models

_DOCUMENTS = 1_000


def make(apps: Any, schema_editor: Any) -> None:
    connection = schema_editor.connection
    end = " WITHOUT ROWID" if connection.vendor == "sqlite" else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bands (band bigint NOT NULL, family bigint NOT NULL, document bigint NOT NULL,"
            f" PRIMARY KEY (band, family)){end}"
        )
        cursor.execute("SELECT id, seq FROM documents WHERE family = id")
        families = dict(cursor.fetchall())
        after = 0
        while True:
            cursor.execute(
                "SELECT seq, family, bands FROM documents WHERE seq > %s AND family <> '' AND bands <> ''"
                " ORDER BY seq LIMIT %s",
                (after, _DOCUMENTS),
            )
            page = cursor.fetchall()
            if not page:
                return
            after = page[-1][0]
            rows = (
                (int(band[-12:], 16) - (1 << 47), families[family], seq)
                for seq, family, bands in page
                if family in families
                for band in bands.split("\n")
                if _hexadecimal(band)
            )
            while part := list(islice(rows, 10_000)):
                cursor.executemany(
                    "INSERT INTO bands (band, family, document) VALUES (%s, %s, %s) ON CONFLICT (band, family) DO NOTHING",
                    part,
                )


def _hexadecimal(band: str) -> bool:
    return not set(band) - set("0123456789abcdef")


def drop(apps: Any, schema_editor: Any) -> None:
    schema_editor.execute("DROP TABLE bands")


class Migration(migrations.Migration):
    dependencies = [("store", "0003_backfills")]

    operations = [
        migrations.DeleteModel(name="BandRow"),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(make, drop)],
            state_operations=[
                migrations.CreateModel(
                    name="BandRow",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "band", "family", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("band", models.BigIntegerField()),
                        ("family", models.BigIntegerField()),
                        ("document", models.BigIntegerField()),
                    ],
                    options={"db_table": "bands"},
                ),
            ],
        ),
    ]
