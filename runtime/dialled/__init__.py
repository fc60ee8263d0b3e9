"""Which numbers may be dialled."""
