"""How far each saved query has been taken over documents that came before it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0002_pictures")]

    operations = [
        migrations.CreateModel(
            name="BackfillRow",
            fields=[
                ("query", models.TextField(primary_key=True, serialize=False)),
                ("version", models.IntegerField()),
                ("state", models.TextField()),
                ("revision", models.BigIntegerField()),
                ("position", models.BigIntegerField()),
                ("cursor", models.TextField()),
                ("seq", models.BigIntegerField()),
                ("hits", models.BigIntegerField()),
                ("leads", models.BigIntegerField()),
                ("started", models.BigIntegerField()),
                ("finished", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "backfills",
            },
        ),
    ]
