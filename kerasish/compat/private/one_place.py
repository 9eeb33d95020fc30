"""Answers to questions about pipelines and graphs of other libraries, for a program that computes in none."""

from __future__ import annotations


def in_grain_data_pipeline() -> bool:
    """Whether this code runs within a pipeline of Grain's, whose samples are no tensors: never."""
    return False


def in_tf_graph() -> bool:
    """Whether this code makes a graph of TensorFlow's: never."""
    return False
