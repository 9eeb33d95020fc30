"""When `train_and_evaluate` exports."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from typing import Any

from kerasish.typing import PathLike
from kerasish.whole_files import replacing


class Exporter:
    """Decides at each evaluation of `train_and_evaluate` whether the model is exported: a subclass does.

    Example:
        >>> from kerasish import estimator
        >>> estimator.FinalExporter("served", lambda: None).name
        'served'
    """

    @property
    def name(self) -> str:
        """The name of its folder, below "MODEL_DIR/export"."""
        raise NotImplementedError(f"{type(self).__name__} must define `name`.")

    def export(
        self,
        estimator: Any,
        export_path: PathLike,
        checkpoint_path: PathLike | None,
        eval_result: Mapping[str, Any],
        is_the_final_export: bool,
    ) -> str | None:
        """Called behind each evaluation.

        Args:
            estimator: `Estimator`.
            export_path: path of the folder for its versions.
            checkpoint_path: path of the checkpoint that was evaluated.
            eval_result: what `evaluate` returned.
            is_the_final_export: bool, whether the training has ended.

        Returns:
            Path of the new version, or None.
        """
        raise NotImplementedError(f"{type(self).__name__} must define `export`.")


class _ServingExporter(Exporter):
    def __init__(self, name: str, serving_input_receiver_fn: Callable[[], Any]) -> None:
        if not isinstance(name, str) or not name:
            raise ValueError(f"`name` must be the name of a folder, got {name!r}.")
        self._name, self._receiver_fn = name, serving_input_receiver_fn

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self._name

    def _export(self, estimator, export_path, checkpoint_path):
        return estimator.export_saved_model(export_path, self._receiver_fn, checkpoint_path)


class FinalExporter(_ServingExporter):
    """Exports once, when the training has ended.

    Args:
        name: string, the folder's.
        serving_input_receiver_fn: as of `Estimator.export_saved_model`.

    Raises:
        ValueError: for an empty name.

    Example:
        >>> from kerasish import estimator
        >>> exporter = estimator.FinalExporter("served", lambda: None)
    """

    def export(
        self,
        estimator: Any,
        export_path: PathLike,
        checkpoint_path: PathLike | None,
        eval_result: Mapping[str, Any],
        is_the_final_export: bool,
    ) -> str | None:
        return self._export(estimator, export_path, checkpoint_path) if is_the_final_export else None


class LatestExporter(_ServingExporter):
    """Exports at each evaluation, and keeps the newest.

    Args:
        name: string, the folder's.
        serving_input_receiver_fn: as of `Estimator.export_saved_model`.
        exports_to_keep: int, how many versions are kept; None keeps all.

    Raises:
        ValueError: for an empty name, and numbers below 1.

    Example:
        >>> from kerasish import estimator
        >>> exporter = estimator.LatestExporter("served", lambda: None, exports_to_keep=2)
    """

    def __init__(
        self, name: str, serving_input_receiver_fn: Callable[[], Any], exports_to_keep: int | None = 5
    ) -> None:
        super().__init__(name, serving_input_receiver_fn)
        if exports_to_keep is not None and exports_to_keep < 1:
            raise ValueError(f"`exports_to_keep` must be at least 1, got {exports_to_keep!r}.")
        self._keep = exports_to_keep

    def export(
        self,
        estimator: Any,
        export_path: PathLike,
        checkpoint_path: PathLike | None,
        eval_result: Mapping[str, Any],
        is_the_final_export: bool,
    ) -> str | None:
        path = self._export(estimator, export_path, checkpoint_path)
        versions = sorted(int(name) for name in os.listdir(export_path) if name.isdigit())
        for version in versions[: -self._keep] if self._keep else []:
            shutil.rmtree(os.path.join(export_path, str(version)))
        return path


def loss_smaller(best_eval_result: Mapping[str, Any], current_eval_result: Mapping[str, Any]) -> bool:
    """Whether the loss is smaller than the best so far.

    Args:
        best_eval_result: what `evaluate` returned for the best.
        current_eval_result: what it returned now.

    Returns:
        Bool.

    Raises:
        ValueError: where one has no "loss".

    Example:
        >>> from kerasish import estimator
        >>> estimator.loss_smaller({"loss": 0.5}, {"loss": 0.4})
        True
    """
    for name, result in (("best_eval_result", best_eval_result), ("current_eval_result", current_eval_result)):
        if "loss" not in result:
            raise ValueError(f"`{name}` has no 'loss', only {', '.join(result)}.")
    return current_eval_result["loss"] < best_eval_result["loss"]


class BestExporter(LatestExporter):
    """Exports at each evaluation that is the best so far.

    The best is known again when the training goes on: it is kept beside the versions, in "best.json".

    Args:
        name: string, the folder's.
        serving_input_receiver_fn: as of `Estimator.export_saved_model`.
        compare_fn: function (best result, current result) that is true where the current one is better.
        exports_to_keep: int, how many versions are kept; None keeps all.

    Raises:
        ValueError: for an empty name, numbers below 1, and a `compare_fn` that is no function.

    Example:
        >>> from kerasish import estimator
        >>> def more_accurate(best_eval_result, current_eval_result):
        ...     return current_eval_result["accuracy"] > best_eval_result["accuracy"]
        >>> exporter = estimator.BestExporter("best", lambda: None, compare_fn=more_accurate)
    """

    def __init__(
        self,
        name: str = "best_exporter",
        serving_input_receiver_fn: Callable[[], Any] | None = None,
        compare_fn: Callable[[Mapping[str, Any], Mapping[str, Any]], bool] = loss_smaller,
        exports_to_keep: int | None = 5,
    ) -> None:
        if serving_input_receiver_fn is None:
            raise ValueError("`serving_input_receiver_fn` is missing.")
        if not callable(compare_fn):
            raise ValueError(f"`compare_fn` must be a function of two results, got {compare_fn!r}.")
        super().__init__(name, serving_input_receiver_fn, exports_to_keep)
        self._compare_fn = compare_fn

    def export(
        self,
        estimator: Any,
        export_path: PathLike,
        checkpoint_path: PathLike | None,
        eval_result: Mapping[str, Any],
        is_the_final_export: bool,
    ) -> str | None:
        best = _read_best(export_path)
        if best is not None and not self._compare_fn(best, eval_result):
            return None
        path = super().export(estimator, export_path, checkpoint_path, eval_result, is_the_final_export)
        _write_best(export_path, eval_result)
        return path


def _read_best(folder):
    path = os.path.join(folder, "best.json")
    if not os.path.isfile(path):
        return None
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def _write_best(folder, result):
    plain = {name: value for name, value in result.items() if isinstance(value, (int, float))}
    path = os.path.join(folder, "best.json")
    with replacing(path) as part, open(part, "w", encoding="utf-8") as file:
        json.dump(plain, file)
