"""The words of the annotations: what the public functions take and give.

Values of the GPU and of the CPU, symbolic tensors and Variables go through the same functions, and an op returns an
array for arrays and a symbolic tensor for symbolic ones. So what comes out is `AnyTensor`, on which type checkers allow
everything.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Optional, TypeAlias, TypeVar, Union

if TYPE_CHECKING:
    from typing_extensions import Unpack as Unpack

    from kerasish.backend.graph import Tensor
    from kerasish.backend.variable import Variable
    from kerasish.callbacks.callback import Callback
    from kerasish.constraints.constraint import Constraint
    from kerasish.initializers.initializer import Initializer
    from kerasish.losses.loss import Loss
    from kerasish.metrics.metric import Metric
    from kerasish.optimizers.optimizer import Optimizer
    from kerasish.optimizers.schedules.learning_rate_schedule import LearningRateSchedule
    from kerasish.random.seed_generator import SeedGenerator
    from kerasish.regularizers.regularizer import Regularizer
else:
    Unpack = Optional  # Python 3.10 has none; annotations are read by type checkers only

AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])
"""What a decorator takes and gives back: a function whose signature editors go on showing."""

AnyTensor: TypeAlias = Any
"""A device's array, or a symbolic tensor where one of the arguments is symbolic."""

TensorLike: TypeAlias = Union["Tensor", "Variable", Sequence[Any], float, Any]
"""Whatever becomes an array: arrays of any library, symbolic tensors, Variables, numbers, nested lists of numbers."""

Shape: TypeAlias = tuple[Union[int, None], ...]
"""A shape as kerasish gives it; None where a size is open."""

ShapeLike: TypeAlias = Union[Sequence[Union[int, None]], Any]
"""A shape as kerasish takes it: a tuple or list of sizes, or a structure of such where there are several inputs."""

DTypeLike: TypeAlias = Any
"""A dtype by name ("float32"), as NumPy's type or dtype, or a DTypePolicy where a layer takes one."""

Axis: TypeAlias = Union[int, Sequence[int], None]
"""One axis, several, or None for all (where a function says so)."""

IntOrInts: TypeAlias = Union[int, Sequence[int]]
"""One number for all axes of space, or one for each."""

Config: TypeAlias = dict[str, Any]
"""What `get_config` returns: plain data from which the object can be made again."""

CustomObjects: TypeAlias = Union[Mapping[str, Any], None]
"""Classes and functions of a user's own, by the names that a config gives them."""

InitializerLike: TypeAlias = Union["Initializer", str, Config, Callable[..., Any], None]
RegularizerLike: TypeAlias = Union["Regularizer", str, Config, Callable[..., Any], None]
ConstraintLike: TypeAlias = Union["Constraint", str, Config, Callable[..., Any], None]
ActivationLike: TypeAlias = Union[str, Config, Callable[..., Any], None]
ScheduleLike: TypeAlias = Union[float, "LearningRateSchedule", Callable[[], Any], Any]
SeedLike: TypeAlias = Union[int, "SeedGenerator", None]
LossReduction: TypeAlias = Union[str, None]
Logs: TypeAlias = Union[Mapping[str, Any], None]
Verbosity: TypeAlias = Union[int, str]
PathLike: TypeAlias = Union[str, os.PathLike[str]]

Arrays: TypeAlias = Any
"""An array, or a structure (list, tuple, dict, nested) of arrays with the samples along the first axis of each."""

DataSet: TypeAlias = Any
"""`Arrays`, a `PyDataset`, a generator, or any iterable that yields batches (x,), (x, y) or (x, y, sample_weight)."""

CallbacksLike: TypeAlias = Union["Callback", Sequence["Callback"], None]
OptimizerLike: TypeAlias = Union["Optimizer", str, Config, None]
LossLike: TypeAlias = Union["Loss", str, Callable[..., Any], Sequence[Any], Mapping[str, Any], None]
MetricsLike: TypeAlias = Union[
    Sequence[Union["Metric", str, Callable[..., Any], Sequence[Any]]], Mapping[str, Any], None
]
"""A list of metrics by name, object or function; with several outputs a list or dict of such lists."""

Results: TypeAlias = Any
"""The loss as a float where there are no metrics, else a list of floats, the loss first."""
