"""A body, an object within one, and what is left of one that a client sent."""

from typing import Any, Final

from marshmallow import RAISE, Schema, fields, pre_load

#: Fields that a schema does not know, of which a client is told; a body of 1 MiB holds a hundred thousand.
_MOST_UNKNOWN: Final = 50

UNKNOWN: Final = "Unknown field."
_REQUIRED: Final = "This field is required."
_OBJECT: Final = "Must be a JSON object."
_NULL: Final = fields.Field.default_error_messages["null"]


class Body(Schema):
    """
    What is unknown is a fault, and null for a field that need not be there is nothing; null for another is told what is
    wanted.
    """

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": UNKNOWN, "type": "The body must be a JSON object."}

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Documents what is done with null: languages with types write a field that is not set so."""
        field_obj.allow_none = not field_obj.required
        field_obj.error_messages = field_obj.error_messages | {"required": _REQUIRED}
        of_list: fields.Field[Any] | None = field_obj
        while of_list is not None:
            if of_list.error_messages["null"] == _NULL:
                wanted = of_list.error_messages.get("invalid", _OBJECT)
                of_list.error_messages = of_list.error_messages | {"null": wanted}
            of_list = of_list.inner if isinstance(of_list, fields.List) else None


class Part(Body):
    """An object within a body, as that is."""

    error_messages = {"type": _OBJECT}

    @pre_load
    def _without_nulls(self, data: Any, **kwargs: Any) -> Any:
        """So that defaults count for them."""
        return given(self, data) if isinstance(data, dict) else data


def given(schema: Schema, body: dict[str, Any]) -> dict[str, Any]:
    """The body without fields that are null and may be, and with a few of the unknown fields."""
    fields_by_name = schema.load_fields
    if len(body) > len(fields_by_name) + _MOST_UNKNOWN:
        unknown = [name for name in body if name not in fields_by_name]
        body = {name: body[name] for name in body if name in fields_by_name} | dict.fromkeys(unknown[:_MOST_UNKNOWN])
    if None not in body.values():
        return body
    return {
        name: value
        for name, value in body.items()
        if value is not None or name not in fields_by_name or fields_by_name[name].required
    }
