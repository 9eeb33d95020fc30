"""KerasFileEditor: look into a weights file, change what is in it, and write it anew."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import h5py

from kerasish.files import archive, checksums, hdf5, low_bits
from kerasish.files.archive import WEIGHTS
from kerasish.files.hdf5_writing import created
from kerasish.files.weights_h5 import VARIABLES, make_group, tensors_of
from kerasish.files.weights_tree import (
    checked_name,
    checked_weights,
    compare,
    counted,
    object_paths,
    places_of,
    tree_of_model,
)
from kerasish.suggestions import did_you_mean, suggesting
from kerasish.typing import PathLike, TensorLike
from kerasish.whole_files import replacing

if TYPE_CHECKING:
    from kerasish.models.model import Model


class KerasFileEditor:
    """What a ".weights.h5" or ".keras" file holds, as a tree of objects and arrays that can be changed and saved.

    Attributes:
        weights_dict: nested dict from names of objects, and within them of weights ("0", "1", ...), to NumPy arrays.
        object_metadata: dict from an object's path ("/layers/dense") to a dict with its "name".
        config: dict, the architecture in a ".keras" file, else None.
        metadata: dict, of the version of Keras and the date in a ".keras" file, else None.

    Args:
        filepath: path that ends in ".weights.h5" or ".keras" (which may be an unzipped one, a folder).

    Raises:
        ValueError: for another ending, and for a file that is damaged.

    Example:
        >>> import kerasish as keras, os, tempfile
        >>> path = os.path.join(tempfile.mkdtemp(), "a.weights.h5")
        >>> keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, name="head")], name="m").save_weights(path)
        >>> editor = keras.saving.KerasFileEditor(path)  # doctest: +ELLIPSIS
        Keras model file '...a.weights.h5'
        >>> editor.summary()
        Weights structure
          layers
          └─ dense ('head')
             ├─ 0: shape=(2, 1), dtype=float32
             └─ 1: shape=(1,), dtype=float32
        >>> editor.rename_object("dense", "dense_1")
        >>> list(editor.weights_dict["layers"])
        ['dense_1']
    """

    @suggesting
    def __init__(self, filepath: PathLike) -> None:
        self.filepath: str = os.fspath(filepath)
        self.metadata = None
        self.config = None
        self.model = None
        self.weights_dict: dict[Any, Any] = {}
        self.object_metadata: dict[Any, Any] = {}
        with ExitStack() as stack:
            self._extract(self._open(stack), self.weights_dict, "")
        print(f"Keras model file {self.filepath!r}")
        if self.metadata is not None:
            print(
                f"Saved with Keras {self.metadata.get('keras_version', '(unknown)')} - date: "
                f"{self.metadata.get('date_saved', '(unknown)')}"
            )

    def _open(self, stack):
        """The checked `h5py.File` with the weights."""
        if self.filepath.endswith(".weights.h5"):
            return stack.enter_context(hdf5.opened(self.filepath))
        if self.filepath.endswith(".keras"):
            opened = stack.enter_context(archive.read(self.filepath))
            self.config = opened.config
            self._config_opened = json.dumps(opened.config)
            self.metadata = opened.metadata
            return stack.enter_context(opened.weights())
        raise ValueError(f"`filepath` must end in '.weights.h5' or '.keras', got {self.filepath!r}.")

    def _extract(self, group, found, path):
        """Put the objects and arrays below an HDF5 group into the dict `found`.

        An object's variables stand beside the objects within it.
        """
        own = group.get(VARIABLES)
        if isinstance(own, h5py.Group):
            self._remember(own, path)
            for name, tensor in tensors_of(own).items():
                found[name] = tensor.read()
        self._remember(group, path)
        for name, value in group.items():
            if isinstance(value, h5py.Dataset):
                found.update({name: tensors_of(group)[name].read()})
            elif name != VARIABLES:
                inner = {}
                self._extract(value, inner, f"{path}/{name}")
                if inner:
                    found[name] = inner

    def _remember(self, group, path):
        attributes = {str(key): value for key, value in group.attrs.items()}
        if attributes:
            self.object_metadata.setdefault(path, {}).update(attributes)

    # -- looking --------------------------------------------------------------------------------------------------

    def summary(self) -> None:
        """Print the tree of objects and weights, with shapes and dtypes."""
        print("Weights structure")
        self._print_tree(self.weights_dict, "  ", "")

    def _print_tree(self, tree, indent, path):
        top = path == ""
        for index, (name, value) in enumerate(tree.items()):
            last = index == len(tree) - 1
            branch = "" if top else "└─ " if last else "├─ "
            if isinstance(value, dict):
                label = self.object_metadata.get(f"{path}/{name}", {}).get("name")
                print(f"{indent}{branch}{name}" + (f" ('{label}')" if label is not None else ""))
                self._print_tree(value, indent + ("" if top else "   " if last else "│  "), f"{path}/{name}")
            else:
                print(f"{indent}{branch}{name}: shape={tuple(value.shape)}, dtype={value.dtype}")

    def compare(self, reference_model: Model) -> dict[str, Any]:
        """Print where the file and a model differ: objects and weights that one of them lacks, and shapes.

        Args:
            reference_model: a built model.

        Returns:
            A dict with "status" ("success" or "error"), "error_count" (differences) and "match_count" (weights that
            agree).
        """
        print("Running comparison")
        wanted = tree_of_model(reference_model)
        counts = {"errors": 0, "matches": 0}
        compare(self.weights_dict, wanted, "", counts)
        print("─" * 21)
        if counts["errors"]:
            print(f"Found {counted(counts['errors'], 'error')}: saved file is not compatible with the reference model")
        else:
            print(
                "Comparison successful: saved file is compatible with the reference model\n    Found "
                f"{counted(counts['matches'], 'matching weight')}"
            )
        return {
            "status": "error" if counts["errors"] else "success",
            "error_count": counts["errors"],
            "match_count": counts["matches"],
        }

    # -- changing -------------------------------------------------------------------------------------------------

    def rename_object(self, object_name: str, new_name: str) -> None:
        """Give an object (e.g. a layer) another name.

        Args:
            object_name: name, where only one object has it, or path ("layers/dense_2").
            new_name: name, not a path.

        Raises:
            ValueError: for an object that is not there, or a new name that is taken.
        """
        if not isinstance(new_name, str) or not new_name or "/" in new_name:
            raise ValueError(f"`new_name` must be a name, not a path, got {new_name!r}.")
        around, name, path = self._find(object_name)
        if new_name == name:
            return
        if new_name in around:
            raise ValueError(
                f"`new_name`={new_name!r} is taken: {path.rpartition('/')[0] or 'the file'} has it already. Delete or "
                "rename that one first."
            )
        members = [(new_name if key == name else key, value) for key, value in around.items()]
        around.clear()
        around.update(members)
        renamed = f"{path.rpartition('/')[0]}/{new_name}"
        for key in [key for key in self.object_metadata if key == path or key.startswith(f"{path}/")]:
            self.object_metadata[renamed + key[len(path) :]] = self.object_metadata.pop(key)

    def delete_object(self, object_name: str) -> None:
        """Remove an object (e.g. a layer) with everything in it.

        Args:
            object_name: name, where only one object has it, or path.

        Raises:
            ValueError: for an object that is not there.
        """
        around, name, path = self._find(object_name)
        del around[name]
        for key in [key for key in self.object_metadata if key == path or key.startswith(f"{path}/")]:
            del self.object_metadata[key]

    def add_object(self, object_path: str, weights: Mapping[str, Any]) -> None:
        """Add an object (e.g. a layer).

        Args:
            object_path: path ("layers/dense_2"); what is before the last "/" must be there.
            weights: dict from names ("0", "1", ...) to arrays, or to dicts of the objects within it.

        Raises:
            ValueError: for a place that is not there, or values that are no arrays.
        """
        weights = checked_weights(weights)
        around, _, name = object_path.rpartition("/")
        self._inside(around)[checked_name(name)] = weights

    def delete_weight(self, object_name: str, weight_name: str) -> None:
        """Remove one weight of an object.

        Args:
            object_name: name, where only one object has it, or path.
            weight_name: e.g. "0".

        Raises:
            ValueError: for an object or weight that is not there.
        """
        weights = self._object(object_name)
        if weight_name not in weights:
            raise ValueError(f"The object {object_name!r} has no weight {weight_name!r}. It has: {list(weights)}.")
        del weights[weight_name]

    def add_weights(self, object_name: str, weights: Mapping[str, TensorLike]) -> None:
        """Add weights to an object, or replace those of the same name.

        Args:
            object_name: name, where only one object has it, or path.
            weights: dict from names ("0", "1", ...) to arrays.

        Raises:
            ValueError: for an object that is not there, or values that are no arrays.
        """
        self._object(object_name).update(checked_weights(weights))

    def _object(self, name):
        around, key, path = self._find(name)
        if not isinstance(around[key], dict):
            raise ValueError(f"{path!r} is a weight, not an object.")
        return around[key]

    def _inside(self, path):
        """The dict of the object at `path`."""
        tree = self.weights_dict
        for part in path.split("/") if path else ():
            if not isinstance(tree, dict) or part not in tree:
                hint = did_you_mean(part, tree if isinstance(tree, dict) else ())
                raise ValueError(f"The file has no path {path!r}: {part!r} is missing.{hint}")
            tree = tree[part]
        if not isinstance(tree, dict):
            raise ValueError(f"{path!r} is a weight, not an object.")
        return tree

    def _find(self, name):
        """(dict that holds it, its key there, its path) of an object given by a path or a name that is used once."""
        if not isinstance(name, str) or not name.strip("/"):
            raise ValueError(f"The name of an object must be a string, got {name!r}.")
        if "/" in name:
            around, _, key = name.strip("/").rpartition("/")
            holder = self._inside(around)
            if key not in holder:
                hint = did_you_mean(key, holder, quoted=lambda near: f"'{around}/{near}'")
                raise ValueError(f"The file has no path {name!r}.{hint}")
            return holder, key, f"/{around}/{key}" if around else f"/{key}"
        found = list(places_of(self.weights_dict, name, ""))
        if not found:
            known = sorted({path.rpartition("/")[2] for path in object_paths(self.weights_dict, "")})
            hint = did_you_mean(name, known, count=2, otherwise=" `summary()` lists all objects.")
            raise ValueError(f"The file has no object {name!r}.{hint}")
        if len(found) > 1:
            raise ValueError(
                f"The name {name!r} is used {len(found)} times: pass a path, one of "
                f"{', '.join(repr(path.lstrip('/')) for _, path in found)}."
            )
        holder, path = found[0]
        return holder, name, path

    # -- writing --------------------------------------------------------------------------------------------------

    def save(self, filepath: PathLike) -> None:
        """Write what is in the editor now to a new file.

        Args:
            filepath: path that ends in ".weights.h5"; or in ".keras", where the editor was opened on such a file, whose
                config it keeps.

        Raises:
            ValueError: for another ending. A failed save leaves an old file whole.
        """
        filepath = os.fspath(filepath)
        if filepath.endswith(".keras") and self.config is not None:
            return self._save_archive(filepath)
        if not filepath.endswith(".weights.h5"):
            raise ValueError(
                "`filepath` must end in '.weights.h5' (or in '.keras', where the editor was opened on one), got "
                f"{filepath!r}."
            )
        with replacing(filepath) as temporary, created(temporary) as file:
            self._write(file, self.weights_dict, "")
            checksums.seal(file)

    def resave_weights(self, filepath: PathLike) -> None:
        """As `save`.

        Args:
            filepath: as for `save`.
        """
        self.save(filepath)

    def _write(self, file, tree, path):
        arrays = {name: value for name, value in tree.items() if not isinstance(value, dict)}
        label = self.object_metadata.get(path, {}).get("name")
        if arrays or label is not None:
            group = make_group(file, path.lstrip("/"), label)
            for name, value in arrays.items():
                low_bits.write_dataset(group, name, value)
        for name, value in tree.items():
            if isinstance(value, dict):
                self._write(file, value, f"{path}/{name}")

    def _save_archive(self, filepath):
        """A copy of the archive (or folder) that was opened, with the weights of the editor, as an archive."""
        if os.path.isdir(filepath):
            raise ValueError(
                f"`filepath` must be that of a file, got {filepath!r}, which is a folder. Choose another name."
            )
        with (
            archive.read(self.filepath) as opened,
            replacing(filepath) as temporary,
            tempfile.TemporaryFile() as scratch,
        ):
            if json.dumps(opened.config) != self._config_opened:
                raise ValueError(
                    f"{self.filepath!r} holds another model than when the editor opened it, whose weights would go "
                    "into that one. Make a new editor."
                )
            with created(scratch) as file:
                self._write(file, self.weights_dict, "")
            scratch.seek(0)
            with zipfile.ZipFile(temporary, "w") as target:
                for name, file in opened.files():
                    with target.open(name, "w", force_zip64=True) as member:
                        shutil.copyfileobj(scratch if name == WEIGHTS else file, member, 1 << 20)
