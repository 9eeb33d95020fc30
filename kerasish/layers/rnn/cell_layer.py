"""CellLayer: what the recurrent layers that make their own cell share."""

from __future__ import annotations

from typing import Any

from kerasish import regularizers
from kerasish.layers.base.input_spec import InputSpec
from kerasish.layers.base.layer import Layer
from kerasish.layers.rnn.recurrent_cell import OLD_ARGUMENTS, PARTS
from kerasish.layers.rnn.rnn import RNN
from kerasish.typing import AnyTensor, Config

OF_LAYER = ("name", "trainable", "dtype")


class CellLayer(RNN):
    """Base of SimpleRNN, LSTM and GRU: the attributes of the cell are those of the layer.

    Args:
        make: the class of the cell.
        arguments: dict of its arguments.
        cell_name: its name.
        **kwargs: those of RNN and Layer.
    """

    old_arguments: dict[str, str] = OLD_ARGUMENTS

    def __init__(self, make: Any, arguments: Any, cell_name: str, implementation: int = 2, **kwargs: Any) -> None:
        more = {key: kwargs[key] for key in ("dtype", "trainable") if kwargs.get(key) is not None}
        super().__init__(make(**arguments, implementation=implementation, name=cell_name, **more), **kwargs)
        self.input_spec: InputSpec = InputSpec(ndim=3)

    def get_config(self) -> Config:
        mine = super().get_config()
        mine.pop("cell")
        cell = {key: value for key, value in self.cell.get_config().items() if key not in OF_LAYER}
        return {**mine, **cell, "activity_regularizer": regularizers.serialize(self.activity_regularizer)}

    @classmethod
    def from_config(cls, config: Config) -> Any:
        return Layer.from_config.__func__(cls, config)


def of_cell(name: str) -> Any:
    """A property of the layer that is the cell's."""
    return property(lambda self: getattr(self.cell, name), doc=f"The cell's `{name}`.")


for _name in ("units", "activation", "use_bias", "dropout", "recurrent_dropout"):
    setattr(CellLayer, _name, of_cell(_name))
for _name in (f"{part}_{kind}" for part in PARTS for kind in ("initializer", "regularizer", "constraint")):
    setattr(CellLayer, _name, of_cell(_name))


def checked_use_cudnn(value: AnyTensor) -> Any:
    """True, False or "auto"; it changes nothing on this library's devices."""
    if value not in ("auto", True, False):
        raise ValueError(f"`use_cudnn` must be 'auto', True or False, got {value!r}.")
    return value
