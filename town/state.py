"""The living town: the plan, what was published or edited on request, and a ledger of what visitors asked for.

With a state directory the town comes back as it was: same moment, same ports, same posts. Every change is written
before it is answered.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from attrs import evolve

from town.plan import Plan, Planned, make_plan, published_post

FILE = "town.json"


class Town:
    """One running town. Safe to use from many threads."""

    def __init__(self, seed: int, now: datetime, directory: Path | None = None) -> None:
        self._lock = threading.RLock()
        self._path = directory / FILE if directory else None
        saved = self._load(seed)
        self.seed = seed
        self.start = (
            datetime.fromisoformat(saved["start"]) if saved else now.astimezone(UTC).replace(second=0, microsecond=0)
        )
        self.plan: Plan = make_plan(seed, self.start)
        self.ports: dict[str, int] = dict(saved.get("ports", {}))
        self.unlocked: bool = saved.get("unlocked", False)
        self._published: list[dict[str, Any]] = list(saved.get("published", []))
        self._edited: dict[str, str] = dict(saved.get("edited", {}))
        self.hits: Counter[tuple[str, str, int]] = Counter()
        self.views: Counter[str] = Counter()
        self.addresses: dict[str, str] = {}

    # ------------------------------------------------------------------------------------------------- keeping

    def _load(self, seed: int) -> dict[str, Any]:
        if self._path is None or not self._path.exists():
            return {}
        saved: dict[str, Any] = json.loads(self._path.read_text("utf-8"))
        return saved if saved["seed"] == seed else {}

    def save(self) -> None:
        """Write the state, if there is a directory for it."""
        if self._path is None:
            return
        with self._lock:
            data = {
                "seed": self.seed,
                "start": self.start.isoformat(),
                "ports": self.ports,
                "unlocked": self.unlocked,
                "published": self._published,
                "edited": self._edited,
            }
            fresh = self._path.with_suffix(".new")
            fresh.write_text(json.dumps(data, ensure_ascii=False, indent=1), "utf-8")
            fresh.replace(self._path)

    # ----------------------------------------------------------------------------------------------- documents

    def documents(self, site: str) -> tuple[Planned, ...]:
        """Documents of a site, oldest first, those published on request included, edits applied."""
        with self._lock:
            extra = [self._post(row) for row in self._published if row["site"] == site]
            items = (*self.plan.of(site), *extra)
            return tuple(evolve(item, text=item.text + self._edited.get(item.external_id, "")) for item in items)

    def _post(self, row: Mapping[str, Any]) -> Planned:
        return published_post(
            self.seed,
            row["number"],
            site=row["site"],
            external_id=row["external_id"],
            at=datetime.fromisoformat(row["at"]),
            thread=row["thread"],
        )

    def publish(self, token: str, site: str, now: datetime) -> Planned:
        """Publish the next scam post on `channel` or `forum`; the same token gives the same post again."""
        with self._lock:
            for row in self._published:
                if row["token"] == token:
                    return self._post(row)
            newest = self.documents(site)[-1]
            number = len(self._published)
            row = {
                "token": token,
                "number": number,
                "site": site,
                "external_id": str(max(int(item.external_id) for item in self.documents(site)) + 1),
                "at": max(now.astimezone(UTC), newest.published + timedelta(seconds=1)).isoformat(),
                "thread": max(item.thread for item in self.documents(site)) + 3 if site == "forum" else 0,
            }
            self._published.append(row)
            self.save()
            return self._post(row)

    def edit(self, external_id: str, text: str) -> bool:
        """Append a correction to a forum post; False when there is no such post. Editing twice changes nothing more."""
        with self._lock:
            if all(item.external_id != external_id for item in self.documents("forum")):
                return False
            self._edited.setdefault(external_id, text)
            self.save()
            return True

    def is_edited(self, external_id: str) -> bool:
        """Whether a post was edited on request."""
        return external_id in self._edited

    # -------------------------------------------------------------------------------------------------- ledger

    def count(self, site: str, path: str, status: int) -> None:
        """Note that a visitor was answered."""
        with self._lock:
            self.hits[site, path, status] += 1

    def asked(self, site: str, path: str, status: int | None = None) -> int:
        """How often a path was asked for, with one status or any."""
        with self._lock:
            return sum(
                count
                for (at, target, code), count in self.hits.items()
                if (at, target) == (site, path) and status in (None, code)
            )

    def viewed(self, key: str) -> int:
        """The view counter of a page, one higher each time."""
        with self._lock:
            self.views[key] += 1
            return self.views[key]

    def ledger(self) -> list[dict[str, object]]:
        """All answers so far: site, path, status, count."""
        with self._lock:
            return [
                {"site": site, "path": path, "status": status, "count": count}
                for (site, path, status), count in sorted(self.hits.items())
            ]
