"""Random layers and functions: the distributions of real Keras, seeds, one draw for pictures and masks.

Seeds give other numbers here than there, so that samples are compared: of many outputs for one picture, witnesses that
reveal what was drawn (means, centres of mass, single points), by the test of Kolmogorov and Smirnov for two samples.
Two samples of n and m draws of one distribution are further apart than

    sqrt(log(2 / p) / 2) sqrt((n + m) / (n m))

in their distribution functions once in 1 / p times at most (less often where values repeat), here in 100,000: 0.14 for
600 draws each, 0.025 for 20,000. All seeds are fixed, so that what passes once passes always.
"""

import keras as oracle
import numpy as np
import pytest

import kerasish
from kerasish import layers, ops

N = 600
RARE = 1e-5
ROWS, COLUMNS = 9, 8


def blob():
    """A bright spot off the middle, another in each colour: what moves, turns, shrinks or is cut out shows in it."""
    rows, columns = np.mgrid[:ROWS, :COLUMNS]
    return np.stack(
        [200 * np.exp(-((rows - 3 - c) ** 2 + (columns - 5 + c) ** 2) / (2.0 + c)) for c in range(3)], axis=-1
    ).astype("float32")


SPOT = blob()
SLOPE = np.repeat(20.0 * np.arange(12)[:, None, None], 12, 1).astype("float32")  # Keras pulls along the diagonal only
COLOURS = np.random.default_rng(0).uniform(50, 200, (3, 4, 3)).astype("float32")
ONES = np.ones((4, 3), "float32")
NUMBERS = np.random.default_rng(1).standard_normal((4, 3)).astype("float32")

CASES = [  # layer, its arguments, what is given to it N times over
    ("AlphaDropout", {"rate": 0.3}, NUMBERS),
    ("AlphaDropout", {"rate": 0.3, "noise_shape": (N, 1, 3)}, NUMBERS),
    ("Dropout", {"rate": 0.3}, ONES),
    ("Dropout", {"rate": 0.6, "noise_shape": (None, 4, 1)}, ONES),
    ("GaussianDropout", {"rate": 0.4}, ONES),
    ("GaussianNoise", {"stddev": 0.7}, NUMBERS),
    ("SpatialDropout1D", {"rate": 0.3}, ONES),
    ("SpatialDropout2D", {"rate": 0.3}, COLOURS),
    ("SpatialDropout3D", {"rate": 0.3}, COLOURS[None]),
    ("RandomBrightness", {"factor": 0.2}, COLOURS),
    ("RandomBrightness", {"factor": (-0.1, 0.7)}, COLOURS),
    ("RandomColorDegeneration", {"factor": 0.6}, COLOURS),
    ("RandomColorDegeneration", {"factor": (0.5, 0.9)}, COLOURS),
    ("RandomColorJitter", {"brightness_factor": 0.2}, COLOURS),
    ("RandomColorJitter", {"contrast_factor": 0.4, "saturation_factor": (0.4, 0.5)}, COLOURS),
    ("RandomContrast", {"factor": 0.4}, COLOURS),
    ("RandomContrast", {"factor": (0.1, 0.9)}, COLOURS),
    ("RandomErasing", {"fill_value": 0.0}, SPOT),
    ("RandomErasing", {"factor": 0.5, "scale": (0.2, 0.6), "fill_value": 9.0}, SPOT),
    ("RandomErasing", {}, SPOT),
    ("RandomFlip", {}, SPOT),
    ("RandomFlip", {"mode": "horizontal"}, SPOT),
    ("RandomFlip", {"mode": "vertical"}, SPOT),
    ("RandomGaussianBlur", {"factor": (0.2, 0.9), "sigma": (0.7, 0.7)}, SPOT),
    ("RandomGrayscale", {"factor": 0.3}, COLOURS),
    ("RandomHue", {"factor": 0.5}, COLOURS),
    ("RandomHue", {"factor": (0.2, 0.4)}, COLOURS),
    ("RandomInvert", {"factor": 0.4}, COLOURS),
    ("RandomInvert", {"factor": (0.7, 0.9)}, COLOURS),
    ("RandomPerspective", {"scale": 0.6}, SPOT),
    ("RandomPerspective", {"factor": (0.4, 0.6)}, SPOT),
    ("RandomPosterization", {"factor": 4}, COLOURS),
    ("RandomPosterization", {"factor": (2, 7)}, COLOURS),
    ("RandomRotation", {"factor": 0.2, "fill_mode": "constant"}, SPOT),
    ("RandomRotation", {"factor": (-0.5, 0.1), "fill_mode": "constant"}, SPOT),
    ("RandomSaturation", {"factor": 0.4}, COLOURS),
    ("RandomSaturation", {"factor": (0.2, 0.5)}, COLOURS),
    ("RandomSharpness", {"factor": 0.4}, SPOT),
    ("RandomSharpness", {"factor": (0.3, 0.9)}, SPOT),
    ("RandomShear", {"x_factor": 0.4, "y_factor": 0.3, "fill_mode": "constant"}, SPOT),
    ("RandomShear", {"x_factor": (0.1, 0.8), "fill_mode": "constant"}, SPOT),
    ("RandomTranslation", {"height_factor": 0.3, "width_factor": 0.2, "fill_mode": "constant"}, SPOT),
    ("RandomTranslation", {"height_factor": (-0.4, 0.1), "width_factor": (0.1, 0.3), "fill_mode": "constant"}, SPOT),
    ("RandomZoom", {"height_factor": 0.4, "fill_mode": "constant"}, SPOT),
    ("RandomZoom", {"height_factor": (-0.6, 0.2), "width_factor": (0.1, 0.8), "fill_mode": "constant"}, SPOT),
    ("RandomElasticTransform", {"factor": (1.0, 1.0), "scale": (0.8, 0.8), "fill_mode": "nearest"}, SLOPE),
    ("RandomElasticTransform", {"factor": 0.5, "scale": (0.8, 0.8)}, SLOPE.transpose(1, 0, 2)),
    ("Solarization", {"addition_factor": 0.3, "threshold_factor": (0.0, 0.4)}, COLOURS),
    ("Solarization", {"threshold_factor": 0.8}, COLOURS),
]
ONE_DRAW = [  # layers that draw for the whole batch; how many calls are compared
    ("AugMix", {"num_chains": 2, "chain_depth": 2}, COLOURS.repeat(2, 0).repeat(2, 1), 100),
    ("RandAugment", {"num_ops": 1}, COLOURS.repeat(2, 0).repeat(2, 1), 50),
    ("RandomCrop", {"height": 4, "width": 5}, SPOT, 200),
    ("RandomElasticTransform", {"factor": (1.0, 1.0)}, SLOPE, 60),
    ("RandomGaussianBlur", {"factor": (1.0, 1.0), "sigma": (0.3, 0.9)}, SPOT, 200),
    ("RandomGaussianBlur", {"factor": (0.3, 0.8), "kernel_size": (3, 5), "sigma": 1.0}, SPOT, 200),
]
PAIRING = [
    ("MixUp", {}),
    ("MixUp", {"alpha": 2.0}),
    ("CutMix", {"factor": (0.7, 0.7)}),
    ("CutMix", {"factor": (1.0, 1.0)}),
]
TOGETHER = [  # layers that move pictures and masks
    ("CutMix", {}),
    ("RandomCrop", {"height": 5, "width": 6}),
    ("RandomElasticTransform", {"factor": (1.0, 1.0), "scale": (0.9, 0.9), "fill_mode": "constant"}),
    ("RandomFlip", {}),
    ("RandomPerspective", {"factor": (1.0, 1.0)}),
    ("RandomRotation", {"factor": 0.4, "fill_mode": "constant"}),
    ("RandomShear", {"x_factor": 0.4, "y_factor": 0.3, "fill_mode": "constant"}),
    ("RandomTranslation", {"height_factor": 0.4, "width_factor": 0.4, "fill_mode": "constant"}),
    ("RandomZoom", {"height_factor": 0.4, "width_factor": 0.4, "fill_mode": "constant"}),
]
RESTING = sorted({name for name, *_ in CASES if name.startswith(("Random", "Solar"))} - {name for name, _ in TOGETHER})
IDS = [f"{name}-{'-'.join(map(str, arguments.values()))}" for name, arguments, _ in CASES]


def host(structure):
    return kerasish.tree.map_structure(lambda x: np.asarray(ops.convert_to_numpy(x)), structure)


def drawn(library, name, arguments, x, seed=7):
    outputs = getattr(library.layers, name)(**arguments, seed=seed)(x, training=True)
    return library.ops.convert_to_numpy(outputs).astype("float64")


def distance(ours, theirs):
    """The largest distance of the distribution functions of two samples, in units of the bound above."""
    ours, theirs = np.sort(ours), np.sort(theirs)
    places = np.sort(np.concatenate([ours, theirs]))
    near = 1e-4 * max(np.ptp(places), np.abs(places).max())  # rounding does not count, nor that of a rate to 1 / 65536
    places = places[np.diff(places, append=np.inf) > near] + near / 2
    below = [np.searchsorted(sample, places) / len(sample) for sample in (ours, theirs)]
    bound = np.sqrt(np.log(2 / RARE) / 2 * (len(ours) + len(theirs)) / (len(ours) * len(theirs)))
    return np.abs(below[0] - below[1]).max() / bound


def witnesses(outputs):
    """Numbers of each output that show what was drawn."""
    flat = outputs.reshape(len(outputs), -1)
    found = {"mean": flat.mean(1), "spread": flat.std(1), "first": flat[:, 0], "middle": flat[:, flat.shape[1] // 2]}
    if outputs.ndim >= 3:
        found["balance of the last axis"] = flat[:, ::3].mean(1) - flat[:, 1::3].mean(1)
    if outputs.ndim == 4:
        mass = np.abs(outputs[..., 0])
        for axis in (1, 2):
            place = np.arange(outputs.shape[axis])
            found[f"centre along {axis}"] = (mass.sum(3 - axis) * place).sum(1) / (mass.sum((1, 2)) + 1e-6)
    return found


def compare(ours, theirs):
    """The witnesses whose distributions differ, with their distances in units of the bound."""
    theirs = witnesses(theirs)
    far = {name: round(distance(values, theirs[name]), 2) for name, values in witnesses(ours).items()}
    return {name: value for name, value in far.items() if value > 1}


@pytest.mark.parametrize("name, arguments, one", CASES, ids=IDS)
def test_outputs_are_distributed_as_keras_makes_them(name, arguments, one):
    many = np.repeat(one[None], N, axis=0)
    ours, theirs = (drawn(library, name, arguments, many) for library in (kerasish, oracle))
    assert ours.shape == theirs.shape
    assert compare(ours, theirs) == {}


@pytest.mark.parametrize("name, arguments, one", CASES, ids=IDS)
def test_seeds_are_honoured(name, arguments, one):
    many = np.repeat(one[None], N if "noise_shape" in arguments else 20, axis=0)
    layer, same, other = (getattr(layers, name)(**arguments, seed=seed) for seed in (3, 3, 4))
    first, second = (host(layer(many, training=True)) for _ in range(2))
    assert np.array_equal(first, host(same(many, training=True)))
    assert np.array_equal(second, host(same(many, training=True)))
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, host(other(many, training=True)))
    assert len(np.unique(first.reshape(len(first), -1), axis=0)) > 1  # each picture has a draw of its own


@pytest.mark.parametrize("name, arguments, one, calls", ONE_DRAW, ids=[f"{name}-{a}" for name, a, *_ in ONE_DRAW])
def test_draws_for_a_batch_are_distributed_as_keras_makes_them(name, arguments, one, calls):
    found = []
    for library in (kerasish, oracle):
        layer = getattr(library.layers, name)(**arguments, seed=7)
        outputs = [library.ops.convert_to_numpy(layer(one[None], training=True))[0] for _ in range(calls)]
        found.append(np.stack(outputs).astype("float64"))
    assert found[0].shape == found[1].shape
    assert compare(*found) == {}
    first, second = (host(getattr(layers, name)(**arguments, seed=7)(one[None], training=True)) for _ in range(2))
    assert np.array_equal(first, second)
    assert len(np.unique(found[0].reshape(calls, -1), axis=0)) > 5


@pytest.mark.parametrize("name, key", [("RandAugment", "layer_idxes"), ("AugMix", "chain_layers")])
def test_layers_of_layers_choose_evenly(name, key):
    layer = getattr(layers, name)(seed=7)
    chosen = [host(layer.get_random_transformation(COLOURS[None], training=True)[key]) for _ in range(200)]
    counts = np.bincount(np.concatenate([c.reshape(-1) for c in chosen]), minlength=len(layer.layer_names))
    spread = np.sqrt(counts.mean())
    assert len(counts) == len(layer.layer_names)
    assert any(len(np.unique(c)) < c.size for c in chosen)  # again what was chosen before, as in the papers
    assert np.abs(counts - counts.mean()).max() < 5 * spread  # five deviations of a Poisson count


@pytest.mark.parametrize("name, arguments", PAIRING, ids=str)
def test_pictures_and_labels_are_mixed_as_keras_mixes_them(name, arguments):
    own = np.arange(N) % 2
    pictures = np.ones((N, ROWS, COLUMNS, 1), "float32") * own[:, None, None, None]
    labels = np.eye(2, dtype="float32")[own]
    found = []
    for library in (kerasish, oracle):
        layer = getattr(library.layers, name)(**arguments, seed=7)
        mixed = layer({"images": pictures, "labels": labels}, training=True)
        found.append([library.ops.convert_to_numpy(mixed[key]).astype("float64") for key in ("images", "labels")])
    for ours, theirs in zip(*found):
        for kind in (0, 1):
            assert compare(ours[own == kind], theirs[own == kind]) == {}
    images, labels = found[0]
    shown = images.mean((1, 2, 3))
    edge = 1e-5 if name == "MixUp" else 0.25  # a rectangle ends between points, and none is cut off
    np.testing.assert_allclose(labels.sum(1), 1, atol=1e-5)
    np.testing.assert_allclose(labels[:, 1], shown, atol=edge)


@pytest.mark.parametrize("name, arguments", TOGETHER, ids=str)
def test_masks_move_as_their_pictures(name, arguments):
    masks = np.random.default_rng(2).integers(1, 5, (20, 24, 20, 1)).astype("uint8")
    nearest = {} if name in ("CutMix", "RandomCrop", "RandomFlip") else {"interpolation": "nearest"}
    layer = getattr(layers, name)(**arguments, **nearest, seed=7)
    moved = host(layer({"images": 50.0 * masks.astype("float32"), "segmentation_masks": masks}, training=True))
    assert moved["segmentation_masks"].dtype == "uint8"
    assert set(np.unique(moved["segmentation_masks"])) <= {0, 1, 2, 3, 4}
    np.testing.assert_allclose(moved["images"], 50.0 * moved["segmentation_masks"], atol=1e-3)
    assert moved["segmentation_masks"].shape != masks.shape or (moved["segmentation_masks"] != masks).any()


@pytest.mark.parametrize("name", RESTING)
def test_masks_rest_where_colours_change(name):
    arguments, one = next((arguments, one) for found, arguments, one in CASES if found == name)
    pictures = np.repeat(one[None], 8, axis=0)
    masks = np.random.default_rng(2).integers(1, 5, (*pictures.shape[:3], 1)).astype("uint8")
    layer = getattr(layers, name)(**arguments, seed=7)
    rested = host(layer({"images": pictures, "segmentation_masks": masks}, training=True))
    assert np.array_equal(rested["segmentation_masks"], masks)


LOGITS = np.log(np.array([[0.1, 0.2, 0.3, 0.4]], "float32"))
FUNCTIONS = [
    ("beta", lambda r, **k: r.beta((20000,), 2.0, 5.0, **k)),
    ("beta", lambda r, **k: r.beta((20000,), 0.3, 0.4, **k)),
    ("binomial", lambda r, **k: r.binomial((20000,), 12, 0.3, **k)),
    ("binomial", lambda r, **k: r.binomial((20000,), 300, 0.7, **k)),
    ("categorical", lambda r, **k: r.categorical(LOGITS, 20000, **k)),
    ("dropout", lambda r, **k: r.dropout(np.ones(20000, "float32"), 0.35, **k)),
    ("gamma", lambda r, **k: r.gamma((20000,), 0.4, **k)),
    ("gamma", lambda r, **k: r.gamma((20000,), 6.0, **k)),
    ("normal", lambda r, **k: r.normal((20000,), 1.0, 3.0, **k)),
    ("randint", lambda r, **k: r.randint((20000,), -5, 9, **k)),
    ("shuffle", lambda r, **k: r.shuffle(np.arange(20000.0), **k)[:2000]),
    ("truncated_normal", lambda r, **k: r.truncated_normal((20000,), 1.0, 3.0, **k)),
    ("uniform", lambda r, **k: r.uniform((20000,), -1.0, 4.0, **k)),
]


@pytest.mark.parametrize("name, draw", FUNCTIONS, ids=[f"{name}-{at}" for at, (name, _) in enumerate(FUNCTIONS)])
def test_functions_draw_as_keras_draws(name, draw):
    ours, theirs = (
        library.ops.convert_to_numpy(draw(library.random, seed=7)).astype("float64").reshape(-1)
        for library in (kerasish, oracle)
    )
    assert ours.shape == theirs.shape
    assert distance(ours, theirs) < 1
    assert np.array_equal(ours, host(draw(kerasish.random, seed=7)).reshape(-1))
    assert not np.array_equal(ours, host(draw(kerasish.random, seed=8)).reshape(-1))
    generator = kerasish.random.SeedGenerator(7)
    assert not np.array_equal(*(host(draw(kerasish.random, seed=generator)) for _ in range(2)))


def test_each_random_layer_and_function_has_a_case():
    here = {name for table in (CASES, ONE_DRAW, PAIRING) for name, *_ in table}
    random = {name for name in layers.__all__ if name.startswith("Random") or name.endswith("Dropout")}
    assert random - here == set()
    drawing = {name for name in dir(oracle.random) if not name.startswith("_")} - {"SeedGenerator"}
    assert drawing - {name for name, _ in FUNCTIONS} == set()
