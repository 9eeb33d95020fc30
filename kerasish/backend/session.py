"""Session: evaluate any tensors of a symbolic graph, in the way of TensorFlow 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kerasish import tree
from kerasish.backend.device import device
from kerasish.backend.function import function
from kerasish.backend.graph import KerasTensor
from kerasish.backend.names import reset_uids
from kerasish.backend.variable import Variable
from kerasish.suggestions import suggesting


class Session:
    """Runs parts of a graph. Compiled functions are kept for each set of fetches.

    Example:
        >>> from kerasish import backend as K
        >>> x = K.placeholder((None,), name="x")
        >>> w = K.variable(2.0)
        >>> with K.Session() as session:
        ...     session.run({"y": x * w}, feed_dict={x: [1.0, 3.0]})["y"].tolist()
        [2.0, 6.0]
    """

    def __init__(self) -> None:
        self._functions = {}
        self._closed = False

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the compiled functions."""
        self._functions.clear()
        self._closed = True

    def run(self, fetches: Any, feed_dict: Mapping[Any, Any] | None = None) -> Any:
        """The values of parts of a graph.

        Args:
            fetches: tensor, Variable or update, or a list or dict (nested) of them; None entries stay None.
            feed_dict: dict from placeholder (or any tensor of the graph, which is then not computed) to array.

        Returns:
            NumPy arrays in the structure of `fetches`; Variables are fetched after the updates of the same run.

        Raises:
            ValueError: when a placeholder is needed and not fed; it names it.
            TypeError: when something can't be fetched or fed.
            RuntimeError: when the session is closed.
        """
        if self._closed:
            raise RuntimeError("This session is closed; make another one.")
        feeds = list((feed_dict or {}).items())
        for tensor, _ in feeds:
            if not isinstance(tensor, KerasTensor):
                raise TypeError(f"The keys of `feed_dict` must be symbolic tensors, got {tensor!r}.")
        flat = tree.flatten(fetches)
        for fetch in flat:
            if fetch is not None and not isinstance(fetch, (KerasTensor, Variable)):
                raise TypeError(f"Can't fetch {fetch!r}: expected symbolic tensors and Variables.")
        symbolic = [f for f in flat if isinstance(f, KerasTensor)]
        results = iter(
            self._compiled(symbolic, [tensor for tensor, _ in feeds])([value for _, value in feeds]) if symbolic else ()
        )
        values = [next(results) if isinstance(f, KerasTensor) else f for f in flat]
        return tree.pack_sequence_as(fetches, [v.numpy() if isinstance(v, Variable) else v for v in values])

    def _compiled(self, symbolic, fed):
        key = (device(), tuple(map(id, symbolic)), tuple(map(id, fed)))
        if key not in self._functions:
            self._functions[key] = function(fed, symbolic, name="session"), symbolic, fed
        return self._functions[key][0]


def clear_session(free_memory: bool = True) -> None:
    """Start numbering names anew.

    There is no global graph here: models that nobody refers to are gone already.

    Args:
        free_memory: accepted, as memory is freed in any case.

    Example:
        >>> import kerasish as keras
        >>> keras.backend.clear_session()
    """
    reset_uids()


_session = None


def get_session() -> Session:
    """The session of the process, which is made where there is none.

    Returns:
        Session.

    Example:
        >>> from kerasish import backend as K
        >>> K.get_session().run(K.variable(2.0) * 3.0).tolist()
        6.0
    """
    global _session
    if _session is None or _session._closed:
        _session = Session()
    return _session


@suggesting
def set_session(session: Session) -> None:
    """Make a session that of the process.

    Args:
        session: Session.

    Example:
        >>> from kerasish import backend as K
        >>> session = K.Session()
        >>> K.set_session(session)
        >>> K.get_session() is session
        True
    """
    global _session
    _session = session
