"""`kerasish.estimator.export`: what exports are made of, under the name that TensorFlow has for it."""

from kerasish.estimator.exporting import ServingInputReceiver as ServingInputReceiver
from kerasish.estimator.exporting import (
    build_parsing_serving_input_receiver_fn as build_parsing_serving_input_receiver_fn,
)
from kerasish.estimator.exporting import build_raw_serving_input_receiver_fn as build_raw_serving_input_receiver_fn
from kerasish.lazy import says_what_is_missing

__all__ = [
    "ServingInputReceiver",
    "build_parsing_serving_input_receiver_fn",
    "build_raw_serving_input_receiver_fn",
]

__getattr__ = says_what_is_missing(__name__)
