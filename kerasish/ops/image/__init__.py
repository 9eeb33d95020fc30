"""`keras.ops.image`: images resized, padded, cropped, filtered, and in other colours."""

from kerasish.ops.image.color import hsv_to_rgb, rgb_to_grayscale, rgb_to_hsv
from kerasish.ops.image.edges import crop_images, pad_images
from kerasish.ops.image.filters import gaussian_blur, sobel_edges
from kerasish.ops.image.patches import extract_patches, extract_patches_3d
from kerasish.ops.image.resize import resize, scale_and_translate

__all__ = [
    "crop_images",
    "extract_patches",
    "extract_patches_3d",
    "gaussian_blur",
    "hsv_to_rgb",
    "pad_images",
    "resize",
    "rgb_to_grayscale",
    "rgb_to_hsv",
    "scale_and_translate",
    "sobel_edges",
]
