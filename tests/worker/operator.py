"""The operator's commands, as a test gives them."""

import json
from typing import Any

import pytest

from worker.admin.__main__ import main


class Operator:
    """Runs commands as an operator does."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.audit: list[dict[str, Any]] = []

    def run(self, *words: str) -> str:
        main(words)
        captured = self._capsys.readouterr()
        told = [json.loads(line) for line in captured.err.splitlines()]
        assert all(line["event"] == "audit" for line in told)
        self.audit += told
        return captured.out

    def json(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json"))
