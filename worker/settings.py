"""Settings of the workers and of beat, read from the environment in this one place."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas import redis_url
from schemas.environment import Environment
from schemas.limits import Limits
from schemas.sentinel import Sentinel


@dataclass(frozen=True, slots=True)
class Settings:
    """What a worker is told at its start."""

    broker_url: str
    result_backend: str
    redis_url: str
    sentinel: Sentinel
    limits: Limits
    account_sid: str
    auth_token: str
    api_base_url: str
    timeout_seconds: float
    public_base_url: str
    reconcile_after_seconds: float
    retention_days: int
    metrics_host: str
    metrics_port: int  #: 0: the metrics are not served
    otlp_endpoint: str  #: where spans go; '' for no tracing
    log_level: str
    log_format: str

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> "Settings":
        """Reads the environment; raises SettingsError with one message that names every faulty variable."""
        environment = Environment(variables)
        broker_url = environment.redis_url("CELERY_BROKER_URL", redis_url.DEFAULT)
        records_url = environment.redis_url("REDIS_URL", broker_url)
        settings = cls(
            broker_url=broker_url,
            result_backend=environment.text("CELERY_RESULT_BACKEND", broker_url),
            redis_url=records_url,
            sentinel=Sentinel.read(environment, broker_url, records_url),
            limits=Limits.read(environment),
            account_sid=environment.text("TWILIO_ACCOUNT_SID"),
            auth_token=environment.text("TWILIO_AUTH_TOKEN"),
            api_base_url=environment.url("TWILIO_API_BASE_URL", "https://api.twilio.com", ("http", "https")),
            timeout_seconds=environment.number("TWILIO_TIMEOUT_SECONDS", 30, most=600),
            public_base_url=environment.url("PUBLIC_BASE_URL", "", ("http", "https")),
            reconcile_after_seconds=environment.number("RECONCILE_AFTER_SECONDS", 60, most=86_400),
            retention_days=environment.whole("CALL_RETENTION_DAYS", 30, most=3650),
            metrics_host=environment.text("METRICS_HOST", "127.0.0.1"),
            metrics_port=environment.whole("METRICS_PORT", 0, most=65535),
            otlp_endpoint=environment.url("OTEL_EXPORTER_OTLP_ENDPOINT", "", ("http", "https")),
            log_level=environment.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")),
            log_format=environment.choice("LOG_FORMAT", "json", ("json", "console")),
        )
        environment.check()
        return settings

    @property
    def twilio_configured(self) -> bool:
        """Whether calls can be placed at all."""
        return bool(self.account_sid and self.auth_token)
