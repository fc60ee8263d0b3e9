"""An operator who errs: what he does to a running stack, and what it costs."""
