"""Least-privilege roles of Elasticsearch and Kibana: one table, printed for the file realm and for the security API.

program: what the worker's user needs. staff: what monitoring staff need in Kibana. Nobody else needs anything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

INDICES = ("canhgiac-documents*", "canhgiac-leads*", "canhgiac-entities*", "canhgiac-sources*")

ROLES: Mapping[str, dict[str, Any]] = {
    "canhgiac_program": {
        "cluster": ["monitor", "manage_index_templates"],
        "indices": [
            {
                "names": list(INDICES),
                "privileges": [
                    "read",
                    "index",
                    "create",
                    "delete",
                    "create_index",
                    "delete_index",
                    "view_index_metadata",
                    "maintenance",
                ],
            }
        ],
    },
    "canhgiac_staff": {
        "cluster": ["monitor"],
        "indices": [{"names": list(INDICES), "privileges": ["read", "view_index_metadata"]}],
        "applications": [
            {
                "application": "kibana-.kibana",
                "privileges": [
                    "feature_discover.all",
                    "feature_dashboard.all",
                    "feature_savedQueryManagement.all",
                    "feature_visualize.read",
                ],
                "resources": ["space:canhgiac"],
            }
        ],
    },
}
"""Role name to its descriptor, as the security API takes it."""


def roles_yml() -> str:
    """The roles for `config/roles.yml`; JSON is YAML."""
    return "\n".join(f"{name}: {json.dumps(role)}" for name, role in ROLES.items()) + "\n"
