"""The settings that web tier, workers and beat share, each read from the environment in this one place."""

import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from runtime import redis_url
from runtime.dialled.rules import NumberRules
from runtime.environment import Environment
from runtime.sentinel import Sentinel
from runtime.standing import celery_variables
from schemas.hours.plan import Policy
from schemas.limits import Limits
from schemas.spoken.speech import DEFAULT_TEXT, Speech, Twiml, unspeakable

#: Quotation marks that a file of variables keeps, and blanks, are in neither; the first stands in paths.
_SID: Final = re.compile(r"[\w-]*", re.ASCII)
_TOKEN: Final = re.compile(r"([!#-&(-~][!-~]*)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSettings:
    """What every process is told at its start."""

    broker_url: str
    allow_unsafe_redis: bool  #: one that evicts, or does not append to a file
    redis_url: str  #: where the records are
    sentinel: Sentinel
    limits: Limits
    numbers: NumberRules  #: that may be dialled
    most_waiting_per_key: int  #: numbers of one name, or of those without; 0 for any. See accept.lua
    account_sid: str
    auth_token: str
    api_base_url: str  #: of Twilio's REST API, or of the simulator
    timeout_seconds: float  #: of one request to Twilio
    public_base_url: str  #: how Twilio reaches the web tier; '' if it cannot
    reconcile_after_seconds: float
    retention_days: int
    max_call_seconds: int  #: after which Twilio ends a call (TimeLimit)
    default_message: str  #: what a call without `message` says
    policy: Policy  #: when any call may leave
    otlp_endpoint: str  #: where spans go; '' for no tracing
    log_level: str
    log_format: str

    @property
    def simulated(self) -> bool:
        """Whether what is dialled through is not Twilio."""
        return not _is_twilio(self.api_base_url)


def read_shared(environment: Environment) -> dict[str, Any]:
    """The fields of SharedSettings; what is faulty is told by the environment's `check`."""
    celery_variables.refuse_commands_own(environment)
    kept = environment.content("CELERY_BROKER_URL_FILE")
    broker_url = environment.redis_url("CELERY_BROKER_URL", redis_url.DEFAULT, kept)
    records_url = environment.redis_url("REDIS_URL", broker_url)
    return {
        "broker_url": broker_url,
        "allow_unsafe_redis": environment.flag("ALLOW_UNSAFE_REDIS"),
        "redis_url": records_url,
        "sentinel": Sentinel.read(environment, broker_url, records_url),
        "limits": Limits(
            calls_per_second=environment.number("CALLS_PER_SECOND", 1, least=0.001, most=10_000),
            single_calls_per_minute=environment.number("SINGLE_CALLS_PER_MINUTE", 30, least=0.01, most=600_000),
            max_live_calls=environment.whole("MAX_LIVE_CALLS", 50, most=1_000_000),
            most_minutes_a_day=environment.whole("MAX_CALL_MINUTES_PER_DAY", 0, most=10**9),
            most_calls_per_day=environment.whole("MAX_CALLS_PER_DAY", 0, most=10**9),
            most_calls_per_number=environment.whole("MAX_CALLS_PER_NUMBER_PER_DAY", 0, most=1000),
        ),
        "numbers": NumberRules(
            environment.prefixes("ALLOWED_PREFIXES"),
            environment.prefixes("BLOCKED_PREFIXES"),
            allow_premium=environment.flag("ALLOW_PREMIUM"),
        ),
        "most_waiting_per_key": environment.whole("MAX_WAITING_PER_KEY", 0, most=10**9),
        "account_sid": _formed(environment, "TWILIO_ACCOUNT_SID", _SID, "letters and digits, without quotes"),
        "auth_token": twilio_token(environment, "TWILIO_AUTH_TOKEN"),
        "api_base_url": _api_base_url(environment),
        "timeout_seconds": environment.number("TWILIO_TIMEOUT_SECONDS", 30, least=1, most=600),
        "public_base_url": environment.public_url("PUBLIC_BASE_URL"),
        "reconcile_after_seconds": environment.number("RECONCILE_AFTER_SECONDS", 60, least=1, most=3600),
        "retention_days": environment.whole("CALL_RETENTION_DAYS", 30, most=3650),
        "max_call_seconds": environment.whole("MAX_CALL_SECONDS", 3600, least=60, most=14_400),
        "default_message": _default_message(environment),
        "policy": Policy(environment.windows("CALLING_WINDOWS")),
        "otlp_endpoint": environment.url("OTEL_EXPORTER_OTLP_ENDPOINT", "", ("http", "https")),
        "log_level": environment.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")),
        "log_format": environment.choice("LOG_FORMAT", "json", ("json", "console")),
    }


def twilio_token(environment: Environment, name: str) -> str:
    """A token of the account, or nothing."""
    return _formed(environment, name, _TOKEN, "printable ASCII, without blanks and quotes")


def _formed(environment: Environment, name: str, form: re.Pattern[str], wanted: str) -> str:
    text = environment.text(name)
    if not form.fullmatch(text):
        environment.refuse(f"{name} must be {wanted}")
    return text


def _api_base_url(environment: Environment) -> str:
    url = environment.origin("TWILIO_API_BASE_URL", "https://api.twilio.com")
    if urlsplit(url).scheme == "http" and _is_twilio(url):
        environment.refuse("TWILIO_API_BASE_URL must begin with https:// for Twilio: the token would go in the clear")
    return url


def _is_twilio(url: str) -> bool:
    return f".{urlsplit(url).hostname}".removesuffix(".").endswith(".twilio.com")


def _default_message(environment: Environment) -> str:
    text = environment.text("DEFAULT_MESSAGE", DEFAULT_TEXT)
    most = Speech.of({}, text).most_characters(Twiml.INLINE)
    if most is not None:
        environment.refuse(f"DEFAULT_MESSAGE must be at most {most} characters long, for all of it to be spoken")
    elif unspeakable(text) or not text.strip():
        environment.refuse("DEFAULT_MESSAGE must be a text that can be spoken")
    elif "{{" in text:
        environment.refuse("DEFAULT_MESSAGE must hold no {{: it is spoken as it stands")
    return text
