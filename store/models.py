"""Tables of the operations database, private to this room.

Rows are keys, states and times (UTC milliseconds) plus a JSON payload; a column exists only for what is filtered,
ordered or counted. Each table is written by one module, named in its docstring.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

ID = 20  # length of model.ids


class CounterRow(models.Model):
    """The one row of running numbers (`store.numbers`)."""

    id = models.SmallIntegerField(primary_key=True)
    seq = models.BigIntegerField(default=0)
    revision = models.BigIntegerField(default=0)
    position = models.BigIntegerField(default=0)
    code = models.BigIntegerField(default=0)

    class Meta:
        db_table = "counters"


class DocumentRow(models.Model):
    """A document as it stands now; its texts are in `versions` under `revision` (`store.documents`)."""

    seq = models.BigIntegerField(primary_key=True)
    id = models.CharField(max_length=ID, unique=True)
    source = models.TextField()
    external_id = models.TextField()
    version = models.IntegerField()
    revision = models.BigIntegerField(unique=True)
    position = models.BigIntegerField(default=0)
    fingerprint = models.TextField()
    family = models.TextField(default="")
    bands = models.TextField(default="")
    counts = models.TextField(default="")
    queries = models.TextField(default="")
    leads = models.TextField(default="")
    first_seen = models.BigIntegerField()
    updated = models.BigIntegerField()

    class Meta:
        db_table = "documents"
        indexes: ClassVar = [
            models.Index(fields=["position"], condition=models.Q(position__gt=0), name="documents_position"),
            models.Index(fields=["source"], name="documents_source"),
        ]


class VersionRow(models.Model):
    """One version of a document, kept for ever (`store.documents`)."""

    revision = models.BigIntegerField(primary_key=True)
    seq = models.BigIntegerField()
    version = models.IntegerField()
    at = models.BigIntegerField()
    payload = models.TextField()

    class Meta:
        db_table = "versions"
        indexes: ClassVar = [models.Index(fields=["seq", "version"], name="versions_seq")]


class BandRow(models.Model):
    """A near-duplicate band that a family has: candidates of the next document (`store.documents`).

    Up to 32 rows a document, at places all over the table: so they are as narrow as can be (family and document by seq, no
    row numbers), and a page holds four times what it would with ids.
    """

    pk = models.CompositePrimaryKey("band", "family")
    band = models.BigIntegerField()
    family = models.BigIntegerField()
    document = models.BigIntegerField()

    class Meta:
        db_table = "bands"


class QuarantineRow(models.Model):
    """An item that could not be kept (`store.documents`)."""

    source = models.TextField()
    external_id = models.TextField()
    reason = models.TextField()
    payload = models.TextField()
    at = models.BigIntegerField(db_index=True)

    class Meta:
        db_table = "quarantine"


class CheckpointRow(models.Model):
    """How far a follower has come (`store.documents`)."""

    name = models.TextField(primary_key=True)
    value = models.BigIntegerField()

    class Meta:
        db_table = "checkpoints"


class SourceRow(models.Model):
    """A source and how its visits went (`store.sources`; counts and last document by `store.documents`)."""

    id = models.TextField(primary_key=True)
    origin = models.TextField()
    crawled = models.BooleanField()
    enabled = models.BooleanField()
    retired = models.BooleanField(default=False)
    state = models.TextField(default="new")
    state_since = models.BigIntegerField(null=True)
    next_due = models.BigIntegerField(null=True)
    last_run = models.TextField(default="")
    last_document = models.BigIntegerField(null=True)
    documents = models.BigIntegerField(default=0)
    failures = models.IntegerField(default=0)
    payload = models.TextField()

    class Meta:
        db_table = "sources"


class CursorRow(models.Model):
    """What is remembered of a listing between visits (`store.sources`)."""

    source = models.TextField(primary_key=True)
    payload = models.TextField()

    class Meta:
        db_table = "cursors"


class ItemRow(models.Model):
    """An item named by a listing; id as of the document it becomes (`store.sources`)."""

    id = models.CharField(max_length=ID, primary_key=True)
    source = models.TextField()
    external_id = models.TextField()
    url = models.TextField()
    hint = models.TextField()
    state = models.TextField()
    attempts = models.IntegerField()
    not_before = models.BigIntegerField(null=True)

    class Meta:
        db_table = "items"
        indexes: ClassVar = [
            models.Index(fields=["source"], condition=models.Q(state="pending"), name="items_pending"),
        ]


class RunRow(models.Model):
    """One visit of one source (`store.sources`)."""

    id = models.TextField(primary_key=True)
    source = models.TextField()
    started = models.BigIntegerField()
    finished = models.BigIntegerField(null=True)
    state = models.TextField()
    payload = models.TextField()

    class Meta:
        db_table = "runs"
        indexes: ClassVar = [
            models.Index(fields=["source", "started"], name="runs_source"),
            models.Index(fields=["started"], name="runs_started"),
        ]


class RobotsRow(models.Model):
    """A robots.txt as last fetched (`store.sources`)."""

    host = models.TextField(primary_key=True)
    body = models.TextField()
    status = models.IntegerField()
    fetched = models.BigIntegerField()
    expires = models.BigIntegerField()

    class Meta:
        db_table = "robots"


class PictureRow(models.Model):
    """What was read from a picture, by SHA-256 of its bytes (`store.pictures`)."""

    digest = models.CharField(max_length=64, primary_key=True)
    at = models.BigIntegerField(db_index=True)
    payload = models.TextField()

    class Meta:
        db_table = "pictures"


class QueryRow(models.Model):
    """A saved query as it stands now (`store.queries`)."""

    id = models.TextField(primary_key=True)
    origin = models.TextField()
    enabled = models.BooleanField()
    retired = models.BooleanField(default=False)
    version = models.IntegerField()
    payload = models.TextField()

    class Meta:
        db_table = "queries"


class QueryVersionRow(models.Model):
    """One version of a saved query, kept for ever (`store.queries`)."""

    query = models.TextField()
    version = models.IntegerField()
    at = models.BigIntegerField()
    payload = models.TextField()

    class Meta:
        db_table = "query_versions"
        constraints: ClassVar = [models.UniqueConstraint(fields=["query", "version"], name="query_versions_once")]


class BackfillRow(models.Model):
    """How far a saved query has been taken over documents that came before it (`store.backfills`)."""

    query = models.TextField(primary_key=True)
    version = models.IntegerField()
    state = models.TextField()
    revision = models.BigIntegerField()
    position = models.BigIntegerField()
    cursor = models.TextField()
    seq = models.BigIntegerField()
    hits = models.BigIntegerField()
    leads = models.BigIntegerField()
    started = models.BigIntegerField()
    finished = models.BigIntegerField(null=True)

    class Meta:
        db_table = "backfills"


class LeadRow(models.Model):
    """A lead; status and merged_into of the columns hold, not those of the payload (`store.leads`)."""

    id = models.CharField(max_length=ID, primary_key=True)
    number = models.BigIntegerField(unique=True)
    status = models.TextField()
    score = models.IntegerField()
    created = models.BigIntegerField()
    first_seen = models.BigIntegerField()
    last_seen = models.BigIntegerField()
    merged_into = models.TextField(default="")
    payload = models.TextField()

    class Meta:
        db_table = "leads"
        indexes: ClassVar = [models.Index(fields=["created"], name="leads_created")]


class LeadKeyRow(models.Model):
    """A join key of a lead (`store.leads`)."""

    key = models.TextField()
    lead = models.CharField(max_length=ID)

    class Meta:
        db_table = "lead_keys"
        constraints: ClassVar = [models.UniqueConstraint(fields=["key", "lead"], name="lead_keys_once")]
        indexes: ClassVar = [models.Index(fields=["lead"], name="lead_keys_lead")]


class MatchRow(models.Model):
    """A saved query met a version (`store.leads`)."""

    query = models.TextField()
    document = models.CharField(max_length=ID)
    revision = models.BigIntegerField()
    at = models.BigIntegerField()

    class Meta:
        db_table = "matches"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["query", "document", "revision"], name="matches_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["query", "at"], name="matches_query"),
            models.Index(fields=["at"], name="matches_at"),
        ]


class SuppressionRow(models.Model):
    """Why nothing was sent (`store.leads`)."""

    lead = models.TextField()
    reason = models.TextField()
    at = models.BigIntegerField()
    payload = models.TextField()

    class Meta:
        db_table = "suppressions"
        indexes: ClassVar = [
            models.Index(fields=["lead"], name="suppressions_lead"),
            models.Index(fields=["at"], name="suppressions_at"),
        ]


class EntityRow(models.Model):
    """An identifier in the register (`store.entities`)."""

    key = models.TextField(primary_key=True)
    kind = models.TextField()
    value = models.TextField()
    first_seen = models.BigIntegerField()
    last_seen = models.BigIntegerField()
    status = models.TextField(default="")

    class Meta:
        db_table = "entities"
        indexes: ClassVar = [
            models.Index(fields=["last_seen"], name="entities_last"),
            models.Index(fields=["kind", "first_seen"], name="entities_kind"),
        ]


class SightingRow(models.Model):
    """An entity in a document (`store.entities`). settled: the document stands on a lead that has this key."""

    entity = models.TextField()
    document = models.CharField(max_length=ID)
    source = models.TextField()
    source_kind = models.TextField()
    role = models.TextField()
    at = models.BigIntegerField()
    leads = models.TextField()
    settled = models.SmallIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "sightings"
        constraints: ClassVar = [models.UniqueConstraint(fields=["entity", "document"], name="sightings_once")]
        indexes: ClassVar = [models.Index(fields=["entity", "settled", "at"], name="sightings_holders")]


class DeliveryRow(models.Model):
    """One message to one address (`store.deliveries`)."""

    id = models.CharField(max_length=ID, primary_key=True)
    subject_id = models.TextField(db_index=True)
    recipient = models.TextField()
    state = models.TextField()
    fence = models.BigIntegerField(default=0)
    attempts = models.IntegerField(default=0)
    created = models.BigIntegerField()
    next_at = models.BigIntegerField()
    lease_until = models.BigIntegerField(null=True)
    sent_at = models.BigIntegerField(null=True)
    reply = models.TextField(default="")
    payload = models.TextField()

    class Meta:
        db_table = "deliveries"
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=models.Q(state="new"), name="deliveries_due"),
            models.Index(fields=["lease_until"], condition=models.Q(state="sending"), name="deliveries_sending"),
            models.Index(fields=["recipient", "sent_at"], name="deliveries_recipient"),
            models.Index(fields=["created"], name="deliveries_created"),
        ]


class LeaseRow(models.Model):
    """Who holds a resource, with the fence that makes a late writer harmless (`store.leases`)."""

    resource = models.TextField(primary_key=True)
    holder = models.TextField()
    fence = models.BigIntegerField()
    until = models.BigIntegerField()

    class Meta:
        db_table = "leases"


class SlotRow(models.Model):
    """A scheduled job at its due time: takes effect once (`store.leases`)."""

    job = models.TextField()
    due = models.BigIntegerField()
    done_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "slots"
        constraints: ClassVar = [models.UniqueConstraint(fields=["job", "due"], name="slots_once")]


class AuditRow(models.Model):
    """An entry of the hash chain (`store.audit`)."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.BigIntegerField()
    actor = models.TextField()
    action = models.TextField()
    subject = models.TextField(db_index=True)
    detail = models.TextField()
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        db_table = "audit"


class NoticeRow(models.Model):
    """A notice to the owner (`store.notices`)."""

    key = models.TextField(primary_key=True)
    text = models.TextField()
    at = models.BigIntegerField()
    closed_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "notices"
