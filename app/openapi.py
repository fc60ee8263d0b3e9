"""OpenAPI 3.1 from the handlers' own decorators. `python -m app.openapi` prints it as YAML."""

import copy
import json
import sys
from typing import Any

from aiohttp import web
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from app.access import OPEN_ROUTES
from app.documentation import DESCRIPTION, KEY_ANSWERS, SECURITY, SECURITY_SCHEMES, TITLE, VERSION
from app.routes import add_routes


def document(app: web.Application) -> dict[str, Any]:
    """The OpenAPI document of an application's routes."""
    plugin = MarshmallowPlugin(schema_name_resolver=lambda schema: _class_of(schema).__name__)
    spec = APISpec(
        TITLE,
        VERSION,
        "3.1.0",
        plugins=[plugin],
        info={"description": DESCRIPTION, "license": {"name": "MIT", "identifier": "MIT"}},
        servers=[{"url": "/"}],
        security=SECURITY,
    )
    for name, scheme in SECURITY_SCHEMES.items():
        spec.components.security_scheme(name, scheme)
    for route in app.router.routes():
        described = getattr(route.handler, "__apispec__", None)
        if described is not None and route.method != "HEAD" and route.resource is not None:
            is_open = route.resource.canonical in OPEN_ROUTES
            operation = _operation(described, route.handler.__name__, is_open=is_open)
            spec.path(path=route.resource.canonical, operations={route.method.lower(): operation})
    return spec.to_dict()


def _operation(described: dict[str, Any], name: str, *, is_open: bool) -> dict[str, Any]:
    answers = ({} if is_open else KEY_ANSWERS) | described["responses"]
    operation: dict[str, Any] = {
        "operationId": name,
        "tags": described["tags"],
        "summary": described["summary"],
        "responses": {str(status): _answer(answers[status]) for status in sorted(answers)},
    }
    if is_open:
        operation["security"] = []
    if described["parameters"]:
        operation["parameters"] = copy.deepcopy(described["parameters"])
    for body in described["schemas"]:
        content = {"application/json": {"schema": body["schema"]}}
        operation["requestBody"] = {"required": True, "content": content}
    if "form" in described:
        operation["requestBody"] = {"content": {"application/x-www-form-urlencoded": {"schema": described["form"]}}}
    return operation


def _answer(answer: dict[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {"description": answer["description"]}
    if "schema" in answer:
        described["content"] = {"application/json": {"schema": answer["schema"]}}
    if "media_type" in answer:
        described["content"] = {answer["media_type"]: {"schema": {"type": "string"}}}
    described |= {name: answer[name] for name in ("headers", "links") if answer.get(name)}
    return copy.deepcopy(described)


def _class_of(schema: Any) -> type:
    return schema if isinstance(schema, type) else type(schema)


def main() -> None:
    """Prints the document as YAML, as it is kept in openapi.yaml."""
    from apispec.yaml_utils import dict_to_yaml  # noqa: PLC0415 - the server has no use for YAML

    app = web.Application()
    add_routes(app)
    plain = json.loads(json.dumps(document(app)))  # without what is shared, for which YAML would write anchors
    sys.stdout.write(dict_to_yaml(plain, {"sort_keys": False, "allow_unicode": True}))


if __name__ == "__main__":
    main()
