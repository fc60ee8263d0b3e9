"""The Lua scripts: the only code that changes what Redis holds about calls. Beside each stands its face in Python."""
