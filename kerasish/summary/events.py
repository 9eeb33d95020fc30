"""What is used of tensorboardX; importing this needs it."""

from __future__ import annotations

from typing import Any

import numpy as np
from tensorboardX.event_file_writer import EventsWriter
from tensorboardX.proto.api_pb2 import Status
from tensorboardX.proto.attr_value_pb2 import AttrValue
from tensorboardX.proto.event_pb2 import Event, SessionLog
from tensorboardX.proto.graph_pb2 import GraphDef
from tensorboardX.proto.node_def_pb2 import NodeDef
from tensorboardX.proto.plugin_hparams_pb2 import HParamsPluginData, SessionEndInfo, SessionStartInfo
from tensorboardX.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboardX.proto.tensor_pb2 import TensorProto
from tensorboardX.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboardX.proto.types_pb2 import DT_STRING
from tensorboardX.proto.versions_pb2 import VersionDef
from tensorboardX.summary import histogram, text

__all__ = [
    "AttrValue",
    "GraphDef",
    "HParamsPluginData",
    "NodeDef",
    "SessionEndInfo",
    "SessionStartInfo",
    "Status",
    "VersionDef",
    "DT_STRING",
    "Event",
    "EventsWriter",
    "SessionLog",
    "Summary",
    "SummaryMetadata",
    "TensorProto",
    "TensorShapeProto",
    "finite",
    "histogram",
    "text",
]


def finite(values: Any) -> Any:
    """The finite numbers of an array, in a row."""
    values = np.asarray(values, "float64").ravel()
    return values[np.isfinite(values)]
