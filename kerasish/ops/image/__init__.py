"""`keras.ops.image`: images resized, padded, cropped, filtered, transformed, compared, and in other colours."""

from kerasish.lazy import TYPE_CHECKING, lazy
from kerasish.ops.image.color import hsv_to_rgb, rgb_to_grayscale, rgb_to_hsv
from kerasish.ops.image.coordinates import map_coordinates
from kerasish.ops.image.edges import crop_images, pad_images
from kerasish.ops.image.filters import gaussian_blur, sobel_edges
from kerasish.ops.image.patches import extract_patches, extract_patches_3d
from kerasish.ops.image.resize import resize, scale_and_translate
from kerasish.ops.image.similarity import ssim
from kerasish.ops.image.transforms import affine_transform, perspective_transform

if TYPE_CHECKING:
    from kerasish.random.elastic import elastic_transform

__all__ = [
    "affine_transform",
    "crop_images",
    "elastic_transform",
    "extract_patches",
    "extract_patches_3d",
    "gaussian_blur",
    "hsv_to_rgb",
    "map_coordinates",
    "pad_images",
    "perspective_transform",
    "resize",
    "rgb_to_grayscale",
    "rgb_to_hsv",
    "scale_and_translate",
    "sobel_edges",
    "ssim",
]

# it draws random numbers, which are made of ops
__getattr__, __dir__ = lazy(__name__, {"kerasish.random.elastic": "elastic_transform"})
