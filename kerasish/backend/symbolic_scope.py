"""SymbolicScope: says that what is called inside is called for its shapes."""

from __future__ import annotations

from types import TracebackType

from kerasish.backend import context


class SymbolicScope:
    """Within `with`, code that asks `in_symbolic_scope()` hears that shapes are wanted, not numbers.

    Example:
        >>> import kerasish as keras
        >>> from kerasish.backend.symbolic_scope import in_symbolic_scope
        >>> with keras.SymbolicScope():
        ...     in_symbolic_scope()
        True
    """

    def __enter__(self) -> SymbolicScope:
        self._scope = context.scope(symbolic=True)
        self._scope.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._scope.__exit__(kind, error, traceback)


def in_symbolic_scope() -> bool:
    """Whether this thread is within a `SymbolicScope`."""
    return context.current().symbolic
