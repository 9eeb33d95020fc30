"""InceptionV3: Rethinking the Inception Architecture for Computer Vision, Szegedy et al. 2015, https://arxiv.org/abs/1512.00567."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kerasish.applications.build import Options, application, build
from kerasish.applications.imagenet_utils import decode_predictions as decode_predictions
from kerasish.applications.imagenet_utils import preprocessor
from kerasish.applications.inception import LEAST_SIZE, MAX, MEAN, SIZE, STEM, Fork, chain, mixed
from kerasish.applications.weights import tf_kernels

from kerasish.typing import ActivationLike, AnyTensor, ShapeLike

if TYPE_CHECKING:
    from kerasish.models import Model

preprocess_input: Callable[..., Any] = preprocessor("tf")


def _at_35(pooled):
    """Branches at 35x35; `pooled` filters behind the pooling."""
    return [[(64, 1, 1)], [(48, 1, 1), (64, 5, 5)], [(64, 1, 1), (96, 3, 3), (96, 3, 3)], [MEAN, (pooled, 1, 1)]]


def _at_17(width):
    """Branches at 17x17, where 7x7 is done as 1x7 and 7x1; `width` filters in between."""
    return [
        [(192, 1, 1)],
        [(width, 1, 1), (width, 1, 7), (192, 7, 1)],
        [(width, 1, 1), (width, 7, 1), (width, 1, 7), (width, 7, 1), (192, 1, 7)],
        [MEAN, (192, 1, 1)],
    ]


def _at_8(fork):
    """Branches at 8x8; `fork`: the name of the first of two joints within a branch."""
    sides = ([(384, 1, 3)], [(384, 3, 1)])
    return [
        [(320, 1, 1)],
        [(384, 1, 1), Fork(sides, fork)],
        [(448, 1, 1), (384, 3, 3), Fork(sides)],
        [MEAN, (192, 1, 1)],
    ]


_TO_17 = [[(384, 3, 3, 2)], [(64, 1, 1), (96, 3, 3), (96, 3, 3, 2)], [MAX]]
_TO_8 = [[(192, 1, 1), (320, 3, 3, 2)], [(192, 1, 1), (192, 1, 7), (192, 7, 1), (192, 3, 3, 2)], [MAX]]
BLOCKS = [  # "mixed0" ... "mixed10"
    *(_at_35(pooled) for pooled in (32, 64, 64)),
    _TO_17,
    *(_at_17(width) for width in (128, 160, 160, 192)),
    _TO_8,
    *(_at_8(fork) for fork in ("mixed9_0", "mixed9_1")),
]


def _body(x):
    x = chain(x, STEM)
    for index, branches in enumerate(BLOCKS):
        x = mixed(x, branches, f"mixed{index}")
    return x


@application()
def InceptionV3(
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "inception_v3",
) -> Model:
    """InceptionV3: 94 convolutions, 24 million parameters; 299x299 pixels by default, at least 75x75.

    Example:
        >>> import kerasish as keras
        >>> model = keras.applications.InceptionV3(weights=None, include_top=False, input_shape=(75, 75, 3))
        >>> model.output_shape, model.count_params()
        ((None, 1, 1, 2048), 21802784)

    Reference:
        Szegedy et al. 2015, "Rethinking the Inception architecture for computer vision", arXiv:1512.00567.
    """
    return build(Options(**locals()), _body, SIZE, LEAST_SIZE, tf_kernels("inception_v3", "inception_v3"))
