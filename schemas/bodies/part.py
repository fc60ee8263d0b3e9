"""An object within a body."""

from typing import Any

from marshmallow import RAISE, Schema, fields, pre_load


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
        if not isinstance(data, dict):
            return data
        known = self.load_fields
        return {
            name: value
            for name, value in data.items()
            if value is not None or name not in known or known[name].required
        }
