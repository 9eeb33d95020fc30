"""NASNet: Learning Transferable Architectures for Scalable Image Recognition, Zoph et al. 2017, https://arxiv.org/abs/1707.07012."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from kerasish.applications.build import Options, application, build, correct_pad, predictions
from kerasish.applications.imagenet_utils import decode_predictions as decode_predictions
from kerasish.applications.imagenet_utils import preprocessor
from kerasish.applications.weights import Files

from kerasish import backend, layers
from kerasish.typing import ActivationLike, AnyTensor, ShapeLike

if TYPE_CHECKING:
    from kerasish.models import Model

LEAST_SIZE = 32
FACTOR = 2  # how many times as many channels there are after a reduction


class Variant(NamedTuple):
    """A member of the family.

    Side of its pictures, channels at the end, cells between reductions, channels of the stem, a word in its file's
    name.

    `skip_reduction`: whether the first cell after a reduction looks past it.
    """

    size: int
    penultimate_filters: int
    cells: int
    stem_filters: int
    skip_reduction: bool
    word: str


MOBILE = Variant(224, 1056, 4, 32, False, "mobile")
LARGE = Variant(331, 4032, 6, 96, True, "large")


class Operand(NamedTuple):
    """One side of an addition in a cell.

    `source`: "h" (the cell's input), "p" (the input of the cell before), "padded" (h with a border) or the number of an
    earlier addition. `kind`: "separable", "average", "max" or None (the source itself).
    """

    source: object
    kind: str | None = None
    label: str = ""
    kernel: int = 3
    strides: int = 1


NORMAL = (  # the paper's figure 4: the additions of a cell, with their names
    ("normal_add_1", Operand("h", "separable", "left1", 5), Operand("p", "separable", "right1")),
    ("normal_add_2", Operand("p", "separable", "left2", 5), Operand("p", "separable", "right2")),
    ("normal_add_3", Operand("h", "average", "left3"), Operand("p")),
    ("normal_add_4", Operand("p", "average", "left4"), Operand("p", "average", "right4")),
    ("normal_add_5", Operand("h", "separable", "left5"), Operand("h")),
)
REDUCTION = (
    ("reduction_add_1", Operand("h", "separable", "left1", 5, 2), Operand("p", "separable", "right1", 7, 2)),
    ("reduction_add_2", Operand("padded", "max", "left2", 3, 2), Operand("p", "separable", "right2", 7, 2)),
    ("reduction_add3", Operand("padded", "average", "left3", 3, 2), Operand("p", "separable", "right3", 5, 2)),
    (None, Operand(2), Operand(1, "average", "left4")),
    ("reduction_add4", Operand(1, "separable", "left4"), Operand("padded", "max", "right5", 3, 2)),
)
POOLINGS = {"average": layers.AveragePooling2D, "max": layers.MaxPooling2D}

preprocess_input: Callable[..., Any] = preprocessor("tf")


def _normalized(x, name):
    return layers.BatchNormalization(axis=-1, momentum=0.9997, epsilon=1e-3, name=name)(x)


def _pointwise(x, filters, name):
    return layers.Conv2D(filters, 1, padding="same", use_bias=False, kernel_initializer="he_normal", name=name)(x)


def _separable(x, filters, kernel, strides, name):
    """Two separable convolutions, each after a ReLU and before a normalization; the first may have a stride."""
    with backend.name_scope(f"separable_conv_block_{name}"):
        x, padding = layers.Activation("relu")(x), "same"
        if strides == 2:
            x, padding = layers.ZeroPadding2D(correct_pad(x, kernel), name=f"separable_conv_1_pad_{name}")(x), "valid"
        x = layers.SeparableConv2D(
            filters, kernel, strides=strides, padding=padding, use_bias=False, name=f"separable_conv_1_{name}"
        )(x)
        x = layers.Activation("relu")(_normalized(x, f"separable_conv_1_bn_{name}"))
        x = layers.SeparableConv2D(filters, kernel, padding="same", use_bias=False, name=f"separable_conv_2_{name}")(x)
        return _normalized(x, f"separable_conv_2_bn_{name}")


def _adjusted(p, x, filters, name):
    """The input of the cell before, with the size of x and `filters` channels."""
    with backend.name_scope("adjust_block"):
        if p is None:
            return x
        if p.shape[-2] != x.shape[-2]:
            with backend.name_scope(f"adjust_reduction_block_{name}"):
                return _halved(p, filters, name)
        if p.shape[-1] != filters:
            with backend.name_scope(f"adjust_projection_block_{name}"):
                p = _pointwise(layers.Activation("relu")(p), filters, f"adjust_conv_projection_{name}")
                return _normalized(p, f"adjust_bn_{name}")
        return p


def _halved(p, filters, name):
    """Every second pixel, and every second one of the rest, side by side."""
    p = layers.Activation("relu", name=f"adjust_relu_1_{name}")(p)
    halves = []
    for index in (1, 2):
        if index == 2:
            p = layers.Cropping2D(((1, 0), (1, 0)))(layers.ZeroPadding2D(((0, 1), (0, 1)))(p))
        half = layers.AveragePooling2D(1, strides=2, padding="valid", name=f"adjust_avg_pool_{index}_{name}")(p)
        halves.append(_pointwise(half, filters // 2, f"adjust_conv_{index}_{name}"))
    return _normalized(layers.concatenate(halves, axis=-1), f"adjust_bn_{name}")


def _operand(operand, values, filters, kind, name):
    x = values[operand.source]
    if operand.kind is None:
        return x
    name = f"{kind}_{operand.label}_{name}"
    if operand.kind == "separable":
        return _separable(x, filters, operand.kernel, operand.strides, name)
    padding = "valid" if operand.strides == 2 else "same"
    return POOLINGS[operand.kind](operand.kernel, strides=operand.strides, padding=padding, name=name)(x)


def _cell(x, p, filters, name, kind):
    """A cell of `kind` "normal" or "reduction".

    Returns its outputs and its input, which is the `p` of the next cell.
    """
    with backend.name_scope(f"{kind}_A_block_{name}"):
        values = {"p": _adjusted(p, x, filters, name)}
        h = _pointwise(layers.Activation("relu")(x), filters, f"{kind}_conv_1_{name}")
        h = values["h"] = _normalized(h, f"{kind}_bn_1_{name}")
        if kind == "reduction":
            values["padded"] = layers.ZeroPadding2D(correct_pad(h, 3), name=f"reduction_pad_1_{name}")(h)
        for number, (add, left, right) in enumerate(NORMAL if kind == "normal" else REDUCTION, 1):
            with backend.name_scope(f"block_{number}"):
                both = [_operand(operand, values, filters, kind, name) for operand in (left, right)]
                values[number] = layers.add(both, name=f"{add}_{name}") if add else layers.add(both)
        parts = ["p", 1, 2, 3, 4, 5] if kind == "normal" else [2, 3, 4, 5]
        return layers.concatenate([values[part] for part in parts], axis=-1, name=f"{kind}_concat_{name}"), x


def _body(variant):
    def body(x):
        filters, count, p = variant.penultimate_filters // 24, variant.cells, None
        x = layers.Conv2D(
            variant.stem_filters,
            3,
            strides=2,
            padding="valid",
            use_bias=False,
            kernel_initializer="he_normal",
            name="stem_conv1",
        )(x)
        x = _normalized(x, "stem_bn1")
        for index, less in ((1, FACTOR**2), (2, FACTOR)):
            x, p = _cell(x, p, filters // less, f"stem_{index}", "reduction")
        for stage in range(3):
            width = filters * FACTOR**stage
            if stage:
                x, before = _cell(x, p, width, f"reduce_{stage * count}", "reduction")
                p = p if variant.skip_reduction else before
            for index in range(count):
                x, p = _cell(x, p, width, f"{stage * count + index + (stage > 0)}", "normal")
        return layers.Activation("relu")(x)

    return body


def _classifier(x, options):
    return predictions(layers.GlobalAveragePooling2D()(x), options)


def _nasnet(variant, **common):
    options = Options(**common)
    if backend.image_data_format() == "channels_first":
        raise ValueError(
            "NASNet takes pictures with their channels last: call "
            "`keras.config.set_image_data_format('channels_last')` first."
        )
    if options.weights == "imagenet" and options.input_shape is not None and None in tuple(options.input_shape):
        raise ValueError(
            f"`input_shape` must be fully known with weights='imagenet', got {options.input_shape!r}. Give all three "
            "numbers."
        )
    files = Files(
        "tensorflow/keras-applications/nasnet", f"NASNet-{variant.word}.h5", f"NASNet-{variant.word}-no-top.h5"
    )
    return build(options, _body(variant), variant.size, LEAST_SIZE, files, _classifier)


@application()
def NASNetMobile(
    input_shape: ShapeLike | None = None,
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "nasnet_mobile",
) -> Model:
    """NASNetMobile: 12 normal cells of 44 to 176 channels, 5.3 million parameters.

    224x224 pixels by default, at least 32x32.

    Example:
        >>> import kerasish as keras
        >>> model = keras.applications.NASNetMobile(weights=None, include_top=False, pooling="avg")
        >>> model.output_shape, model.count_params()
        ((None, 1056), 4269716)

    Reference:
        Zoph et al. 2017, "Learning transferable architectures for scalable image recognition", arXiv:1707.07012.
    """
    if not include_top and input_shape is None:
        input_shape = (224, 224, 3)
    return _nasnet(MOBILE, **locals())


@application(NASNetMobile)
def NASNetLarge(
    input_shape: ShapeLike | None = None,
    include_top: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "nasnet_large",
) -> Model:
    """NASNetLarge: 18 normal cells of 168 to 672 channels, 89 million parameters.

    331x331 pixels by default, at least 32x32.
    """
    return _nasnet(LARGE, **locals())
