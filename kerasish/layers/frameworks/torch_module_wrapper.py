"""TorchModuleWrapper."""

from __future__ import annotations

import base64
import io
from typing import Any

from kerasish import tree
from kerasish.backend.dtypes import is_float_dtype
from kerasish.backend.host_functions import HostFunction
from kerasish.backend.primitives.primitive import Spec
from kerasish.backend.variable import Variable
from kerasish.layers.base.layer import Layer
from kerasish.layers.frameworks.installed import code_is_refused, framework, weight_of
from kerasish.random import SeedGenerator
from kerasish.typing import Config, CustomObjects, ShapeLike


class TorchModuleWrapper(Layer):
    """A module of PyTorch (`torch.nn.Module`) as a layer: PyTorch computes it on the host, forward and backward.

    The parameters are the layer's weights, those that require gradients trained; the buffers are weights that the
    module itself updates in training. `layer.module` is the module with the weights of the layer in it. Dropout draws
    from the layer's own seeds.

    A file holds the module pickled, which is code: loading it needs `safe_mode=False`.

    Args:
        module: a `torch.nn.Module`, whose lazy parameters are initialized.
        name: string, by default the class name in snake_case, numbered.
        output_shape: accepted; the shape is found by running the module without data.
        **kwargs: those of `Layer`: `dtype`, `trainable`, ...

    Call arguments:
        *args: tensors, the arguments of the module's `forward`.
        training: bool; None takes it from the call around.
        **kwargs: further arguments of `forward`; tensors, or what is passed on as it is.

    Raises:
        ImportError: PyTorch is not installed.
        TypeError: `module` is no module of PyTorch.

    Example:
        >>> import torch, kerasish as keras  # doctest: +SKIP
        >>> keras.layers.TorchModuleWrapper(torch.nn.Linear(4, 3))(keras.ops.ones((2, 4))).shape  # doctest: +SKIP
        (2, 3)
    """

    def __init__(
        self, module: Any, name: str | None = None, output_shape: ShapeLike | None = None, **kwargs: Any
    ) -> None:
        self._torch = framework("torch", "TorchModuleWrapper", "torch")
        super().__init__(name=name, **kwargs)
        if not isinstance(module, self._torch.nn.Module):
            raise TypeError(f"`module` must be a `torch.nn.Module`, got {module!r}.")
        self._module = module.cpu()
        self.output_shape: Any = output_shape
        self.seed_generator: SeedGenerator = SeedGenerator()
        parameters, buffers = dict(module.named_parameters()), dict(module.named_buffers())
        self._parameters: dict[str, Variable] = {
            key: self._weight(key, value, value.requires_grad) for key, value in parameters.items()
        }
        self._buffers: dict[str, Variable] = {key: self._weight(key, value, False) for key, value in buffers.items()}
        self.built = True

    def _weight(self, key, value, trained):
        return weight_of(self, value.detach().cpu().numpy(), trained, key.replace(".", "_"), autocast=False)

    @property
    def module(self) -> Any:
        """The module, with the layer's weights written into it."""
        held = {**dict(self._module.named_parameters()), **dict(self._module.named_buffers())}
        with self._torch.no_grad():
            for key, variable in {**self._parameters, **self._buffers}.items():
                held[key].copy_(self._torch.as_tensor(variable.numpy()))
        return self._module

    def parameters(self, recurse: bool = True) -> Any:
        """The parameters of the module.

        Args:
            recurse: bool, whether those of the modules inside are among them.
        """
        return self.module.parameters(recurse)

    def build(self, *args: Any, **kwargs: Any) -> None:
        """There is nothing to make: the module has its parameters."""

    def call(self, *args: Any, training: bool | None = None, **kwargs: Any) -> Any:
        leaves = tree.flatten((args, kwargs))
        tensors = [x for x in leaves if hasattr(x, "shape") and hasattr(x, "dtype")]
        made = _Computation(self, (args, kwargs), bool(training))
        results = made.function.on(
            *self._parameters.values(), *self._buffers.values(), self.seed_generator.next(), *tensors
        )
        count = len(results) - len(self._buffers)
        if training and self.trainable:
            for variable, value in zip(self._buffers.values(), results[count:]):
                variable.assign(value)
        return tree.pack_sequence_as(made.structure, results[:count])

    # -- files --------------------------------------------------------------------------------------------------

    def save_own_variables(self, store: Any) -> None:
        """Put the weights into a store under the names that the module has for them.

        Args:
            store: dict-like.
        """
        for key, variable in {**self._parameters, **self._buffers}.items():
            store[key] = variable.numpy()

    def load_own_variables(self, store: Any) -> None:
        """Set the weights from a store.

        Args:
            store: dict-like, as `save_own_variables` filled it.
        """
        for key, variable in {**self._parameters, **self._buffers}.items():
            variable.assign(store[key])

    def get_config(self) -> Config:
        buffer = io.BytesIO()
        self._torch.save(self.module, buffer)
        pickled = base64.b64encode(buffer.getvalue()).decode("ascii")
        return {**super().get_config(), "module": pickled, "output_shape": self.output_shape}

    @classmethod
    def from_config(cls, config: Config, custom_objects: CustomObjects = None, safe_mode: bool | None = None) -> Any:
        config = dict(config)
        is_saved = not hasattr(config.get("module"), "named_parameters")
        if is_saved and code_is_refused(safe_mode):
            raise ValueError(
                f"The layer {config.get('name')!r} (TorchModuleWrapper) is a pickled `torch.nn.Module`, and loading it "
                "would run code of the file. If you trust who wrote it, pass `safe_mode=False`."
            )
        if isinstance(config.get("module"), str):
            torch = framework("torch", cls.__name__, "torch")
            config["module"] = torch.load(io.BytesIO(base64.b64decode(config["module"])), weights_only=False)
        return super().from_config(config)


class _Computation:
    """The module in one mode, as a function of flat arrays."""

    def __init__(self, layer: TorchModuleWrapper, arguments: Any, training: bool) -> None:
        self._torch, self._layer, self._training = layer._torch, layer, training
        self._arguments = arguments
        self._count = len(layer._parameters) + len(layer._buffers)
        self.structure: Any = None
        self.function = HostFunction(layer.name, self._describe, self._forward, self._backward)

    def _run(self, tensors, seed=None):
        """(leaves of the outputs, buffers behind the call)."""
        torch, layer = self._torch, self._layer
        names = [*layer._parameters, *layer._buffers]
        held = dict(zip(names, tensors[: self._count]))
        for key in layer._buffers:
            held[key] = held[key].detach().clone()  # the module updates it, and none of them has a gradient
        rest = iter(tensors[self._count :])
        args, kwargs = tree.map_structure(
            lambda x: next(rest) if hasattr(x, "shape") and hasattr(x, "dtype") else x, self._arguments
        )
        module = layer._module
        was_training = module.training
        module.train(self._training and layer.trainable)
        try:
            with torch.random.fork_rng(devices=[]):
                if seed is not None:
                    torch.manual_seed(seed)
                outputs = torch.func.functional_call(module, held, args, kwargs)
        finally:
            module.train(was_training)
        self.structure = tree.map_structure(lambda y: 0, outputs)
        return tree.flatten(outputs), [held[key] for key in layer._buffers]

    def _describe(self, specs):
        torch = self._torch
        made = [torch.empty(s.shape, dtype=getattr(torch, s.dtype), device="meta") for s in self._without_seed(specs)]
        with torch.no_grad():
            outputs, buffers = self._run(made)
        return [Spec(tuple(y.shape), str(y.dtype).removeprefix("torch.")) for y in (*outputs, *buffers)]

    def _without_seed(self, items):
        return [*items[: self._count], *items[self._count + 1 :]]

    def _forward(self, *arrays):
        with self._torch.no_grad():
            outputs, buffers = self._run(self._tensors(arrays), _number(arrays[self._count]))
        return [y.numpy() for y in (*outputs, *buffers)]

    def _tensors(self, arrays):
        return [self._torch.from_numpy(array) for array in self._without_seed(arrays)]

    def _backward(self, *arrays):
        count = (
            self._count + 1 + sum(hasattr(x, "shape") and hasattr(x, "dtype") for x in tree.flatten(self._arguments))
        )
        tensors = self._tensors(arrays[:count])
        changing = [x.requires_grad_() for x in tensors if is_float_dtype(str(x.dtype).removeprefix("torch."))]
        with self._torch.enable_grad():
            outputs, _ = self._run(tensors, _number(arrays[self._count]))
        slopes = [None] * len(changing)
        pairs = [(y, self._torch.from_numpy(g)) for y, g in zip(outputs, arrays[count:]) if y.requires_grad]
        if pairs:
            ys, gs = zip(*pairs)
            slopes = self._torch.autograd.grad(ys, changing, gs, allow_unused=True)
        found = [self._torch.zeros_like(x) if g is None else g for g, x in zip(slopes, changing)]
        return [g.detach().numpy() for g in found]


def _number(key):
    """A seed for PyTorch, from a key of two words."""
    return int(key[0]) << 31 ^ int(key[1])
