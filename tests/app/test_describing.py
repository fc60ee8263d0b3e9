"""The document is made once, when somebody asks for it: however many do so at a moment, nobody else is kept waiting."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from app.documentation.openapi import document
from app.paths import DOCUMENT_PATH
from tests.app.conftest import Start

MANY = 40


async def test_of_many_who_ask_for_the_document_first_one_has_it_made(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[web.Application] = []

    def noted(app: web.Application) -> dict[str, Any]:
        made.append(app)
        return document(app)

    monkeypatch.setattr("app.documentation.openapi.document", noted)
    client = await start()
    answers = await asyncio.gather(*(client.ask("GET", DOCUMENT_PATH) for _ in range(MANY)))
    assert {answer.status for answer in answers} == {200}
    assert len(made) == 1
