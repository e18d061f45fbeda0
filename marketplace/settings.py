"""Settings, all from the environment. With DEBUG on nothing needs setting.

With DEBUG off, whatever is missing is named and nothing starts."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from marketplace.environment import Env

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
env.read_env(BASE_DIR / ".env")  # made by `make` on a developer's machine, with DEBUG=true; the environment wins
DEBUG = env.bool("DEBUG", default=False)
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".data")))

if DEBUG:
    SECRET_KEY = env("SECRET_KEY", default="only-for-debug-never-served-to-real-people-0123456789")
else:
    missing = [
        name for name in ("SECRET_KEY", "DATABASE_URL", "ALLOWED_HOSTS", "SITE_URL") if not env.str(name, default="")
    ]
    if missing:
        raise ImproperlyConfigured(f"With DEBUG off, set {', '.join(missing)} in the environment.")
    SECRET_KEY = env("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Where the site is, for the links in emails that no request leads to: https://talent.example.com
SITE_URL = env.str("SITE_URL", default=f"http://127.0.0.1:{env.str('PORT', default='') or 8000}").rstrip("/")

# Applications

INSTALLED_APPS = [
    "marketplace.apps.MarketplaceConfig",
    "integrations",
    "spend",
    "impact",
    "sourcing",
    "verification",
    "certifications",
    "rollout",
    "profiles",
    "common.apps.CommonConfig",
    "marketplace.apps.MarketplaceAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.idp.oidc",
    "django_htmx",
    "pgtrigger",
    "pghistory",
    "django_tasks_db",
    *(["devtools"] if DEBUG else []),
]
MIDDLEWARE = [
    "marketplace.observing.middleware",
    "marketplace.middleware.guard",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "marketplace.middleware.cache_policy",
    "integrations.api.middleware.apart",
    "common.middleware.not_allowed",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "profiles.sessions.LimitedSessions",
    "common.middleware.SignedInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "profiles.viewer.middleware",
    "rollout.middleware.middleware",
    "marketplace.middleware.StaffTimeZone",
]
# Who did it is told to the history with each statement that may change something; pages that only read skip the cost.
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")
ROOT_URLCONF = "marketplace.urls"
WSGI_APPLICATION = "marketplace.wsgi.application"
FORM_RENDERER = "marketplace.forms.FormRenderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": [
                "django.templatetags.static",
                "marketplace.templatetags.site",
                "common.templatetags.drafts",
                "common.templatetags.undo",
            ],
        },
    }
]

# Database


def database(setting: str, *, server: str) -> dict[str, Any]:
    """Return the database whose address `setting` holds. It may name several hosts, of which libpq uses one that is
    the `server` asked for (its `target_session_attrs`)."""
    address = env.db(setting)
    if address["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured(f"{setting} must name a PostgreSQL database: postgres://user:password@host/name")
    # A host that does not answer is given up in seconds, while connecting and in the midst of a query.
    waits = {
        "connect_timeout": 3,
        "tcp_user_timeout": 10_000,
        "keepalives_idle": 10,
        "keepalives_interval": 3,
        "keepalives_count": 3,
    }
    options = waits | {"target_session_attrs": server} | address.get("OPTIONS", {})
    return address | {"ENGINE": "marketplace.postgresql", "OPTIONS": options}


if env.str("DATABASE_URL", default=""):
    DATABASES = {"default": database("DATABASE_URL", server="read-write")}
else:
    DATABASES = {
        "default": {
            "ENGINE": "devtools.embedded_postgres",
            "NAME": "marketplace",
            "HOST": str(DATA_DIR / "postgres"),
        }
    }
if env.str("REPLICA_URL", default=""):
    DATABASES["replica"] = database("REPLICA_URL", server="prefer-standby")  # see `common.databases`
for _database in DATABASES.values():
    # One connection a worker, kept and checked: connecting for each request costs more than the request.
    _database["CONN_MAX_AGE"] = None
    _database["CONN_HEALTH_CHECKS"] = True
    # Queries that are compiled once (`common.compiled`) are also planned once a connection, from the third time on, and
    # for whatever keys: to plan them anew takes several times as long as to run them. What pages read is in memory:
    # with the costs of a disk, a search would be planned to read thousands of rows in order instead of the hundreds
    # that fit.
    _options = _database.setdefault("OPTIONS", {})
    _options["prepare_threshold"] = 2
    _options.setdefault(
        "options", "-c plan_cache_mode=force_generic_plan -c random_page_cost=0.05 -c seq_page_cost=0.05"
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Rate limits must hold across workers and machines. Their counts live in the database, or in a Redis or Valkey.
CACHES = {
    "database": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
if CACHE_URL := env.str("CACHE_URL", default=""):
    CACHES["default"] = {"BACKEND": "marketplace.cache.RedisOrDatabase", "LOCATION": CACHE_URL}
else:
    CACHES["default"] = CACHES["database"]

# People and sign-in

AUTH_USER_MODEL = "profiles.User"
AUTHENTICATION_BACKENDS = ["profiles.account_mail.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "profiles.passwords.UnlikeThePerson"},
    {"NAME": "profiles.passwords.Length", "OPTIONS": {"min_length": 10}},
    {"NAME": "profiles.passwords.Uncommon"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

ACCOUNT_ADAPTER = "profiles.account_mail.AccountAdapter"
ACCOUNT_FORMS = {
    "add_email": "profiles.account_mail.AddEmailForm",
    "change_email": "profiles.account_mail.ChangeEmailForm",
    "change_password": "profiles.account_mail.ChangePasswordForm",
    "reauthenticate": "profiles.account_mail.ReauthenticateForm",
    "reset_password_from_key": "profiles.account_mail.ResetPasswordKeyForm",
    "set_password": "profiles.account_mail.SetPasswordForm",
    "login": "profiles.account_mail.LoginForm",
    "signup": "profiles.account_mail.SignupForm",
    "reset_password": "profiles.account_mail.ResetPasswordForm",
}
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SIGNUP_FORM_CLASS = "profiles.accounts.SignupForm"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
# Only in the browser in which the person signed up: anywhere else the link confirms the address and signs no one in.
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # a new password ends all other sessions: their key depends on it
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # before an email address changes; the second factor always asks
ACCOUNT_REAUTHENTICATION_METHODS = {"password", "mfa"}  # no code by email: whoever reads the email has the account
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_RATE_LIMITS = {
    "invite": "30/h/user",
    "concern": "5/h/user",
    "document": "30/h/user",
    "talk": "20/h/user",
    "export": "30/h/user",
    "talk_message": "60/h/user",
    "sign_on": "120/m/ip",  # a whole organization may share one address
    "sign_on_lead": "300/m/ip",
    "sign_on_answer": "300/m/ip",
    "domain_check": "30/h/user",
    "scim": "1200/m/key",
    "oauth": "60/m/ip",
}  # beside allauth's own, which stand before any password is hashed
SOCIALACCOUNT_ADAPTER = "integrations.sign_on.adapter.SocialAccountAdapter"
MFA_ADAPTER = "profiles.two_step.TwoStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Marketplace"
MFA_RECOVERY_CODES_SHOW_ONCE = True
# How many reverse proxies stand in front: their X-Forwarded-For is what rate limits count by.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

# Mail

DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Marketplace <no-reply@marketplace.test>")
MAIL_DIR = DATA_DIR / "mail"
if env.str("EMAIL_URL", default=""):
    _mail = env.email_url("EMAIL_URL")
    MAILERS = {
        "default": {
            "BACKEND": _mail["EMAIL_BACKEND"],
            "OPTIONS": {
                "host": _mail["EMAIL_HOST"],
                "port": _mail["EMAIL_PORT"],
                "username": _mail["EMAIL_HOST_USER"],
                "password": _mail["EMAIL_HOST_PASSWORD"],
                "use_tls": _mail.get("EMAIL_USE_TLS", False),
                "use_ssl": _mail.get("EMAIL_USE_SSL", False),
                "timeout": 10,
            },
        }
    }
elif DEBUG:
    # Kept in files and readable at /mail/, so that no link sent while developing is lost.
    MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "OPTIONS": {"file_path": str(MAIL_DIR)},
        }
    }
else:
    raise ImproperlyConfigured("With DEBUG off, set EMAIL_URL in the environment: smtp+tls://user:password@host:587")

# Files

STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "marketplace.stylesheets.JoiningFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
MEDIA_ROOT = DATA_DIR / "media"
PRIVATE_ROOT = Path(env.str("PRIVATE_ROOT", default=str(DATA_DIR / "private")))


def file_storage(bucket: str, folder: dict[str, Any]) -> dict[str, Any]:
    """Return a storage: a folder or, if the setting `bucket` names one, that bucket of an S3 service.

    boto3 reads the service's keys and region from the environment. No file has an address of its own: the site reads
    it and serves it."""
    name = env.str(bucket, default="")
    if not name:
        return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": folder}
    options = {"bucket_name": name, "endpoint_url": env.str(f"{bucket}_ENDPOINT", default="") or None}
    return {"BACKEND": "marketplace.buckets.Bucket", "OPTIONS": options}


STORAGES = {
    "default": file_storage("PHOTO_BUCKET", {}),  # photos, for everyone
    # Documents that owners attach, and files of registers: read through a check.
    "private": file_storage(
        "PRIVATE_BUCKET",
        {
            "location": PRIVATE_ROOT,
            "base_url": None,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    ),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_ALLOW_ALL_ORIGINS = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_HANDLERS = ["common.uploads.UpTo"]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

# An address of a ClamAV daemon (tcp://127.0.0.1:3310 or unix:///run/clamd.sock) through which uploads are to pass.
CLAMD_URL = env.str("CLAMD_URL", default="")

# The Ed25519 key in PEM that signs audit packs, as SIGNING_KEY_FILE. Without it there are none, except with DEBUG.
SIGNING_KEY = env.str("SIGNING_KEY", default="")
# The public halves of keys that signed packs before, in PEM, so that these packs can still be checked.
EARLIER_SIGNING_KEYS = env.str("EARLIER_SIGNING_KEYS", default="")

# What clients let the site ask, such as their identity providers and webhooks, must be public and answer over TLS,
# except in these networks of the operator: 10.1.0.0/16,fd00::/8.
OUTWARD_NETWORKS = env.list("OUTWARD_NETWORKS", default=[])

# Background work: done by `manage.py db_worker`, from the same database.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Language and time

LANGUAGE_CODE = "en-us"
FORMAT_MODULE_PATH = "marketplace.formats"
TIME_ZONE = "UTC"
USE_TZ = True

# Security

# Where to report a weakness (mailto:security@example.com), for /.well-known/security.txt.
SECURITY_CONTACT = env.str("SECURITY_CONTACT", default="")
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],  # the MFA set-up page draws its QR code as a data: image
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_ENGINE = "common.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
# Not in a cookie, as by default: a message may name a certification.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "common.middleware.csrf_failure"
if not DEBUG:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]  # asked by neighbors, without TLS
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_SECURE = True
    CSRF_COOKIE_NAME = "__Host-csrf"
    if ALLAUTH_TRUSTED_PROXY_COUNT:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Watching: "plain" lines for people to read, or "json" for machines, with a line for each request (`marketplace.logs`).
LOG_FORMAT = env.str("LOG_FORMAT", default="plain")
# The internal address (127.0.0.1:9101) at which `manage.py metrics` answers Prometheus, and where workers count for it.
METRICS_ADDRESS = env.str("METRICS_ADDRESS", default="")
METRICS_DIR = DATA_DIR / "metrics"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"refusals": {"()": "marketplace.logs.Refusals"}},
    "formatters": {
        "plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        "json": {"()": "marketplace.logs.Json"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["refusals"], "formatter": LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO"},  # by default it prints, too, what the root prints
        "marketplace.requests": {"level": "INFO" if LOG_FORMAT == "json" else "WARNING"},
    },
}
