"""Django settings of the operations database alone: no URLs, no templates, no middleware.

`console.web.settings` builds on top of these. The database itself is chosen by `store.connect.connect`.
"""

from __future__ import annotations

from typing import Any

SECRET_KEY = "store-signs-nothing"  # noqa: S105 - Django wants a value; the console brings its own
INSTALLED_APPS = ["store"]
DATABASES: dict[str, dict[str, Any]] = {}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
LOGGING_CONFIG = None
