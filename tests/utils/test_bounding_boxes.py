"""`keras.utils.bounding_boxes` beside real Keras."""

import keras as oracle
import numpy as np
import pytest

import kerasish

OURS, THEIRS = kerasish.utils.bounding_boxes, oracle.utils.bounding_boxes
FORMATS = ["xyxy", "yxyx", "xywh", "center_xywh", "center_yxhw", "rel_xyxy", "rel_yxyx", "rel_xywh", "rel_center_xywh"]
BOXES = np.array([[[10, 20, 30, 60], [50, 60, 70, 80]], [[-5, 4, 300, 16], [1, 2, 3, 4]]], "float32")
ANCHORS = np.array([[0, 0, 10, 10], [5, 5, 20, 16]], "float32")
TARGETS = np.array([[1, 2, 9, 12], [6, 4, 18, 30]], "float32")


def close(ours, theirs):
    np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), rtol=2e-5, atol=1e-4)


@pytest.mark.parametrize("target", FORMATS)
@pytest.mark.parametrize("source", FORMATS)
def test_convert_format(source, target):
    given = BOXES / 8
    close(
        OURS.convert_format(given, source, target, height=100, width=200),
        THEIRS.convert_format(given, source, target, height=100, width=200),
    )


def test_clip_crop_and_pad():
    labels = np.array([[0, 1], [2, 3]], "int32")
    for size in ((50, 60), (70, 40)):
        ours, theirs = (
            library.clip_to_image_size({"boxes": BOXES, "labels": labels}, *size) for library in (OURS, THEIRS)
        )
        close(ours["boxes"], theirs["boxes"])
        assert np.array_equal(ours["labels"], np.asarray(theirs["labels"]))
    close(OURS.crop(BOXES, 5, 10, 40, 30), THEIRS.crop(BOXES, 5, 10, 40, 30))
    close(OURS.pad(BOXES, 5, 10), THEIRS.pad(BOXES, 5, 10))


@pytest.mark.parametrize("center", [(None, None), (0.2, 0.4)])
@pytest.mark.parametrize(
    "move", [(30, 0, 0, 1, 0, 0), (0, 0.1, 0.2, 1, 0, 0), (0, 0, 0, 2, 10, 0), (25, 3, 4, 1.5, 10, 20)]
)
def test_affine_transform(move, center):
    values = [np.array([value, value], "float32") for value in move]
    given = {"center_x": center[0], "center_y": center[1]}
    close(
        OURS.affine_transform(BOXES, *values, 100, 200, **given),
        THEIRS.affine_transform(BOXES, *values, 100, 200, **given),
    )


@pytest.mark.parametrize("masked", [False, True])
def test_overlaps(masked):
    absent = np.concatenate([TARGETS, -np.ones((1, 4), "float32")])
    pairs = [(ANCHORS, absent), (ANCHORS[None], absent[None])]
    pairs += [] if masked else [(ANCHORS[None], absent), (ANCHORS, absent[None])]  # which Keras can't mask
    for first, second in pairs:
        close(
            OURS.compute_iou(first, second, "xyxy", use_masking=masked),
            THEIRS.compute_iou(first, second, "xyxy", use_masking=masked),
        )
    close(OURS.compute_ciou(ANCHORS, TARGETS, "xyxy"), THEIRS.compute_ciou(ANCHORS, TARGETS, "xyxy"))


@pytest.mark.parametrize("variance", [None, [0.1, 0.1, 0.2, 0.2]])
@pytest.mark.parametrize("encoding", ["center_yxhw", "center_xywh"])
def test_deltas(encoding, variance):
    ours, theirs = (
        library.encode_box_to_deltas(ANCHORS, TARGETS, "xyxy", "xyxy", encoding, variance) for library in (OURS, THEIRS)
    )
    close(ours, theirs)
    close(OURS.decode_deltas_to_boxes(ANCHORS, ours, "xyxy", "xyxy", encoding, variance), TARGETS)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: OURS.convert_format(BOXES, "xxyy", "xyxy"), "`source`.*Did you mean"),
        (lambda: OURS.convert_format(BOXES, "xyxy", "xxyy"), "`target`"),
        (lambda: OURS.convert_format(BOXES, "xyxy", "rel_xyxy"), "`height` and `width`"),
        (lambda: OURS.convert_format(BOXES[..., :3], "xyxy", "yxyx"), "`boxes`"),
        (lambda: OURS.clip_to_image_size(BOXES, 3, 4), "`bounding_boxes`"),
        (lambda: OURS.crop(BOXES, 0, 0, 3, 4, "rel_xyxy"), "`bounding_box_format`"),
        (lambda: OURS.compute_iou(BOXES[0, 0], BOXES, "xyxy"), "`boxes1`"),
        (lambda: OURS.encode_box_to_deltas(ANCHORS, TARGETS, "xyxy", "xyxy", variance=[1, 2]), "`variance`"),
        (lambda: OURS.decode_deltas_to_boxes(ANCHORS, TARGETS, "xyxy", "xyxy", "xyxy"), "`encoded_format`"),
    ],
)
def test_bad_input_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
