"""`losses.Reduction`: the words of tf.keras for how a loss makes one number of many."""

from __future__ import annotations


class Reduction:
    """The values of a loss's `reduction`, by their names in tf.keras."""

    AUTO = "sum_over_batch_size"  # what "auto" meant outside of tf.distribute
    NONE = "none"
    SUM = "sum"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"

    @classmethod
    def all(cls) -> tuple[str, ...]:
        """Every value."""
        return cls.AUTO, cls.NONE, cls.SUM, cls.SUM_OVER_BATCH_SIZE

    @classmethod
    def validate(cls, key: str) -> None:
        """Raise ValueError for what is no value.

        Args:
            key: string, e.g. "sum".
        """
        if key not in cls.all():
            raise ValueError(f"`key` must be one of {cls.all()}, got {key!r}.")
