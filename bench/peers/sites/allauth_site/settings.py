"""What its manual asks for, and nothing that would only cost: no admin, no user names."""

import os
from urllib.parse import parse_qs, urlsplit

SITE = "bench.peers.sites.allauth_site"
SECRET_KEY = "of a measurement and of nothing else"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = f"{SITE}.urls"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    f"{SITE}.accounts",
    "allauth",
    "allauth.account",
    "allauth.headless",
]
MIGRATION_MODULES = {"accounts": None}
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

# Connections are kept, as Django advises for threads.
_place = urlsplit(os.environ["PEER_DATABASE"])
if _place.scheme == "sqlite":
    _database = {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": _place.path[1:],
        "OPTIONS": {
            "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;",
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
        },
    }
else:
    _database = {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": parse_qs(_place.query)["host"][0],
        "USER": _place.username,
        "NAME": _place.path[1:],
    }
DATABASES = {"default": _database | {"CONN_MAX_AGE": None}}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [f"{SITE}.accounts.outside.Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}Validator"}
    for name in ("UserAttributeSimilarity", "MinimumLength", "CommonPassword", "NumericPassword")
]
EMAIL_BACKEND = f"{SITE}.accounts.outside.Mails"

ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_RATE_LIMITS = False  # one address signs everybody up
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("app",)
HEADLESS_FRONTEND_URLS = {
    "account_confirm_email": "https://site.example/confirm/{key}",
    "account_reset_password": "https://site.example/reset",
    "account_reset_password_from_key": "https://site.example/reset/{key}",
    "account_signup": "https://site.example/signup",
}
# Headless answers 401 wherever a step is missing: that is no line of a log.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "loggers": {"django.request": {"level": "ERROR"}},
}
