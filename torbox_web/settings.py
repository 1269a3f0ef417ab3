"""Read all settings from environment variables (docs/configuration.md)."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.fernet import Fernet
from django.conf.global_settings import LANGUAGES_BIDI
from django.core.management.utils import get_random_secret_key

from localization import languages

from . import mail_server, parse, schedule, stores
from .env import Environment, WrongSetting, end_with_a_sentence
from .logs import FORMATS, LEVELS, logging_to_console
from .mfa_forms import ACCOUNT_FORMS, MFA_FORMS  # noqa: F401 - Django reads them here
from .pages import CONTENT_SECURITY_POLICY, TEMPLATES  # noqa: F401 - Django reads them here
from .rate_limits import RATE_LIMITS
from .secret_files import private_folder
from .site_url import default_site, site

end_with_a_sentence()
BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment(os.environ)

# --- paths and addresses ------------------------------------------------------------------------------

DATA_DIR = env.read("DATA_DIR", None, parse.data_folder) or private_folder(BASE_DIR / "data")
PORT = env.read("PORT", 8000, parse.port)
BIND = env.read("BIND", "127.0.0.1", parse.bind_address)
SITE = env.read("SITE_URL", default_site(BIND, PORT), site)
SITE_URL, SITE_ORIGIN, SITE_PATH = SITE.url, SITE.origin, SITE.path  # https://home.example/torbox, …, /torbox
TORBOX_API_URL = env.read("TORBOX_API_URL", "https://api.torbox.app", parse.api_url)

# --- secrets ------------------------------------------------------------------------------------------

SECRET_KEY = env.read_or_make(
    "SECRET_KEY",
    parse.text,
    DATA_DIR / "secret-key",
    get_random_secret_key,
    lost="everyone will have to sign in again.",
)
ENCRYPTION_KEYS = env.read_or_make(
    "ENCRYPTION_KEYS",
    parse.fernet_keys,
    DATA_DIR / "encryption-keys",
    lambda: Fernet.generate_key().decode(),
    lost="every API key will have to be entered again.",
)

# --- hosts, cookies, and requests ---------------------------------------------------------------------

DEBUG = env.read("DEBUG", False, parse.flag)
DEFAULT_EXCEPTION_REPORTER_FILTER = "torbox_web.error_reports.SilentFilter"
SECURE = SITE.scheme == "https"
FORCE_SCRIPT_NAME = SITE_PATH or None  # the start of every URL of ours. `sub_path` takes it off requests
ALLOWED_HOSTS = [
    SITE.host,
    "localhost",
    "127.0.0.1",
    "[::1]",
    *env.read("ALLOWED_HOSTS", list[str](), parse.host_names),
]
CSRF_TRUSTED_ORIGINS = [SITE_ORIGIN]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"{SITE_PATH}/"
# Cookies ignore the port, so their names must differ from those of other apps, or other instances, on this host.
SESSION_COOKIE_NAME = f"torbox-web-session{SITE.suffix}"
CSRF_COOKIE_NAME = f"torbox-web-csrf{SITE.suffix}"
CSRF_FAILURE_VIEW = "torbox_web.http.csrf.failure"
MESSAGES_COOKIE_NAME = f"torbox-web-messages{SITE.suffix}"
MESSAGE_STORAGE = "torbox_web.http.messages.MessageStorage"
SESSION_DAYS = env.read("SESSION_DAYS", 30, parse.number(1, 3650))  # from sign-in to the end of a session
SESSION_COOKIE_AGE = 60 * 60 * 24 * min(SESSION_DAYS, 30)  # an unused session ends after 30 days at most
TRUSTED_PROXIES = env.read("TRUSTED_PROXIES", list[str](), parse.networks)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
HSTS_SECONDS = env.read("HSTS_SECONDS", 60 * 60 * 24 * 30, parse.number(0, 10 * parse.YEAR))
SECURE_HSTS_SECONDS = HSTS_SECONDS if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Room for 5,000 magnet links of 2 KB each in one paste, and for several .torrent files.
DATA_UPLOAD_MAX_MEMORY_SIZE = FILE_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 100
MAX_BODY = 64 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
LINK_FETCH_SECONDS = 10.0  # for a pasted link to a .torrent file, with all redirects
# Only the tests set this, to their own server. No variable does, so links can't lead into a private network.
LINK_FETCH_EXEMPT_ORIGIN = ""
# Likewise: the origins of services, such as https://discord.com, and those of the tests' own servers instead.
NOTIFICATION_ORIGINS: dict[str, str] = {}

# --- Django -------------------------------------------------------------------------------------------

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
    "localization",
    "accounts",
    "torrents",
    "links",
    "saving",
    "notifications",
    "care",
    "api",
]
MIDDLEWARE = [
    "care.request_ids.RequestIdMiddleware",
    "torbox_web.http.middleware.DrainMiddleware",
    "torbox_web.http.middleware.HeadMiddleware",
    "care.middleware.WatchedMiddleware",
    "torbox_web.http.proxies.ProxyMiddleware",
    "localization.middleware.LanguageMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # for pages. Static files are compressed on disk
    "torbox_web.assets.static_files.CollectedFilesMiddleware",
    "links.middleware.VisitorMiddleware",
    "api.middleware.ApiMiddleware",
    "torbox_web.http.malformed.MalformedRequestMiddleware",
    "torbox_web.http.unavailable.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "torbox_web.http.middleware.PrivatePagesMiddleware",
    "notifications.middleware.SignedOutMiddleware",
    "accounts.session_end.SessionEndMiddleware",
    "accounts.middleware.SeenMiddleware",
    "accounts.middleware.PreferencesMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "torbox_web.http.middleware.ToastMiddleware",
    "notifications.middleware.BellMiddleware",
    "torbox_web.http.middleware.BodySizeMiddleware",
    "torbox_web.http.middleware.TorBoxErrorMiddleware",
]
ROOT_URLCONF = "torbox_web.urls"
WSGI_APPLICATION = "torbox_web.wsgi.application"

# --- languages and time ---------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LOCALE_PATHS = [BASE_DIR / "locale"]
complete = languages.there_are(LOCALE_PATHS[0])
LANGUAGES = languages.named(env.read("LANGUAGES", complete, parse.some_of(*complete, *languages.PSEUDO)))
LANGUAGES_BIDI = [*LANGUAGES_BIDI, "ar-xb"]
LANGUAGE_COOKIE_NAME = f"torbox-web-language{SITE.suffix}"
LANGUAGE_COOKIE_AGE = 60 * 60 * 24 * 365
LANGUAGE_COOKIE_PATH = SESSION_COOKIE_PATH
LANGUAGE_COOKIE_SECURE = SECURE
LANGUAGE_COOKIE_HTTPONLY = True
TIME_ZONE = env.read("TZ", "UTC", parse.time_zone)
TIME_ZONE_COOKIE_NAME = f"torbox-web-time-zone{SITE.suffix}"  # what the browser says of itself
USE_TZ = True
USE_I18N = True

# --- database and cache -------------------------------------------------------------------------------

DATABASES = {
    "default": stores.with_options(
        env.read_secret("DATABASE_URL", stores.sqlite_in(DATA_DIR), parse.database_url)
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.read_secret("REDIS_URL", "", parse.redis_url)
REDIS_PREFIX = env.read("REDIS_PREFIX", "torbox-web", parse.key_prefix)
CACHES = stores.caches(REDIS_URL, REDIS_PREFIX)

# --- static files: hashed, compressed, cached by browsers forever ---------------------------------------

STATIC_URL = f"{SITE_PATH}/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.read("STATIC_ROOT", BASE_DIR / "staticfiles", parse.path)
if problem := stores.problem_of_static_root(STATIC_ROOT, DATA_DIR, BASE_DIR):
    raise WrongSetting(f"STATIC_ROOT can't be {STATIC_ROOT}. {problem} Use a folder of its own.")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "torbox_web.assets.storage.BundlingStorage"},
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
ACCOUNT_RATE_LIMITS = RATE_LIMITS
MFA_RATE_LIMITS = {"webauthn_login": ""}  # a signature can't be guessed, and strangers could use up the limit
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # this browser stays signed in, the others don't
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "TorBox Web"
MFA_TOTP_TOLERANCE = 1  # phones' clocks are up to half a minute off
USERSESSIONS_TRACK_ACTIVITY = True
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # notifications have their own
MAIL_SERVER = env.read_secret("SMTP_URL", None, mail_server.smtp_url)

# --- calls to TorBox (docs/torbox-api.md#limits) ------------------------------------------------------

REFRESH_SECONDS = env.read("REFRESH_SECONDS", 600, parse.some_seconds)
IDLE_REFRESH_SECONDS = env.read("IDLE_REFRESH_SECONDS", 3600, parse.some_seconds)
WATCH_SECONDS = env.read("WATCH_SECONDS", 15, parse.seconds)
UNDO_SECONDS = env.read("UNDO_SECONDS", 10, parse.seconds)
SETTLE_SECONDS = env.read("SETTLE_SECONDS", 180, parse.seconds)
answer_seconds = float(env.read("TORBOX_TIMEOUT_SECONDS", 30, parse.number(1, 600)))
TORBOX_TIMEOUT = (min(5.0, answer_seconds), answer_seconds)  # to connect, to answer
# Longer than any call can take: two attempts that fail slowly, one that succeeds slowly, and its body.
LEASE_SECONDS = 3 * sum(TORBOX_TIMEOUT) + 2 * answer_seconds + 5
TORBOX_QUICK_TIMEOUT = (3.0, 8.0)  # while a person waits for the page

# --- saving to disk ---------------------------------------------------------------------------------------

SAVE_DIR = env.read("SAVE_DIR", None, parse.path)  # unset: saving is off
if SAVE_DIR and (problem := stores.problem_of_save_dir(SAVE_DIR, DATA_DIR, STATIC_ROOT, BASE_DIR)):
    raise WrongSetting(f"SAVE_DIR can't be {SAVE_DIR}. {problem} Use a folder of its own.")
UMASK = env.read("UMASK", 0o022, parse.umask)  # of saved files and their folders
ARIA2_RPC_URL = env.read("ARIA2_RPC_URL", "", parse.rpc_url)
ARIA2_RPC_SECRET = env.read_secret("ARIA2_RPC_SECRET", "", parse.token)
ARIA2_DIR = env.read("ARIA2_DIR", "", parse.folder_elsewhere)  # SAVE_DIR as aria2 sees it

# --- background work ----------------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL or "queuefolder://localhost//"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    stores.redis_transport(REDIS_PREFIX) if REDIS_URL else stores.folder_transport(DATA_DIR / "queue")
)
if REDIS_URL:  # a folder's message files keep the name they have always had
    CELERY_TASK_DEFAULT_QUEUE = "torbox-web"
CELERY_TASK_ROUTES = {"saving.tasks.save_job": {"queue": "saving"}}  # list and sends never wait for it
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False  # a message is only a hint. The rows hold what is due
CELERY_TASK_TIME_LIMIT = 900
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CHANNEL_ERROR_RETRY = True  # wait for a Redis that fails, as for one that is gone
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False  # one connection fewer that can break
CELERY_BEAT_SCHEDULER = "torbox_web.queue.beat:LeaderScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5

CELERY_BEAT_SCHEDULE = schedule.entries(saves=SAVE_DIR is not None)

# --- programs and monitoring --------------------------------------------------------------------------

API_PROTOCOLS = env.read("API_PROTOCOLS", [*parse.PROTOCOLS], parse.some_or_none_of(*parse.PROTOCOLS))
# Where programs see TorBox's files through a mount.
MEDIA_PATH = env.read("MEDIA_PATH", "", parse.folder_elsewhere)
METRICS_TOKEN = env.read_secret("METRICS_TOKEN", "", parse.token)

# --- logging ------------------------------------------------------------------------------------------

LOG_FORMAT = env.read("LOG_FORMAT", "line", parse.one_of(*FORMATS))
LOGGING = logging_to_console(LOG_FORMAT, env.read("LOG_LEVEL", "INFO", parse.one_of(*LEVELS)))
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for subdomains, which may be other services
    "security.W021",  # the browsers' preload list, for the same reason
    "security.W008",  # the proxy redirects to https, and health checks use http
]
