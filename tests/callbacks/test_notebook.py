"""What stays in a saved notebook of a training: the loss of each epoch as text, no bar, no warning."""

import pathlib
import re

import nbclient
import nbformat
import pytest

pytestmark = pytest.mark.slow  # it starts a kernel

ROOT = pathlib.Path(__file__).parents[2]
SETUP = """
import sys, time
import numpy as np
import kerasish as keras

class Slowly(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        time.sleep(0.15)
    on_test_batch_end = on_predict_batch_end = on_train_batch_end

x = y = np.ones((6, 1))
slowly = [Slowly()]
model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="zeros")])
model.compile("sgd", "mse", metrics=["mae"])
"""
STEP = r"\d+s - \d+[mu]?s/step"
LOGS = r" - loss: [\d.e-]+ - mae: [\d.e-]+"
VALIDATION = r" - val_loss: [\d.e-]+ - val_mae: [\d.e-]+"
CELLS = {
    "model.fit(x, y, batch_size=2, epochs=2, validation_data=(x, y), callbacks=slowly);": [
        f"Epoch 1/2 - 3/3 - {STEP}{LOGS}{VALIDATION}",
        f"Epoch 2/2 - 3/3 - {STEP}{LOGS}{VALIDATION}",
    ],
    "model.fit(x, y, batch_size=2, callbacks=slowly);": [f"3/3 - {STEP}{LOGS}"],
    "model.fit(x, y, epochs=7, initial_epoch=5);": [f"Epoch {n}/7 - 1/1 - {STEP}{LOGS}" for n in (6, 7)],
    "model.fit(x, y, batch_size=2, epochs=2, verbose=2, callbacks=slowly);": [
        f"Epoch {n}/2 - 3/3 - {STEP}{LOGS}" for n in (1, 2)
    ],
    "model.fit(x, y, verbose=0, callbacks=slowly);": [],
    "model.evaluate(x, y, batch_size=2, callbacks=slowly);": [f"3/3 - {STEP}{LOGS}"],
    "model.evaluate(x, y, batch_size=2, verbose=2);": [f"3/3 - {STEP}{LOGS}"],
    "model.predict(x, batch_size=2, callbacks=slowly);": [f"3/3 - {STEP}"],
    "model.predict(x, batch_size=2, verbose=2);": [f"3/3 - {STEP}"],
    "bar = keras.utils.Progbar(2, interval=0)\nbar.add(1, [('loss', 1.0)])\nbar.add(1, [('loss', 1.0)])": [
        f"2/2 - {STEP} - loss: 1.0000"
    ],
    "print('tqdm' in sys.modules)": ["False"],
}


class Client(nbclient.NotebookClient):
    """Runs a notebook, and keeps what each display showed on its way."""

    def process_message(self, message, cell, cell_index):
        if message["msg_type"] in ("display_data", "update_display_data"):
            SHOWN.setdefault(cell.source, []).append(message["content"]["data"]["text/plain"])
        return super().process_message(message, cell, cell_index)


SHOWN = {}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """The outputs of each cell, by its source, as they lie in the saved file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (SETUP, *CELLS)])
        folder = tmp_path_factory.mktemp("notebook")
        Client(notebook, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    nbformat.write(notebook, folder / "saved.ipynb")
    return {cell.source: cell.outputs for cell in nbformat.read(folder / "saved.ipynb", as_version=4).cells}


@pytest.mark.parametrize("cell", CELLS)
def test_what_stays_in_a_saved_notebook(cell, outputs):
    kept = outputs[cell]
    printed = "".join(output["text"] for output in kept if output["output_type"] == "stream")
    lines, expected = printed.splitlines(), CELLS[cell]
    assert len(lines) == len(expected), printed
    for line, pattern in zip(lines, expected):
        assert re.fullmatch(pattern, line)
    assert all(output.get("name") == "stdout" for output in kept if output["output_type"] == "stream"), "no warning"
    bars = [output["data"] for output in kept if output["output_type"] == "display_data"]
    assert all(data == {"text/plain": ""} for data in bars), "the bar is gone"
    assert len(bars) <= 1, "one output for all epochs: front ends show but some dozens"


def test_the_bar_moves_meanwhile(outputs):
    first, shown = next(iter(CELLS)), SHOWN
    assert shown[first][0] == "Epoch 1/2 0/3 ──────────────────── 0s"
    assert any(re.match(r"Epoch 2/2 2/3 ━{13}─{7} \d+s \d+ms/step - loss: ", text) for text in shown[first])
    assert shown[first][-1] == ""
    quiet = [cell for cell in CELLS if "verbose" in cell or "print" in cell]
    assert quiet and not any(cell in shown for cell in quiet)
