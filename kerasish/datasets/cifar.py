"""What the two CIFAR data sets share: archives of pickled batches."""

from __future__ import annotations

import os

import numpy as np

from kerasish.datasets.fetching import reading_data_set
from kerasish.datasets.plain_pickle import read_pickle
from kerasish.utils.downloads import get_file

_HOST = "https://www.cs.toronto.edu/~kriz/"


def unpacked(archive: str, folder: str, file_hash: str) -> str:
    """The folder of the batches, fetched and unpacked where the cache lacks it.

    Args:
        archive: name of the .tar.gz file at the host.
        folder: its only folder.
        file_hash: SHA-256 digest of the archive.
    """
    place = get_file(f"{folder}-target", origin=_HOST + archive, file_hash=file_hash, extract=True)
    return os.path.join(place, folder)


def read_batch(path: str, label_key: str) -> tuple[np.ndarray, np.ndarray]:
    """Pictures, uint8 of shape (count, 32, 32, 3), and labels, int64 of shape (count, 1), of a pickled batch.

    Args:
        path: of the batch.
        label_key: under which key the labels stand in it.
    """
    with reading_data_set(path):
        with open(path, "rb") as file:
            batch = read_pickle(file)
        pictures = batch[b"data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        return np.ascontiguousarray(pictures), np.array(batch[label_key.encode()]).reshape(-1, 1)
