"""A linter for the Lua scripts, on top of tree-sitter's grammar: luacheck is not to be had from PyPI."""
