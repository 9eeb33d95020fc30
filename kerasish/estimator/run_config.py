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
        session_config: accepted: here no session runs, and `KERASISH_NUM_THREADS` says how many threads compute.
        keep_checkpoint_every_n_hours: accepted: `keep_checkpoint_max` says how many are kept.
        device_fn: accepted, as the three below: they say how TensorFlow's servers are reached.
        protocol: accepted.
        session_creation_timeout_secs: accepted.
        experimental_max_worker_delay_secs: accepted.
        train_distribute: None: Estimators train in one process, and `keras.distribution` is for models.
        eval_distribute: None, as above.

    Raises:
        ValueError: for both `save_checkpoints_steps` and `save_checkpoints_secs`, for numbers below 1, and for a
            strategy of distribution.

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
    session_config: Any = None
    keep_checkpoint_every_n_hours: float = 10000
    device_fn: Any = None
    protocol: str | None = None
    session_creation_timeout_secs: float = 7200
    experimental_max_worker_delay_secs: float | None = None
    train_distribute: Any = None
    eval_distribute: Any = None

    def __post_init__(self) -> None:
        if self.save_checkpoints_steps is not None and self.save_checkpoints_secs is not None:
            raise ValueError("Give either `save_checkpoints_steps` or `save_checkpoints_secs`, not both.")
        if self.save_checkpoints_steps is None and self.save_checkpoints_secs is None:
            object.__setattr__(self, "save_checkpoints_secs", 600)
        for name in ("save_summary_steps", "save_checkpoints_steps", "save_checkpoints_secs", "log_step_count_steps"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ValueError(f"`{name}` must be above 0, got {value!r}.")
        if self.keep_checkpoint_max is not None and self.keep_checkpoint_max < 0:
            raise ValueError(f"`keep_checkpoint_max` must be at least 0, got {self.keep_checkpoint_max!r}.")
        for name in ("train_distribute", "eval_distribute"):
            if getattr(self, name) is not None:
                raise ValueError(
                    f"`{name}` must be None: an Estimator trains in one process. A Keras model trains in several, see "
                    "`keras.distribution`."
                )

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
