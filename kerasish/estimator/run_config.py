"""How an Estimator runs: what is written when, and how much is kept."""

from __future__ import annotations

import dataclasses
from typing import Any

from kerasish.typing import PathLike


@dataclasses.dataclass(frozen=True)
class RunConfig:
    """How an Estimator runs.

    Args:
        model_dir: path of the folder of checkpoints and events; None for a temporary one.
        tf_random_seed: int, with which initial weights, dropout and shuffling are drawn; None leaves the seed as it is.
        save_summary_steps: int, steps between two events.
        save_checkpoints_steps: int, steps between two checkpoints; None for none by steps.
        save_checkpoints_secs: int, seconds between two checkpoints, 600 where neither is given.
        keep_checkpoint_max: int, how many of the newest checkpoints are kept; 0 or None keeps all.
        log_step_count_steps: int, steps between two lines of the log; None for no lines.

    Raises:
        ValueError: for both `save_checkpoints_steps` and `save_checkpoints_secs`, and for numbers below 1.

    Example:
        >>> from kerasish import estimator
        >>> config = estimator.RunConfig(save_checkpoints_steps=100)
        >>> config.save_checkpoints_secs, config.replace(keep_checkpoint_max=2).keep_checkpoint_max
        (None, 2)
    """

    model_dir: PathLike | None = None
    tf_random_seed: int | None = None
    save_summary_steps: int | None = 100
    save_checkpoints_steps: int | None = None
    save_checkpoints_secs: float | None = None
    keep_checkpoint_max: int | None = 5
    log_step_count_steps: int | None = 100

    def __post_init__(self) -> None:
        if self.save_checkpoints_steps is not None and self.save_checkpoints_secs is not None:
            raise ValueError("Give either `save_checkpoints_steps` or `save_checkpoints_secs`, not both.")
        if self.save_checkpoints_steps is None and self.save_checkpoints_secs is None:
            object.__setattr__(self, "save_checkpoints_secs", 600)
        for name in ("save_summary_steps", "save_checkpoints_steps", "save_checkpoints_secs", "log_step_count_steps"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ValueError(f"`{name}` must be above 0, got {value!r}.")

    def replace(self, **changes: Any) -> RunConfig:
        """The same with some settings changed.

        Args:
            **changes: arguments of `RunConfig`.
        """
        if "save_checkpoints_steps" in changes:
            changes.setdefault("save_checkpoints_secs", None)
        elif "save_checkpoints_secs" in changes:
            changes.setdefault("save_checkpoints_steps", None)
        return dataclasses.replace(self, **changes)
