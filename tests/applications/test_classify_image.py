"""`examples/classify_image.py` from the photograph to the picture with five bars."""

import hashlib
import json
import runpy
import sys

import numpy as np
import pytest
from PIL import Image
from skimage import data

from kerasish import applications
from kerasish.applications import hashes, imagenet_utils
from tests.applications.conftest import ROOT

pytestmark = pytest.mark.slow

EXAMPLE = str(ROOT / "examples" / "classify_image.py")


@pytest.fixture
def classes(recorded, served, monkeypatch):
    """A class index of its own making, served in the official one's place."""
    content = json.dumps({str(i): [f"n{i:08d}", f"thing_{i}"] for i in range(1000)}).encode()
    path = recorded.folder / "served" / imagenet_utils.CLASS_INDEX_FOLDER / imagenet_utils.CLASS_INDEX_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    monkeypatch.setitem(
        hashes.HASHES, imagenet_utils.CLASS_INDEX_FILE, hashlib.md5(content, usedforsecurity=False).hexdigest()
    )
    imagenet_utils.class_index.cache_clear()
    yield
    imagenet_utils.class_index.cache_clear()
    path.unlink()


def test_a_photograph_is_classified_and_drawn(classes, tmp_path, monkeypatch, capsys):
    photo, weights, picture = (str(tmp_path / name) for name in ("cat.png", "own.weights.h5", "answer.png"))
    Image.fromarray(data.chelsea()).save(photo)
    model = applications.MobileNetV3Small(weights=None)
    bias = model.get_layer("logits").bias
    bias.assign(np.where(np.arange(1000) == 281, 9.0, 0.0).astype("float32"))
    model.save_weights(weights)
    monkeypatch.setattr(
        sys,
        "argv",
        ["classify_image.py", photo, "--model", "MobileNetV3Small", "--weights", weights, "--output", picture],
    )
    runpy.run_path(EXAMPLE, run_name="__main__")
    lines = capsys.readouterr().out.splitlines()[-6:]
    assert lines[0].endswith("thing 281") and lines[-1] == f"wrote {picture}"
    assert Image.open(picture).size[0] > 500


def test_what_is_no_photograph_is_said_in_a_line(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["classify_image.py", str(tmp_path / "nothing.png")])
    with pytest.raises(SystemExit, match="classify_image: .*nothing.png"):
        runpy.run_path(EXAMPLE, run_name="__main__")
