"""Layers that change pictures: real Keras's numbers for the same draw, and what holds for every one of them."""

import keras as oracle
import numpy as np
import pytest

import kerasish
from kerasish import backend, layers

RNG = np.random.default_rng(0)
PICTURES = RNG.uniform(0, 255, (3, 12, 10, 3)).astype("float32")
MASKS = RNG.integers(0, 4, (3, 12, 10, 1)).astype("uint8")
BOXES = np.array(
    [[[1, 2, 6, 7], [3, 3, 9, 11]], [[0, 0, 4, 4], [5, 5, 10, 12]], [[2, 1, 8, 9], [1, 6, 3, 8]]], "float32"
)
CLASSES = np.array([[0, 1], [2, 1], [1, 3]], "int32")
FORMATS = ["xyxy", "yxyx", "xywh", "center_xywh", "center_yxhw", "rel_xyxy", "rel_yxyx", "rel_xywh", "rel_center_xywh"]

CASES = [
    ("AutoContrast", {}),
    ("AutoContrast", {"value_range": (0, 300)}),
    ("ContrastLimitedAdaptiveHistogramEqualization", {}),
    ("ContrastLimitedAdaptiveHistogramEqualization", {"clip_limit": 1.5, "tile_grid_size": (2, 3)}),
    ("CutMix", {}),
    ("CutMix", {"factor": (0.3, 0.3)}),
    ("Equalization", {}),
    ("Equalization", {"bins": 16}),
    ("MixUp", {}),
    ("MixUp", {"alpha": 0.8}),
    ("RandomBrightness", {"factor": 0.3}),
    ("RandomBrightness", {"factor": (0.1, 0.2)}),
    ("RandomColorDegeneration", {"factor": 0.3}),
    ("RandomColorDegeneration", {"factor": (0.5, 0.8)}),
    ("RandomContrast", {"factor": 0.3}),
    ("RandomContrast", {"factor": (0.2, 0.7)}),
    ("RandomErasing", {}),
    ("RandomErasing", {"factor": (1.0, 1.0), "scale": (0.2, 0.5), "fill_value": 7.0}),
    ("RandomFlip", {}),
    ("RandomFlip", {"mode": "horizontal"}),
    ("RandomFlip", {"mode": "vertical"}),
    ("RandomGaussianBlur", {"factor": (1.0, 1.0)}),
    ("RandomGaussianBlur", {"factor": (1.0, 1.0), "kernel_size": (3, 5), "sigma": (0.5, 2.0)}),
    ("RandomGrayscale", {"factor": 0.5}),
    ("RandomGrayscale", {"factor": 1.0}),
    ("RandomHue", {"factor": 0.3}),
    ("RandomHue", {"factor": (0.5, 0.6)}),
    ("RandomInvert", {"factor": 0.5}),
    ("RandomInvert", {"factor": (1.0, 1.0)}),
    ("RandomPerspective", {}),
    ("RandomPerspective", {"factor": (1.0, 1.0), "scale": 0.4, "interpolation": "nearest", "fill_value": 9.0}),
    ("RandomPosterization", {"factor": 4}),
    ("RandomPosterization", {"factor": (2, 5)}),
    ("RandomRotation", {"factor": 0.2}),
    ("RandomRotation", {"factor": (0.1, 0.1), "fill_mode": "constant", "fill_value": 5.0}),
    ("RandomRotation", {"factor": (0.1, 0.3), "fill_mode": "wrap", "interpolation": "nearest"}),
    ("RandomSaturation", {"factor": 0.3}),
    ("RandomSaturation", {"factor": (0.1, 0.3)}),
    ("RandomSharpness", {"factor": 0.3}),
    ("RandomSharpness", {"factor": (0.6, 0.9)}),
    ("RandomShear", {"x_factor": 0.2, "y_factor": 0.3}),
    ("RandomShear", {"x_factor": (0.1, 0.5), "fill_mode": "nearest"}),
    ("RandomTranslation", {"height_factor": 0.2, "width_factor": 0.3}),
    ("RandomTranslation", {"height_factor": (0.2, 0.3), "width_factor": (-0.4, -0.2), "fill_mode": "constant"}),
    ("RandomZoom", {"height_factor": 0.2}),
    ("RandomZoom", {"height_factor": (-0.5, -0.2), "width_factor": (0.3, 0.6), "fill_mode": "nearest"}),
    ("Solarization", {"addition_factor": 0.2, "threshold_factor": 0.5}),
    ("Solarization", {}),
]
MOVING = ("RandomPerspective", "RandomRotation", "RandomTranslation", "RandomZoom", "RandomFlip")
ALL = {
    **dict(CASES),
    "RandomCrop": {"height": 4, "width": 5},
    "RandomColorJitter": {
        "brightness_factor": 0.2,
        "contrast_factor": 0.3,
        "saturation_factor": 0.4,
        "hue_factor": 0.1,
    },
    "RandomElasticTransform": {"factor": (1.0, 1.0)},
    "MaxNumBoundingBoxes": {"max_number": 3},
    "CenterCrop": {"height": 4, "width": 5},
    "Resizing": {"height": 4, "width": 5},
}  # RandAugment and AugMix, which compile for long, have tests of their own
SEEDLESS = ("AutoContrast", "ContrastLimitedAdaptiveHistogramEqualization", "Equalization", "MaxNumBoundingBoxes")
SEEDLESS = (*SEEDLESS, "CenterCrop", "Resizing")


MORE = [  # other arguments
    ("AutoContrast", {"value_range": (0.0, 1.0)}),
    ("AutoContrast", {"value_range": (-50, 255)}),
    ("ContrastLimitedAdaptiveHistogramEqualization", {"tile_grid_size": (3, 3)}),
    ("ContrastLimitedAdaptiveHistogramEqualization", {"clip_limit": 8.0, "value_range": (0, 300)}),
    ("CutMix", {"factor": 0.4}),
    ("CutMix", {"factor": (0.8, 1.0)}),
    ("Equalization", {"bins": 64}),
    ("Equalization", {"value_range": (0, 300)}),
    ("MixUp", {"alpha": 0.1}),
    ("MixUp", {"alpha": 2.0}),
    ("RandomBrightness", {"factor": 0.9, "value_range": (0, 200)}),
    ("RandomBrightness", {"factor": (-0.5, -0.1)}),
    ("RandomColorDegeneration", {"factor": 1.0}),
    ("RandomColorDegeneration", {"factor": (0.0, 0.1), "value_range": (0, 300)}),
    ("RandomContrast", {"factor": 0.9}),
    ("RandomContrast", {"factor": (0.0, 0.5), "value_range": (0, 300)}),
    ("RandomErasing", {"factor": (0.5, 1.0), "fill_value": 0.0}),
    ("RandomErasing", {"scale": (0.02, 0.1), "fill_value": 255.0, "value_range": (0, 300)}),
    ("RandomFlip", {"mode": "horizontal_and_vertical"}),
    ("RandomGaussianBlur", {"factor": 0.5}),
    ("RandomGaussianBlur", {"factor": (0.5, 1.0), "kernel_size": 5, "sigma": 1.0}),
    ("RandomGrayscale", {"factor": 0.0}),
    ("RandomGrayscale", {"factor": 0.9}),
    ("RandomHue", {"factor": 1.0}),
    ("RandomHue", {"factor": (0.0, 0.2), "value_range": (0, 255)}),
    ("RandomInvert", {"factor": (0.0, 0.3)}),
    ("RandomInvert", {"factor": 1.0, "value_range": (0, 300)}),
    ("RandomPerspective", {"factor": 0.5, "scale": 0.2}),
    ("RandomPerspective", {"factor": (1.0, 1.0), "scale": 0.8, "fill_value": 3.0}),
    ("RandomPosterization", {"factor": 1}),
    ("RandomPosterization", {"factor": 8}),
    ("RandomRotation", {"factor": (-0.4, -0.1), "fill_mode": "nearest"}),
    ("RandomSaturation", {"factor": 0.1}),
    ("RandomSaturation", {"factor": (0.4, 0.5), "value_range": (0, 255)}),
    ("RandomSharpness", {"factor": 0.9}),
    ("RandomSharpness", {"factor": (0.1, 0.2), "value_range": (0, 300)}),
    ("RandomShear", {"x_factor": 0.4, "fill_mode": "constant", "fill_value": 4.0}),
    ("RandomShear", {"y_factor": (0.2, 0.6), "fill_mode": "wrap", "interpolation": "nearest"}),
    ("RandomTranslation", {"height_factor": 0.5, "width_factor": 0.0, "fill_mode": "wrap"}),
    ("RandomTranslation", {"height_factor": 0.1, "width_factor": 0.1, "interpolation": "nearest"}),
    ("RandomZoom", {"height_factor": (0.2, 0.6), "width_factor": (-0.3, -0.1), "fill_mode": "constant"}),
    ("RandomZoom", {"height_factor": -0.4, "interpolation": "nearest"}),
    ("Solarization", {"threshold_factor": (0.2, 0.8)}),
    ("Solarization", {"addition_factor": (0.1, 0.3), "value_range": (0, 300)}),
]
OTHERS = [  # layers that say their draw in their own way, or draw nothing
    ("AugMix", {}),
    ("AugMix", {"num_chains": 1, "chain_depth": 2, "factor": 0.5}),
    ("AugMix", {"alpha": 0.3, "all_ops": False, "interpolation": "nearest"}),
    ("AugMix", {"num_chains": 2, "value_range": (0, 300)}),
    ("MaxNumBoundingBoxes", {"max_number": 1}),
    ("MaxNumBoundingBoxes", {"max_number": 2}),
    ("MaxNumBoundingBoxes", {"max_number": 5}),
    ("MaxNumBoundingBoxes", {"max_number": 3, "fill_value": 0}),
    ("RandAugment", {}),
    ("RandAugment", {"num_ops": 1, "factor": 0.2}),
    ("RandAugment", {"num_ops": 3, "interpolation": "nearest"}),
    ("RandAugment", {"value_range": (0, 300), "factor": 0.9}),
    ("RandomColorJitter", {"brightness_factor": 0.5}),
    ("RandomColorJitter", {"contrast_factor": (0.2, 0.4), "saturation_factor": 0.6}),
    ("RandomColorJitter", {"hue_factor": 0.3, "value_range": (0, 300)}),
    ("RandomColorJitter", {"brightness_factor": 0.1, "contrast_factor": 0.1, "saturation_factor": 0.1}),
    ("RandomCrop", {"height": 12, "width": 10}),
    ("RandomCrop", {"height": 3, "width": 10}),
    ("RandomCrop", {"height": 5, "width": 2}),
    ("RandomCrop", {"height": 16, "width": 12}),
    ("RandomElasticTransform", {}),
    ("RandomElasticTransform", {"factor": 0.5, "scale": 0.6}),
    ("RandomElasticTransform", {"factor": (1.0, 1.0), "fill_mode": "constant", "fill_value": 6.0}),
    ("RandomElasticTransform", {"factor": (0.3, 0.9), "interpolation": "nearest", "fill_mode": "wrap"}),
]


def make(name, library=kerasish, **more):
    seed = {} if name in SEEDLESS else {"seed": 5}
    return getattr(library.layers, name)(**ALL.get(name, {}), **seed, **more)


def host(structure):
    return kerasish.tree.map_structure(lambda x: np.asarray(x) if hasattr(x, "shape") else x, structure)


def data(kind="xyxy"):
    boxes = kerasish.utils.bounding_boxes.convert_format(BOXES, "xyxy", kind, height=12, width=10)
    return {
        "images": PICTURES.copy(),
        "labels": np.eye(3, dtype="float32"),
        "bounding_boxes": {"boxes": np.asarray(boxes), "labels": CLASSES.copy()},
        "segmentation_masks": MASKS.copy(),
    }


@pytest.mark.parametrize("name, arguments", CASES + MORE, ids=str)
def test_the_same_draw_makes_what_keras_makes(name, arguments):
    theirs = getattr(oracle.layers, name)(**arguments, **({} if name in SEEDLESS else {"seed": 5}))
    ours = getattr(layers, name)(**arguments)
    drawn = theirs.get_random_transformation(oracle.ops.convert_to_tensor(PICTURES), training=True)
    mine = host(drawn)
    want = np.asarray(theirs.transform_images(oracle.ops.convert_to_tensor(PICTURES), drawn, training=True))
    got = np.asarray(ours.transform_images(PICTURES, mine, training=True))
    assert got.dtype == want.dtype
    np.testing.assert_allclose(got, want, atol=2e-3)
    if name in MOVING:
        ours.bounding_box_format = theirs.bounding_box_format = "xyxy"
        boxes = {"boxes": BOXES, "labels": CLASSES}
        given = {key: oracle.ops.convert_to_tensor(value) for key, value in boxes.items()}
        want = theirs.transform_bounding_boxes(given, drawn, training=True)
        got = ours.transform_bounding_boxes(boxes, mine, training=True)
        for key in boxes:
            np.testing.assert_allclose(np.asarray(got[key]), np.asarray(want[key]), atol=2e-3)
        want = theirs.transform_segmentation_masks(oracle.ops.convert_to_tensor(MASKS), drawn, training=True)
        got = ours.transform_segmentation_masks(MASKS, mine, training=True)
        assert got.dtype == "uint8"
        assert np.array_equal(np.asarray(got), np.asarray(want))


@pytest.mark.parametrize("name, arguments", OTHERS, ids=str)
def test_what_a_seed_and_a_config_say(name, arguments):
    seed = {} if name in SEEDLESS else {"seed": 5}
    theirs = getattr(oracle.layers, name)(**arguments, **seed, bounding_box_format="xyxy")
    first = getattr(layers, name)(**arguments, **seed, bounding_box_format="xyxy")
    same = type(first).from_config(first.get_config())
    assert theirs.get_config().keys() <= first.get_config().keys()  # Keras forgets a `fill_value`
    got, again = host(first(data(), training=True)), host(same(data(), training=True))
    for a, b in zip(kerasish.tree.flatten(got), kerasish.tree.flatten(again), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-3)
    assert got["segmentation_masks"].dtype == "uint8" and got["images"].shape[:1] == PICTURES.shape[:1]
    quiet, want = host(first(PICTURES, training=False)), np.asarray(theirs(PICTURES, training=False))
    if (
        name == "RandomCrop"
    ):  # Keras leaves the pictures as they are, where its documentation says that they are cropped
        return
    assert quiet.dtype == want.dtype
    np.testing.assert_allclose(quiet, want, atol=1e-3)


@pytest.mark.parametrize("name", sorted(ALL))
def test_configs_go_both_ways(name):
    ours, theirs = make(name), make(name, oracle)
    assert type(theirs).from_config(ours.get_config()).get_config().keys() == theirs.get_config().keys()
    again = type(ours).from_config(theirs.get_config() if name != "MaxNumBoundingBoxes" else ours.get_config())
    unnamed = [{k: v for k, v in layer.get_config().items() if k not in ("name", "dtype")} for layer in (ours, again)]
    if name != "RandomGrayscale":  # Keras forgets its seed
        assert (
            kerasish.tree.flatten(host(unnamed[0])) == kerasish.tree.flatten(host(unnamed[1])) or name == "RandomShear"
        )


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", sorted(ALL))
def test_eager_and_compiled_calls_draw_the_same(name, training):
    eager, traced = (make(name, bounding_box_format="xyxy") for _ in range(2))
    step = backend.function(lambda x: traced(x, training=training))
    got, want = host(step(data())), host(eager(data(), training=training))
    for a, b in zip(kerasish.tree.flatten(got), kerasish.tree.flatten(want), strict=True):
        assert a.shape == b.shape and a.dtype == b.dtype
        # a point on the border of two bins may fall into the other
        assert (np.abs(a.astype("float32") - b.astype("float32")) > 0.1).mean() < 0.01
    fill = {9} if name == "RandomPerspective" else set()
    assert set(np.unique(got["segmentation_masks"])) <= {0, 1, 2, 3} | fill


@pytest.mark.parametrize("name", sorted(ALL))
def test_one_picture_and_channels_first_and_bytes(name):
    layer = make(name, bounding_box_format="xyxy")
    whole = data()
    one = kerasish.tree.map_structure(lambda x: x[0], whole)
    alone = host(layer(one, training=True))
    batch = host(layer(whole, training=True))
    for key in ("images", "segmentation_masks"):
        assert alone[key].shape == batch[key].shape[1:]
    moved = np.moveaxis(PICTURES, -1, 1).copy()
    first = host(make(name, data_format="channels_first")(moved, training=True))
    assert np.moveaxis(first, 1, -1).shape == batch["images"].shape
    if "noise" not in name.lower() and name != "RandomErasing":  # whose noise has the shape of the pictures
        again = host(make(name)(PICTURES, training=True))
        assert (np.abs(np.moveaxis(first, 1, -1) - again) > 0.1).mean() < 0.01
    assert host(layer(PICTURES.astype("uint8"), training=True)).shape == batch["images"].shape


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("name", ["RandomFlip", "RandomRotation", "RandomCrop", "RandomZoom", "Resizing", "CenterCrop"])
def test_boxes_of_every_format_move_alike(name, kind):
    want = host(make(name, bounding_box_format="xyxy")(data(), training=True))["bounding_boxes"]
    changed = host(make(name, bounding_box_format=kind)(data(kind), training=True))
    height, width = changed["images"].shape[1:3]
    got = host(
        kerasish.utils.bounding_boxes.convert_format(
            changed["bounding_boxes"], kind, "xyxy", height=height, width=width
        )
    )
    np.testing.assert_allclose(got["boxes"], want["boxes"], atol=1e-3)
    left, top, right, bottom = np.moveaxis(want["boxes"], -1, 0)
    clear = np.minimum(right - left, bottom - top) > 1e-3  # of what has no extent rounding decides
    assert np.array_equal(got["labels"][clear], want["labels"][clear])


@pytest.mark.parametrize(
    "name, key, column",
    [
        ("RandomBrightness", "rgb_delta", None),
        ("RandomContrast", "contrast_factor", None),
        ("RandomColorDegeneration", "factor", None),
        ("RandomHue", "factor", None),
        ("RandomSharpness", "factor", None),
        ("RandomRotation", "angle", None),
        ("RandomZoom", "height_zoom", None),
        ("RandomTranslation", "translations", 0),
        ("RandomTranslation", "translations", 1),
        ("RandomShear", "shear_factor", 0),
        ("RandomPerspective", "end_points", None),
        ("RandomPosterization", "shift_factor", None),
        ("MixUp", "mix_weight", None),
        ("RandomErasing", "batch_masks", None),
        ("RandomInvert", "apply_inversion", None),
        ("RandomFlip", "flips", None),
    ],
)
def test_draws_are_distributed_as_keras_draws(name, key, column):
    pictures = np.zeros((4000, 6, 5, 1), "float32")
    found = []
    for library in (kerasish, oracle):
        drawn = np.asarray(make(name, library).get_random_transformation(pictures, training=True)[key], "float64")
        found.append((drawn if column is None else drawn[:, column]).reshape(len(drawn), -1).mean(1))
    ours, theirs = (np.sort(x) for x in found)
    spread = max(np.ptp(theirs), 1e-6)
    if len(np.unique(theirs)) > 8:
        points = [0.1, 0.3, 0.7, 0.9]  # some have nothing around the middle
        np.testing.assert_allclose(np.quantile(ours, points), np.quantile(theirs, points), atol=0.06 * spread)
    np.testing.assert_allclose(ours.mean(), theirs.mean(), atol=0.05 * spread)
    np.testing.assert_allclose(ours.std(), theirs.std(), atol=0.05 * spread)


@pytest.mark.parametrize("name", ["RandAugment", "AugMix"])
def test_layers_of_layers_draw_from_their_seed_and_keep_classes(name):
    first, same = (getattr(layers, name)(seed=3, bounding_box_format="xyxy") for _ in range(2))
    got, again = (host(layer(data(), training=True)) for layer in (first, same))
    assert np.array_equal(got["images"], again["images"])
    assert not np.array_equal(got["images"], host(first(data(), training=True))["images"])
    assert set(np.unique(got["segmentation_masks"])) <= {0, 1, 2, 3}
    assert np.array_equal(host(first(PICTURES, training=False)), PICTURES)
    assert first(kerasish.Input((None, None, 3))).shape == (None, None, None, 3)
    assert (
        oracle.layers.deserialize(oracle.saving.serialize_keras_object(getattr(oracle.layers, name)(seed=3)))
        is not None
    )
    assert type(first).from_config(first.get_config()).get_config() == first.get_config()


def test_a_model_with_a_pipeline_trains_predicts_and_is_saved(tmp_path):
    augment = layers.Pipeline(
        [layers.RandomFlip(seed=1), layers.RandomRotation(0.1, seed=2), layers.RandomContrast(0.2)]
    )
    model = kerasish.Sequential(
        [kerasish.Input((12, 10, 3)), augment, layers.GlobalAveragePooling2D(), layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    model.fit(PICTURES / 255, np.ones((3, 1)), epochs=1, verbose=0)
    want = model.predict(PICTURES / 255, verbose=0)
    model.save(tmp_path / "model.keras")
    for library in (kerasish, oracle):
        again = library.saving.load_model(tmp_path / "model.keras")
        np.testing.assert_allclose(again.predict(PICTURES / 255, verbose=0), want, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "make, error, message",
    [
        (lambda: layers.RandomBrightness(1.5), ValueError, "`factor`"),
        (lambda: layers.RandomBrightness(0.2, value_range=3), ValueError, "`value_range`"),
        (lambda: layers.RandomContrast(-0.3), ValueError, "`factor`"),
        (lambda: layers.RandomRotation(0.2, fill_mode="x"), NotImplementedError, "`fill_mode`"),
        (lambda: layers.RandomRotation(0.2, interpolation="x"), NotImplementedError, "`interpolation`"),
        (lambda: layers.RandomZoom(1.5), ValueError, "`height_factor`"),
        (lambda: layers.RandomTranslation(0.1, 2.0), ValueError, "`width_factor`"),
        (lambda: layers.RandomShear(-0.2), ValueError, "`x_factor`"),
        (lambda: layers.RandomFlip("x"), ValueError, "`mode`"),
        (lambda: layers.RandomPosterization(9), ValueError, "`factor`"),
        (lambda: layers.RandomGaussianBlur(kernel_size=4), ValueError, "`kernel_size`"),
        (lambda: layers.RandomGaussianBlur(sigma=-1), ValueError, "`sigma`"),
        (lambda: layers.RandomErasing(scale=2.0), ValueError, "`scale`"),
        (lambda: layers.RandomElasticTransform(fill_mode="x"), NotImplementedError, "`fill_mode`"),
        (lambda: layers.RandomPerspective(scale=2.0), ValueError, "`scale`"),
        (lambda: layers.RandomGrayscale(2.0), ValueError, "`factor`"),
        (lambda: layers.RandomColorJitter(brightness_factor=3.0), ValueError, "`brightness_factor`"),
        (lambda: layers.CutMix(2.0), ValueError, "`factor`"),
        (lambda: layers.MixUp(-1.0), ValueError, "`alpha`"),
        (lambda: layers.RandAugment(num_ops=0), ValueError, "`num_ops`"),
        (lambda: layers.AugMix(alpha=-1.0), ValueError, "`alpha`"),
        (lambda: layers.Solarization(threshold_factor=2.0), ValueError, "`threshold_factor`"),
        (lambda: layers.Equalization(bins=0), ValueError, "`bins`"),
        (lambda: layers.ContrastLimitedAdaptiveHistogramEqualization(tile_grid_size=(0, 1)), ValueError, "`tile_grid_"),
        (lambda: layers.RandomCrop(0, 3), ValueError, "`height`"),
        (lambda: layers.MaxNumBoundingBoxes(0), ValueError, "`max_number`"),
        (lambda: layers.Pipeline([3]), ValueError, "`layers`"),
        (lambda: layers.RandomFlip(bounding_box_format="xxyy"), ValueError, "`bounding_box_format`"),
        (lambda: layers.RandomFlip()(data()), ValueError, "`bounding_box_format`"),
        (lambda: layers.RandomFlip()({"labels": CLASSES}), ValueError, "'images'"),
        (lambda: layers.RandomFlip()(CLASSES), ValueError, "3 axes"),
    ],
)
def test_bad_input_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()
