"""What a model writes to files and reads from them."""

from __future__ import annotations

from typing import Any

from kerasish.typing import PathLike


class ModelFiles:
    """The part of `Model` that saves, loads and exports; each format's code is imported when it is asked for."""

    def save(self, filepath: PathLike, overwrite: bool = True, zipped: bool | None = None, **kwargs: Any) -> None:
        """Write architecture, weights and training state: to a ".keras" archive, or to the HDF5 of Keras 1 and 2.

        The file appears whole or not at all: a failed save leaves the old file as it was.

        Args:
            filepath: path that ends in ".keras", ".h5" or ".hdf5".
            overwrite: bool, whether an existing file may be replaced (asked for on a terminal otherwise).
            zipped: False writes a folder in place of a ".keras" archive, whatever the path ends in (as in Keras).
            **kwargs: `include_optimizer=False` leaves the optimizer's state out of an HDF5 file; `save_format`, Keras
                2's word for the ending.

        Raises:
            ValueError: for another ending, and for what the HDF5 of Keras 1 and 2 can't express.
            FileExistsError: for an existing file that may not be replaced.

        Example:
            >>> import kerasish as keras, os, tempfile
            >>> path = os.path.join(tempfile.mkdtemp(), "model.keras")
            >>> keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).save(path)
            >>> keras.models.load_model(path).count_params()
            3
        """
        from kerasish.files.saving_api import save_model  # start-up time: most scripts open no file

        save_model(self, filepath, overwrite=overwrite, zipped=zipped, **kwargs)

    def save_weights(self, filepath: PathLike, overwrite: bool = True, max_shard_size: float | None = None) -> None:
        """Write the weights.

        Args:
            filepath: path that ends in ".weights.h5", in ".weights.json" (an index, with the numbers in several files
                beside it), in ".h5" (Keras 1 and 2) or in ".safetensors".
            overwrite: bool, whether an existing file may be replaced (asked for on a terminal otherwise).
            max_shard_size: gigabytes (2**30 bytes) in one of the files beside a ".weights.json"; 5 when None.

        Raises:
            ValueError: for another ending, and for a model that is not built.
            FileExistsError: for an existing file that may not be replaced. A failed save leaves the old file whole.

        Example:
            >>> import kerasish as keras, os, tempfile
            >>> path = os.path.join(tempfile.mkdtemp(), "model.weights.h5")
            >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
            >>> model.save_weights(path)
            >>> model.load_weights(path)
        """
        from kerasish.files.saving_api import save_weights  # start-up time, as in `save`

        save_weights(self, filepath, overwrite=overwrite, max_shard_size=max_shard_size)

    def save_in_background(self, filepath: PathLike, weights_only: bool = False, **kwargs: Any) -> Any:
        """Save the model as it is now, in a thread: only the copies of its weights are waited for.

        Training may go on meanwhile; what is written are the copies.

        Args:
            filepath: path, as for `save` or `save_weights`.
            weights_only: bool, whether to save the weights alone.
            **kwargs: arguments of `save` or `save_weights`.

        Returns:
            An object whose `wait()` returns when the file is there, or raises what went wrong; `done` tells whether it
            has ended.

        Example:
            >>> import kerasish as keras, os, tempfile
            >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
            >>> path = os.path.join(tempfile.mkdtemp(), "model.weights.h5")
            >>> model.save_in_background(path, weights_only=True).wait()
            >>> os.path.exists(path)
            True
        """
        from kerasish.files.background import Saving  # start-up time, as in `save`

        save = self.save_weights if weights_only else self.save
        return Saving(self, lambda: save(filepath, **kwargs))

    def load_weights(self, filepath: PathLike, skip_mismatch: bool = False, **kwargs: Any) -> None:
        """Set the weights from a file of weights, or of a whole model, of any version of Keras.

        Args:
            filepath: path of the file, or of the ".weights.json" index of several; of a checkpoint of TensorFlow
                ("ckpt-12"), or of a folder whose file `checkpoint` names the newest.
            skip_mismatch: bool. Leave layers alone (with a warning) whose number or shapes of weights differ.
            **kwargs: `by_name=True` matches layers by name, not by order (HDF5 of Keras 1 and 2), or weights by names
                (checkpoints); a dict as `by_name` maps names or scopes of a checkpoint to the model's;
                `objects_to_skip`, layers to leave alone (files of Keras 3).

        Raises:
            ValueError: when the file does not fit; nothing is changed then.
        """
        from kerasish.files.saving_api import load_weights  # start-up time, as in `save`

        load_weights(self, filepath, skip_mismatch=skip_mismatch, **kwargs)

    def export(
        self,
        filepath: PathLike,
        format: str = "tf_saved_model",
        verbose: bool | None = None,
        input_signature: Any = None,
        **kwargs: Any,
    ) -> None:
        """Write the model for other programs, as it computes in inference.

        Args:
            filepath: path of the file; of "tfjs" that of a folder.
            format: "onnx"; "c", a shared library and its header; "tfjs", the layers model of TensorFlow.js; "openvino"
                and "torch", where their packages are installed. Keras's default, "tf_saved_model", needs TensorFlow's
                functions and is refused.
            verbose: bool, whether to print where it was written.
            input_signature: list with a structure of `InputSpec`s, `KerasTensor`s or arrays for each argument of the
                call; None for what the model was built on.
            **kwargs: of "onnx": `opset_version`, int from 17 (18 when None), and `external_data`, whether the numbers
                lie in a file beside (None: above 2 GB). Of "c": `batch_size`, `signatures`, `target`, `threads`,
                `weights` and `blas` (docs/export.md). Of "tfjs": `quantization`, "uint8", "uint16" or "float16".

        Raises:
            ValueError: for another format, for a model whose shapes are not known, and for what the format can't say,
                naming the layer.
            ImportError: where the package of the format is missing.

        Example:
            >>> import kerasish as keras, os, tempfile
            >>> path = os.path.join(tempfile.mkdtemp(), "model.onnx")
            >>> keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)]).export(path, format="onnx")
            >>> os.path.exists(path)
            True
        """
        from kerasish.export.formats import export_model  # start-up time: few models are exported

        export_model(self, filepath, format, verbose, input_signature, **kwargs)
