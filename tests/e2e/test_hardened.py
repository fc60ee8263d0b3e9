"""
A stack as it stands on the internet, its Redis behind TLS and a password: whatever happens to calls, and at the most
talkative level, no log holds a number, a message or a secret; and no message makes a worker run what it likes.
"""

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from celery import Celery
from redis import Redis

from schemas import keys
from schemas.messages import PLACE, QUEUE
from tests.e2e.conftest import QUICK
from tests.logs import Logs
from tests.ports import reserve_port
from tests.processes import AUTH_TOKEN, BASE_PATH, FROM_NUMBER, wait_until
from tests.receiver import Receiver
from tests.stack import Stack
from tests.tls import TlsProxy

NUMBERS = [f"+1202555870{index}" for index in range(8)]
PASSWORD = "password-of-this-redis"
SAID = "Your appointment is on Friday."


class Trap:
    """Makes whoever unpickles it create a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self._folder),)


@pytest.fixture(scope="module")
def hardened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    port = reserve_port()
    settings = {
        **QUICK,
        "LOG_LEVEL": "DEBUG",
        "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
        "APP_PORT": str(port),
        "RECONCILE_AFTER_SECONDS": "2",
    }
    running = Stack(tmp_path_factory.mktemp("hardened"), settings)
    running.port = port
    with Redis(port=running.redis.port) as redis:
        redis.config_set("requirepass", PASSWORD)
    proxy = TlsProxy(running.folder, running.redis.port)
    running.env["CELERY_BROKER_URL"] = proxy.url(PASSWORD, ssl_ca_certs=proxy.ca_file)
    try:
        yield running.start()
    finally:
        running.stop()
        proxy.close()


def _ended(stack: Stack, task_id: str) -> bool:
    return bool(stack.status(task_id)["result"].get("ended_at"))


def _send(stack: Stack, request: bytes) -> None:
    """Bytes that need not be HTTP."""
    with socket.create_connection(("127.0.0.1", stack.port), 5) as link:
        link.sendall(request)
        while link.recv(65536):
            pass


def _live_through(stack: Stack, receiver: Receiver) -> None:
    """Calls that go well, fail, are refused, get lost and are looked up, and clients that send nonsense."""
    stack.simulator.fault(to=NUMBERS[1], kind="lost_answer", times=1)
    stack.simulator.fault(to=NUMBERS[1], kind="callback_drop", times=None)
    stack.simulator.fault(to=NUMBERS[2], kind="refuse", code=21211, status=400, times=1)
    stack.simulator.fault(to=NUMBERS[3], kind="reset_before", times=1)
    said = {"call_metadata": {"message": SAID}, "status_callback_url": f"{receiver.url}/news?of=%2B12025558700"}
    well, lost, refused, doubt = (stack.queue("queue-single-call", to_number=number, **said) for number in NUMBERS[:4])
    campaign = stack.queue("queue-bulk-calls", phone_numbers=NUMBERS[4:6], delay_between_calls=1, **said)
    hopeless = {"status_callback_url": "http://127.0.0.1:1/news?of=%2B12025558706"}
    gone = stack.queue("queue-single-call", to_number=NUMBERS[6], delay_seconds=60, **hopeless)
    stack.cancel(gone)
    with Redis(port=stack.redis.port, password=PASSWORD) as redis:
        redis.hset(keys.task(gone), "created_ms", f"of {NUMBERS[6]}")
    assert stack.post("queue-single-call", {"to_number": FROM_NUMBER}).status_code == 400
    for path in (f"{BASE_PATH}/task-status/{gone}", f"{BASE_PATH}/task-status/{NUMBERS[0]}", f"/{NUMBERS[0][1:]}"):
        answer = requests.get(stack.url + path, timeout=10)
        assert answer.status_code in {404, 500}, answer.text
    form = {"To": NUMBERS[0], "SpeechResult": SAID}
    assert requests.post(f"{stack.url}/api/v1/twilio/call-status", data=form, timeout=10).status_code == 403
    _send(stack, f"GET /{NUMBERS[0]} HTTP/1.1\r\nHost: a\r\nAuthorization: {AUTH_TOKEN}\0\r\n\r\n".encode())
    _send(stack, f"{NUMBERS[0]} {SAID}\r\n\r\n".encode())
    wait_until(lambda: stack.status(refused)["status"] == "FAILURE")
    wait_until(lambda: all(_ended(stack, call) for call in (well, lost)))
    wait_until(lambda: stack.status(campaign)["status"] == "SUCCESS")
    wait_until(lambda: stack.status(doubt)["status"] != "PENDING")


def test_a_pickled_message_is_dropped_unread(hardened: Stack, tmp_path: Path) -> None:
    broker = f"redis://:{PASSWORD}@127.0.0.1:{hardened.redis.port}/0"
    with Celery("somebody", broker=broker, set_as_current=False) as somebody:
        message = {"call_id": Trap(tmp_path / "trapped")}
        somebody.send_task(PLACE, kwargs=message, queue=QUEUE, serializer="pickle", ignore_result=True)

    (worker,) = [process for process in hardened.processes if process.name == "worker"]
    wait_until(lambda: "ContentDisallowed" in worker.output, what="the worker has met the message")
    assert not (tmp_path / "trapped").exists()


def test_no_log_holds_a_number_a_message_or_a_secret(hardened: Stack) -> None:
    receiver = Receiver()
    _live_through(hardened, receiver)
    receiver.close()

    logs = Logs()
    for process in (*hardened.processes, hardened.simulator.process):
        logs.opened(process.log, hardened.env)
    logs.sent({"phone_numbers": [*NUMBERS, FROM_NUMBER], "call_metadata": {"message": SAID}})
    assert logs.leaks() == []
    written = "".join(process.output for process in hardened.processes)
    for event in ("call_placed", "call_refused", "call_found", "record_damaged", "webhook_not_signed", '"debug"'):
        assert event in written
