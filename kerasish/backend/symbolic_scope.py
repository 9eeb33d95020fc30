"""SymbolicScope: says that what is called inside is called for its shapes."""

from __future__ import annotations

from kerasish.backend import context


class SymbolicScope(context.Setting):
    """Within `with`, code that asks `in_symbolic_scope()` hears that shapes are wanted, not numbers.

    Example:
        >>> import kerasish as keras
        >>> from kerasish.backend.symbolic_scope import in_symbolic_scope
        >>> with keras.SymbolicScope():
        ...     in_symbolic_scope()
        True
    """

    def _settings(self):
        return {"symbolic": True}


def in_symbolic_scope() -> bool:
    """Whether this thread is within a `SymbolicScope`."""
    return context.current().symbolic
