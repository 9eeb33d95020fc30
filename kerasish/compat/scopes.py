"""Which names of Keras a program uses, by Python's scopes: a parameter called `layers` is not `keras.layers`."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from contextlib import contextmanager
from typing import Any, NamedTuple

from kerasish.compat import answers

_TENSORFLOW = ("tensorflow", "tensorflow.compat.v1", "tensorflow.compat.v2")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_ASKED = {"ImportError", "ModuleNotFoundError", "AttributeError"}


class Use(NamedTuple):
    """A name of Keras in a program: its line, the module below Keras, the name in it (None: the module), as written."""

    line: int
    path: str
    name: str | None
    shown: str


class _ClassScope(dict):
    """What a class binds, which its methods do not see."""


class Reader(ast.NodeVisitor):
    """Collects the `uses` of Keras in a program.

    A scope is a dict from a name, dotted for `tf.keras`, to the module path below Keras for which it stands, or to None
    for anything else.
    """

    def __init__(self) -> None:
        self.uses: list[Use] = []
        self._scopes: list[dict[str, str | None]] = [{}]
        self._later: list[Any] = []  # functions are read when the names around them are all bound
        self._guarded = False
        self._asked_for: set[str] = set()

    def read(self, tree: ast.AST) -> None:
        """Collect the uses in a whole program."""
        self._asked_for = set(_asked_by_hasattr(tree))
        self.visit(tree)
        while self._later:
            self._later.pop(0)()

    # What binds names.

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            path = self._imported(node.lineno, alias.name)
            if path is not None and alias.asname:
                self._bind(alias.asname, path)
            elif path is not None:
                self._scopes[-1][answers.split(alias.name)[0]] = ""
            elif alias.name in _TENSORFLOW:
                self._scopes[-1][f"{alias.asname or alias.name}.keras"] = ""
            elif alias.asname or "." not in alias.name:
                self._bind(alias.asname or alias.name, None)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.level or node.module in _TENSORFLOW:
            for alias in node.names:
                keras = node.module in _TENSORFLOW and not node.level and alias.name == "keras"
                self._bind(alias.asname or alias.name, "" if keras else None)
            return
        path = self._imported(node.lineno, node.module)
        for alias in node.names:
            if alias.name == "*":
                continue
            if path is not None:
                self._use(node.lineno, path, alias.name, f"{node.module}.{alias.name}")
            inner = answers.below(f"{path}.{alias.name}".strip(".")) if path is not None else None
            self._bind(alias.asname or alias.name, inner if inner and answers.is_package(inner) else None)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        fallback = isinstance(node.value, ast.Constant) and node.value.value is None  # `keras = None`: not there
        for target in node.targets:
            if not (fallback and isinstance(target, ast.Name)):
                self.visit(target)

    def visit_Name(self, node: ast.Name) -> None:
        if not isinstance(node.ctx, ast.Load):
            self._bind(node.id, None)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._bind(node.name, None)
        for part in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(part)
        with self._scope(_ClassScope()):
            for statement in node.body:
                self.visit(statement)

    def _function(self, node):
        arguments = node.args
        for part in (*arguments.defaults, *filter(None, arguments.kw_defaults), *getattr(node, "decorator_list", ())):
            self.visit(part)
        body = [node.body] if isinstance(node, ast.Lambda) else node.body
        if not isinstance(node, ast.Lambda):
            self._bind(node.name, None)
        given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        for annotation in (getattr(node, "returns", None), *(argument.annotation for argument in given if argument)):
            if annotation is not None:
                self.visit(annotation)
        local = {argument.arg: None for argument in given if argument}
        local.update(dict.fromkeys(_bound_in(body)))
        outer = [scope for scope in self._scopes if not isinstance(scope, _ClassScope)]
        around, guarded = [*outer, local], self._guarded

        def read():
            self._scopes, self._guarded = around, guarded
            for statement in body:
                self.visit(statement)

        self._later.append(read)

    visit_FunctionDef = visit_AsyncFunctionDef = visit_Lambda = _function

    def _comprehension(self, node):
        with self._scope({}):
            for part in node.generators:
                self.visit(part)
            for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
                self.visit(part)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension

    # What the program asks for before it uses it.

    def visit_Try(self, node: ast.Try) -> None:
        only_imports = all(isinstance(statement, (ast.Import, ast.ImportFrom)) for statement in node.body)
        guarded, self._guarded = self._guarded, self._guarded or _catches_missing(node.handlers, only_imports)
        for statement in node.body:
            self.visit(statement)
        self._guarded = guarded
        for statement in (*node.handlers, *node.orelse, *node.finalbody):
            self.visit(statement)

    def visit_If(self, node: ast.If) -> None:
        types_only = (getattr(node.test, "id", None) or getattr(node.test, "attr", None)) == "TYPE_CHECKING"
        guarded, self._guarded = self._guarded, self._guarded or types_only
        self.visit(node.test)
        for statement in node.body:
            self.visit(statement)
        self._guarded = guarded
        for statement in node.orelse:
            self.visit(statement)

    # What uses names.

    def visit_Attribute(self, node: ast.Attribute) -> None:
        owner = _dotted(node.value)
        path = self._path_of(owner) if owner else None
        if path is not None and isinstance(node.ctx, ast.Load):
            self._use(node.lineno, path, node.attr, f"{owner}.{node.attr}")
        self.generic_visit(node)

    def _use(self, line, path, name, shown):
        if not self._guarded and shown not in self._asked_for:
            self.uses.append(Use(line, path, name, shown))

    def _imported(self, line, fullname):
        """The path below Keras of a module that is imported; None for another package's and for a missing one."""
        place = answers.split(fullname)
        if place is None or place[0] == "tensorflow":
            return None
        self._use(line, place[1], None, fullname)
        return place[1] if answers.is_package(place[1]) else None

    def _bind(self, name, path):
        scope = self._scopes[-1]
        for known in [known for known in scope if known.startswith(f"{name}.")]:
            del scope[known]
        scope[name] = path

    def _path_of(self, owner):
        """The module path below Keras for which the dotted text `owner` stands where it is read, or None."""
        parts = owner.split(".")
        scope = next((s for s in reversed(self._scopes) if any(k.split(".")[0] == parts[0] for k in s)), {})
        for count in range(len(parts), 0, -1):
            base = scope.get(".".join(parts[:count]))
            if base is not None:
                path = answers.below(".".join([*([base] if base else []), *parts[count:]]))
                return path if answers.is_package(path) else None
        return None

    @contextmanager
    def _scope(self, names):
        self._scopes = [*self._scopes, names]
        try:
            yield
        finally:
            self._scopes = self._scopes[:-1]


def _bound_in(body: Iterable[ast.AST]) -> Iterable[str]:
    """The names that statements bind, but for what functions, classes and comprehensions within them bind inside."""
    for node in body:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            if not isinstance(node, ast.Lambda):
                yield node.name
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name
            yield from _bound_in(node.body)
        elif not isinstance(node, _COMPREHENSIONS):
            yield from _bound_in(ast.iter_child_nodes(node))


def _catches_missing(handlers, only_imports):
    """Whether one of the handlers of a `try` is there for a name or a module that is missing."""
    for handler in handlers:
        kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
        names = {getattr(kind, "id", None) for kind in kinds}
        if names & _ASKED or only_imports and names & {None, "Exception"}:
            return True
    return False


def _asked_by_hasattr(tree):
    """The dotted names of which a program asks with `hasattr` whether they are there."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "hasattr" and len(node.args) == 2:
            owner, name = _dotted(node.args[0]), getattr(node.args[1], "value", None)
            if owner and isinstance(name, str):
                yield f"{owner}.{name}"


def _dotted(node):
    """`a.b.c` as text; None for attributes of anything but names."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None
