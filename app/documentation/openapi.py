"""OpenAPI 3.1 from the handlers' own decorators. `python -m app.documentation.openapi` prints it as YAML."""

import copy
import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Final

from aiohttp import web
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from app.documentation.about import DESCRIPTION, SECURITY, SECURITY_SCHEMES, SERVERS, TAGS, TITLE
from app.documentation.events import EVENTS
from app.documentation.examples import IDEMPOTENCY_KEY, add_missing, key_of, served
from app.endpoints.documented import KEY_ANSWERS, together
from app.endpoints.examples.answers import named
from app.endpoints.routes import add_routes
from app.paths import OPEN_ROUTES
from schemas.bodies.either import Either
from schemas.webhook_urls import CALL_STATUS_PATH, INCOMING_CALL_PATH

#: Whose version setup.cfg says, and an installation remembers; an image has that, though it has a copy of the code.
_DISTRIBUTION: Final = "celery-twilio-api"

#: Addresses that only Twilio may use -> their names among the webhooks.
WEBHOOKS: Final = {path: path.rpartition("/")[2] for path in (INCOMING_CALL_PATH, CALL_STATUS_PATH)}

#: What openapi.yaml has in place of the time at which a server serves it, and of a word that is new each time.
KEPT_AT: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
KEPT_WORD: Final = "1"


def document(app: web.Application) -> dict[str, Any]:
    """The OpenAPI document of an application's routes, whose examples are yet to be given times."""
    kinds: dict[str, type] = {}

    def name_of(schema: Any) -> str:
        kind = schema if isinstance(schema, type) else type(schema)
        kinds[kind.__name__] = kind
        return kind.__name__

    spec = _spec(name_of)
    for route in app.router.routes():
        described = getattr(route.handler, "__apispec__", None)
        if described is not None and route.method != "HEAD" and route.resource is not None:
            path = route.resource.canonical
            operation = _operation(described, route.handler.__name__, is_open=path in OPEN_ROUTES)
            spec.path(path=path, operations={route.method.lower(): operation})
    for name, described in EVENTS.items():
        spec.path(path=name, operations={"post": _operation(described, described["name"], is_open=True)})
    plain: dict[str, Any] = json.loads(json.dumps(spec.to_dict()))  # without what is shared
    for name, schema in plain["components"]["schemas"].items():
        schema.setdefault("description", " ".join((kinds[name].__doc__ or "").split()))
    told = _in_order(plain)
    add_missing(told)
    return told


def kept(app: web.Application) -> dict[str, Any]:
    """The document as it stands in openapi.yaml."""
    told: dict[str, Any] = json.loads(served(json.dumps(document(app)), KEPT_AT, KEPT_WORD))
    return told


def _spec(name_of: Any) -> APISpec:
    plugin = MarshmallowPlugin(schema_name_resolver=name_of)
    spec = APISpec(
        TITLE,
        version(_DISTRIBUTION),
        "3.1.0",
        plugins=[plugin],
        info={"description": DESCRIPTION, "license": {"name": "MIT", "identifier": "MIT"}},
        servers=SERVERS,
        security=SECURITY,
    )
    converter: Any = plugin.converter
    converter.add_attribute_function(_either)
    for name, scheme in SECURITY_SCHEMES.items():
        spec.components.security_scheme(name, scheme)
    for name, description in TAGS.items():
        spec.tag({"name": name, "description": description})
    return spec


def _either(converter: Any, field: Any, ret: Mapping[str, Any]) -> dict[str, Any]:
    """How apispec writes a field of ours."""
    if not isinstance(field, Either):
        return {}
    return {"oneOf": [converter.resolve_nested_schema(kind) for kind in field.kinds]}


def _in_order(plain: dict[str, Any]) -> dict[str, Any]:
    """What Twilio posts, and what clients are posted, apart from what clients may ask for."""
    paths = plain.pop("paths")
    webhooks = {WEBHOOKS.get(path, path): paths.pop(path) for path in (*WEBHOOKS, *EVENTS) if path in paths}
    order = ("openapi", "info", "servers", "security", "tags")
    return {
        **{name: plain[name] for name in order},
        "paths": paths,
        "webhooks": webhooks,
        "components": plain["components"],
    }


def _operation(described: Mapping[str, Any], name: str, *, is_open: bool) -> dict[str, Any]:
    answers = described["responses"] if is_open else together(described["responses"], KEY_ANSWERS)
    operation: dict[str, Any] = {
        "operationId": name,
        "tags": described["tags"],
        "summary": described["summary"],
        "description": described.get("description", ""),
        "responses": {str(status): _answer(answers[status]) for status in sorted(answers)},
    }
    if "description" in described:
        operation["description"] = described["description"]
    if is_open:
        operation["security"] = []
    if described.get("parameters"):
        operation["parameters"] = [_parameter(one, name) for one in described["parameters"]]
    examples = {"examples": named(described["request_examples"])} if "request_examples" in described else {}
    for body in described.get("schemas", ()):
        content = {"application/json": {"schema": body["schema"], **examples}}
        operation["requestBody"] = {"required": True, "content": content}
    if "form" in described:
        content = {"application/x-www-form-urlencoded": {"schema": described["form"], **examples}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _parameter(described: Mapping[str, Any], operation: str) -> dict[str, Any]:
    is_key = described["name"] == IDEMPOTENCY_KEY
    return copy.deepcopy(dict(described)) | ({"example": key_of(operation)} if is_key else {})


def _answer(answer: Mapping[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {"description": answer["description"]}
    if "schema" in answer:
        examples = {"examples": answer["examples"]} if "examples" in answer else {}
        described["content"] = {"application/json": {"schema": answer["schema"], **examples}}
    if "media_type" in answer:
        example = {"example": answer["example"]} if answer["example"] else {}
        described["content"] = {answer["media_type"]: {"schema": {"type": "string"}, **example}}
    described |= {name: answer[name] for name in ("headers", "links") if answer.get(name)}
    return copy.deepcopy(described)


def main() -> None:
    """Prints the document as YAML, as it is kept in openapi.yaml."""
    from argparse import ArgumentParser  # noqa: PLC0415 - nor for arguments

    from apispec.yaml_utils import dict_to_yaml  # noqa: PLC0415 - the server has no use for YAML

    ArgumentParser(prog="python -m app.documentation.openapi", description=main.__doc__).parse_args()
    app = web.Application()
    add_routes(app)
    sys.stdout.write(dict_to_yaml(kept(app), {"sort_keys": False, "allow_unicode": True}))


if __name__ == "__main__":
    main()
