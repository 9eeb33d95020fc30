"""TensorBoard's own reader, for the tests of what is written for it."""

import os
import sys
import types

# With a module of this name TensorBoard reads by itself; else it loads TensorFlow, where that is installed.
sys.modules.setdefault("tensorboard.compat.notf", types.ModuleType("tensorboard.compat.notf"))

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # noqa: E402

_ALL = dict.fromkeys(("scalars", "tensors", "histograms", "images"), 0)


def run(folder):
    """The events of a run, all of them."""
    found = EventAccumulator(str(folder), size_guidance=_ALL)
    found.Reload()
    return found


def scalars(folder):
    """Dict from a tag to (step, value) pairs; empty where the folder is not there."""
    if not os.path.isdir(folder):
        return {}
    events = run(folder)
    return {tag: [(e.step, e.value) for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}


def pictures(events, tag):
    """The PNG files of a tag at its last step."""
    return list(events.Tensors(tag)[-1].tensor_proto.string_val)[2:]
