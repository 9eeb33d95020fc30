"""Parity of `keras.ops.image`: both data formats, with and without a batch, floats and bytes."""

import inspect

import keras
import numpy as np
import pytest

from kerasish import ops
from tests.ops.data import spread, whole
from tests.ops.parity import C, Parity, same_signature

# where a value is read at coordinates that are computed; a later release
ELSEWHERE = {"affine_transform", "elastic_transform", "map_coordinates", "perspective_transform", "ssim"}

IMAGES, BYTES = spread(2, 7, 5, 3), whole(2, 7, 5, 3, high=256, dtype="uint8")
COLOURS = spread(2, 4, 5, 3, low=0.02, high=0.97)
PLAIN = np.stack([np.full((2, 3), v, "float32") for v in (0.0, 0.5, 1.0)])[..., None] * np.ones(
    3, "float32"
)  # greys have no hue
VOLUMES = spread(1, 4, 5, 3, 2)


def first(x):
    return np.ascontiguousarray(np.moveaxis(x, -1, -3))


def both(name, x, *args, **kwargs):
    """The case in both data formats, and without the batch."""
    cases = [
        C(name, x, *args, **kwargs, data_format="channels_last"),
        C(name, first(x), *args, **kwargs, data_format="channels_first"),
    ]
    return cases + [C(name, x[0], *args, **kwargs, data_format="channels_last").but(open=False)]


RESIZED = []
for interpolation in ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"):
    for size in ((9, 8), (3, 2), (7, 9)):
        RESIZED += [
            case.but(rtol=1e-4, atol=2e-6) for case in both("image.resize", IMAGES, size, interpolation=interpolation)
        ]
    RESIZED += [
        C("image.resize", IMAGES, (3, 2), interpolation=interpolation, antialias=True).but(rtol=1e-4, atol=2e-6),
        C("image.resize", BYTES, (9, 4), interpolation=interpolation),
    ]
RESIZED += [
    C("image.resize", IMAGES.astype("float16"), (4, 8)).but(gradient=False, rtol=4e-3),
    C("image.resize", BYTES, (7, 5)),
]
for size in ((4, 2), (2, 8), (10, 10)):
    RESIZED += both("image.resize", IMAGES, size, crop_to_aspect_ratio=True) + both(
        "image.resize", IMAGES, size, pad_to_aspect_ratio=True, fill_value=1.5
    )
RESIZED += [C("image.resize", BYTES, (6, 9), interpolation="nearest", pad_to_aspect_ratio=True, fill_value=7)]
OTHERS = (
    both("image.pad_images", IMAGES, 1, 2, 3, 0)
    + both("image.pad_images", IMAGES, 1, None, None, 2, target_height=10, target_width=9)
    + both("image.crop_images", IMAGES, 1, 2, 3, 0)
    + both("image.crop_images", IMAGES, None, 1, 2, None, target_height=3, target_width=2)
)
OTHERS += (
    both("image.rgb_to_grayscale", COLOURS)
    + [C("image.rgb_to_grayscale", BYTES), C("image.rgb_to_grayscale", BYTES[..., :1].copy())]
    + both("image.rgb_to_hsv", COLOURS)
    + both("image.hsv_to_rgb", COLOURS)
    + [C("image.rgb_to_hsv", PLAIN).but(gradient=False)]
)
OTHERS += (
    both("image.extract_patches", IMAGES, 2)
    + both("image.extract_patches", IMAGES, (3, 2), strides=(1, 2), padding="same")
    + both("image.extract_patches", IMAGES, (2, 2), strides=(1, 1), dilation_rate=2)
    + [C("image.extract_patches", BYTES, 3)]
)
OTHERS += [
    C("image.extract_patches_3d", VOLUMES, 2, data_format="channels_last"),
    C("image.extract_patches_3d", VOLUMES, (2, 3, 1), strides=(1, 2, 1), padding="same", data_format="channels_last"),
    C("image.extract_patches_3d", np.ascontiguousarray(np.moveaxis(VOLUMES, -1, 1)), 2, data_format="channels_first"),
]
OTHERS += (
    both("image.gaussian_blur", IMAGES)
    + both("image.gaussian_blur", IMAGES, (4, 3), (0.5, 2.0))
    + both("image.sobel_edges", IMAGES)[:2]
)  # Keras refuses single images


@pytest.mark.parametrize("case", RESIZED, ids=str)
class TestResized(Parity):
    pass


@pytest.mark.parametrize("case", OTHERS, ids=str)
class TestOthers(Parity):
    pass


@pytest.mark.parametrize("method", ["linear", "cubic", "lanczos3"])
@pytest.mark.parametrize("antialias", [True, False])
def test_scale_and_translate(method, antialias):
    """The scale is known when the computation is built: it decides the matrices."""
    shape, scale, translation = (2, 9, 4, 3), np.array([1.4, 0.7], "float32"), np.array([0.3, -0.6], "float32")
    ours, theirs = (
        root.image.scale_and_translate(IMAGES, shape, scale, translation, (1, 2), method, antialias)
        for root in (ops, keras.ops)
    )
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def test_every_function_stands_with_its_signature():
    wanted = [name for name, f in vars(keras.ops.image).items() if inspect.isfunction(f) and name not in ELSEWHERE]
    assert not [name for name in wanted if not hasattr(ops.image, name)]
    differences = {name: same_signature(getattr(ops.image, name), getattr(keras.ops.image, name)) for name in wanted}
    assert not {name: found for name, found in differences.items() if found}


REFUSED = [
    (lambda: ops.image.resize(IMAGES, (4, 4), interpolation="area"), "`interpolation`"),
    (lambda: ops.image.resize(IMAGES, (4,) * 3), "`size`"), (lambda: ops.image.resize(IMAGES[0, 0], (4, 4)),
    "`images`"), (lambda: ops.image.resize(IMAGES, (4, 4), fill_mode="edge"), "`fill_mode`"),
    (lambda: ops.image.resize(IMAGES, (4, 4), crop_to_aspect_ratio=True, pad_to_aspect_ratio=True), "Only one"),
    (lambda: ops.image.pad_images(IMAGES, 1, 1), "exactly two"), (lambda: ops.image.pad_images(IMAGES, 3, 1,
    target_height=8, target_width=9), "`bottom_padding`"), (lambda: ops.image.crop_images(IMAGES, 4, 1, 4, 1),
    "`target_height`"),
    (lambda: ops.image.rgb_to_grayscale(IMAGES[..., :2]), "3 channels"), (lambda: ops.image.rgb_to_hsv(BYTES),
    "floating-point"), (lambda: ops.image.extract_patches(IMAGES, 9), "`size`"),
    (lambda: ops.image.gaussian_blur(IMAGES, sigma=0.0), "`sigma`"), (lambda: ops.image.scale_and_translate(IMAGES,
    IMAGES.shape, [1.0], [0.0], (1,), "nearest"), "`method`"),
]  # fmt: skip


@pytest.mark.parametrize("call, words", REFUSED)
def test_bad_input_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
