"""Clients of two names who do at random all that can be done to tasks, and remember what they were told."""

from collections.abc import Callable
from random import Random
from typing import Any

from tests.walks.gate import NAMES, Fault
from tests.walks.wishes import FROM_NUMBERS, Wishes
from tests.walks.world import Answer, World


class Walker:
    """Takes one step after the other."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.random = world, Random(seed)
        self.wishes = Wishes(self.random)
        self.tasks: dict[str, str] = {}  # task -> name
        self.bulk: set[str] = set()
        self.keyed: list[tuple[str, str, str, Any, str, Answer]] = []
        self.deleted: set[str] = set()
        self.log: list[str] = []

    def ask(self, name: str, method: str, path: str, body: Any = None, key: str = "", **headers: str) -> Answer:
        """Sends one request as a name."""
        headers = {"X-API-Key": NAMES[name], **({"Idempotency-Key": key} if key else {}), **headers}
        answer = self.world.ask(method, path, body, headers)
        if method != "GET":
            told = f"{answer.status} {answer.text[:300]}"
            self.log.append(f"{self.world.now:.3f} {name} {method} {path} {body} {key} -> {told}")
        if answer.status >= 500:
            raise Fault(f"{method} {path} {body}: {answer.status} {answer.text}")
        return answer

    def there(self) -> list[str]:
        """Tasks that were not deleted."""
        return [task for task in self.tasks if task not in self.deleted]

    def step(self) -> None:
        steps: list[tuple[int, Callable[[], None]]] = [
            (3, self.queue_single),
            (7, self.queue_bulk),
            (4, self.pause),
            (3, self.resume),
            (4, self.recipients),
            (6, self.retry),
            (6, self.patch),
            (2, self.cancel),
            (3, self.cancel_call),
            (2, self.opt_out),
            (1, self.opt_in),
            (1, self.forget),
            (1, self.delete),
            (1, self.redeliver),
            (3, self.replay),
        ]
        self.random.choices([step for _, step in steps], [weight for weight, _ in steps])[0]()

    # What is asked for.

    def whose(self, *, bulk: bool | None = None) -> tuple[str, str] | None:
        tasks = [one for one in self.there() if bulk in {None, one in self.bulk}]
        if not tasks:
            return None
        task = self.random.choice(tasks[-6:])
        return task, self.tasks[task]

    def some_key(self) -> str:
        return f"k-{self.random.random()}" if self.random.random() < 0.4 else ""

    def keep(self, name: str, method: str, path: str, body: Any, key: str, answer: Answer) -> None:
        if key and answer.status == 200 and not body.get("dry_run"):
            self.keyed.append((name, method, path, body, key, answer))

    def accepted(self, name: str, path: str, body: Any) -> None:
        key = self.some_key()
        answer = self.ask(name, "POST", path, body, key)
        self.keep(name, "POST", path, body, key, answer)
        if answer.status == 200 and answer.json()["task_id"]:
            self.tasks[answer.json()["task_id"]] = name
            if path == "queue-bulk-calls":
                self.bulk.add(answer.json()["task_id"])

    def queue_single(self) -> None:
        name = self.random.choice(list(NAMES))
        body = {"to_number": self.wishes.number(name), **self.wishes.options()}
        if self.random.random() < 0.3:
            body["delay_seconds"] = self.random.randint(0, 1000)
        self.accepted(name, "queue-single-call", body)

    def queue_bulk(self) -> None:
        name = self.random.choice(list(NAMES))
        body = {
            **self.wishes.people(name, 10),
            **self.wishes.options(),
            "delay_between_calls": self.random.choice([1, 60, 300]),
        }
        body |= {"max_concurrent_calls": self.random.randint(1, 4)}
        more: dict[str, Any] = {
            "start": "paused",
            "schedule_time": self.wishes.in_seconds(1, 400),
            "from_numbers": FROM_NUMBERS,
            "invalid_numbers": "skip",
            "external_id": "mine",
            "dry_run": True,
            "stop_if": {"of_last": 20, "failed_share": 0.1},
        }
        body |= {field: value for field, value in more.items() if self.random.random() < 0.2}
        self.accepted(name, "queue-bulk-calls", body)

    # What is done to a task.

    def verb(self, method: str, path: str, body: Any = None, *, bulk: bool | None = None, keys: bool = False) -> None:
        if found := self.whose(bulk=bulk):
            task, name = found
            key = self.some_key() if keys else ""
            answer = self.ask(name, method, path.format(task), body, key)
            self.keep(name, method, path.format(task), body, key, answer)
            other = next(one for one in NAMES if one != name)
            if self.random.random() < 0.1 and self.ask(other, method, path.format(task), body).status != 404:
                raise Fault(f"{other} may {method} {path} of {name}")

    def pause(self) -> None:
        self.verb("POST", "tasks/{}/pause")

    def resume(self) -> None:
        self.verb("POST", "tasks/{}/resume")

    def recipients(self) -> None:
        name = self.random.choice(list(NAMES))
        body = self.wishes.people(name, 3) | ({"invalid_numbers": "skip"} if self.random.random() < 0.3 else {})
        self.verb("POST", "tasks/{}/recipients", body, bulk=True, keys=True)

    def retry(self) -> None:
        outcomes = self.random.sample(["busy", "no_answer", "failed", "expired"], self.random.randint(1, 4))
        when = self.random.choice([{}, {"delay_seconds": self.random.randint(0, 3000)}])
        self.verb("POST", "tasks/{}/retry", {"outcomes": outcomes} | when, keys=True)

    def patch(self) -> None:
        fields: dict[str, Callable[[], Any]] = {
            "call_metadata": lambda: {"message": self.wishes.message()},
            "priority": lambda: self.random.choice(["high", "normal", "low", None]),
            "expires_at": lambda: self.random.choice(
                [None, self.wishes.in_seconds(1, self.random.choice([20, 20_000]))]
            ),
            "calling_windows": lambda: self.random.choice([None, self.wishes.windows()]),
            "retry": lambda: self.random.choice([None, {"max_attempts": 2, "delay_seconds": 60}]),
            "max_concurrent_calls": lambda: self.random.randint(1, 5),
            "schedule_time": lambda: self.wishes.in_seconds(1, 300),
            "stop_if": lambda: self.random.choice([None, {"of_last": 20, "failed_share": 0.05}]),
            "name": lambda: "Named",
        }
        names = self.random.sample(list(fields), self.random.randint(1, 2))
        self.verb("PATCH", "tasks/{}", {name: fields[name]() for name in names})

    def cancel(self) -> None:
        if found := self.whose():
            task, name = found
            if self.ask(name, "DELETE", f"cancel-task/{task}").status == 200:
                self.world.gate.cancelled.add(task)

    def cancel_call(self) -> None:
        if found := self.whose(bulk=True):
            task, name = found
            call = f"{task}-{self.random.randint(1, 6)}"
            if self.ask(name, "DELETE", f"cancel-task/{call}").status == 200:
                self.world.gate.cancelled.add(call)

    def opt_out(self) -> None:
        name = self.random.choice(list(NAMES))
        if self.wishes.numbers[name]:
            number = self.random.choice(sorted(self.wishes.numbers[name]))
            self.ask(name, "PUT", f"do-not-call/{number}")

    def opt_in(self) -> None:
        name = self.random.choice(list(NAMES))
        if self.wishes.numbers[name]:
            number = self.random.choice(sorted(self.wishes.numbers[name]))
            self.ask(name, "DELETE", f"do-not-call/{number}?reason=asked")

    def forget(self) -> None:
        name = self.random.choice(list(NAMES))
        if self.wishes.numbers[name]:
            self.ask(
                name, "POST", "forget-number", {"to_number": self.random.choice(sorted(self.wishes.numbers[name]))}
            )

    def delete(self) -> None:
        if found := self.whose():
            task, name = found
            if self.random.random() < 0.3 and self.ask(name, "DELETE", f"tasks/{task}").status == 200:
                self.deleted.add(task)

    def redeliver(self) -> None:
        self.verb("POST", "tasks/{}/redeliver")

    def replay(self) -> None:
        if self.keyed:
            name, method, path, body, key, first = self.random.choice(self.keyed)
            again = self.ask(name, method, path, body, key)
            said = {field: value for field, value in first.json().items() if field != "warnings"}
            if again.status == 422 or any(task in path for task in self.deleted):
                return  # its number was forgotten, or its task deleted
            if again.status != 200 or {f: v for f, v in again.json().items() if f != "warnings"} != said:
                raise Fault(f"{path} {body} {key}: {first.text} and then {again.status} {again.text}")
            if again.headers.get("Idempotent-Replayed") != "true":
                raise Fault(f"{path} {body} {key} was done twice: {again.text}")
