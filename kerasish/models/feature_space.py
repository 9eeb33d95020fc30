"""FeatureSpace: the columns of a table as vectors, each by its kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kerasish import ops
from kerasish.backend.graph import Tensor
from kerasish.backend.texts import is_text
from kerasish.files.saving_api import save_model
from kerasish.layers.base.layer import Layer
from kerasish.layers.core.input_layer import Input
from kerasish.layers.preprocessing.base_data_layer import DataLayer
from kerasish.layers.preprocessing.categories import encoded
from kerasish.layers.preprocessing.hashed_crossing import HashedCrossing
from kerasish.layers.preprocessing.host_layer import on_host
from kerasish.models import feature_kinds as kinds
from kerasish.models.feature_kinds import Cross, Feature
from kerasish.suggestions import did_you_mean, suggesting
from kerasish.typing import Config, PathLike

_NOT_ADAPTED = "The FeatureSpace has not seen data yet: call `adapt(dataset)` first."


class FeatureSpace(DataLayer):
    """The columns of a table as vectors: each normalized, cut into ranges, looked up or hashed, by its kind.

    `adapt(data)` learns what the kinds need; then the space is called on dicts of columns, or its inputs and encoded
    features become the first part of a model.

    Args:
        features: dict from column name to its kind: a name ("float", "float_normalized", "float_rescaled",
            "float_discretized", "integer_categorical", "string_categorical", "integer_hashed", "string_hashed"), or
            what the static method of that name returns.
        output_mode: "concat" for one vector a row, the columns by name and then the crosses; "dict" for a dict of
            vectors by name.
        crosses: list of tuples of column names (integers or strings) that are hashed together, or of what
            `FeatureSpace.cross` returns.
        crossing_dim: length of the vectors of `crosses`.
        hashing_dim: length of the vectors of "integer_hashed" and "string_hashed".
        num_discretization_bins: how many ranges "float_discretized" has.
        name: string, by default "feature_space", numbered.

    Attributes:
        preprocessors: dict from column name to the layer that prepares it.
        crossers: dict from the name of a cross ("a_X_b") to its layer.

    Raises:
        ValueError: for no features, an unknown kind, a cross of unknown columns and another `output_mode`.

    Example:
        >>> import kerasish as keras
        >>> space = keras.utils.FeatureSpace(
        ...     {"age": "float_rescaled", "pet": "string_categorical"}, output_mode="dict"
        ... )
        >>> space.adapt({"age": [1.0, 2.0, 3.0], "pet": ["cat", "dog", "cat"]})
        >>> {name: vectors.tolist() for name, vectors in space({"age": [4.0], "pet": ["cat"]}).items()}
        {'age': [[4.0]], 'pet': [[0.0, 1.0, 0.0]]}
    """

    takes_text = True
    _public_module = "keras.utils"

    float = staticmethod(kinds.plain)
    float_rescaled = staticmethod(kinds.rescaled)
    float_normalized = staticmethod(kinds.normalized)
    float_discretized = staticmethod(kinds.discretized)
    integer_categorical = staticmethod(kinds.integer_categorical)
    string_categorical = staticmethod(kinds.string_categorical)
    integer_hashed = staticmethod(kinds.integer_hashed)
    string_hashed = staticmethod(kinds.string_hashed)
    feature = Feature
    cross = Cross

    @suggesting
    def __init__(
        self,
        features: Mapping[str, Any],
        output_mode: str = "concat",
        crosses: Sequence[Any] | None = None,
        crossing_dim: int = 32,
        hashing_dim: int = 32,
        num_discretization_bins: int = 32,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        if not features:
            raise ValueError("`features` must be a dict from column names to kinds, got none.")
        if output_mode not in ("concat", "dict"):
            raise ValueError(f'`output_mode` must be "concat" or "dict", got {output_mode!r}.')
        self.output_mode, self.crossing_dim = output_mode, crossing_dim
        self.hashing_dim, self.num_discretization_bins = hashing_dim, num_discretization_bins
        self.features = {
            name: kinds.standardized(name, kind, hashing_dim, num_discretization_bins)
            for name, kind in features.items()
        }
        self.crosses = [_standardized_cross(cross, self.features, crossing_dim) for cross in crosses or ()]
        # In lists, whose layers are found by files and summaries in this order.
        self._feature_layers: list[Layer] = [feature.preprocessor for feature in self.features.values()]
        self._cross_layers: list[Layer] = [
            HashedCrossing(cross.crossing_dim, name=cross.name) for cross in self.crosses
        ]
        self._check_modes()
        if not self._adaptable():
            self.built = True

    def _check_modes(self):
        for name, thing in (*self.features.items(), *((cross.name, cross) for cross in self.crosses)):
            if self.output_mode == "concat" and thing.output_mode == "int":
                raise ValueError(
                    f'{name!r} has `output_mode="int"`, which can\'t be put side by side with vectors: give the space '
                    '`output_mode="dict"`.'
                )

    @property
    def preprocessors(self) -> dict[str, Layer]:
        """The layer of each column, by name."""
        return dict(zip(self.features, self._feature_layers))

    @property
    def crossers(self) -> dict[str, Layer]:
        """The layer of each cross, by name."""
        return {cross.name: layer for cross, layer in zip(self.crosses, self._cross_layers)}

    @property
    def runs_on_host(self) -> bool:
        """Whether one of the layers does."""
        return any(layer.runs_on_host for layer in (*self._feature_layers, *self._cross_layers))

    def _taken(self, inputs):
        return inputs  # `call` looks at each column

    def _adaptable(self):
        """The layers that learn from data, by column."""
        return {name: layer for name, layer in self.preprocessors.items() if kinds.learns(layer)}

    def adapt(self, dataset: Any) -> None:
        """Learn what the kinds need: means, ranges, vocabularies.

        Args:
            dataset: dict from column name to an array or list; or an iterable of such dicts, one a batch or a row (of
                pairs the first part counts): a list, a generator, a data set.

        Raises:
            ValueError: for other data, and for a column that is not there.
        """
        rows = self._rows_of(dataset)
        for name, layer in self._adaptable().items():
            layer.adapt([_column(row, name) for row in rows])
        self.built = True
        self({name: _column(rows[0], name)[:1] for name in self.features})  # builds those that learn nothing

    def _rows_of(self, dataset):
        if isinstance(dataset, Mapping):
            return [dataset]
        if isinstance(dataset, (str, bytes)) or not hasattr(dataset, "__iter__"):
            raise ValueError(
                "`dataset` must be a dict of columns, or an iterable of such dicts, got "
                f"{type(dataset).__name__}: {dataset!r:.80}."
            )
        rows = [row[0] if isinstance(row, (tuple, list)) else row for row in dataset]
        if not rows or not all(isinstance(row, Mapping) for row in rows):
            raise ValueError(f"`dataset` must give dicts of columns, got {type(dataset).__name__} of {rows[:1]!r:.80}.")
        return rows

    def _check_adapted(self):
        if not self.built:
            raise ValueError(_NOT_ADAPTED)

    def __call__(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        self._check_adapted()
        if not isinstance(data, Mapping):
            raise ValueError(f"A FeatureSpace is called on a dict of columns, got {type(data).__name__}.")
        missing = [name for name in self.features if name not in data]
        if missing:
            raise KeyError(f"{missing[0]!r} is a feature, and no column of the data: {', '.join(map(str, data))}.")
        columns = {name: on_host(_host(data[name]), name) for name in self.features}
        is_one_row = all(len(_shape(column)) == 0 for column in columns.values())
        encoded_features = super().__call__({name: _as_column(column) for name, column in columns.items()})
        if not is_one_row:
            return encoded_features
        if self.output_mode == "concat":
            return encoded_features[0]
        return {name: vectors[0] for name, vectors in encoded_features.items()}

    def build(self, input_shape: Any) -> None:
        self.built = True

    def get_build_config(self) -> Config | None:
        return {"has_adapted": True} if self.built else None

    def build_from_config(self, config: Config) -> None:
        self.built = True  # the layers say themselves what they learnt

    def call(self, data: Any) -> Any:
        prepared = {name: layer(data[name]) for name, layer in self.preprocessors.items()}
        vectors = {}
        for name, feature in sorted(self.features.items()):  # the order of Keras, whatever that of the dict is
            is_number = feature.output_mode == "one_hot"
            size = kinds.cardinality(feature.preprocessor) if is_number else 0
            vectors[name] = encoded(prepared[name], "one_hot", size, "float32") if is_number else prepared[name]
        for cross, layer in zip(self.crosses, self._cross_layers):
            numbers = layer(tuple(prepared[name] for name in cross.feature_names))
            is_number = cross.output_mode == "one_hot"
            vectors[cross.name] = encoded(numbers, "one_hot", cross.crossing_dim, "float32") if is_number else numbers
        if self.output_mode == "dict":
            return vectors
        return ops.concatenate([ops.cast(vector, "float32") for vector in vectors.values()], axis=-1)

    def get_inputs(self) -> dict[str, Any]:
        """Symbolic inputs of a model, a column each.

        Returns:
            Dict from column name to `KerasTensor` of shape (batch, 1).
        """
        self._check_adapted()
        if getattr(self, "_own_inputs", None) is None:
            self._own_inputs = {n: Input((1,), dtype=f.dtype, name=n) for n, f in self.features.items()}
        return dict(self._own_inputs)

    def get_encoded_features(self) -> Any:
        """What becomes of `get_inputs()`: a symbolic vector, or a dict of such.

        Returns:
            `KerasTensor` of shape (batch, size), or a dict of such.
        """
        self._check_adapted()
        return self.call(self.get_inputs())

    def save(self, filepath: PathLike) -> None:
        """Write the space to a ".keras" file, which `keras.models.load_model` reads.

        Args:
            filepath: path that ends in ".keras".
        """
        save_model(self, filepath)

    def get_config(self) -> Config:
        return {
            "features": {name: kinds.written(feature) for name, feature in self.features.items()},
            "output_mode": self.output_mode,
            "crosses": [kinds.written(cross) for cross in self.crosses],
            "crossing_dim": self.crossing_dim,
            "hashing_dim": self.hashing_dim,
            "num_discretization_bins": self.num_discretization_bins,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: Config) -> Any:
        config = dict(config)
        config["features"] = {name: kinds.read(item) for name, item in config["features"].items()}
        config["crosses"] = [kinds.read(cross) for cross in config.get("crosses") or ()]
        return cls(**config)


def _standardized_cross(cross, features, crossing_dim):
    if isinstance(cross, (list, tuple)):
        cross = Cross(tuple(cross), crossing_dim)
    if not isinstance(cross, Cross):
        raise ValueError(
            f"`crosses` must be tuples of column names, or what `FeatureSpace.cross` makes, got {cross!r}."
        )
    for name in cross.feature_names:
        if name not in features:
            raise ValueError(f"{cross.name!r} crosses {name!r}, which is no feature.{did_you_mean(name, features)}")
        if features[name].output_mode == "float":
            raise ValueError(f"{cross.name!r} crosses {name!r}, which is no category: only categories are crossed.")
    return cross


def _column(row, name):
    if name not in row:
        raise ValueError(f"`dataset` has no column {name!r}, only {', '.join(map(str, row))}.")
    return _as_column(on_host(_host(row[name]), name))


def _host(value):
    """What another library's tensor holds."""
    return value.numpy() if hasattr(value, "numpy") and not isinstance(value, Tensor) else value


def _shape(value):
    return tuple(getattr(value, "shape", ()))


def _as_column(value):
    """Values of shape (rows, 1) where they come as (rows,) or alone."""
    if len(_shape(value)) > 1:
        return value
    if isinstance(value, Tensor):
        return ops.expand_dims(value, -1)
    if is_text(value):
        return value.reshape(-1, 1)
    return ops.reshape(ops.convert_to_tensor(value), (-1, 1))
