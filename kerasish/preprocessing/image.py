"""`keras.preprocessing.image`: pictures."""

from kerasish.utils.image_io import array_to_img as array_to_img
from kerasish.utils.image_io import img_to_array as img_to_array
from kerasish.utils.image_io import load_img as load_img
from kerasish.utils.image_io import save_img as save_img
from kerasish.utils.smart_resize import smart_resize as smart_resize
