"""The local stack: `python -m docker.local`, which `make run` runs."""
