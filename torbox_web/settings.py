"""Settings for every environment, in reading order; all come from the environment (docs/configuration.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from cryptography.fernet import Fernet
from csp.constants import NONE, SELF
from django.core.management.utils import get_random_secret_key

from .logs import logging_to_console
from .secret_files import private_folder, read_or_create

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()

# --- where things are ---------------------------------------------------------------------------------

DATA_DIR = private_folder(Path(env.str("DATA_DIR", str(BASE_DIR / "data"))).resolve())
PORT = env.int("PORT", 8000)
SITE_URL = env.str("SITE_URL", f"http://localhost:{PORT}").rstrip("/")
site = urlsplit(SITE_URL)
SITE_ORIGIN, SITE_PATH = f"{site.scheme}://{site.netloc}", site.path  # https://home.example and /torbox
TORBOX_API_URL = env.str("TORBOX_API_URL", "https://api.torbox.app").rstrip("/")

# --- secrets ------------------------------------------------------------------------------------------

SECRET_KEY = env.str("SECRET_KEY", "") or read_or_create(DATA_DIR / "secret-key", get_random_secret_key)
ENCRYPTION_KEYS = (
    (
        env.str("ENCRYPTION_KEYS", "")
        or read_or_create(DATA_DIR / "encryption-keys", lambda: Fernet.generate_key().decode())
    )
    .replace(",", " ")
    .split()
)

# --- the site and its front door ----------------------------------------------------------------------

DEBUG = env.bool("DEBUG", False)
DEFAULT_EXCEPTION_REPORTER_FILTER = "torbox_web.error_reports.SilentFilter"
SECURE = site.scheme == "https"
FORCE_SCRIPT_NAME = SITE_PATH or None  # what every address of ours begins with; `sub_path` takes it off again
ALLOWED_HOSTS = [
    f"[{site.hostname}]" if ":" in (site.hostname or "") else site.hostname or "localhost",
    "localhost",
    "127.0.0.1",
    "[::1]",
    *env.list("ALLOWED_HOSTS", default=[]),
]
CSRF_TRUSTED_ORIGINS = [SITE_ORIGIN]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"{SITE_PATH}/"
# Django's own names would be mixed up with those of another app on the same host, at another path or port.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "torbox-web-session", "torbox-web-csrf"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", 60 * 60 * 24 * 30) if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# One paste may hold 5,000 magnets of 2 KB each, and several .torrent files go beside it.
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 100
MOST_BODY = 64 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# --- what it is made of -------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "torbox_web.apps.Static",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "csp",
    "accounts",
    "torrents",
    "care",
]
MIDDLEWARE = [
    "care.request_ids.RequestIdMiddleware",
    "care.middleware.WatchedMiddleware",
    "torbox_web.proxies.ProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # pages; static files are compressed on disk
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SeenMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "torbox_web.middleware.ToastMiddleware",
    "torbox_web.middleware.BodySizeMiddleware",
    "torbox_web.middleware.TorBoxErrorMiddleware",
]
ROOT_URLCONF = "torbox_web.urls"
WSGI_APPLICATION = "torbox_web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["torbox_web.icons"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
LANGUAGE_CODE = "en"
TIME_ZONE = env.str("TZ", "UTC")
USE_TZ = True
USE_I18N = False

# --- what it keeps ------------------------------------------------------------------------------------

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL", f"sqlite:///{DATA_DIR / 'torbox-web.sqlite3'}")
}
if "sqlite3" in DATABASES["default"]["ENGINE"]:
    # Web, worker and beat all write: WAL lets readers go on, and taking the write lock at BEGIN
    # waits its turn instead of failing halfway.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-4000;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
DATABASES["default"]["CONN_MAX_AGE"] = 600
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.str("REDIS_URL", "")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        # Room for the counters of many strangers who guess: one that is pushed out starts again at nought.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# --- static files: hashed, compressed, kept by browsers for good ---------------------------------------

STATIC_URL = f"{SITE_PATH}/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.str("STATIC_ROOT", str(BASE_DIR / "staticfiles"))).resolve()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "torbox_web.static_storage.BundlingStorage"},
}

# --- people -------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["torbox_web.backends.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "torrents:list"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = LOGOUT_REDIRECT_URL
ACCOUNT_RATE_LIMITS = {"torbox_key": "20/m/user"}  # beside allauth's own
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # this browser stays; the others are signed out by the new password
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "authenticate": "accounts.forms.CodeForm",
    "reauthenticate": "accounts.forms.ConfirmCodeForm",
    "add_webauthn": "accounts.forms.AddPasskeyForm",
    "edit_webauthn": "accounts.forms.RenamePasskeyForm",
    "login_webauthn": "accounts.forms.PasskeySignInForm",
    "authenticate_webauthn": "accounts.forms.PasskeySecondStepForm",
    "reauthenticate_webauthn": "accounts.forms.PasskeyConfirmForm",
}
MFA_TOTP_ISSUER = "TorBox Web"
MFA_TOTP_TOLERANCE = 1  # clocks of phones are up to half a minute off
USERSESSIONS_TRACK_ACTIVITY = True
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

# --- how hard TorBox is asked (docs/torbox-api.md, "Limits") ---------------------------------------------

REFRESH_SECONDS = env.int("REFRESH_SECONDS", 600)
IDLE_REFRESH_SECONDS = env.int("IDLE_REFRESH_SECONDS", 3600)
WATCH_SECONDS = env.int("WATCH_SECONDS", 15)
UNDO_SECONDS = env.int("UNDO_SECONDS", 10)
SETTLE_SECONDS = env.int("SETTLE_SECONDS", 180)
answer_seconds = float(env.int("TORBOX_TIMEOUT_SECONDS", 30))
TORBOX_TIMEOUT = (min(5.0, answer_seconds), answer_seconds)  # to connect, to answer
# Longer than any call may take: two attempts that fail slowly, one that succeeds slowly, and its body.
LEASE_SECONDS = 3 * sum(TORBOX_TIMEOUT) + 2 * answer_seconds + 5
TORBOX_QUICK_TIMEOUT = (3.0, 8.0)  # while somebody looks at a page that does not load

# --- background work ----------------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL or "queuefolder://localhost//"
if REDIS_URL:
    # Nobody's page waits for a broker that is down: the rows are found by beat anyway.
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "socket_timeout": 5,
        "socket_connect_timeout": 1,
        "max_retries": 0,
        "interval_start": 0,
        "interval_step": 0,
        "interval_max": 0,
    }
else:
    queue = DATA_DIR / "queue"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(private_folder(queue / "messages")),
        "data_folder_out": str(queue / "messages"),
        "processed_folder": str(private_folder(queue / "processed")),
        "control_folder": str(private_folder(queue / "control")),
        "store_processed": False,
        "polling_interval": 0.1,
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False  # a message is only a hint; the rows are the truth
CELERY_TASK_TIME_LIMIT = 900
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULER = "torbox_web.beat:SteadyScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5


def every(seconds: float, task: str) -> dict[str, object]:
    """A schedule entry that expires before its next turn, so that a stalled worker finds no pile of old ones."""
    return {"task": f"torrents.tasks.{task}", "schedule": seconds, "options": {"expires": seconds * 0.9}}


CELERY_BEAT_SCHEDULE = {
    "refresh": every(10, "refresh_due_accounts"),
    "watch": every(5, "watch_accounts"),
    "send": every(15, "send_due_requests"),
    "prune": every(3600, "prune"),
}

# --- being looked after --------------------------------------------------------------------------------

METRICS_TOKEN = env.str("METRICS_TOKEN", "")

# --- logging: to the console, one line or one JSON object each, without secrets ----------------------------

LOG_FORMAT = env.str("LOG_FORMAT", "line")
LOGGING = logging_to_console(LOG_FORMAT, env.str("LOG_LEVEL", "INFO").upper())
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for sub-domains: other people's services are none of our business
    "security.W021",  # the browsers' preload list: nor is that
    "security.W008",  # from http to https leads the proxy; health checks ask over http
]
