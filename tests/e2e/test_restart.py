"""Everything ends and starts again: what was waiting goes on."""

from pathlib import Path

from tests.processes import wait_until
from tests.stack import Stack


def test_waiting_calls_go_on_after_everything_was_stopped_and_started_again(tmp_path: Path) -> None:
    stack = Stack(tmp_path, {"CALLS_PER_SECOND": "50", "SINGLE_CALLS_PER_MINUTE": "3000"}).start()
    try:
        numbers = [f"+120255570{index:02d}" for index in range(6)]
        delayed = stack.queue("queue-single-call", to_number="+12025557100", delay_seconds=4)
        campaign = stack.queue("queue-bulk-calls", phone_numbers=numbers, delay_between_calls=1)
        wait_until(lambda: len(stack.simulator.calls_to(*numbers)) >= 2)
        for process in stack.processes:
            process.terminate()
        for process in stack.processes:
            assert process.stop() == 0, process.output[-2000:]
        stack.processes.clear()
        stack.redis.stop()
        stack.redis.start()
        stack.start()

        wait_until(lambda: stack.status(campaign)["status"] == "SUCCESS")
        wait_until(lambda: stack.status(delayed)["status"] == "SUCCESS")
        calls = stack.simulator.calls_to(*numbers, "+12025557100")
        assert sorted(call["to"] for call in calls) == [*numbers, "+12025557100"]
    finally:
        stack.stop()


def test_waiting_calls_survive_the_kill_of_redis(tmp_path: Path) -> None:
    stack = Stack(tmp_path, {"CALLS_PER_SECOND": "50", "SINGLE_CALLS_PER_MINUTE": "3000"}).start()
    try:
        ids = [
            stack.queue("queue-single-call", to_number=f"+120255572{index:02d}", delay_seconds=4) for index in range(20)
        ]
        assert stack.redis.process is not None
        stack.redis.process.kill()
        stack.redis.start()
        wait_until(lambda: all(stack.status(task_id)["status"] == "SUCCESS" for task_id in ids))

        assert len(stack.simulator.calls()) == 20
    finally:
        stack.stop()
