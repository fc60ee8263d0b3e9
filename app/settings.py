"""Settings of the web tier, read from the environment in this one place."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from app.security.addresses import Network, is_loopback
from app.security.api_keys import KeyRing
from app.security.caller_ids import CallerIds
from app.security.dial_rules import DialRules
from app.security.named_secrets import named_secrets
from app.security.signature import WebhookSecrets
from app.security.tenants import Tenants
from app.security.webhook_hosts import WebhookHosts
from runtime.environment import Environment
from runtime.settings import SharedSettings, read_shared, twilio_token
from schemas.webhook_urls import USUAL_PORTS

_HOST: Final = re.compile(r"[a-z0-9._-]{1,253}|\[?[0-9a-f:.]+\]?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(SharedSettings):
    """What the web tier is told at its start."""

    host: str
    port: int
    api_keys: KeyRing
    requests_per_second_per_key: float
    trusted_proxies: tuple[Network, ...]  #: whose X-Forwarded-For is believed
    cors_origins: frozenset[str]
    allowed_hosts: frozenset[str]  #: without keys: hosts that are answered besides loopback ones and the public one
    max_connections: int
    dial_rules: DialRules
    tenants: Tenants
    secondary_auth_token: str  #: also accepted in signatures
    webhook_keys: Mapping[str, str]  #: Twilio's shared keys: id -> secret
    event_signing_keys: Mapping[str, str]  #: name of an API key -> secret that signs the events of its tasks
    allow_private_webhooks: bool
    console: bool  #: whether the console is served
    stop_pause_seconds: float  #: between being told to stop, when it is not ready any more, and taking no connection
    written_base_url: str  #: PUBLIC_BASE_URL with its capitals

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> "Settings":
        """Reads the environment; raises SettingsError with one message that names every faulty variable."""
        environment = Environment(variables)
        api_keys = _api_keys(environment, environment.text("API_KEYS"))
        shared = read_shared(environment)
        settings = cls(
            **shared,
            host=environment.text("APP_HOST", "127.0.0.1"),
            port=environment.whole("APP_PORT", 8001, least=0, most=65535),
            api_keys=api_keys,
            tenants=_tenants(environment, api_keys),
            requests_per_second_per_key=environment.number(
                "REQUESTS_PER_SECOND_PER_KEY", 500, least=0.01, most=100_000
            ),
            trusted_proxies=_networks(environment, environment.text("TRUSTED_PROXIES")),
            cors_origins=_origins(environment, environment.text("CORS_ORIGINS")),
            allowed_hosts=_hosts(environment, environment.text("ALLOWED_HOSTS")),
            max_connections=environment.whole("MAX_CONNECTIONS", 1000, most=100_000),
            dial_rules=DialRules(
                numbers=shared["numbers"],
                caller_ids=_caller_ids(environment, api_keys),
                webhook_hosts=_webhook_hosts(environment, environment.text("ALLOWED_WEBHOOK_HOSTS")),
                most_calls_per_day=shared["limits"].most_calls_per_day,
            ),
            secondary_auth_token=twilio_token(environment, "TWILIO_AUTH_TOKEN_SECONDARY"),
            webhook_keys=_secrets(environment, environment.text("TWILIO_WEBHOOK_KEYS"), "TWILIO_WEBHOOK_KEYS"),
            event_signing_keys=_secrets(environment, environment.text("EVENT_SIGNING_KEYS"), "EVENT_SIGNING_KEYS"),
            allow_private_webhooks=environment.flag("ALLOW_PRIVATE_WEBHOOKS"),
            console=environment.flag("CONSOLE", 1),
            stop_pause_seconds=environment.number("STOP_PAUSE_SECONDS", 0.5, least=0, most=30),
            written_base_url=environment.text("PUBLIC_BASE_URL").rstrip("/"),
        )
        _check_address(environment, settings.host)
        environment.check()
        return settings

    @property
    def twilio_configured(self) -> bool:
        """Whether calls can be placed at all."""
        return bool(self.account_sid and self.auth_token and self.default_from_number)

    @property
    def default_from_number(self) -> str:
        """Caller id of calls that name none; '' without one."""
        return self.dial_rules.caller_ids.default

    @property
    def webhook_secrets(self) -> WebhookSecrets:
        """What Twilio may sign its webhooks with."""
        tokens = (token for token in (self.auth_token, self.secondary_auth_token) if token)
        return WebhookSecrets(tuple(tokens), self.webhook_keys)

    @property
    def names_signed_with_token(self) -> list[str]:
        """Names whose clients could make events of each other's, because one token signs them all."""
        names = self.api_keys.names()
        return sorted(names - self.event_signing_keys.keys()) if len(names) > 1 else []


def _check_address(environment: Environment, host: str) -> None:
    unguarded = not environment.flag("ALLOW_ANONYMOUS") and not environment.text("API_KEYS")
    if not _is_host(host):
        environment.refuse("APP_HOST must be a name or an address, without a scheme and a port")
    elif unguarded and not is_loopback(host):
        environment.refuse(
            f"APP_HOST is {host}, which others can reach, and nothing asks them for a key: set API_KEYS,"
            " or a loopback address, or ALLOW_ANONYMOUS to 1 if something in front checks who calls"
        )


def _is_host(text: str) -> bool:
    if ":" not in text:
        return bool(_HOST.fullmatch(text.lower()))
    try:
        return bool(ip_address(text))
    except ValueError:
        return False


def _secrets(environment: Environment, text: str, name: str) -> Mapping[str, str]:
    try:
        return named_secrets(text)
    except ValueError as error:
        environment.refuse(f"{name} must be comma-separated name:secret, and {error}")
        return {}


def _api_keys(environment: Environment, text: str) -> KeyRing:
    try:
        return KeyRing.parse(text)
    except ValueError as error:
        environment.refuse(f"API_KEYS must be comma-separated name:secret, and {error}")
        return KeyRing()


def _caller_ids(environment: Environment, api_keys: KeyRing) -> CallerIds:
    default = environment.phone_number("TWILIO_PHONE_NUMBER")
    try:
        caller_ids = CallerIds.parse(default, environment.text("ALLOWED_FROM_NUMBERS"))
    except ValueError:
        wanted = "phone numbers in E.164 format, or name=number with a name of API_KEYS, separated by commas"
        environment.refuse(f"ALLOWED_FROM_NUMBERS must be {wanted}")
        return CallerIds(default)
    if caller_ids.names() - api_keys.names():
        environment.refuse("ALLOWED_FROM_NUMBERS must give numbers to names of API_KEYS only")
    return caller_ids


def _webhook_hosts(environment: Environment, text: str) -> WebhookHosts:
    try:
        return WebhookHosts.parse(text)
    except ValueError:
        wanted = "names or addresses of hosts, without ports, separated by commas (e.g., *.example.com)"
        environment.refuse(f"ALLOWED_WEBHOOK_HOSTS must be {wanted}")
        return WebhookHosts()


def _tenants(environment: Environment, api_keys: KeyRing) -> Tenants:
    names = api_keys.names()
    admins, readers = _names(environment.text("ADMIN_KEYS")), _names(environment.text("READ_ONLY_KEYS"))
    for setting, given in (("ADMIN_KEYS", admins), ("READ_ONLY_KEYS", readers)):
        if given - names:
            environment.refuse(f"{setting} must be comma-separated names of API_KEYS")
    if admins & readers:
        environment.refuse("ADMIN_KEYS and READ_ONLY_KEYS must not name the same key")
    isolated = environment.flag("ISOLATE_KEYS") if environment.text("ISOLATE_KEYS") else len(names) > 1
    return Tenants(isolated, admins, readers)


def _names(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(",") if part.strip())


def _networks(environment: Environment, text: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError:
        environment.refuse("TRUSTED_PROXIES must be comma-separated addresses or networks (e.g., 10.0.0.0/8)")
        return ()


def _hosts(environment: Environment, text: str) -> frozenset[str]:
    hosts = [part.strip().lower() for part in text.split(",") if part.strip()]
    if not all(_HOST.fullmatch(host) for host in hosts):
        environment.refuse("ALLOWED_HOSTS must be comma-separated names or addresses of hosts, without ports")
    return frozenset(host.strip("[]") for host in hosts)


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
    usual = USUAL_PORTS.get(parts.scheme)
    if usual is None or not parts.hostname or "*" in text or port == usual:
        return False
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return text == f"{parts.scheme}://{host}" + (f":{port}" if port else "")
