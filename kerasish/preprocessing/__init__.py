"""`keras.preprocessing`: old homes of what `keras.utils` holds."""

from kerasish.preprocessing import image as image
from kerasish.preprocessing import sequence as sequence
