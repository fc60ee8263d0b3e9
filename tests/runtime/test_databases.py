"""Databases that URLs of Redis name."""

import pytest

from schemas.errors import SettingsError
from worker.settings import Settings as WorkerSettings


@pytest.mark.parametrize(
    "url",
    [
        "redis://host/zero",
        "redis://host:6379/0x1",
        "redis://host/-1",
        "redis://host/1.5",
        "redis://host/0/1",
        "rediss://host/main",
        "redis://host/%30",
        "redis://host/\u0661",
        "redis://:word@host/0/1",
        "redis://host/0?db=main",
        "redis+socket:///run/redis.sock?virtual_host=main",
        "sentinel://a:1/main;sentinel://b:2/main",
        "redis://host/123456",
    ],
)
@pytest.mark.parametrize("name", ["REDIS_URL", "CELERY_BROKER_URL", "CELERY_RESULT_BACKEND"])
def test_a_database_that_is_no_number_would_be_another_one_and_is_refused(name: str, url: str) -> None:
    settings = {name: url, "REDIS_SENTINEL_MASTER": "main"}
    with pytest.raises(SettingsError, match=f"{name} must be a URL whose database is a number") as caught:
        WorkerSettings.read(settings)
    assert "word" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "redis://host",
        "redis://host/",
        "redis://host/0",
        "redis://host:6379/15",
        "rediss://:word@host/3?ssl_cert_reqs=none",
        "redis+socket:///run/redis.sock",
        "redis+socket:///run/redis.sock?virtual_host=1",
        "unix:///run/redis.sock?db=1",
    ],
)
def test_a_database_is_a_number_or_not_named(url: str) -> None:
    WorkerSettings.read({"REDIS_URL": url, "CELERY_BROKER_URL": url, "CELERY_RESULT_BACKEND": url})


def test_results_may_be_kept_in_something_else_than_redis() -> None:
    backend = "rpc://"
    assert WorkerSettings.read({"CELERY_RESULT_BACKEND": backend}).result_backend == backend
