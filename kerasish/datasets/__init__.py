"""`keras.datasets`: small data sets to try a model on."""

from kerasish.datasets import digits as digits
