"""The kinds of columns that a FeatureSpace knows: for each a dtype, a layer, and what becomes of its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kerasish.configs.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.layers.base.layer import Layer
from kerasish.layers.core.identity import Identity
from kerasish.layers.preprocessing.discretization import Discretization
from kerasish.layers.preprocessing.hashing import Hashing
from kerasish.layers.preprocessing.integer_lookup import IntegerLookup
from kerasish.layers.preprocessing.lookup import Lookup
from kerasish.layers.preprocessing.normalization import Normalization
from kerasish.layers.preprocessing.rescaling import Rescaling
from kerasish.layers.preprocessing.string_lookup import StringLookup
from kerasish.suggestions import did_you_mean
from kerasish.typing import Config

_MODES = ("one_hot", "int", "float")


class Feature:
    """A column of a FeatureSpace: what it holds, the layer that prepares it, and what becomes of the result.

    Args:
        dtype: "float32", "int32" or "string".
        preprocessor: layer.
        output_mode: "one_hot" or "int" for a layer that gives numbers of categories, "float" for others.
    """

    def __init__(self, dtype: str, preprocessor: Layer, output_mode: str) -> None:
        if output_mode not in _MODES:
            raise ValueError(f"`output_mode` must be one of {_MODES}, got {output_mode!r}.")
        if not isinstance(preprocessor, Layer):
            raise ValueError(f"`preprocessor` must be a layer, got {preprocessor!r}.")
        self.dtype, self.preprocessor, self.output_mode = dtype, preprocessor, output_mode

    def get_config(self) -> Config:
        return {
            "dtype": self.dtype,
            "preprocessor": serialize_keras_object(self.preprocessor),
            "output_mode": self.output_mode,
        }

    @classmethod
    def from_config(cls, config: Config) -> Any:
        return cls(config["dtype"], deserialize_keras_object(config["preprocessor"]), config["output_mode"])


class Cross:
    """Columns of a FeatureSpace that are hashed together.

    Args:
        feature_names: tuple of column names.
        crossing_dim: how many numbers there are.
        output_mode: "one_hot" or "int".
    """

    def __init__(self, feature_names: Sequence[str], crossing_dim: int, output_mode: str = "one_hot") -> None:
        if output_mode not in ("one_hot", "int"):
            raise ValueError(f'`output_mode` must be "one_hot" or "int", got {output_mode!r}.')
        self.feature_names, self.crossing_dim, self.output_mode = tuple(feature_names), crossing_dim, output_mode

    @property
    def name(self) -> str:
        """The columns' names with "_X_" between them."""
        return "_X_".join(self.feature_names)

    def get_config(self) -> Config:
        return {
            "feature_names": list(self.feature_names),
            "crossing_dim": self.crossing_dim,
            "output_mode": self.output_mode,
        }

    @classmethod
    def from_config(cls, config: Config) -> Any:
        return cls(**config)


_CLASSES = {"Feature": Feature, "Cross": Cross}


def written(thing: Feature | Cross) -> Config:
    """A Feature or Cross as plain data."""
    return {"class_name": type(thing).__name__, "config": thing.get_config()}


def read(config: Mapping[str, Any]) -> Feature | Cross:
    """The Feature or Cross that `written` (of kerasish or Keras) described.

    Raises:
        ValueError: for anything else.
    """
    if config.get("class_name") not in _CLASSES:
        raise ValueError(f"The config of a FeatureSpace must hold Features and Crosses, got {config!r:.200}.")
    return _CLASSES[config["class_name"]].from_config(config["config"])


def plain(name: str | None = None) -> Feature:
    """Numbers as they are."""
    return Feature("float32", Identity(dtype="float32", name=_layer_name(name, "float")), "float")


def rescaled(scale: float = 1.0, offset: float = 0.0, name: str | None = None) -> Feature:
    """Numbers times `scale` plus `offset`."""
    return Feature("float32", Rescaling(scale, offset, name=_layer_name(name, "float_rescaled")), "float")


def normalized(name: str | None = None) -> Feature:
    """Numbers less their mean, divided by their standard deviation."""
    return Feature("float32", Normalization(axis=-1, name=_layer_name(name, "float_normalized")), "float")


def discretized(
    num_bins: int, bin_boundaries: Sequence[float] | None = None, output_mode: str = "one_hot", name: str | None = None
) -> Feature:
    """Numbers cut into ranges."""
    bins = {"bin_boundaries": bin_boundaries} if bin_boundaries is not None else {"num_bins": num_bins}
    return Feature("float32", Discretization(**bins, name=_layer_name(name, "float_discretized")), output_mode)


def integer_categorical(
    max_tokens: int | None = None, num_oov_indices: int = 1, output_mode: str = "one_hot", name: str | None = None
) -> Feature:
    """Integers that name categories, which `adapt` finds."""
    layer = IntegerLookup(
        max_tokens=max_tokens, num_oov_indices=num_oov_indices, name=_layer_name(name, "integer_categorical")
    )
    return Feature("int32", layer, output_mode)


def string_categorical(
    max_tokens: int | None = None, num_oov_indices: int = 1, output_mode: str = "one_hot", name: str | None = None
) -> Feature:
    """Strings that name categories, which `adapt` finds."""
    layer = StringLookup(
        max_tokens=max_tokens, num_oov_indices=num_oov_indices, name=_layer_name(name, "string_categorical")
    )
    return Feature("string", layer, output_mode)


def integer_hashed(num_bins: int, output_mode: str = "one_hot", name: str | None = None) -> Feature:
    """Integers hashed to numbers below `num_bins`."""
    return Feature("int32", Hashing(num_bins, name=_layer_name(name, "integer_hashed")), output_mode)


def string_hashed(num_bins: int, output_mode: str = "one_hot", name: str | None = None) -> Feature:
    """Strings hashed to numbers below `num_bins`."""
    return Feature("string", Hashing(num_bins, name=_layer_name(name, "string_hashed")), output_mode)


def _layer_name(name, kind):
    return f"{name}_preprocessor" if name else f"{kind}_preprocessor"


def standardized(name: str, kind: Any, hashing_dim: int, num_bins: int) -> Feature:
    """The Feature for what a user says of a column.

    Args:
        name: of the column.
        kind: name of a kind, a Feature, or the config of one.
        hashing_dim: numbers of hashed columns.
        num_bins: ranges of discretized columns.
    """
    if isinstance(kind, Mapping):
        kind = read(kind)
    if isinstance(kind, Feature):
        return kind
    by_name = {
        "float": lambda: plain(name),
        "float_rescaled": lambda: rescaled(name=name),
        "float_normalized": lambda: normalized(name),
        "float_discretized": lambda: discretized(num_bins, name=name),
        "integer_categorical": lambda: integer_categorical(name=name),
        "string_categorical": lambda: string_categorical(name=name),
        "integer_hashed": lambda: integer_hashed(hashing_dim, name=name),
        "string_hashed": lambda: string_hashed(hashing_dim, name=name),
    }
    if not isinstance(kind, str) or kind not in by_name:
        raise ValueError(
            f"`features[{name!r}]` must be one of {', '.join(by_name)}, or what a method of FeatureSpace of that name "
            f"returns, got {kind!r}.{did_you_mean(kind, by_name)}"
        )
    return by_name[kind]()


def learns(layer: Layer) -> bool:
    """Whether a layer waits for `adapt`."""
    if not hasattr(layer, "adapt"):
        return False
    if isinstance(layer, Normalization):
        return layer.input_mean is None
    if isinstance(layer, Discretization):
        return layer.num_bins is not None
    return layer.get_config().get("vocabulary") is None


def cardinality(layer: Layer) -> int:
    """How many categories a layer gives numbers of."""
    if isinstance(layer, Lookup):
        return layer.vocabulary_size()
    if isinstance(layer, Discretization):
        return layer.num_bins or len(layer.bin_boundaries) + 1
    if isinstance(layer, Hashing):
        return layer.num_bins
    raise ValueError(f'`output_mode="one_hot"` needs a layer that gives numbers of categories, got {layer!r}.')
