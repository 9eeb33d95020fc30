"""What users hand over as NumPy arrays, whoever made it: the device, another library, or Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerasish.backend.device import device

if TYPE_CHECKING:
    import numpy as np

    from kerasish.typing import DTypeLike


def as_numpy(value: Any, dtype: DTypeLike | None = None) -> np.ndarray[Any, Any]:
    """`np.asarray(value, dtype)`, also of arrays of the device and of lists that hold some.

    And of a torch tensor in bfloat16, which knows no way to NumPy's (of `ml_dtypes`).
    """
    import numpy as np  # start-up time: building a model needs no numbers

    try:
        return np.asarray(value, dtype)
    except TypeError:
        if isinstance(value, (list, tuple)) or device().is_array(value):
            return np.asarray(_all_fetched(value), dtype)
        if str(getattr(value, "dtype", None)) != "torch.bfloat16":
            raise
    import ml_dtypes  # start-up time: few data are of it

    return np.asarray(value.detach().cpu().float(), dtype or ml_dtypes.bfloat16)


def fetched(value: Any) -> Any:
    """An array of the device as NumPy's; all else, and what NumPy has already, as it is."""
    import numpy as np  # start-up time: building a model needs no numbers

    if isinstance(value, (np.ndarray, np.generic)) or not device().is_array(value):
        return value
    return device().to_host(value)


def _all_fetched(value):
    return [_all_fetched(part) for part in value] if isinstance(value, (list, tuple)) else fetched(value)
