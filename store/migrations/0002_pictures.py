"""Readings of pictures by the hash of their bytes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="PictureRow",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("at", models.BigIntegerField(db_index=True)),
                ("payload", models.TextField()),
            ],
            options={
                "db_table": "pictures",
            },
        ),
    ]
