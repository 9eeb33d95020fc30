"""`keras.distribution`: programs that train in several processes, each on its share of every batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerasish.lazy import lazy

if TYPE_CHECKING:
    from kerasish.distribution.current import distribution, set_distribution
    from kerasish.distribution.data_parallel import DataParallel
    from kerasish.distribution.device_mesh import DeviceMesh
    from kerasish.distribution.layout_map import LayoutMap
    from kerasish.distribution.model_parallel import ModelParallel
    from kerasish.distribution.processes import get_device_count, initialize, list_devices
    from kerasish.distribution.tensor_layout import TensorLayout, distribute_tensor
else:
    __getattr__, __dir__ = lazy(
        __name__,
        {
            "kerasish.distribution.current": "distribution set_distribution",
            "kerasish.distribution.data_parallel": "DataParallel",
            "kerasish.distribution.device_mesh": "DeviceMesh",
            "kerasish.distribution.layout_map": "LayoutMap",
            "kerasish.distribution.model_parallel": "ModelParallel",
            "kerasish.distribution.processes": "get_device_count initialize list_devices",
            "kerasish.distribution.tensor_layout": "TensorLayout distribute_tensor",
        },
    )

__all__ = [
    "DataParallel",
    "DeviceMesh",
    "LayoutMap",
    "ModelParallel",
    "TensorLayout",
    "distribute_tensor",
    "distribution",
    "get_device_count",
    "initialize",
    "list_devices",
    "set_distribution",
]
