"""Django settings of the web console, on top of those of the operations database.

Given by `console.web.options`: install them before Django is set up. The admin site stays off: every route is ours and
needs a login unless the options open reading.
"""

from __future__ import annotations

from pathlib import Path

from console.web.options import current
from store.settings import *  # noqa: F403 - settings modules build on each other this way

_OPTIONS = current()
_HERE = Path(__file__).parent

SECRET_KEY = _OPTIONS.secret_key
DEBUG = False
ALLOWED_HOSTS = list(_OPTIONS.hosts)
ROOT_URLCONF = "console.web.urls"
INSTALLED_APPS = [
    *INSTALLED_APPS,  # noqa: F405
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "console.web",
]
MIDDLEWARE = [
    "console.web.middleware.headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    *([] if _OPTIONS.open_reading else ["django.contrib.auth.middleware.LoginRequiredMiddleware"]),
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_HERE / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "console.web.pages.everywhere",
            ],
            "builtins": ["console.web.templatetags.canhgiac"],
        },
    }
]

LANGUAGE_CODE = "vi"
USE_I18N = True
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = False
WHITENOISE_ROOT = None
STATIC_ROOT = str(_HERE / "static")

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "leads"
LOGOUT_REDIRECT_URL = "login"
# Scrypt: the strongest hasher that needs no further package.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
_NAME = "__Host-" if _OPTIONS.secure else ""
SESSION_COOKIE_NAME = f"{_NAME}canhgiac"
SESSION_COOKIE_AGE = 10 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _OPTIONS.secure
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = f"{_NAME}canhgiac-csrf"
CSRF_COOKIE_SECURE = _OPTIONS.secure
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _OPTIONS.secure else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024
