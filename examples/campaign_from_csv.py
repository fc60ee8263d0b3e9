"""Queues one campaign for the numbers of a CSV file, and follows it to its end.

python examples/campaign_from_csv.py numbers.csv --url http://127.0.0.1:8001

Its header has `number` or `to_number`; an apostrophe before a number is taken off. To run it twice is safe: the file is
the Idempotency-Key, so the second run follows the first's campaign. With keys, API_KEY is the secret of one.
"""

import argparse
import csv
import hashlib
import os
import sys
import time
from pathlib import Path
from typing import Any

import requests

BASE_PATH = "/api/v1/celery/twilio"


def ask(session: requests.Session, method: str, url: str, **options: Any) -> dict[str, Any]:
    """The body of an answer; ends the program with the API's own sentence if it is an error."""
    answer = session.request(method, url, timeout=30, **options)
    body = answer.json()
    if not answer.ok:
        sys.exit(f"{answer.status_code}: {body['detail']}")
    return dict(body)


def main() -> int:
    """Returns 0 if some call was placed."""
    parser = argparse.ArgumentParser(description="Queues a campaign for the numbers of a CSV file.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--url", default="http://127.0.0.1:8001")
    parser.add_argument("--message", default="Hello. This is a test of our telephone service.")
    options = parser.parse_args()
    content = options.file.read_bytes()
    table = csv.DictReader(content.decode("utf-8-sig").splitlines())
    numbers = [(row.get("number") or row["to_number"]).removeprefix("'") for row in table]
    session, secret = requests.Session(), os.environ.get("API_KEY")
    session.headers.update({"X-API-Key": secret} if secret else {})
    key = hashlib.sha256(content + options.message.encode()).hexdigest()
    body = {"phone_numbers": numbers, "delay_between_calls": 1, "call_metadata": {"message": options.message}}
    url, headers = f"{options.url}{BASE_PATH}/queue-bulk-calls", {"Idempotency-Key": key}
    task = ask(session, "POST", url, json=body, headers=headers)
    print(f"{task['message']}: {task['task_id']}", flush=True)
    while True:
        state = ask(session, "GET", f"{options.url}{BASE_PATH}/task-status/{task['task_id']}")
        print(f"{state['status']}: {state['message']}", flush=True)
        if state["status"] not in {"PENDING", "PROGRESS"}:
            print(", ".join(f"{count} {name}" for name, count in state["result"]["counts"].items() if count))
            return 0 if state["status"] == "SUCCESS" else 1
        time.sleep(2)


if __name__ == "__main__":
    sys.exit(main())
