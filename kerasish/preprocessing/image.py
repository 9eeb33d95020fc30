"""`keras.preprocessing.image`: pictures, and what Keras 2 had to change them at random."""

from kerasish.preprocessing.image_data_generator import ImageDataGenerator
from kerasish.preprocessing.picture_file_iterators import DataFrameIterator, DirectoryIterator
from kerasish.preprocessing.picture_iterators import Iterator, NumpyArrayIterator
from kerasish.preprocessing.picture_transforms import (
    apply_affine_transform,
    apply_brightness_shift,
    apply_channel_shift,
    random_brightness,
    random_channel_shift,
    random_rotation,
    random_shear,
    random_shift,
    random_zoom,
)
from kerasish.utils.image_io import array_to_img, img_to_array, load_img, save_img
from kerasish.utils.smart_resize import smart_resize

__all__ = [
    "DataFrameIterator",
    "DirectoryIterator",
    "ImageDataGenerator",
    "Iterator",
    "NumpyArrayIterator",
    "apply_affine_transform",
    "apply_brightness_shift",
    "apply_channel_shift",
    "array_to_img",
    "img_to_array",
    "load_img",
    "random_brightness",
    "random_channel_shift",
    "random_rotation",
    "random_shear",
    "random_shift",
    "random_zoom",
    "save_img",
    "smart_resize",
]
