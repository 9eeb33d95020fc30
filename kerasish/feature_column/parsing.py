"""What Examples must hold for columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kerasish.feature_column.column import FeatureColumn, checked_columns


def make_parse_example_spec(feature_columns: Iterable[FeatureColumn]) -> dict[str, Any]:
    """The features that columns read, as `data.TFRecordBatches` takes them.

    Args:
        feature_columns: list of columns.

    Returns:
        Dict from feature name to `data.Feature`. Categories are of open length: shorter rows are filled up by "" or -1.

    Raises:
        ValueError: where two columns say different things of one feature.

    Example:
        >>> from kerasish import feature_column as fc
        >>> spec = fc.make_parse_example_spec([fc.numeric_column("age"), fc.crossed_column(["sex", "town"], 100)])
        >>> {key: (feature.shape, feature.dtype) for key, feature in sorted(spec.items())}
        {'age': ((1,), 'float32'), 'sex': ((None,), 'string'), 'town': ((None,), 'string')}
    """
    spec: dict[str, Any] = {}
    for column in checked_columns(feature_columns):
        for key, feature in column.parse_example_spec.items():
            if spec.setdefault(key, feature) != feature:
                raise ValueError(f"`feature_columns` say different things of {key!r}: {spec[key]} and {feature}.")
    return spec
