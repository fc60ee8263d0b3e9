"""Settings of the workers and of beat, read from the environment in this one place."""

from collections.abc import Mapping
from dataclasses import dataclass

from celery.app.backends import by_url
from celery.exceptions import ImproperlyConfigured
from celery.loaders.app import AppLoader

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
            result_backend=_result_backend(environment, shared["broker_url"]),
            metrics_host=environment.text("METRICS_HOST", "127.0.0.1"),
            metrics_port=environment.whole("METRICS_PORT", 0, most=65535),
        )
        environment.check()
        return settings

    @property
    def twilio_configured(self) -> bool:
        """Whether calls can be placed at all."""
        return bool(self.account_sid and self.auth_token)


def _result_backend(environment: Environment, broker_url: str) -> str:
    """Though no result is stored there, Celery sends no message without it."""
    found = environment.result_backend("CELERY_RESULT_BACKEND", broker_url)
    try:
        if found != broker_url:
            by_url(found, AppLoader)
    except (ImportError, ImproperlyConfigured):
        environment.refuse("CELERY_RESULT_BACKEND must be the URL of a backend that Celery has here: best leave it out")
    return found
