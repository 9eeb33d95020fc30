"""Parity of `keras.ops.image`: both data formats, with and without a batch, floats and bytes."""

import inspect

import jax
import keras
import numpy as np
import pytest

from kerasish import ops
from kerasish.backend.autodiff import gradients
from kerasish.backend.function import function
from kerasish.backend.graph import KerasTensor
from tests.ops.data import spread, whole
from tests.ops.parity import C, Parity, same_signature

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

MODES = ("constant", "nearest", "wrap", "mirror", "reflect")
LINE, PLACES = spread(6), spread(1, 9, low=-15.03, high=19.9)
NEAR = spread(2, 3, 4, low=-3.1, high=9.2, seed=4)
TURNS = np.array([[0.9, 0.31, -1.13, -0.23, 0.87, 1.21, 0, 0], [1.4, 0.1, 0.27, 0.13, 0.63, -2.37, 0, 0]], "float32")
CORNERS = np.array([[0, 0], [0, 7], [5, 0], [5, 7]], "float32")
SEEN = np.stack([CORNERS + spread(4, 2, low=-0.9, high=0.8, seed=seed) for seed in (1, 2)])
READ = [
    C("image.map_coordinates", x, at, order=order, fill_mode=mode, fill_value=1.5).but(open=False, rtol=1e-4)
    for mode in MODES
    for order in (0, 1)
    for x, at in ((LINE, PLACES), (IMAGES[0, ..., 0].copy(), NEAR), (BYTES[0, ..., 0].copy(), NEAR))
] + [
    C("image.map_coordinates", spread(3, 4, 5), spread(3, 7, low=-2.0, high=6.1), order=1).but(open=False),
    C("image.map_coordinates", LINE.astype("float16"), PLACES, order=1).but(gradient=False, open=False),
    C("image.map_coordinates", whole(6, low=-9), PLACES, order=1, fill_mode="reflect").but(open=False),
    C("image.map_coordinates", LINE, whole(1, 4, low=-2, high=8), order=1).but(open=False),
]
for mode in MODES:
    for interpolation in ("nearest", "bilinear"):
        named = dict(interpolation=interpolation, fill_mode=mode, fill_value=0.5)
        # slopes have a test of their own below
        READ += [
            C("image.affine_transform", IMAGES, TURNS, **named).but(rtol=1e-4, gradient=False),
            C("image.affine_transform", first(IMAGES), TURNS, data_format="channels_first", **named).but(
                rtol=1e-4, gradient=False
            ),
            C("image.affine_transform", IMAGES[0], TURNS[1], **named).but(open=False, rtol=1e-4, gradient=False),
        ]
READ += [C("image.affine_transform", BYTES, TURNS), C("image.affine_transform", BYTES, TURNS, "nearest")]
READ += [C("image.affine_transform", IMAGES.astype("float16"), TURNS).but(rtol=5e-3, atol=5e-3, gradient=False)]
for interpolation in ("nearest", "bilinear"):
    READ += [
        C("image.perspective_transform", IMAGES, np.stack([CORNERS] * 2), SEEN, interpolation).but(
            rtol=2e-4, atol=1e-5
        ),
        C(
            "image.perspective_transform", first(IMAGES), SEEN, SEEN[::-1].copy(), interpolation, 0.5, "channels_first"
        ).but(rtol=2e-4, atol=1e-5),
        C("image.perspective_transform", IMAGES[0], CORNERS, SEEN[0], interpolation, 9).but(
            open=False, rtol=2e-4, atol=1e-5
        ),
    ]
READ += [
    C("image.perspective_transform", BYTES[:1], CORNERS[None].astype("int32"), whole(1, 4, 2) + CORNERS * 2).but(
        spec=False
    )
]
ALIKE = [spread(2, 14, 13, 3, low=0, high=1, seed=seed) for seed in (1, 2)]
READ += both("image.ssim", *ALIKE)[:1] + [
    C("image.ssim", *[first(x) for x in ALIKE], data_format="channels_first").but(rtol=1e-4, atol=1e-5),
    C("image.ssim", ALIKE[0][0], ALIKE[1][0], data_format="channels_last").but(open=False, rtol=1e-4, atol=1e-5),
    C("image.ssim", *ALIKE, max_val=2.0, filter_size=5, filter_sigma=0.8, k1=0.05, k2=0.1).but(rtol=1e-4, atol=1e-5),
    C("image.ssim", ALIKE[0], ALIKE[0] ** 2, filter_size=4).but(rtol=1e-4, atol=1e-5),
]


@pytest.mark.parametrize("case", RESIZED, ids=str)
class TestResized(Parity):
    pass


@pytest.mark.parametrize("case", OTHERS, ids=str)
class TestOthers(Parity):
    pass


@pytest.mark.parametrize("case", READ, ids=str)
class TestReadBetweenPoints(Parity):
    pass


def test_one_transform_serves_all_images():
    one, each = (ops.image.affine_transform(IMAGES, t) for t in (TURNS[0], TURNS[[0, 0]]))
    np.testing.assert_array_equal(one, each)
    corners = np.stack([CORNERS] * 2)
    one, each = (
        ops.image.perspective_transform(IMAGES, a, b) for a, b in ((CORNERS, SEEN[0]), (corners, SEEN[[0, 0]]))
    )
    np.testing.assert_array_equal(one, each)


def test_an_affine_transform_with_a_depth_is_a_perspective():
    """Keras on JAX lets the last two numbers choose among the channels; what its documentation says is done here."""
    x, y = np.meshgrid(np.arange(5, dtype="float32"), np.arange(7, dtype="float32"))
    depth = 0.03 * x - 0.02 * y + 1
    places = np.stack([(0.2 * x + y - 1) / depth, (x + 0.1 * y) / depth])
    found = ops.image.affine_transform(IMAGES[0], np.array([1, 0.1, 0, 0.2, 1, -1, 0.03, -0.02], "float32"))
    wanted = [ops.image.map_coordinates(IMAGES[0, ..., c], places, 1) for c in range(3)]
    np.testing.assert_allclose(found, np.stack(wanted, -1), rtol=1e-4, atol=1e-5)


def test_integers_are_alike_as_their_values_are():
    """Keras counts in uint8, where squares wrap around."""
    x, y = (np.round(255 * x) for x in ALIKE)
    found = ops.image.ssim(x.astype("uint8"), y.astype("uint8"), 255.0)
    np.testing.assert_allclose(found, keras.ops.image.ssim(x, y, 255.0), rtol=1e-4)


def test_half_precision_is_compared_in_single():
    x, y = (x.astype("float16") for x in ALIKE)
    found = ops.image.ssim(x, y)
    assert found.dtype == "float16"
    wide = keras.ops.image.ssim(x.astype("float32"), y.astype("float32"))
    np.testing.assert_array_equal(found, np.asarray(wide).astype("float16"))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
def test_the_slopes_of_an_affine_transform(mode, interpolation):
    """JAX's, but for the last two numbers, to which Keras gives another meaning there."""

    def slopes_of(images, transform):
        image = ops.image.affine_transform(images, transform, interpolation, mode)
        return [g for g in gradients(ops.sum(ops.square(image)), [images, transform]) if g is not None]

    found = function(slopes_of, specs=[(IMAGES.shape, "float32"), (TURNS.shape, "float32")])(IMAGES, TURNS)
    wanted = jax.grad(
        lambda x, t: (keras.ops.image.affine_transform(x, t, interpolation, mode) ** 2).sum(), argnums=(0, 1)
    )(IMAGES, TURNS)
    np.testing.assert_allclose(found[0], wanted[0], rtol=1e-4, atol=1e-4)
    if interpolation == "bilinear":
        np.testing.assert_allclose(np.asarray(found[1])[:, :6], np.asarray(wanted[1])[:, :6], rtol=1e-4, atol=1e-3)
    else:
        assert len(found) == 1 and not np.asarray(wanted[1]).any()


class TestElasticTransform:
    @pytest.mark.parametrize("mode", MODES)
    @pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
    def test_shapes_and_types(self, mode, interpolation):
        for x, kwargs in (
            (IMAGES, {}),
            (IMAGES[0], {}),
            (first(IMAGES), {"data_format": "channels_first"}),
            (BYTES, {}),
        ):
            found = ops.image.elastic_transform(x, 2.0, 1.0, interpolation, mode, seed=1, **kwargs)
            assert found.shape == x.shape and found.dtype == x.dtype
            np.testing.assert_array_equal(
                found, ops.image.elastic_transform(x, 2.0, 1.0, interpolation, mode, seed=1, **kwargs)
            )

    def test_points_move_as_far_as_in_keras(self):
        """A slope read at moved points says how far they moved."""
        slope = np.broadcast_to(np.arange(48, dtype="float32")[None, :, None, None], (16, 48, 48, 1)).copy()
        spreads = [
            np.std(
                np.subtract(root.image.elastic_transform(slope, 8.0, 2.0, seed=3, fill_mode="nearest"), slope)[:, 16:32]
            )
            for root in (ops, keras.ops)
        ]
        assert spreads[0] == pytest.approx(spreads[1], rel=0.08)

    def test_no_strength_moves_nothing(self):
        np.testing.assert_array_equal(ops.image.elastic_transform(IMAGES, alpha=0.0), IMAGES)

    def test_both_directions_and_all_images_move_differently(self):
        x = np.broadcast_to(np.arange(24, dtype="float32")[None, :, None, None], (2, 24, 24, 1)).copy()
        down, across = (
            ops.image.elastic_transform(x, seed=1),
            ops.image.elastic_transform(x.swapaxes(1, 2).copy(), seed=1),
        )
        down, across = np.asarray(down), np.asarray(across)
        assert np.abs(down[0] - down[1]).max() > 0.1
        assert np.abs((down - x) - (across - x.swapaxes(1, 2))).max() > 0.1

    def test_open_shapes(self):
        found = ops.image.elastic_transform(KerasTensor((None, None, None, 3), "float32"))
        assert found.shape == (None, None, None, 3)

    def test_a_gradient_reaches_the_images(self):
        run = function(
            lambda x: gradients(ops.sum(ops.image.elastic_transform(x, 1.0, 1.0, seed=2, fill_mode="nearest")), [x])[0],
            specs=[(IMAGES.shape, "float32")],
        )
        assert np.asarray(run(IMAGES)).sum() == pytest.approx(IMAGES.size, rel=1e-4)


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
    wanted = [name for name, f in vars(keras.ops.image).items() if inspect.isfunction(f)]
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
    (lambda: ops.image.map_coordinates(LINE, PLACES, 2), "`order`"), (lambda: ops.image.map_coordinates(LINE, PLACES, 1,
    "edge"), "`fill_mode`"), (lambda: ops.image.map_coordinates(LINE, PLACES[0], 1), "`coordinates`"),
    (lambda: ops.image.map_coordinates(LINE, NEAR, 1), "`coordinates`"),
    (lambda: ops.image.affine_transform(IMAGES, TURNS, "bicubic"), "`interpolation`"),
    (lambda: ops.image.affine_transform(IMAGES, TURNS, fill_mode="edge"), "`fill_mode`"),
    (lambda: ops.image.affine_transform(IMAGES, TURNS[None]), "`transform`"),
    (lambda: ops.image.affine_transform(IMAGES, TURNS[:, :6]), "`transform`"),
    (lambda: ops.image.affine_transform(IMAGES, np.tile(TURNS, (2, 1))), "`transform`"),
    (lambda: ops.image.affine_transform(IMAGES[0, 0], TURNS), "`images`"),
    (lambda: ops.image.perspective_transform(IMAGES, CORNERS, SEEN), "same shape"),
    (lambda: ops.image.perspective_transform(IMAGES, CORNERS[:3], CORNERS[:3]), "`start_points`"),
    (lambda: ops.image.perspective_transform(IMAGES, CORNERS, CORNERS, "bicubic"), "`interpolation`"),
    (lambda: ops.image.elastic_transform(IMAGES, sigma=0), "`sigma`"), (lambda: ops.image.elastic_transform(IMAGES,
    seed="a"), "`seed`"), (lambda: ops.image.elastic_transform(IMAGES, interpolation="bicubic"), "`interpolation`"),
    (lambda: ops.image.elastic_transform(IMAGES, fill_mode="edge"), "`fill_mode`"),
    (lambda: ops.image.ssim(ALIKE[0], ALIKE[1][:1]), "same shape"), (lambda: ops.image.ssim(*ALIKE, filter_size=15),
    "`filter_size`"), (lambda: ops.image.ssim(*ALIKE, filter_sigma=0), "`filter_sigma`"),
    (lambda: ops.image.ssim(ALIKE[0][0, 0], ALIKE[0][0, 0]), "`image1`"),
]  # fmt: skip


@pytest.mark.parametrize("call, words", REFUSED)
def test_bad_input_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
