"""Sightings know which documents stand on a lead already: a fraud that grows is not read again as a whole."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("store", "0004_bands")]

    operations = [
        migrations.AddField(
            model_name="sightingrow",
            name="settled",
            field=models.SmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddIndex(
            model_name="sightingrow",
            index=models.Index(fields=["entity", "settled", "at"], name="sightings_holders"),
        ),
    ]
