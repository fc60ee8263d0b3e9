"""Where each name of a Lua text comes from, and what is odd about it."""

from dataclasses import dataclass, field
from typing import Final

import tree_sitter_lua
from tree_sitter import Language, Node, Parser

_PARSER: Final = Parser(Language(tree_sitter_lua.language()))

#: What Redis gives to scripts: of Lua 5.1 all that changes no global and reads no file, and its own.
_MODULES: Final = frozenset({"redis", "cjson", "cmsgpack", "bit", "struct", "string", "table", "math"})
_FUNCTIONS: Final = frozenset(
    {
        "assert",
        "error",
        "ipairs",
        "next",
        "pairs",
        "pcall",
        "select",
        "tonumber",
        "tostring",
        "type",
        "unpack",
        "xpcall",
    }
)
_KNOWN: Final = {"KEYS", "ARGV"} | _MODULES | _FUNCTIONS
_BLOCKS: Final = frozenset({"block", "do_statement", "else_statement", "elseif_statement", "while_statement"})


@dataclass
class Local:
    """One local variable, parameter or local function."""

    name: str
    line: int
    depth: int  #: how many blocks it lies in
    reads: list[int] = field(default_factory=list)  #: the lines that use its value


@dataclass(frozen=True, order=True)
class Oddity:
    """Something that ought not to be."""

    line: int
    what: str


@dataclass
class Names:
    """What was found in one text."""

    locals: list[Local] = field(default_factory=list)
    oddities: list[Oddity] = field(default_factory=list)
    scopes: list[dict[str, Local]] = field(default_factory=lambda: [{}])

    def visit(self, node: Node) -> None:
        visitor = getattr(self, f"_{node.type}", None)
        if visitor is not None:
            visitor(node)
        elif node.type in _BLOCKS:
            self._within(node.children)
        else:
            self._all(node.children)

    def _all(self, nodes: list[Node]) -> None:
        for node in nodes:
            self.visit(node)

    def _within(self, nodes: list[Node], names: list[Node] | None = None) -> None:
        """Visits nodes in a block of their own, in which these names are new."""
        self.scopes.append({})
        for name in names or []:
            self._bind(name)
        self._all(nodes)
        self.scopes.pop()

    def _bind(self, node: Node) -> None:
        name, line = _text(node), _line(node)
        if name == "_":  # as is usual for what nobody wants
            return
        if self._find(name) is not None:
            self.oddities.append(Oddity(line, f"{name} hides another {name}"))
        local = Local(name, line, len(self.scopes) - 1)
        self.locals.append(local)
        self.scopes[-1][name] = local

    def _find(self, name: str) -> Local | None:
        return next((scope[name] for scope in reversed(self.scopes) if name in scope), None)

    def _assign(self, node: Node) -> None:
        if node.type != "identifier":
            self.visit(node)
        elif self._find(_text(node)) is None:
            self.oddities.append(Oddity(_line(node), f"{_text(node)} becomes a global"))

    def _identifier(self, node: Node) -> None:
        if (local := self._find(_text(node))) is not None:
            local.reads.append(_line(node))
        elif _text(node) not in _KNOWN:
            self.oddities.append(Oddity(_line(node), f"{_text(node)} is not defined"))

    def _variable_declaration(self, node: Node) -> None:
        declared = node.named_children[0]
        for values in declared.named_children[1:] if declared.type == "assignment_statement" else []:
            self.visit(values)
        names = declared.named_children[0] if declared.type == "assignment_statement" else declared
        for name in _identifiers(names):
            self._bind(name)

    def _assignment_statement(self, node: Node) -> None:
        targets, values = node.named_children
        self.visit(values)
        for target in targets.named_children:
            self._assign(target)

    def _function_declaration(self, node: Node) -> None:
        name = _part(node, "name")
        if node.children[0].type == "local":
            self._bind(name)
        else:
            self._assign(name)
        self._function_definition(node)

    def _function_definition(self, node: Node) -> None:
        body = node.child_by_field_name("body")
        self._within(body.children if body else [], _identifiers(_part(node, "parameters")))

    def _for_statement(self, node: Node) -> None:
        clause, body = _part(node, "clause"), node.child_by_field_name("body")
        if clause.type == "for_numeric_clause":
            names = clause.children_by_field_name("name")
            bounds = [one for one in clause.named_children if one not in names]
        else:
            names, bounds = _identifiers(clause.named_children[0]), clause.named_children[1:]
        self._all(bounds)
        self._within(body.children if body else [], names)

    def _repeat_statement(self, node: Node) -> None:
        body = node.child_by_field_name("body")
        self._within([*(body.children if body else []), _part(node, "condition")])

    def _dot_index_expression(self, node: Node) -> None:
        self.visit(_part(node, "table"))

    _method_index_expression = _dot_index_expression

    def _field(self, node: Node) -> None:
        if (name := node.child_by_field_name("name")) is not None and node.children[0].type == "[":
            self.visit(name)
        self.visit(_part(node, "value"))

    def _goto_statement(self, _: Node) -> None:
        """Its name is a label's."""

    _label_statement = _goto_statement


def names_of(text: str) -> Names:
    """Reads a whole Lua text."""
    names, root = Names(), _PARSER.parse(text.encode()).root_node
    if root.has_error:
        names.oddities.append(Oddity(1, "this is no Lua"))
    else:
        names.visit(root)
    return names


def _part(node: Node, name: str) -> Node:
    found = node.child_by_field_name(name)
    if found is None:
        raise ValueError(f"line {_line(node)}: a {node.type} without {name}")
    return found


def _identifiers(node: Node) -> list[Node]:
    if node.type == "identifier":
        return [node]
    return [one for one in node.named_children if one.type == "identifier"]


def _text(node: Node) -> str:
    return (node.text or b"").decode()


def _line(node: Node) -> int:
    return node.start_point.row + 1
