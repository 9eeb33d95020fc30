"""Operation: the base of a user's own operations."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from kerasish import tree
from kerasish.backend.graph import has_keras_tensor, record
from kerasish.backend.names import to_snake_case, unique_name
from kerasish.backend.trace import infer
from kerasish.ops.symbolic_calls import SymbolicCalls
from kerasish.typing import Config

if TYPE_CHECKING:
    from typing_extensions import Self


class Operation(SymbolicCalls):
    """An operation without weights: computes on arrays, and becomes a part of a functional model on symbolic tensors.

    A subclass defines `call`, in terms of `keras.ops`, and may define `compute_output_spec`.

    Args:
        name: string, by default the class name in snake_case, numbered.

    Example:
        >>> import kerasish as keras
        >>> class Scale(keras.Operation):
        ...     def __init__(self, factor, name=None):
        ...         super().__init__(name=name)
        ...         self.factor = factor
        ...     def call(self, x):
        ...         return keras.ops.multiply(x, self.factor)
        ...     def compute_output_spec(self, x):
        ...         return keras.KerasTensor(x.shape, x.dtype)
        >>> Scale(3.0)(keras.ops.ones((2,))).tolist()
        [3.0, 3.0]
        >>> Scale(3.0)(keras.Input((2,))).shape
        (None, 2)
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        instance = super().__new__(cls)
        instance._init_arguments = (args, kwargs)
        instance._inbound_nodes = []
        return instance

    def __init__(self, name: str | None = None) -> None:
        if name is not None and not isinstance(name, str):
            raise ValueError(f"`name` must be a string, got {name!r}.")
        self.name: str = name or unique_name(to_snake_case(type(self).__name__))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if "name" not in vars(self):
            raise RuntimeError(f"In {type(self).__name__!r}, call `super().__init__()` in `__init__`.")
        return self.symbolic_call(*args, **kwargs) if has_keras_tensor(args, kwargs) else self.call(*args, **kwargs)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """The computation; every operation defines its own.

        Args:
            *args: tensors, and what else it takes.
            **kwargs: as the operation wants it.

        Returns:
            Tensor, or a structure of tensors.
        """
        raise NotImplementedError(f"{type(self).__name__!r} does not define `call`.")

    def symbolic_call(self, *args: Any, **kwargs: Any) -> Any:
        """Become a part of the graph of symbolic tensors.

        Args:
            *args: as for `call`, with `KerasTensor`s.
            **kwargs: as for `call`, with `KerasTensor`s.

        Returns:
            `KerasTensor`s, in the structure of what `compute_output_spec` returns.
        """
        outputs = record(self, args, kwargs, self.compute_output_spec(*args, **kwargs))
        flat = tree.flatten(outputs)
        self._inbound_nodes.append(flat[0].node if flat else None)
        return outputs

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Shapes and dtypes of the outputs for symbolic arguments; by default `call` is traced once.

        Args:
            *args: as for `call`, with `KerasTensor`s.
            **kwargs: as for `call`, with `KerasTensor`s.

        Returns:
            Structure of things with `shape` and `dtype`.
        """
        return infer(self.call, args, kwargs)

    def get_config(self) -> Config:
        """What `from_config` needs: the name and the arguments of the constructor, as they were given."""
        args, kwargs = self._init_arguments
        signature = inspect.signature(type(self).__init__)
        bound = signature.bind(self, *args, **kwargs)
        config = {"name": self.name}
        for name, value in list(bound.arguments.items())[1:]:
            kind = signature.parameters[name].kind
            if kind is inspect.Parameter.VAR_POSITIONAL:
                raise NotImplementedError(
                    f"{type(self).__name__!r} takes `*{name}`, so it must define `get_config` and `from_config`."
                )
            config.update(value if kind is inspect.Parameter.VAR_KEYWORD else {name: value})
        return {**config, "name": self.name}

    @classmethod
    def from_config(cls, config: Config) -> Operation:
        """The operation that `get_config` describes.

        Args:
            config: dict of the constructor's arguments.

        Returns:
            The operation.
        """
        config = dict(config)
        name = config.pop("name", None)
        takes_name = "name" in inspect.signature(cls.__init__).parameters
        made = cls(**config, name=name) if takes_name else cls(**config)
        if name is not None:
            made.name = name
        return made

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"
