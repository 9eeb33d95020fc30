"""What the current thread is doing: tracing, taping or computing at once; and the scopes that say how."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

Entered = TypeVar("Entered", bound="Setting")


class Interpreter:
    """What a primitive's call is handed to while it is active: a Trace, a Tape, a StatelessScope.

    Each has `bind(primitive, inputs, attributes)`, which gives the call's outputs, `read(variable)` and
    `assign(variable, value)`.

    Attributes:
        computes: whether the outputs have values, as on a tape; a trace only writes the calls down.
        nodes: the calls written down so far; empty where none are.
        remarks: list of what `explain()` is to say of the computation; None where nobody asks.
    """

    computes: bool = False
    nodes: Sequence[Any] = ()
    remarks: list[str] | None = None

    def lift(self, x: Any) -> Any:
        """`x` as a value that this interpreter works with."""
        raise NotImplementedError

    def watch(self, x: Any) -> Any:
        """`x` as a value whose further use leaves a record, so that gradients can be asked for it."""
        return self.lift(x)

    def watched(self, x: Any) -> Any:
        """What `watch` made of the array `x`; `x` itself where it was not watched."""
        return x


class Scope:
    """How things are to be done by this thread just now. `scope(...)` sets some of the attributes for a while.

    Attributes:
        variable_path: path under which Variables and layers that are made now are named; "" at the top.
        name_scope: (id of the caller, name) of the innermost `name_scope`, which asks not to be entered twice; or None.
        part: what the calls recorded outside of layers belong to in `explain()` ("loss", "metrics", an optimizer's
            name), or None.
        call_root: the outermost layer whose call is running, or None.
        training: whether the call around is one in training mode; None where none says so.
        autocast: dtype (a string) in which Variables of floats are read in the running call; None: each in its own.
        initial_values: whether a Variable draws its initial value when it is made. Otherwise it waits until somebody
            reads it.
        allowance: what the config out of a file that is being read may still ask for (`configs.limits.Allowance`), or
            None.
        config_is_modern: whether the config being read was put into today's form as a whole.
        safe_mode: whether the load that is running refuses code out of the file; None outside of loads.
        shared_objects: dict in which a load keeps what stands in several places of a config, or None.
        objects_saved: dict in which a save numbers the objects that it meets, or None.
        symbolic: whether this thread is within a `SymbolicScope`.
        remat: the `RematScope` that the layers made now are in, or None.
        compile_loaded: whether models are compiled as the config being read says.
        share: `distribution.shares.Share`, which rows of a batch this process computes in the running step; None: all.
        apart: whether other processes of a training do not do what is done here: nothing is asked of them.
        observer: function of (op or layer, args, kwargs, outputs) that is told of each call of a public op or a layer
            on values, behind it; or None.
        without_assets: whether a config that is asked for now has to hold what would else lie in files beside it.
        values_then: dict from ids of Variables to the arrays that `numpy` gives of them in place of today's values, in
            a save that goes on while they change; or None.
    """

    variable_path: str = ""
    name_scope: tuple[int, str] | None = None
    part: str | None = None
    call_root: Any = None
    training: bool | None = None
    autocast: str | None = None
    initial_values: bool = True
    allowance: Any = None
    config_is_modern: bool = False
    symbolic: bool = False
    remat: Any = None
    safe_mode: bool | None = None
    shared_objects: dict[Any, Any] | None = None
    objects_saved: dict[int, Any] | None = None
    compile_loaded: bool = True
    without_assets: bool = False
    values_then: dict[int, Any] | None = None
    observer: Any = None
    share: Any = None
    apart: bool = False

    def path_of(self, name: str) -> str:
        """The path of what is called `name` here."""
        return f"{self.variable_path}/{name}" if self.variable_path else name


_KNOWN = frozenset(name for name, value in vars(Scope).items() if not (name.startswith("_") or callable(value)))


class _State(threading.local):
    def __init__(self):
        self.interpreters = []
        self.scope = Scope()


_state = _State()


def interpreter() -> Any:
    """The innermost active Interpreter of this thread, or None where values are computed at once."""
    stack = _state.interpreters
    return stack[-1] if stack else None


def computing() -> bool:
    """Whether values are at hand: nothing is traced, or only taped."""
    running = interpreter()
    return running is None or running.computes


@contextmanager
def interpreting(new: Any) -> Iterator[Any]:
    """Hand every primitive called inside to `new` (None: compute at once, whatever is being traced outside)."""
    _state.interpreters.append(new)
    try:
        yield new
    finally:
        _state.interpreters.pop()


def escaped() -> Any:
    """A scope that computes at once, for values that a trace needs to know (initial weights)."""
    return interpreting(None)


def remark(text: str) -> None:
    """Have `explain()` say something of the computation that is being traced, once."""
    kept = [running.remarks for running in active_interpreters() if running.remarks is not None]
    if kept and text not in kept[-1]:
        kept[-1].append(text)


def active_interpreters() -> Any:
    """The chain of active interpreters, innermost first, down to the last escape."""
    chain = []
    for item in reversed(_state.interpreters):
        if item is None:
            break
        chain.append(item)
    return chain


def current() -> Scope:
    """The Scope of this thread, to be read: `current().training`."""
    return _state.scope


class Setting:
    """A context manager that sets attributes of the thread's Scope: those in the dict that `_settings()` gives."""

    def _settings(self) -> dict[str, Any]:
        raise NotImplementedError

    def __enter__(self: Entered) -> Entered:
        self._scope = scope(**self._settings())
        self._scope.__enter__()
        return self

    def __exit__(self, *exc: Any) -> None:
        self._scope.__exit__(*exc)
        del self._scope


def claim(count: Any, what: str) -> None:
    """Have a config that is being read account for `count` objects that are about to be made for `what`, if one is."""
    allowance = _state.scope.allowance
    if allowance is not None and isinstance(count, int):
        allowance.take_objects(count, what)


def claim_table(shape: Sequence[Any], what: str) -> None:
    """As `claim`, for a table of float32 that is about to be computed by other means than primitives."""
    allowance = _state.scope.allowance
    if allowance is not None and all(isinstance(size, int) for size in shape):
        allowance.take_constant(tuple(shape), "float32", what)


@contextmanager
def scope(**values: Any) -> Iterator[Any]:
    """Set some of Scope's attributes for a while, e.g. `scope(autocast="float16")`; the others stay as around it.

    Raises: TypeError for a name that Scope does not have.
    """
    if not _KNOWN.issuperset(values):
        unknown = ", ".join(sorted(map(repr, values.keys() - _KNOWN)))
        raise TypeError(f"`scope` sets attributes of Scope, got {unknown}. Known are {', '.join(sorted(_KNOWN))}.")
    around = _state.scope
    inside = Scope()
    vars(inside).update(vars(around), **values)
    _state.scope = inside
    try:
        yield
    finally:
        _state.scope = around
