"""ConvNeXt: A ConvNet for the 2020s, Liu et al. 2022, https://arxiv.org/abs/2201.03545."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kerasish.applications.build import Options, application, build, pooled
from kerasish.applications.imagenet_utils import DEVIATION_RGB, MEAN_RGB, preprocessor
from kerasish.applications.imagenet_utils import decode_predictions as decode_predictions
from kerasish.applications.weights import Files

from kerasish import backend, initializers, layers, models, ops, random
from kerasish.random import SeedGenerator
from kerasish.typing import ActivationLike, AnyTensor, Config, ShapeLike, TensorLike

if TYPE_CHECKING:
    from kerasish.models import Model

VARIANTS = {  # blocks of the four stages, and their channels
    "tiny": ((3, 3, 9, 3), (96, 192, 384, 768)),
    "small": ((3, 3, 27, 3), (96, 192, 384, 768)),
    "base": ((3, 3, 27, 3), (128, 256, 512, 1024)),
    "large": ((3, 3, 27, 3), (192, 384, 768, 1536)),
    "xlarge": ((3, 3, 27, 3), (256, 512, 1024, 2048)),
}
SIZE, LEAST_SIZE = 224, 32
FIRST_SCALE = 1e-6  # of a block's outputs, before training

preprocess_input: Callable[..., Any] = preprocessor(None)


class LayerScale(layers.Layer):
    """Inputs times a learnt number for each channel.

    Args:
        init_values: float, the numbers before training.
        projection_dim: int, how many channels there are.
        **kwargs: `name`, `trainable` and `dtype`, as for every `Layer`.

    Example:
        >>> import kerasish as keras
        >>> keras.applications.convnext.LayerScale(0.5, 3)(keras.ops.ones((1, 3))).tolist()
        [[0.5, 0.5, 0.5]]

    Reference:
        Touvron et al., "Going deeper with Image Transformers", 2021.
    """

    _public_module = "keras.src.applications.convnext"

    def __init__(self, init_values: float, projection_dim: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.init_values: Any = init_values
        self.projection_dim: Any = projection_dim

    def build(self, input_shape: ShapeLike) -> None:
        self.gamma: Any = self.add_weight((self.projection_dim,), initializers.Constant(self.init_values))

    def call(self, x: TensorLike) -> AnyTensor:
        return x * self.gamma

    def get_config(self) -> Config:
        return {**super().get_config(), "init_values": self.init_values, "projection_dim": self.projection_dim}


class StochasticDepth(layers.Layer):
    """In training a part of the samples becomes 0, and the rest is scaled up so that the sum stays.

    Args:
        drop_path_rate: float from 0 to 1, the part.
        **kwargs: `name`, `trainable` and `dtype`, as for every `Layer`.

    Example:
        >>> import kerasish as keras
        >>> layer = keras.applications.convnext.StochasticDepth(0.5)
        >>> layer(keras.ops.ones((2, 2))).tolist()
        [[1.0, 1.0], [1.0, 1.0]]
        >>> sorted(set(layer(keras.ops.ones((100, 1)), training=True).ravel().tolist()))
        [0.0, 2.0]

    Reference:
        Huang et al., "Deep Networks with Stochastic Depth", 2016.
    """

    _public_module = "keras.src.applications.convnext"

    def __init__(self, drop_path_rate: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not 0 <= drop_path_rate < 1:
            raise ValueError(f"`drop_path_rate` must be from 0 to less than 1, got {drop_path_rate!r}.")
        self.drop_path_rate = drop_path_rate
        self.seed_generator: SeedGenerator = random.SeedGenerator()

    def call(self, x: TensorLike, training: bool | None = None) -> AnyTensor:
        if not training:
            return x
        kept = 1 - self.drop_path_rate
        shape = (ops.shape(x)[0], *[1] * (len(x.shape) - 1))
        stays = ops.floor(kept + random.uniform(shape, 0, 1, seed=self.seed_generator))
        return x / kept * ops.cast(stays, x.dtype)

    def get_config(self) -> Config:
        return {**super().get_config(), "drop_path_rate": self.drop_path_rate}


def _normalized(name=None):
    return layers.LayerNormalization(epsilon=1e-6, name=name)


def _block(inputs, channels, name):
    """A 7x7 convolution of each channel, then two layers across the channels of each pixel; added to the input."""
    x = layers.Conv2D(channels, 7, padding="same", groups=channels, name=f"{name}_depthwise_conv")(inputs)
    x = _normalized(f"{name}_layernorm")(x)
    x = layers.Dense(4 * channels, name=f"{name}_pointwise_conv_1")(x)
    x = layers.Activation("gelu", name=f"{name}_gelu")(x)
    x = layers.Dense(channels, name=f"{name}_pointwise_conv_2")(x)
    x = LayerScale(FIRST_SCALE, channels, name=f"{name}_layer_scale")(x)
    return inputs + layers.Activation("linear", name=f"{name}_identity")(x)


def _entrances(channels, name):
    """What stands before the blocks of each stage: a normalization and a convolution that makes the picture smaller."""
    stem = [layers.Conv2D(channels[0], 4, strides=4, name=f"{name}_stem_conv"), _normalized(f"{name}_stem_layernorm")]
    yield models.Sequential(stem, name=f"{name}_stem")
    for index, filters in enumerate(channels[1:]):
        smaller = layers.Conv2D(filters, 2, strides=2, name=f"{name}_downsampling_conv_{index}")
        yield models.Sequential(
            [_normalized(f"{name}_downsampling_layernorm_{index}"), smaller], name=f"{name}_downsampling_block_{index}"
        )


def _body(variant, options, include_preprocessing):
    name = options.name

    def body(x):
        if include_preprocessing and x.shape[-1] == 3:
            mean, variance = [255 * m for m in MEAN_RGB], [(255 * d) ** 2 for d in DEVIATION_RGB]
            x = layers.Normalization(mean=mean, variance=variance, name=f"{name}_prestem_normalization")(x)
        counts, channels = VARIANTS[variant]
        for stage, (count, width, entrance) in enumerate(zip(counts, channels, _entrances(channels, name))):
            x = entrance(x)
            for index in range(count):
                x = _block(x, width, f"{name}_stage_{stage}_block_{index}")
        return x if options.include_top else _normalized()(pooled(x, options.pooling))

    return body


def _classifier(x, options):
    x = layers.GlobalAveragePooling2D(name=f"{options.name}_head_gap")(x)
    x = _normalized(f"{options.name}_head_layernorm")(x)
    return layers.Dense(options.classes, activation=options.classifier_activation, name=f"{options.name}_head_dense")(x)


def _convnext(variant, include_preprocessing, **common):
    options = Options(**common)
    if backend.image_data_format() == "channels_first":
        raise ValueError(
            "ConvNeXt takes pictures with their channels last: call "
            "`keras.config.set_image_data_format('channels_last')` first."
        )
    files = Files("tensorflow/keras-applications/convnext", f"convnext_{variant}.h5", f"convnext_{variant}_notop.h5")
    body = _body(variant, options, include_preprocessing)
    return build(options._replace(pooling=None), body, SIZE, LEAST_SIZE, files, _classifier)


@application()
def ConvNeXtTiny(
    include_top: bool = True,
    include_preprocessing: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "convnext_tiny",
) -> Model:
    """ConvNeXtTiny: 18 residual blocks, 29 million parameters; 224x224 pixels by default, at least 32x32.

    Args:
        include_preprocessing: bool, whether pixels from 0 to 255 are normalized inside the model.

    Example:
        >>> import kerasish as keras
        >>> model = keras.applications.ConvNeXtTiny(weights=None, include_top=False, pooling="avg")
        >>> model.output_shape, model.count_params()
        ((None, 768), 27820128)

    Reference:
        Liu et al. 2022, "A ConvNet for the 2020s", arXiv:2201.03545.
    """
    return _convnext("tiny", **locals())


@application(ConvNeXtTiny)
def ConvNeXtSmall(
    include_top: bool = True,
    include_preprocessing: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "convnext_small",
) -> Model:
    """ConvNeXtSmall: 36 residual blocks, 50 million parameters; 224x224 pixels by default, at least 32x32."""
    return _convnext("small", **locals())


@application(ConvNeXtTiny)
def ConvNeXtBase(
    include_top: bool = True,
    include_preprocessing: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "convnext_base",
) -> Model:
    """ConvNeXtBase: 36 residual blocks, 89 million parameters; 224x224 pixels by default, at least 32x32."""
    return _convnext("base", **locals())


@application(ConvNeXtTiny)
def ConvNeXtLarge(
    include_top: bool = True,
    include_preprocessing: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "convnext_large",
) -> Model:
    """ConvNeXtLarge: 36 residual blocks, 198 million parameters; 224x224 pixels by default, at least 32x32."""
    return _convnext("large", **locals())


@application(ConvNeXtTiny)
def ConvNeXtXLarge(
    include_top: bool = True,
    include_preprocessing: bool = True,
    weights: str | None = "imagenet",
    input_tensor: AnyTensor | None = None,
    input_shape: ShapeLike | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: ActivationLike = "softmax",
    name: str = "convnext_xlarge",
) -> Model:
    """ConvNeXtXLarge: 36 residual blocks, 350 million parameters; 224x224 pixels by default, at least 32x32."""
    return _convnext("xlarge", **locals())
