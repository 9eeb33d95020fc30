"""`keras.datasets`: small data sets to try a model on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasish.lazy import lazy

if TYPE_CHECKING:
    from kerasish.datasets import (
        boston_housing,
        california_housing,
        cifar10,
        cifar100,
        digits,
        fashion_mnist,
        imdb,
        mnist,
        reuters,
    )
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "kerasish.datasets": (
                "boston_housing california_housing cifar10 cifar100 digits fashion_mnist imdb mnist reuters"
            )
        },
    )

__all__ = [
    "boston_housing",
    "california_housing",
    "cifar10",
    "cifar100",
    "digits",
    "fashion_mnist",
    "imdb",
    "mnist",
    "reuters",
]
