"""Settings of the web tier, read from the environment in this one place."""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TypeAlias
from urllib.parse import urlsplit

from app.dial_rules import DialRules
from app.keys import KeyRing
from schemas import redis_url
from schemas.environment import Environment
from schemas.limits import Limits
from schemas.sentinel import Sentinel

Network: TypeAlias = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Settings:
    """What the web tier is told at its start."""

    host: str
    port: int
    api_keys: KeyRing
    requests_per_second_per_key: float
    trusted_proxies: tuple[Network, ...]  #: whose X-Forwarded-For is believed
    cors_origins: frozenset[str]
    max_connections: int
    broker_url: str
    redis_url: str
    sentinel: Sentinel
    limits: Limits
    retention_days: int
    twilio_configured: bool
    simulated: bool
    default_from_number: str
    dial_rules: DialRules
    auth_tokens: tuple[str, ...]  #: the first signs, all are accepted in signatures
    public_base_url: str
    allow_private_webhooks: bool
    reconcile_after_seconds: float
    otlp_endpoint: str  #: where spans go; '' for no tracing
    log_level: str
    log_format: str

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> "Settings":
        """Reads the environment; raises SettingsError with one message that names every faulty variable."""
        environment = Environment(variables)
        broker_url = environment.redis_url("CELERY_BROKER_URL", redis_url.DEFAULT)
        records_url = environment.redis_url("REDIS_URL", broker_url)
        api_base_url = environment.url("TWILIO_API_BASE_URL", "https://api.twilio.com", ("http", "https"))
        account = environment.text("TWILIO_ACCOUNT_SID"), environment.text("TWILIO_AUTH_TOKEN")
        from_number = environment.phone_number("TWILIO_PHONE_NUMBER")
        settings = cls(
            host=environment.text("APP_HOST", "127.0.0.1"),
            port=environment.whole("APP_PORT", 8001, least=0, most=65535),
            api_keys=_api_keys(environment, environment.text("API_KEYS")),
            requests_per_second_per_key=environment.number("REQUESTS_PER_SECOND_PER_KEY", 500),
            trusted_proxies=_networks(environment, environment.text("TRUSTED_PROXIES")),
            cors_origins=_origins(environment, environment.text("CORS_ORIGINS")),
            max_connections=environment.whole("MAX_CONNECTIONS", 1000, most=100_000),
            broker_url=broker_url,
            redis_url=records_url,
            sentinel=Sentinel.read(environment, broker_url, records_url),
            limits=Limits.read(environment),
            retention_days=environment.whole("CALL_RETENTION_DAYS", 30, most=3650),
            twilio_configured=bool(all(account) and from_number),
            simulated=not f".{urlsplit(api_base_url).hostname}".endswith(".twilio.com"),
            default_from_number=from_number,
            dial_rules=DialRules(
                prefixes=environment.prefixes("ALLOWED_PREFIXES"),
                from_numbers=environment.phone_numbers("ALLOWED_FROM_NUMBERS"),
                default_from_number=from_number,
                most_calls_per_day=environment.whole("MAX_CALLS_PER_DAY", 0),
            ),
            auth_tokens=tuple(
                token for token in (account[1], environment.text("TWILIO_AUTH_TOKEN_SECONDARY")) if token
            ),
            public_base_url=environment.url("PUBLIC_BASE_URL", "", ("http", "https")),
            allow_private_webhooks=environment.flag("ALLOW_PRIVATE_WEBHOOKS"),
            reconcile_after_seconds=environment.number("RECONCILE_AFTER_SECONDS", 60, most=86_400),
            otlp_endpoint=environment.url("OTEL_EXPORTER_OTLP_ENDPOINT", "", ("http", "https")),
            log_level=environment.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")),
            log_format=environment.choice("LOG_FORMAT", "json", ("json", "console")),
        )
        anonymous = not environment.text("API_KEYS") and environment.text("ALLOW_ANONYMOUS") != "1"
        if anonymous and not _is_loopback(settings.host):
            environment.refuse(
                f"APP_HOST is {settings.host}, which others can reach, and nothing asks them for a key: set API_KEYS,"
                " or a loopback address, or ALLOW_ANONYMOUS to 1 if something in front checks who calls"
            )
        environment.check()
        return settings


def _api_keys(environment: Environment, text: str) -> KeyRing:
    try:
        return KeyRing.parse(text)
    except ValueError as error:
        environment.refuse(f"API_KEYS must be comma-separated name:secret, and {error}")
        return KeyRing()


def _networks(environment: Environment, text: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError:
        environment.refuse("TRUSTED_PROXIES must be comma-separated addresses or networks (e.g., 10.0.0.0/8)")
        return ()


def _origins(environment: Environment, text: str) -> frozenset[str]:
    origins = [part.strip() for part in text.split(",") if part.strip()]
    if not all(_is_origin(origin) for origin in origins):
        environment.refuse("CORS_ORIGINS must be comma-separated origins (e.g., https://app.example.com), without *")
    return frozenset(origins)


def _is_origin(text: str) -> bool:
    """Whether a browser could send this as its Origin: scheme, host in lower case, and a port only if unusual."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    if usual is None or not parts.hostname or "*" in text or port == usual:
        return False
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return text == f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
