"""Least-privilege roles of Elasticsearch and Kibana: one table, for the file realm and for Kibana's role API.

program: what the worker's user needs. staff: what monitoring staff need in Kibana. Nobody else needs anything.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

INDICES = ("canhgiac-documents*", "canhgiac-leads*", "canhgiac-entities*", "canhgiac-sources*")

DEFAULT_SPACE = "default"
"""Kibana's own name of the space that `CANHGIAC_KIBANA_SPACE` leaves unnamed."""


@frozen(kw_only=True)
class Grant:
    """What a role may do. cluster, indices: privileges of Elasticsearch, the latter on our indices alone; features: of
    Kibana, to their level, in our space alone."""

    cluster: Sequence[str]
    indices: Sequence[str]
    features: Mapping[str, str]


GRANTS: Mapping[str, Grant] = {
    "canhgiac_program": Grant(
        # `manage` on our own indices and `manage_ilm`: a life cycle acts with the rights of whoever wrote its policy.
        cluster=("monitor", "manage_index_templates", "manage_ilm"),
        indices=("read", "index", "create", "delete", "manage"),
        features={"savedObjectsManagement": "read"},
    ),
    "canhgiac_staff": Grant(
        cluster=("monitor",),
        indices=("read", "view_index_metadata"),
        features={"discover": "all", "dashboard": "all", "savedQueryManagement": "all", "visualize": "read"},
    ),
}
"""Role name to what it may do. The program reads saved objects for `kibana pull`; an import is an administrator's."""


def roles_yml(space: str = "") -> str:
    """The roles for `config/roles.yml` of Elasticsearch, for users of the file realm; JSON is YAML."""
    return "\n".join(f"{name}: {json.dumps(_descriptor(grant, space))}" for name, grant in GRANTS.items()) + "\n"


def kibana_roles(space: str = "") -> dict[str, dict[str, Any]]:
    """The roles as Kibana's `PUT /api/security/role/<name>` takes them."""
    return {
        name: {
            "elasticsearch": {"cluster": list(grant.cluster), "indices": [_on_indices(grant)]},
            "kibana": [
                {
                    "base": [],
                    "feature": {feature: [level] for feature, level in grant.features.items()},
                    "spaces": [space or DEFAULT_SPACE],
                }
            ],
        }
        for name, grant in GRANTS.items()
    }


def _descriptor(grant: Grant, space: str) -> dict[str, Any]:
    return {
        "cluster": list(grant.cluster),
        "indices": [_on_indices(grant)],
        "applications": [
            {
                "application": "kibana-.kibana",
                "privileges": [f"feature_{feature}.{level}" for feature, level in grant.features.items()],
                "resources": [f"space:{space or DEFAULT_SPACE}"],
            }
        ],
    }


def _on_indices(grant: Grant) -> dict[str, Any]:
    return {"names": list(INDICES), "privileges": list(grant.indices)}
