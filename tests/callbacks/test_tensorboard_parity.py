"""The runs, tags, steps and numbers of TensorBoard's files beside those that Keras writes through TensorFlow."""

import os
import subprocess
import sys

import numpy as np
import pytest
import tensorboard_trainings
from event_files import run

pytestmark = pytest.mark.parity


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """The folder that each library wrote to."""
    found = {}
    for library in ("keras", "kerasish"):
        found[library] = tmp_path_factory.mktemp(library)
        done = subprocess.run(
            [sys.executable, tensorboard_trainings.__file__, library, str(found[library])],
            capture_output=True,
            text=True,
            env={**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert done.returncode == 0, done.stderr
    return found


def numbers(folder):
    """Dict from a tag to (step, value) pairs: TensorFlow writes numbers as tensors."""
    events = run(folder)
    found = {tag: [(e.step, e.value) for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]}
    for tag in events.Tags()["tensors"]:
        if events.SummaryMetadata(tag).plugin_data.plugin_name == "scalars":
            found[tag] = [(event.step, number(event.tensor_proto)) for event in events.Tensors(tag)]
    return found


def number(tensor):
    return np.frombuffer(tensor.tensor_content, "float32")[0] if tensor.tensor_content else tensor.float_val[0]


@pytest.mark.parametrize("name", [*tensorboard_trainings.SETTINGS, "evaluation"])
@pytest.mark.parametrize("part", ["train", "validation"])
def test_numbers(folders, name, part):
    places = [folders[library] / name / part for library in ("kerasish", "keras")]
    ours, theirs = (numbers(place) if place.exists() else {} for place in places)
    assert set(ours) == set(theirs)
    for tag, values in theirs.items():
        if name == "every other" and "batch" not in tag:
            # Keras leaves out epochs and evaluations whose last step is none of every other; nobody asks for that.
            ours[tag] = [(step, value) for step, value in ours[tag] if step in dict(values)]
        assert [step for step, _ in ours[tag]] == [step for step, _ in values], tag
        if "per_second" not in tag:
            np.testing.assert_allclose([v for _, v in ours[tag]], [v for _, v in values], rtol=1e-5, err_msg=tag)


def test_histograms_and_pictures(folders):
    found = {}
    for library, folder in folders.items():
        events = run(folder / "histograms" / "train")
        tags = [*events.Tags()["histograms"], *events.Tags()["tensors"]]
        found[library] = {tag for tag in tags if tag.endswith(("/histogram", "/image"))}
    assert found["keras"] == found["kerasish"] and len(found["keras"]) == 4
