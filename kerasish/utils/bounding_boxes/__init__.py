"""`keras.utils.bounding_boxes`: boxes around things in pictures, in nine formats, moved with their pictures."""

from kerasish.utils.bounding_boxes.deltas import decode_deltas_to_boxes, encode_box_to_deltas
from kerasish.utils.bounding_boxes.formats import convert_format
from kerasish.utils.bounding_boxes.moves import affine_transform, clip_to_image_size, crop, pad
from kerasish.utils.bounding_boxes.overlaps import compute_ciou, compute_iou

__all__ = [
    "affine_transform",
    "clip_to_image_size",
    "compute_ciou",
    "compute_iou",
    "convert_format",
    "crop",
    "decode_deltas_to_boxes",
    "encode_box_to_deltas",
    "pad",
]
