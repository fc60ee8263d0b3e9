"""The Celery application: what `celery -A worker` finds. Importing it reads no setting and connects to nothing."""

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any

from celery import Celery
from celery.signals import celeryd_init, import_modules, setup_logging

from runtime import running
from runtime.standing import celery_variables
from schemas.errors import SettingsError
from schemas.messages import QUEUE
from worker import flower, logs
from worker.settings import Settings


def read_settings(variables: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment; ends the process with one message if any is wrong."""
    try:
        return Settings.read(variables)
    except SettingsError as error:
        sys.exit(str(error))


def _configuration() -> dict[str, Any]:
    settings = read_settings(running.beside(os.environ) if flower.is_asked_for() else os.environ)
    celery_variables.settle(settings.broker_url, settings.result_backend)
    return {
        "broker_url": settings.broker_url,
        "result_backend": settings.result_backend,
        "imports": ("worker.tasks", "worker.calls.revoking", "worker.pulse", "worker.shutdown"),
        "worker_consumer": "worker.calls.receiving:Consumer",
        "task_default_queue": QUEUE,
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_publish_retry": False,
        # A message is only a wake-up, so it may be acknowledged before it runs: a lost one is sent again by the sweep.
        "task_acks_late": False,
        "worker_prefetch_multiplier": 1,
        # What a limit holds back counts as fetched: after some of those, a worker would fetch nothing for as long.
        "worker_disable_rate_limits": True,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        # A Redis that becomes a replica, or refuses a command, answers with an error, of which a worker must not die.
        "broker_channel_error_retry": True,
        "broker_pool_acquire_timeout": 5,
        "broker_transport_options": {
            # Nor is it kept for a worker's death, which would cost two round trips each: the sweep is quicker.
            "ack_emulation": False,
            "socket_timeout": 10,
            "socket_connect_timeout": 5,
            "socket_keepalive": True,
            "health_check_interval": 25,
            "max_retries": 1,
            "interval_start": 0.1,
            "interval_step": 0.1,
            "interval_max": 0.2,
            **settings.sentinel.broker_options,
        },
        "result_backend_transport_options": settings.sentinel.broker_options,
        "beat_scheduler": "worker.beat:Clock",
    }


class _Application(Celery):
    @cached_property
    def Beat(self) -> Any:  # noqa: N802 - Celery's name
        return self.subclass_with_self("worker.beat:Beat")


celery_variables.leave_out_others()
celery = _Application("worker", set_as_current=False)
celery.add_defaults(_configuration)


@import_modules.connect
def _guard_flower(**_: object) -> None:
    if flower.is_asked_for():
        flower.refuse_unknown_options()
        flower.keep_to_this_machine()
        flower.end_in_time()


@import_modules.connect
def _share_metrics(**_: object) -> None:
    """Before worker.metrics is imported: the main process and its children count in files of one folder."""
    if read_settings().metrics_port:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = _metrics_folder()


@celeryd_init.connect
def _begin_logs(instance: Any, **_: object) -> None:
    """Before Celery asks for it: until then it warns, and prints a banner."""
    settings = read_settings()
    instance.quiet = instance.quiet or settings.log_format == "json"
    logs.configure(settings)


@setup_logging.connect
def _configure_logs(**_: object) -> None:
    logs.configure(read_settings())


@cache
def _metrics_folder() -> str:
    """A new folder for each worker, since old files would count too; it goes with the main process."""
    folder = tempfile.mkdtemp(prefix="worker-metrics-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
