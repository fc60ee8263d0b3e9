"""Settings of the workers and of beat, read from the environment in this one place."""

from collections.abc import Mapping
from dataclasses import dataclass

from runtime.environment import Environment
from runtime.settings import SharedSettings, read_shared


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(SharedSettings):
    """What a worker is told at its start."""

    result_backend: str
    metrics_host: str
    metrics_port: int  #: 0: the metrics are not served

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> "Settings":
        """Reads the environment; raises SettingsError with one message that names every faulty variable."""
        environment = Environment(variables)
        shared = read_shared(environment)
        settings = cls(
            **shared,
            result_backend=environment.result_backend("CELERY_RESULT_BACKEND", shared["broker_url"]),
            metrics_host=environment.text("METRICS_HOST", "127.0.0.1"),
            metrics_port=environment.whole("METRICS_PORT", 0, most=65535),
        )
        environment.check()
        return settings

    @property
    def twilio_configured(self) -> bool:
        """Whether calls can be placed at all."""
        return bool(self.account_sid and self.auth_token)
