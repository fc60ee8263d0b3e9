"""What every process of web tier and workers needs: settings, connections to Redis, logs, liveness, spans."""

import os
import sys

# One that was closed (`>&-`) is one that nobody reads; and no connection gets its number, to be written into.
sys.stdout = sys.stdout or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
sys.stderr = sys.stderr or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
