"""An object within a body, and what is left of one that a client sent."""

from typing import Any, Final

from marshmallow import RAISE, Schema, fields, pre_load

#: Fields that a schema does not know, of which a client is told; a body of 1 MiB holds a hundred thousand.
_MOST_UNKNOWN: Final = 50


class Part(Schema):
    """As in the body around it: what is unknown is a fault, and null for a field that need not be there is nothing."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "Unknown field.", "type": "Must be a JSON object."}

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Documents what is done with null."""
        field_obj.allow_none = not field_obj.required

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
