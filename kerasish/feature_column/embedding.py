"""Categories as vectors that are learnt."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from kerasish import initializers
from kerasish.feature_column.column import CategoricalColumn, VectorsOfCategories, checked_categorical, checked_size
from kerasish.feature_column.lookups import Table, checked_combiner, combined
from kerasish.typing import AnyTensor, InitializerLike


@dataclasses.dataclass(frozen=True)
class EmbeddingColumn(VectorsOfCategories):
    """What `embedding_column` makes.

    Args:
        categorical_column: column.
        size: int, the length of the vectors.
        combiner: "mean", "sqrtn" or "sum".
        initializer: `Initializer` of the table.
        max_norm: float or None.
        trainable: bool.

    Example:
        >>> from kerasish import feature_column as fc
        >>> fc.embedding_column(fc.categorical_column_with_identity("room", 4), 2).name
        'room_embedding'
    """

    size: int
    combiner: str = "mean"
    initializer: Any = None
    max_norm: float | None = None
    trainable: bool = True

    @property
    def name(self) -> str:
        return f"{self.categorical_column.name}_embedding"

    @property
    def dimension(self) -> int:
        return self.size

    @property
    def table_name(self) -> str:
        """The name of its table; columns of one layer that have the same share it."""
        return self.name

    @property
    def table(self) -> Table:
        shape = (self.categorical_column.num_buckets, self.size)
        return Table(self.table_name, shape, self.initializer, self.trainable)

    def dense(self, values: Any, table: Any) -> AnyTensor:
        return combined(table, values, self.combiner, self.max_norm)


@dataclasses.dataclass(frozen=True)
class SharedEmbeddingColumn(EmbeddingColumn):
    """One of those that `shared_embeddings` makes.

    Args:
        categorical_column: column.
        size: int, the length of the vectors.
        combiner: "mean", "sqrtn" or "sum".
        initializer: `Initializer` of the table.
        max_norm: float or None.
        trainable: bool.
        shared_name: string, the table's name.

    Example:
        >>> from kerasish import feature_column as fc
        >>> fc.shared_embeddings([fc.categorical_column_with_identity("room", 4)], 2)[0].name
        'room_shared_embedding'
    """

    shared_name: str = ""

    @property
    def name(self) -> str:
        return f"{self.categorical_column.name}_shared_embedding"

    @property
    def table_name(self) -> str:
        return self.shared_name


def embedding_column(
    categorical_column: CategoricalColumn,
    dimension: int,
    combiner: str = "mean",
    initializer: InitializerLike = None,
    max_norm: float | None = None,
    trainable: bool = True,
) -> EmbeddingColumn:
    """Categories as vectors that are learnt, a row of a table each.

    Args:
        categorical_column: column, of sequences too.
        dimension: int, the length of the vectors.
        combiner: "mean", "sqrtn" or "sum", what becomes of the vectors where a row has several values.
        initializer: Initializer, its name or config; by default a truncated normal of deviation 1 / sqrt(dimension).
        max_norm: float, to which longer vectors are shortened; None for none.
        trainable: bool, whether the table is learnt.

    Returns:
        `EmbeddingColumn`.

    Raises:
        ValueError: for another column, a dimension below 1, another combiner.

    Example:
        >>> from kerasish import feature_column as fc
        >>> words = fc.categorical_column_with_hash_bucket("word", 100)
        >>> fc.DenseFeatures([fc.embedding_column(words, 8)])({"word": [["red"], ["green"]]}).shape
        (2, 8)
    """
    checked_categorical(categorical_column, "categorical_column")
    return EmbeddingColumn(categorical_column, *_checked(dimension, combiner, initializer), max_norm, trainable)


def shared_embeddings(
    categorical_columns: Sequence[CategoricalColumn],
    dimension: int,
    combiner: str = "mean",
    initializer: InitializerLike = None,
    shared_embedding_collection_name: str | None = None,
    max_norm: float | None = None,
    trainable: bool = True,
) -> list[SharedEmbeddingColumn]:
    """Several columns of the same categories as vectors of one table, which all of them learn.

    The table belongs to the layer that is given the columns.

    Args:
        categorical_columns: list of columns of equally many categories.
        dimension: int, as of `embedding_column`.
        combiner: as of `embedding_column`.
        initializer: as of `embedding_column`.
        shared_embedding_collection_name: string, the table's name; by default made of the columns'.
        max_norm: as of `embedding_column`.
        trainable: as of `embedding_column`.

    Returns:
        List of `SharedEmbeddingColumn`, in the order of the columns.

    Raises:
        ValueError: for columns that differ in their categories, and as `embedding_column`.

    Example:
        >>> from kerasish import feature_column as fc
        >>> seen, clicked = (fc.categorical_column_with_identity(key, 10) for key in ("seen", "clicked"))
        >>> layer = fc.DenseFeatures(fc.shared_embeddings([seen, clicked], 4))
        >>> layer({"seen": [[1, 2]], "clicked": [[2]]}).shape, len(layer.weights)
        ((1, 8), 1)
    """
    columns = [checked_categorical(column, "categorical_columns") for column in categorical_columns]
    if not columns:
        raise ValueError("`categorical_columns` must hold at least one column, got none.")
    counts = {column.name: column.num_buckets for column in columns}
    if len(set(counts.values())) > 1:
        raise ValueError(f"`categorical_columns` must have equally many categories to share a table, got {counts}.")
    name = shared_embedding_collection_name or "_".join(sorted(counts)) + "_shared_embedding"
    settings = _checked(dimension, combiner, initializer)
    return [SharedEmbeddingColumn(column, *settings, max_norm, trainable, name) for column in columns]


shared_embedding_columns = shared_embeddings  # the name of TensorFlow 1


def _checked(dimension, combiner, initializer):
    checked_size(dimension, "dimension")
    if initializer is None:
        initializer = initializers.TruncatedNormal(0.0, dimension**-0.5)
    return dimension, checked_combiner(combiner), initializers.get(initializer)
