"""Walks the OpenAPI document and finds what it does not tell."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from jsonschema import Draft202012Validator

_WHERE: Final = {
    "operation": "its decorator `docs` in app/endpoints (or app/documentation/events.py)",
    "parameter": "the parameter beside its decorator `docs` in app/endpoints",
    "property": "`metadata=told(description, example)` of its field in schemas/bodies",
    "schema": "the docstring of its class in schemas/bodies",
    "request": "`request_examples` of its decorator `docs`, or `told` of its fields in schemas/bodies",
    "answer": "`examples` of answered_with or refused_with in its decorator `docs`, or `told` of its fields",
}

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ)?")
_KEY: Final = re.compile(r'("(?:\w+)-)[0-9a-f]{1,8}"')


class Gap(NamedTuple):
    """Something that is not told."""

    where: str
    what: str
    kind: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; add it to {_WHERE[self.kind]}"


def masked(document: Any) -> Any:
    """A document without what is new at each serving."""
    return json.loads(_KEY.sub(r'\1"', _INSTANT.sub("", json.dumps(document))))


class Textbook:
    """A document, and what is missing in it."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._components = {"components": document["components"]}

    def gaps(self) -> Iterator[Gap]:
        """All that is missing."""
        for items in ("paths", "webhooks"):
            for path, methods in self._document[items].items():
                for method, operation in methods.items():
                    yield from self._of_operation(f"{method.upper()} {path}", operation)
        for name, schema in self._document["components"]["schemas"].items():
            if not schema.get("description"):
                yield Gap(name, "no description", "schema")
            yield from self._of_properties(name, schema)

    def operations(self) -> Iterator[Mapping[str, Any]]:
        """Every operation, webhooks too."""
        for items in ("paths", "webhooks"):
            for methods in self._document[items].values():
                yield from methods.values()

    def _of_operation(self, where: str, operation: Mapping[str, Any]) -> Iterator[Gap]:
        if not operation.get("summary"):
            yield Gap(where, "no summary", "operation")
        if len(operation.get("description", "")) < len(operation.get("summary", "")):
            yield Gap(where, "no description that tells more than the summary", "operation")
        for parameter in operation.get("parameters", ()):
            yield from self._of_parameter(f"{where}, parameter {parameter['name']}", parameter)
        yield from self._of_contents(f"{where}, request", operation.get("requestBody", {}), "request")
        for status, answer in operation["responses"].items():
            if not answer.get("description"):
                yield Gap(f"{where}, answer {status}", "no description", "answer")
            yield from self._of_contents(f"{where}, answer {status}", answer, "answer")
            for name, header in answer.get("headers", {}).items():
                yield from self._of_value(f"{where}, answer {status}, header {name}", header, "answer")

    def _of_parameter(self, where: str, parameter: Mapping[str, Any]) -> Iterator[Gap]:
        """A parameter that need not be there is not filled in by the page: its example stands in its text."""
        if parameter.get("required") or parameter["name"] == "Idempotency-Key":
            yield from self._of_value(where, parameter, "parameter")
        elif "example" in parameter or "examples" in parameter:
            yield Gap(where, "an example that the page would send, instead of one in the description", "parameter")
        elif "`" not in parameter.get("description", ""):
            yield Gap(where, "no description with an example in backticks", "parameter")

    def _of_value(self, where: str, told: Mapping[str, Any], kind: str) -> Iterator[Gap]:
        if not told.get("description"):
            yield Gap(where, "no description", kind)
        if "example" not in told:
            yield Gap(where, "no example", kind)
        else:
            yield from self._faults(where, told["example"], told["schema"], kind)

    def _of_contents(self, where: str, body: Mapping[str, Any], kind: str) -> Iterator[Gap]:
        for media_type, content in body.get("content", {}).items():
            examples = [one["value"] for one in content.get("examples", {}).values()]
            examples += [content["example"]] if "example" in content else []
            if not examples:
                yield Gap(f"{where} ({media_type})", "no example", kind)
            for example in examples:
                yield from self._faults(f"{where} ({media_type})", example, content["schema"], kind)

    def _of_properties(self, where: str, schema: Mapping[str, Any]) -> Iterator[Gap]:
        for name, told in schema.get("properties", {}).items():
            yield from self._of_property(f"{where}.{name}", told)

    def _of_property(self, where: str, told: Mapping[str, Any]) -> Iterator[Gap]:
        if not told.get("description"):
            yield Gap(where, "no description", "property")
        types = told.get("type", [])
        kinds = {types} if isinstance(types, str) else set(types)
        refers = {"$ref", "oneOf", "anyOf", "allOf"} & told.keys() or "$ref" in told.get("items", {})
        if not told.get("examples") and not refers:
            yield Gap(where, "no example", "property")
        for example in told.get("examples", ()):
            yield from self._faults(where, example, told, "property")
        if kinds & {"integer", "number"} and "minimum" not in told and "enum" not in told:
            yield Gap(where, "no least value (validate.Range)", "property")
        if told.get("default") is not None and "efault" not in told.get("description", ""):
            yield Gap(where, "no word of its default in its description", "property")
        yield from self._of_properties(where, told)
        if isinstance(told.get("items"), Mapping):
            yield from self._of_properties(f"{where}[]", told["items"])

    def _faults(self, where: str, example: Any, schema: Mapping[str, Any], kind: str) -> Iterator[Gap]:
        validator = Draft202012Validator({**schema, **self._components})
        for error in validator.iter_errors(example):
            yield Gap(where, f"an example that is not as described: {error.message[:200]}", kind)
