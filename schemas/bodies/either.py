"""A field that holds one of several kinds of object."""

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import RAISE, Schema, ValidationError, fields


class Either(fields.Field[dict[str, Any]]):
    """An object that fits exactly one of some schemas."""

    def __init__(self, *kinds: type[Schema], **options: Any) -> None:
        super().__init__(**options)
        self.kinds: Final = kinds

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> dict[str, Any]:
        fitting = [kind for kind in self.kinds if not _faults(kind, value)]
        if len(fitting) != 1:
            raise self.make_error("invalid")
        loaded: dict[str, Any] = fitting[0](unknown=RAISE).load(value)
        return loaded


def _faults(kind: type[Schema], value: Any) -> Any:
    try:
        return kind(unknown=RAISE).validate(value)
    except ValidationError as error:
        return error.messages
