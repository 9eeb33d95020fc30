"""Embeddings for TensorBoard's projector."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kerasish.typing import PathLike
from kerasish.whole_files import replacing

if TYPE_CHECKING:
    from kerasish.models.model import Model

_FOLDER = "embeddings"


class Projector:
    """Writes the tables of a model's embedding layers, each as it was last, and what TensorBoard is to show of them.

    Args:
        log_dir: path of TensorBoard's folder.
        model: built model.
        metadata: dict from a layer's name to the path of a file with a line for each row of its table (and one with
            the names of the columns before, where there are several); a path for all; or None. Relative paths start
            at `log_dir`.

    Raises:
        ValueError: for a name that no embedding layer has.
    """

    def __init__(self, log_dir: str, model: Model, metadata: Mapping[str, PathLike] | PathLike | None) -> None:
        self._log_dir = log_dir
        self._layers = [layer for layer in model._flatten_layers() if _table(layer) is not None]
        names = [layer.name for layer in self._layers]
        if isinstance(metadata, Mapping):
            unknown = [name for name in metadata if name not in names]
            if unknown:
                raise ValueError(
                    f"Unrecognized layer names in `embeddings_metadata` of `TensorBoard`: {unknown}. The embedding "
                    f"layers are {names}."
                )
            self._metadata = {name: os.fspath(path) for name, path in metadata.items()}
        else:
            self._metadata = {} if metadata is None else dict.fromkeys(names, os.fspath(metadata))

    def write(self, epoch: int) -> None:
        """Write the tables.

        Args:
            epoch: int, which is said beside their names.
        """
        shown = []
        for layer in self._layers:
            path = os.path.join(_FOLDER, f"{layer.path.replace('/', '.')}.tsv")
            self._write_table(os.path.join(self._log_dir, path), _table(layer).numpy())
            facts = {"tensor_name": f"{layer.name} (epoch {epoch})", "tensor_path": path}
            if layer.name in self._metadata:
                facts["metadata_path"] = self._metadata[layer.name]
            shown.append(facts)
        if shown:
            with self._file("projector_config.pbtxt") as file:
                for facts in shown:
                    # JSON's strings are strings of a text of Protocol Buffers, too.
                    lines = "".join(f"  {name}: {json.dumps(value)}\n" for name, value in facts.items())
                    file.write(f"embeddings {{\n{lines}}}\n")

    def _write_table(self, path, values):
        with self._file(path) as file:
            for row in values:
                file.write("\t".join(f"{value:.6g}" for value in row.tolist()) + "\n")

    def _file(self, path):
        return _TextFile(os.path.join(self._log_dir, path))


class _TextFile:
    """A file of text that appears whole."""

    def __init__(self, path: str) -> None:
        self._replacing = replacing(path)

    def __enter__(self) -> Any:
        self._file = open(self._replacing.__enter__(), "w", encoding="utf-8")
        return self._file

    def __exit__(self, *exc: Any) -> Any:
        self._file.close()
        return self._replacing.__exit__(*exc)


def _table(layer):
    """The table of an embedding layer, or None."""
    return getattr(layer, "embeddings", None) if type(layer).__name__.endswith("Embedding") else None
