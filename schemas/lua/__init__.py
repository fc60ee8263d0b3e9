"""How the Lua scripts are put together and run."""
