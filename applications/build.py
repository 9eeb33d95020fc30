"""What all applications do alike: check the arguments, make the input, put the head on, load the weights."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from kerasish import activations, backend, layers, models
from kerasish.applications import weights as pretrained
from kerasish.docstrings import shares_arguments
from kerasish.suggestions import suggesting
from kerasish.typing import ActivationLike, AnyFunction, AnyTensor, IntOrInts, Shape, ShapeLike, TensorLike
from kerasish.utils import get_source_inputs

if TYPE_CHECKING:
    from kerasish.models import Model


class Options(NamedTuple):
    """The arguments that all applications share, in Keras's order.

    Args:
        include_top: bool, whether the classifier is part of the model.
        weights: "imagenet" (Keras's official file, downloaded once into ~/.keras/models), None (random values), or the
            path of a weights file.
        input_tensor: a Keras tensor to use as the image input, of shape (batch, height, width, 3), e.g. an output of
            another model.
        input_shape: (height, width, 3), or (3, height, width) with the image data format "channels_first". With
            include_top=False it may be any size not below the least one; None leaves the size open then.
        pooling: without the top, what follows the last features: None (nothing: 4 axes), "avg" or "max" (over the
            picture: 2 axes).
        classes: int, the size of the classifier. It must be 1000 with weights="imagenet".
        classifier_activation: name or function of the classifier; None gives logits. With `weights` only None or
            "softmax".
        name: string, the name of the model.

    Returns:
        A functional `Model`, not compiled.

    Raises:
        ValueError: for an argument that is not as described; it names the argument.
    """

    include_top: bool
    weights: str | None
    input_tensor: AnyTensor
    input_shape: ShapeLike | None
    pooling: str | None
    classes: int
    classifier_activation: ActivationLike
    name: str


def application(*sources: Any) -> Callable[[AnyFunction], AnyFunction]:
    """A decorator of the function of an application: its docstring is completed, a misspelled argument recognized.

    Args:
        *sources: the function whose docstring has what this one leaves out; by default `Options`.
    """

    def complete(function):
        return suggesting(shares_arguments(*(sources or (Options,)), whole=True)(function))

    return complete


def build(
    options: Options,
    body: Callable[[Any], Any],
    default_size: int,
    min_size: int,
    files: pretrained.Files,
    top: Callable[..., Any] | None = None,
    pool_names: tuple[str | None, str | None] = (None, None),
) -> Model:
    """Make an application from its body.

    Args:
        options: Options.
        body: function from the image input (a KerasTensor) to the last features.
        default_size: int, the side of the square input with a classifier.
        min_size: int, the least side.
        files: weights.Files, the official weights.
        top: function `(features, options) -> outputs` that adds the classifier; None: `classifier`.
        pool_names: names of the pooling layers of `pooling="avg"` and "max".

    Returns:
        The model, with its weights.
    """
    check(options)
    shape = obtain_input_shape(options.input_shape, default_size, min_size, options.include_top, options.weights)
    return finish(options, shape, body, files, top, pool_names)


def check(options: Options) -> None:
    """Refuse the options that can be judged before anything is built."""
    pretrained.check_weights(options.weights, options.include_top, options.classes)
    if options.pooling not in (None, "avg", "max"):
        raise ValueError(f"`pooling` must be None, 'avg' or 'max', got {options.pooling!r}.")
    tensor = options.input_tensor
    if backend.is_keras_tensor(tensor) and len(tensor.shape) != 4:
        raise ValueError(
            f"`input_tensor` must have the shape (batch, height, width, channels), got {tuple(tensor.shape)}."
        )
    if options.include_top:
        _check_activation(options.classifier_activation, options.weights)


def finish(
    options: Options,
    shape: ShapeLike,
    body: Callable[[Any], Any],
    files: pretrained.Files,
    top: Callable[..., Any] | None = None,
    pool_names: tuple[str | None, str | None] = (None, None),
) -> Model:
    """The second half of `build`.

    For applications that check the options and find the `shape` of the pictures in a way of their own.
    """
    pictures = image_input(options.input_tensor, shape)
    with backend.StatelessScope(
        initialize_variables=options.weights is None
    ):  # values that a file is about to replace need not be drawn
        features = body(pictures)
        outputs = (
            (top or classifier)(features, options)
            if options.include_top
            else pooled(features, options.pooling, pool_names)
        )
        inputs = pictures if options.input_tensor is None else get_source_inputs(options.input_tensor)
        model = models.Model(inputs, outputs, name=options.name)
    pretrained.load(model, options.weights, options.include_top, files)
    return model


def channel_axis(last: int = 3) -> int:
    """The axis of the channels in a batch.

    1 with "channels_first", else `last` (some of Keras's applications write -1, most 3).
    """
    return 1 if backend.image_data_format() == "channels_first" else last


def image_input(input_tensor: AnyTensor | None, shape: ShapeLike) -> AnyTensor:
    """The KerasTensor with which the application begins: a new Input of `shape`, or `input_tensor`."""
    if input_tensor is None:
        return layers.Input(shape=shape)
    if not backend.is_keras_tensor(input_tensor):
        raise ValueError(
            "`input_tensor` must be a Keras tensor (from `keras.Input`, or the output of a layer called on one), got "
            f"{type(input_tensor).__name__}. "
            "Call the finished model on arrays instead."
        )
    return input_tensor


def classifier(x: TensorLike, options: Options, dropout: float | None = None, **dense: Any) -> AnyTensor:
    """Average over the picture, then one Dense layer.

    `dropout` is a rate before it, `dense` are more arguments of the Dense layer.
    """
    x = layers.GlobalAveragePooling2D(name="avg_pool")(x)
    if dropout:
        x = layers.Dropout(dropout, name="top_dropout")(x)
    return predictions(x, options, **dense)


def predictions(x: TensorLike, options: Options, **dense: Any) -> AnyTensor:
    """The Dense layer "predictions" of a classifier."""
    return layers.Dense(options.classes, activation=options.classifier_activation, name="predictions", **dense)(x)


def pooled(x: TensorLike, pooling: str | None, names: tuple[str | None, str | None] = (None, None)) -> AnyTensor:
    """What ends a model without a classifier: `pooling` is None, "avg" or "max"."""
    if pooling == "avg":
        return layers.GlobalAveragePooling2D(name=names[0])(x)
    if pooling == "max":
        return layers.GlobalMaxPooling2D(name=names[1])(x)
    return x


def _check_activation(classifier_activation, weights):
    """Refuse a `classifier_activation` for which pretrained weights were not made."""
    activation = activations.get(classifier_activation)
    if weights is not None and activation not in (activations.softmax, activations.linear):
        raise ValueError(
            "`classifier_activation` must be None or 'softmax' when `weights` are loaded into the classifier, got "
            f"{classifier_activation!r}. "
            "Pass include_top=False for a head of your own."
        )


def obtain_input_shape(
    input_shape: ShapeLike | None, default_size: int, min_size: int, require_flatten: bool, weights: str | None = None
) -> Shape:
    """The shape of the image input, by Keras's rules.

    Args:
        input_shape: what the caller asked for: None or three entries.
        default_size: int, the side that the model was made for.
        min_size: int, the least side.
        require_flatten: whether the size must be known (there is a classifier).
        weights: with "imagenet" there are three channels, and with `require_flatten` only one shape fits.

    Returns:
        Tuple of three, None for an axis that is left open.

    Raises:
        ValueError: that names `input_shape`.

    Example:
        >>> obtain_input_shape(None, 224, 32, require_flatten=False)
        (None, None, 3)
    """
    first = backend.image_data_format() == "channels_first"
    given = three(input_shape)
    default = _shape(default_size, _channels(given, weights, first), first)
    if weights == "imagenet" and require_flatten:
        if given not in (None, default):
            raise ValueError(
                f"`input_shape` must be {default} with weights='imagenet' and include_top=True, got {input_shape!r}. "
                "Pass include_top=False for pictures of another size."
            )
        return default
    if given is None:
        return default if require_flatten else _shape(None, 3, first)
    _check_shape(given, min_size, weights, first)
    if require_flatten and None in given:
        raise ValueError(
            f"`input_shape` must be fully known with include_top=True, got {input_shape!r}. Give all three numbers, "
            "or pass include_top=False."
        )
    return given


def _shape(size, channels, first):
    return (channels, size, size) if first else (size, size, channels)


def _channels(given, weights, first):
    """How many channels the default shape has: as many as the caller wants, unless ImageNet's weights fix them."""
    if weights == "imagenet" or given is None:
        return 3
    channels = given[0 if first else -1]
    if channels not in (1, 3):
        warnings.warn(
            f"This model usually expects 1 or 3 input channels; `input_shape` asks for {channels}.", stacklevel=6
        )
    return channels


def three(input_shape: ShapeLike | None) -> Shape | None:
    """`input_shape` as a tuple, None as None.

    Raises:
        ValueError: where it has not three entries.
    """
    if input_shape is None:
        return None
    try:
        shape = tuple(input_shape)
    except TypeError:
        shape = ()
    if len(shape) != 3:
        raise ValueError(
            f"`input_shape` must be a tuple of three (height, width, channels, without the batch), got {input_shape!r}."
        )
    return shape


def _check_shape(given, min_size, weights, first):
    channels, sides = (given[0], given[1:]) if first else (given[-1], given[:2])
    if weights == "imagenet" and channels != 3:
        raise ValueError(
            f"`input_shape` must have 3 channels with weights='imagenet', got {given}. Stack a grey picture three "
            "times."
        )
    if any(side is not None and side < min_size for side in sides):
        raise ValueError(
            f"`input_shape` must be at least {min_size}x{min_size} pixels, got {given}. Enlarge the pictures first."
        )


def correct_pad(x: TensorLike, kernel_size: IntOrInts) -> tuple[tuple[int, int], tuple[int, int]]:
    """The padding of ZeroPadding2D before a "valid" convolution of stride 2.

    With it the convolution sees what TensorFlow's "same" shows it.

    Args:
        x: tensor of four axes.
        kernel_size: int or two.

    Returns:
        ((top, bottom), (left, right)).

    Example:
        >>> import kerasish as keras
        >>> correct_pad(keras.Input((224, 225, 3)), 3)
        ((0, 1), (1, 1))
    """
    first = 2 if backend.image_data_format() == "channels_first" else 1
    sizes = x.shape[first : first + 2]
    kernels = (kernel_size, kernel_size) if isinstance(kernel_size, int) else kernel_size
    even = [
        1 if None in (sizes[0], size) else 1 - size % 2 for size in sizes
    ]  # with open rows Keras takes the columns as even too
    return tuple((kernel // 2 - less, kernel // 2) for kernel, less in zip(kernels, even))
