"""Redis away: refused in time with 503, nothing half-written, and everything else goes on."""

import re
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.app.away import ANSWER_SECONDS, QUICK_SECONDS, Away
from tests.app.client import QUEUE_ENDPOINTS
from tests.app.test_refusing import GOOD
from tests.processes import BASE_PATH, RedisServer, wait_until

NEEDING_REDIS = [
    *(("POST", f"{BASE_PATH}/{endpoint}", GOOD[endpoint]) for endpoint in QUEUE_ENDPOINTS),
    ("GET", f"{BASE_PATH}/task-status/some-id", None),
    ("DELETE", f"{BASE_PATH}/cancel-task/some-id", None),
    ("GET", "/readyz", None),
]


@contextmanager
def livez_watched(away: Away) -> Iterator[list[float]]:
    """Asks /livez all the time; gives the seconds each answer took."""
    took: list[float] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            answer, seconds = away.timed("GET", "/livez")
            took.append(seconds if answer.status_code == 200 else 99)

    with ThreadPoolExecutor(1) as thread:
        watcher = thread.submit(watch)
        try:
            yield took
        finally:
            over.set()
            watcher.result()
    assert took


def check_away(away: Away) -> None:
    """Every endpoint that needs Redis says 503 in time and tells nothing of the inside."""
    with ThreadPoolExecutor(len(NEEDING_REDIS)) as threads:
        jobs = [threads.submit(away.timed, method, path, json=body) for method, path, body in NEEDING_REDIS]
        scrape, scrape_seconds = away.timed("GET", "/metrics")
        answers = [job.result() for job in jobs]
    assert (scrape.status_code, scrape_seconds < ANSWER_SECONDS) == (200, True)
    assert "\nredis_up 0.0\n" in scrape.text
    assert "calls_live" not in scrape.text
    assert "http_requests_total" in scrape.text
    for (_, path, _), (answer, seconds) in zip(NEEDING_REDIS, answers, strict=True):
        assert answer.status_code == 503, f"{path}: {answer.text}"
        assert seconds < ANSWER_SECONDS, path
        assert int(answer.headers["Retry-After"]) > 0
        assert set(answer.json()) == {"detail", "code"}
        inside = rf"127\.0\.0\.1|localhost|{away.redis.port}|redis|Error|Traceback"
        assert not re.search(inside, answer.text, re.IGNORECASE), answer.text
    answer, seconds = away.timed("GET", f"{BASE_PATH}/health")
    assert (answer.status_code, answer.json()["status"], answer.json()["redis"]) == (503, "unhealthy", False)
    assert seconds < ANSWER_SECONDS


def check_the_rest(away: Away) -> None:
    """What needs no Redis keeps answering, at once."""
    for path in ("/livez", "/api/docs", "/api/docs/openapi.json"):
        answer, seconds = away.timed("GET", path)
        assert (answer.status_code, seconds < QUICK_SECONDS) == (200, True), f"{path}: {seconds}"
    answer, seconds = away.timed("POST", f"{BASE_PATH}/queue-single-call", json={"to_number": "x"})
    assert (answer.status_code, seconds < QUICK_SECONDS) == (400, True)


@pytest.fixture
def running(away: Away) -> Away:
    """The web tier with its Redis there, and one call accepted."""
    away.start()
    assert away.post("+1234567800").status_code == 200
    return away


@pytest.mark.parametrize("used", [False, True], ids=["never-used", "used"])
def test_a_dead_redis_is_503_and_the_rest_goes_on(away: Away, used: bool) -> None:
    away.start()
    if used:
        assert away.post("+1234567800").status_code == 200
    away.kill_redis()
    check_away(away)
    check_the_rest(away)


@pytest.mark.parametrize("used", [False, True], ids=["never-used", "used"])
def test_a_hung_redis_is_503_while_livez_stays_quick_and_nothing_is_left_of_it(away: Away, used: bool) -> None:
    away.start()
    before = {"+1234567800"} if used else set()
    for number in before:
        assert away.post(number).status_code == 200
    away.signal_redis(signal.SIGSTOP)
    with livez_watched(away) as took:
        check_away(away)
        check_the_rest(away)
    assert max(took) < QUICK_SECONDS
    away.signal_redis(signal.SIGCONT)
    wait_until(lambda: away.post("+1234567801").status_code == 200, what="calls are accepted again")
    assert away.numbers() == before | {"+1234567801"}


def test_two_hundred_requests_to_a_hung_redis_are_all_refused_in_time(running: Away) -> None:
    running.signal_redis(signal.SIGSTOP)
    path = f"{BASE_PATH}/queue-single-call"
    with livez_watched(running) as took, ThreadPoolExecutor(40) as threads:
        jobs = [threads.submit(running.timed, "POST", path, json={"to_number": f"+1234{n:06}"}) for n in range(200)]
        answers = [job.result() for job in jobs]
    assert {answer.status_code for answer, _ in answers} == {503}
    assert max(seconds for _, seconds in answers) < ANSWER_SECONDS
    assert max(took) < QUICK_SECONDS
    running.signal_redis(signal.SIGCONT)
    wait_until(lambda: running.post("+1234567801").status_code == 200, what="calls are accepted again")
    assert running.numbers() == {"+1234567800", "+1234567801"}


def test_however_short_redis_hangs_503_means_no_record_and_200_means_one(running: Away) -> None:
    """Requests written into the socket of a stopped Redis run when it goes on; those refused meanwhile must not."""
    for turn, pause in enumerate([0.5, 0.9, 1.0, 1.1, 1.3, 1.5, 1.6, 1.7]):
        numbers = [f"+1234569{turn}{n:02}" for n in range(10)]
        running.signal_redis(signal.SIGSTOP)
        with ThreadPoolExecutor(len(numbers)) as threads:
            jobs = [threads.submit(running.post, number) for number in numbers]
            time.sleep(pause)  # the length of the pause is what is tested
            running.signal_redis(signal.SIGCONT)
            answers = dict(zip(numbers, [job.result().status_code for job in jobs], strict=True))
        assert set(answers.values()) <= {200, 503}, pause
        recorded = {number for number, status in answers.items() if status == 200}
        assert running.numbers() & set(numbers) == recorded, pause
        wait_until(lambda: running.post("+1234567800").status_code == 200, what="calls are accepted again")


def test_a_redis_restarted_on_its_file_still_has_the_accepted_call(running: Away) -> None:
    task_id = running.post("+1234567801").json()["task_id"]
    running.kill_redis()
    assert running.post("+1234567802").status_code == 503
    running.redis.start()
    wait_until(lambda: running.post("+1234567803").status_code == 200, what="calls are accepted again")
    assert running.timed("GET", f"{BASE_PATH}/task-status/{task_id}")[0].json()["status"] == "PENDING"
    assert running.numbers() == {"+1234567800", "+1234567801", "+1234567803"}


def test_a_web_tier_started_before_its_redis_serves_once_it_is_there(away: Away) -> None:
    away.kill_redis()
    away.start()
    check_away(away)
    away.redis.start()
    wait_until(lambda: away.post("+1234567801").status_code == 200, what="calls are accepted")


def test_a_request_refused_while_redis_was_away_may_be_repeated_with_its_key(running: Away) -> None:
    def post() -> requests.Response:
        path, body = f"{BASE_PATH}/queue-single-call", {"to_number": "+1234567801"}
        return running.timed("POST", path, json=body, headers={"Idempotency-Key": "a-key"})[0]

    running.signal_redis(signal.SIGSTOP)
    assert post().status_code == 503
    running.signal_redis(signal.SIGCONT)
    answer = wait_until(lambda: found if (found := post()).status_code == 200 else None, what="the call is accepted")
    assert "Idempotent-Replayed" not in answer.headers
    assert post().json() == answer.json()


def test_a_hung_broker_delays_neither_requests_nor_livez(away: Away, tmp_path: Path) -> None:
    folder = tmp_path / "broker"
    folder.mkdir()
    broker = RedisServer(folder).start()
    try:
        away.start(CELERY_BROKER_URL=broker.url, REDIS_URL=away.redis.url)
        assert broker.process is not None
        broker.process.signal(signal.SIGSTOP)
        with livez_watched(away) as took:
            for number in range(30):
                body = {"to_number": f"+12345679{number:02}"}
                answer, seconds = away.timed("POST", f"{BASE_PATH}/queue-single-call", json=body)
                assert (answer.status_code, seconds < QUICK_SECONDS) == (200, True), f"{number}: {seconds}"
            wait_until(lambda: "wake_up_not_sent" in away.output, what="the wake-up is given up")
        assert max(took) < QUICK_SECONDS
        assert len(away.numbers()) == 30
        away.stop_web()
    finally:
        broker.stop()
