"""Arrays of other libraries in types that NumPy has not itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


def as_numpy(value: Any) -> np.ndarray[Any, Any]:
    """`np.asarray(value)`, also of a torch tensor in bfloat16, which knows no way to NumPy's (of `ml_dtypes`)."""
    import numpy as np  # start-up time: building a model needs no numbers

    try:
        return np.asarray(value)
    except TypeError:
        if str(getattr(value, "dtype", None)) != "torch.bfloat16":
            raise
    import ml_dtypes  # start-up time: few data are of it

    return np.asarray(value.detach().cpu().float()).astype(ml_dtypes.bfloat16)
