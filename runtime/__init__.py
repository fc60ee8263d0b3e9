"""What every process of web tier and workers needs: settings, connections to Redis, logs, liveness, spans."""

import os
import sys

# One that was closed (`>&-`) is one that nobody reads; and no connection gets its number, which uvloop closes none of.
sys.stdin = sys.stdin or os.fdopen(os.open(os.devnull, os.O_RDONLY))
sys.stdout = sys.stdout or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
sys.stderr = sys.stderr or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
