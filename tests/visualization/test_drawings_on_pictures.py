"""Boxes, masks and galleries beside Keras's, which draws by OpenCV."""

import inspect
import sys

import keras as real
import matplotlib
import numpy as np
import pytest
from PIL import Image

import kerasish as keras

matplotlib.use("Agg")
ours, theirs = keras.visualization, real.visualization
generator = np.random.default_rng(0)
PICTURES = generator.integers(0, 256, (4, 24, 30, 3), dtype="uint8")
MASKS = generator.integers(0, 4, (4, 24, 30, 1))


@pytest.mark.parametrize("name", ours.__all__)
def test_signatures_are_those_of_keras(name):
    mine, its = (inspect.signature(getattr(library, name)).parameters for library in (ours, theirs))
    assert [(p.name, p.default) for p in mine.values()] == [(p.name, p.default) for p in its.values()]


def boxes_of(boxes, labels=None):
    boxes = np.array([boxes] * 4, "float32")
    return {"boxes": boxes, "labels": np.array([labels or [1] * boxes.shape[1]] * 4)}


BOXES = [[3, 4, 20, 15], [0, 0, 29, 23], [10.7, 2.4, 15.9, 22.2], [-5, 8, 12, 40], [7, 7, 7, 7]]
CASES = [
    (BOXES, "xyxy", {}),
    (BOXES, "xyxy", {"line_thickness": 1}),
    (BOXES, "xyxy", {"line_thickness": 3, "color": (255, 0, 9)}),
    (BOXES, "xyxy", {"line_thickness": 7}),
    (BOXES, "xyxy", {"line_thickness": -1}),
    (BOXES, "yxyx", {"line_thickness": 4}),
    ([[3, 4, 9, 8], [5, 5, 2, 12]], "xywh", {}),
    ([[12, 12, 9, 8]], "center_xywh", {"line_thickness": 5}),
    ([[0.1, 0.2, 0.6, 0.9]], "rel_xyxy", {}),
    ([[0.1, 0.2, 0.6, 0.9]], "rel_yxyx", {"line_thickness": 1}),
]


@pytest.mark.parametrize("boxes, box_format, arguments", CASES, ids=lambda value: str(value)[:30])
@pytest.mark.parametrize("kind", ["bytes", "floats", "shares", "first"])
def test_boxes(boxes, box_format, arguments, kind):
    images = {"bytes": PICTURES, "floats": PICTURES.astype("float32"), "shares": PICTURES / 255, "first": PICTURES}[
        kind
    ]
    drawn, expected = (
        f(images, boxes_of(boxes), box_format, **arguments)
        for f in (ours.draw_bounding_boxes, theirs.draw_bounding_boxes)
    )
    assert type(drawn) is np.ndarray and drawn.dtype == expected.dtype == "uint8"
    np.testing.assert_array_equal(drawn, expected)
    if kind == "first":  # which Keras hands to OpenCV as it is
        first = ours.draw_bounding_boxes(
            PICTURES.transpose(0, 3, 1, 2), boxes_of(boxes), box_format, data_format="channels_first", **arguments
        )
        np.testing.assert_array_equal(first, drawn.transpose(0, 3, 1, 2))


def test_what_is_no_box_is_not_drawn_and_the_pictures_stay():
    before = PICTURES.copy()
    given = boxes_of(BOXES[:2], [-1, 2])
    np.testing.assert_array_equal(
        ours.draw_bounding_boxes(PICTURES, given, "xyxy"), theirs.draw_bounding_boxes(PICTURES, given, "xyxy")
    )
    np.testing.assert_array_equal(PICTURES, before)


@pytest.mark.parametrize("box", [[20, 60, 80, 95], [20, 5, 80, 95]], ids=["above", "inside"])
@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_text_stands_where_keras_has_it(box, scale):
    """The letters are others: where both write, near enough."""
    black = np.zeros((1, 100, 200, 3), "uint8")
    given = {"boxes": np.array([[box]]), "labels": np.array([[1]]), "confidences": np.array([[0.876]])}
    spans = []
    for library in (ours, theirs):
        names = {1: "cat"}
        text = library.draw_bounding_boxes(black, given, "xyxy", names, font_scale=scale)[0, :, :, 0].astype(int)
        text -= library.draw_bounding_boxes(black, given, "xyxy")[0, :, :, 0].astype(int)
        rows, columns = np.nonzero(text)
        spans.append([rows.min(), rows.max(), columns.min(), columns.max()])
    np.testing.assert_allclose(spans[0], spans[1], atol=34 * scale)
    np.testing.assert_allclose(spans[0][:3], spans[1][:3], atol=7)


def test_a_label_without_a_name_has_no_text():
    given = boxes_of(BOXES[:1], [7])
    np.testing.assert_array_equal(
        ours.draw_bounding_boxes(PICTURES, given, "xyxy", {1: "cat"}), ours.draw_bounding_boxes(PICTURES, given, "xyxy")
    )


MASK_CASES = [
    {},
    {"alpha": 0.25},
    {"alpha": 1.0},
    {"blend": False},
    {"ignore_index": 2},
    {"num_classes": 4},
    {"num_classes": 2},
    {"color_mapping": {0: (0, 0, 0), 1: (1, 2, 3), 2: (250, 5, 6), 3: (7, 8, 9)}, "alpha": 0.5},
]


@pytest.mark.parametrize("arguments", MASK_CASES, ids=str)
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_masks(arguments, dtype):
    images = PICTURES.astype(dtype)
    drawn = ours.draw_segmentation_masks(images, MASKS, **arguments)
    expected = np.asarray(theirs.draw_segmentation_masks(images, MASKS, **arguments))
    assert drawn.dtype == (np.uint8 if arguments.get("blend", True) else np.float32)
    last = arguments.get("num_classes", 3)
    covered = (MASKS[..., 0] > 0) & (MASKS[..., 0] < last)  # the classes that Keras does not leave out
    if "color_mapping" in arguments:
        covered |= MASKS[..., 0] == 0
    np.testing.assert_array_equal(drawn[covered], expected[covered])
    untouched = (MASKS[..., 0] > last) | ((MASKS[..., 0] == 0) & ("color_mapping" not in arguments))
    np.testing.assert_array_equal(drawn[untouched], images[untouched])
    same = ours.draw_segmentation_masks(images, MASKS[..., 0], **arguments)
    np.testing.assert_array_equal(same, drawn)
    first = ours.draw_segmentation_masks(
        images.transpose(0, 3, 1, 2), MASKS.transpose(0, 3, 1, 2), data_format="channels_first", **arguments
    )
    np.testing.assert_array_equal(first, drawn.transpose(0, 3, 1, 2))


def read(path):
    return np.asarray(Image.open(path))


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"y_true": np.array([0, 1, 0, 1]), "y_pred": np.array([1, 1, 0, 0]), "label_map": {0: "a", 1: "b"}},
        {"y_pred": np.array([1, 1, 0, 0]), "label_map": {0: "a", 1: "b"}, "rows": 2},
        {"rows": 1, "cols": 4, "scale": 1.5, "dpi": 80, "transparent": False},
        {"value_range": (0, 1), "images": PICTURES / 255},
    ],
    ids=lambda value: str(list(value)),
)
def test_galleries_are_those_of_keras(arguments, tmp_path):
    for name, library in (("ours", ours), ("theirs", theirs)):
        library.plot_image_gallery(**{"images": PICTURES, "path": str(tmp_path / f"{name}.png"), **arguments})
    np.testing.assert_array_equal(read(tmp_path / "ours.png"), read(tmp_path / "theirs.png"))


def test_box_galleries_are_those_of_keras(tmp_path):
    for name, library in (("ours", ours), ("theirs", theirs)):
        library.plot_bounding_box_gallery(
            PICTURES,
            "xyxy",
            y_true=boxes_of(BOXES[:1]),
            y_pred=boxes_of(BOXES[1:2]),
            rows=2,
            cols=2,
            legend=True,
            path=str(tmp_path / f"{name}.png"),
        )
    np.testing.assert_array_equal(read(tmp_path / "ours.png"), read(tmp_path / "theirs.png"))


def test_mask_galleries_show_each_picture_with_its_masks(tmp_path, monkeypatch):
    seen = {}
    module = sys.modules["kerasish.visualization.segmentation_mask_gallery"]
    monkeypatch.setattr(module, "plot_image_gallery", lambda images, **kwargs: seen.update(images=images, **kwargs))
    ours.plot_segmentation_mask_gallery(PICTURES / 255, 3, (0, 1), y_true=MASKS, y_pred=MASKS, scale=3)
    assert seen["rows"] == 4 and seen["cols"] == 3 and seen["scale"] == 3
    drawn = ours.draw_segmentation_masks(PICTURES, MASKS, 3)
    for index in range(4):
        np.testing.assert_allclose(seen["images"][3 * index].astype(int), PICTURES[index], atol=1)
        np.testing.assert_allclose(seen["images"][3 * index + 1].astype(int), drawn[index], atol=1)
    monkeypatch.undo()
    ours.plot_segmentation_mask_gallery(PICTURES, 3, y_true=MASKS, path=tmp_path / "masks.png")
    assert read(tmp_path / "masks.png").shape[2] == 4


def test_every_picture_of_an_odd_number_is_shown(monkeypatch):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    monkeypatch.setattr(pyplot, "close", lambda figure=None: None)
    shown = []
    monkeypatch.setattr(pyplot, "show", lambda: shown.append(len(pyplot.gcf().axes)))
    for count, arguments, cells in ((3, {}, 4), (2, {"cols": 2}, 2), (3, {"rows": 1}, 3), (1, {}, 1)):
        ours.plot_image_gallery(PICTURES[:count, :, :, :1], **arguments)
        assert shown.pop() == cells
        assert sum(len(axis.images) for axis in pyplot.gcf().axes) == count
    ours.plot_image_gallery(PICTURES, show=False)
    assert not shown
    monkeypatch.undo()
    pyplot.close("all")


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda v: v.draw_bounding_boxes(PICTURES[0], boxes_of(BOXES), "xyxy"), ValueError, "images"),
        (lambda v: v.draw_bounding_boxes(PICTURES, [1], "xyxy"), TypeError, "bounding_boxes"),
        (lambda v: v.draw_bounding_boxes(PICTURES, {"boxes": 1}, "xyxy"), ValueError, "labels"),
        (lambda v: v.draw_bounding_boxes(PICTURES, boxes_of(BOXES), "abcd"), ValueError, "format"),
        (lambda v: v.draw_segmentation_masks(PICTURES[0], MASKS), ValueError, "images"),
        (lambda v: v.draw_segmentation_masks(PICTURES, MASKS * 1.0), TypeError, "integer"),
        (lambda v: v.plot_image_gallery(PICTURES[0]), ValueError, "batch"),
        (lambda v: v.plot_image_gallery(PICTURES, path="a.png", show=True), ValueError, "path"),
        (lambda v: v.plot_image_gallery(PICTURES, y_true=[0] * 4), ValueError, "label_map"),
        (lambda v: v.plot_segmentation_mask_gallery(PICTURES[0], 3, y_true=MASKS), ValueError, "images"),
        (lambda v: v.plot_bounding_box_gallery(PICTURES[0], "xyxy"), ValueError, "images"),
        (
            lambda v: v.plot_bounding_box_gallery(PICTURES, "xyxy", legend=True, legend_handles=[1]),
            ValueError,
            "legend",
        ),
    ],
)
def test_what_keras_refuses_is_refused(call, error, words):
    for library in (ours, theirs):
        with pytest.raises(error, match=words):
            call(library)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="alpha"):
        ours.draw_segmentation_masks(PICTURES, MASKS, alpha=2)
    with pytest.raises(ValueError, match="a number a pixel"):
        ours.draw_segmentation_masks(PICTURES, MASKS[:, :5])
    with pytest.raises(ValueError, match="y_true"):
        ours.plot_image_gallery(PICTURES, y_true=[0], label_map={0: "a"})


def test_without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r'pip install "kerasish\[plot\]"'):
        ours.plot_image_gallery(PICTURES)
    with pytest.raises(ImportError, match=r'pip install "kerasish\[plot\]"'):
        ours.plot_bounding_box_gallery(PICTURES, "xyxy", legend=True)
