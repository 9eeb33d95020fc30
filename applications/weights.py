"""Where the official ImageNet weights lie, and how they are fetched and loaded."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from kerasish.applications.hashes import HASHES

from kerasish.utils import get_file

if TYPE_CHECKING:
    from kerasish.models import Model

URL = "https://storage.googleapis.com"  # Keras's own server
CACHE_FOLDER = "models"  # below ~/.keras, as Keras has it
CACHED_AS = {  # file on the server: its name in the cache, where the two differ
    "NASNet-mobile.h5": "nasnet_mobile.h5",
    "NASNet-mobile-no-top.h5": "nasnet_mobile_no_top.h5",
    "NASNet-large.h5": "nasnet_large.h5",
    "NASNet-large-no-top.h5": "nasnet_large_no_top.h5",
}


class Files(NamedTuple):
    """The official weights of a model.

    `folder` on the server, the file for the whole model, and the one without its classifier.
    """

    folder: str
    top: str
    no_top: str


def tf_kernels(folder: str, stem: str) -> Files:
    """The Files of a model whose names follow the habit of Keras's older applications.

    Example:
        >>> tf_kernels("vgg16", "vgg16").no_top
        'vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5'
    """
    name = f"{stem}_weights_tf_dim_ordering_tf_kernels"
    return Files(f"tensorflow/keras-applications/{folder}", f"{name}.h5", f"{name}_notop.h5")


def fetch(folder: str, file_name: str) -> str:
    """The path of an official file in the cache; it is downloaded, and its hash checked, when it isn't there yet.

    Args:
        folder: string, the folder below `URL`. The environment variable KERASISH_APPLICATIONS_URL names a mirror that
            has the same folders, for machines that don't reach Keras's server.
        file_name: string.

    Returns:
        Path.
    """
    root = os.environ.get("KERASISH_APPLICATIONS_URL") or URL
    name = CACHED_AS.get(file_name, file_name)
    return get_file(
        name, f"{root.rstrip('/')}/{folder}/{file_name}", cache_subdir=CACHE_FOLDER, file_hash=HASHES.get(name)
    )


def check_weights(weights: str | None, include_top: bool, classes: int) -> None:
    """Refuse `weights` that are neither None, "imagenet" nor a file, and ImageNet's for another number of classes."""
    if weights is not None and weights != "imagenet":
        if not isinstance(weights, (str, os.PathLike)) or not os.path.exists(weights):
            raise ValueError(
                "`weights` must be None (random values), 'imagenet', or the path of a weights file that exists; got "
                f"{weights!r}. "
                "Check the spelling of the path."
            )
    elif weights == "imagenet" and include_top and classes != 1000:
        raise ValueError(
            f"`classes` must be 1000 with weights='imagenet' and include_top=True, got {classes!r}. For other classes "
            "pass include_top=False and put a "
            "head of your own on top, or weights=None."
        )


def load(model: Model, weights: str | None, include_top: bool, files: Files) -> None:
    """Load what `weights` says into the model.

    Args:
        model: `Model`.
        weights: None (nothing is loaded), "imagenet", or a path.
        files: the model's Files.
    """
    if weights is None:
        return
    if weights == "imagenet":
        weights = fetch(files.folder, files.top if include_top else files.no_top)
    model.load_weights(os.fspath(weights))
