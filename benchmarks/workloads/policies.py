"""Workloads in another number type."""

from contextlib import contextmanager


@contextmanager
def under(keras, policy):
    """A context in which layers are made with a dtype policy."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
