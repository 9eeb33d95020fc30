"""`kerasish.feature_column`: the columns of a table as numbers, each by its kind, as TensorFlow 1 and 2 have them.

Columns say what a feature is and how it is written as numbers; `DenseFeatures`, `LinearModel` and `SequenceFeatures`
are the layers that do so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasish.lazy import lazy

if TYPE_CHECKING:
    from kerasish.feature_column.bucketized import BucketizedColumn, bucketized_column
    from kerasish.feature_column.column import CategoricalColumn, DenseColumn, FeatureColumn
    from kerasish.feature_column.crossed import CrossedColumn, crossed_column
    from kerasish.feature_column.dense_features import DenseFeatures, input_layer
    from kerasish.feature_column.embedding import (
        EmbeddingColumn,
        SharedEmbeddingColumn,
        embedding_column,
        shared_embedding_columns,
        shared_embeddings,
    )
    from kerasish.feature_column.hashed import HashedColumn, categorical_column_with_hash_bucket
    from kerasish.feature_column.identity import IdentityColumn, categorical_column_with_identity
    from kerasish.feature_column.indicator import IndicatorColumn, indicator_column
    from kerasish.feature_column.linear import LinearModel, linear_model
    from kerasish.feature_column.numeric import NumericColumn, numeric_column
    from kerasish.feature_column.parsing import make_parse_example_spec
    from kerasish.feature_column.preparing import FeatureTransform
    from kerasish.feature_column.sequence import (
        SequenceCategoricalColumn,
        SequenceNumericColumn,
        sequence_categorical_column_with_hash_bucket,
        sequence_categorical_column_with_identity,
        sequence_categorical_column_with_vocabulary_file,
        sequence_categorical_column_with_vocabulary_list,
        sequence_numeric_column,
    )
    from kerasish.feature_column.sequence_features import SequenceFeatures
    from kerasish.feature_column.vocabulary import (
        VocabularyColumn,
        categorical_column_with_vocabulary_file,
        categorical_column_with_vocabulary_list,
    )
    from kerasish.feature_column.weighted import WeightedColumn, weighted_categorical_column
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "kerasish.feature_column.bucketized": "BucketizedColumn bucketized_column",
            "kerasish.feature_column.column": "CategoricalColumn DenseColumn FeatureColumn",
            "kerasish.feature_column.crossed": "CrossedColumn crossed_column",
            "kerasish.feature_column.dense_features": "DenseFeatures input_layer",
            "kerasish.feature_column.embedding": (
                "EmbeddingColumn SharedEmbeddingColumn embedding_column shared_embedding_columns shared_embeddings"
            ),
            "kerasish.feature_column.hashed": "HashedColumn categorical_column_with_hash_bucket",
            "kerasish.feature_column.identity": "IdentityColumn categorical_column_with_identity",
            "kerasish.feature_column.indicator": "IndicatorColumn indicator_column",
            "kerasish.feature_column.linear": "LinearModel linear_model",
            "kerasish.feature_column.numeric": "NumericColumn numeric_column",
            "kerasish.feature_column.parsing": "make_parse_example_spec",
            "kerasish.feature_column.preparing": "FeatureTransform",
            "kerasish.feature_column.sequence": (
                "SequenceCategoricalColumn SequenceNumericColumn sequence_categorical_column_with_hash_bucket "
                "sequence_categorical_column_with_identity sequence_categorical_column_with_vocabulary_file "
                "sequence_categorical_column_with_vocabulary_list sequence_numeric_column"
            ),
            "kerasish.feature_column.sequence_features": "SequenceFeatures",
            "kerasish.feature_column.vocabulary": (
                "VocabularyColumn categorical_column_with_vocabulary_file categorical_column_with_vocabulary_list"
            ),
            "kerasish.feature_column.weighted": "WeightedColumn weighted_categorical_column",
        },
    )

__all__ = [
    "BucketizedColumn",
    "CategoricalColumn",
    "CrossedColumn",
    "DenseColumn",
    "DenseFeatures",
    "EmbeddingColumn",
    "FeatureColumn",
    "FeatureTransform",
    "HashedColumn",
    "IdentityColumn",
    "IndicatorColumn",
    "LinearModel",
    "NumericColumn",
    "SequenceCategoricalColumn",
    "SequenceFeatures",
    "SequenceNumericColumn",
    "SharedEmbeddingColumn",
    "VocabularyColumn",
    "WeightedColumn",
    "bucketized_column",
    "categorical_column_with_hash_bucket",
    "categorical_column_with_identity",
    "categorical_column_with_vocabulary_file",
    "categorical_column_with_vocabulary_list",
    "crossed_column",
    "embedding_column",
    "indicator_column",
    "input_layer",
    "linear_model",
    "make_parse_example_spec",
    "numeric_column",
    "sequence_categorical_column_with_hash_bucket",
    "sequence_categorical_column_with_identity",
    "sequence_categorical_column_with_vocabulary_file",
    "sequence_categorical_column_with_vocabulary_list",
    "sequence_numeric_column",
    "shared_embedding_columns",
    "shared_embeddings",
    "weighted_categorical_column",
]
