"""`History` as curves and as a table, and curves that grow in a notebook."""

import sys
import xml.etree.ElementTree

import numpy as np
import pytest

import kerasish as keras
from kerasish.callbacks import live_plot

X, Y = np.ones((4, 2), "float32"), np.ones((4, 1), "float32")


def trained(epochs=3, **arguments):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    return model.fit(X, Y, epochs=epochs, verbose=0, **arguments)


def test_curves_of_training_and_validation():
    history = trained(validation_data=(X, Y))
    figure = history.plot()
    titles = [axis.get_title() for axis in figure.axes]
    assert titles == ["loss", "mae"]
    solid, dashed = figure.axes[titles.index("mae")].lines
    assert solid.get_linestyle() == "-" and dashed.get_linestyle() == "--"
    assert list(solid.get_xdata()) == [1, 2, 3]
    np.testing.assert_allclose(solid.get_ydata(), history.history["mae"])
    np.testing.assert_allclose(dashed.get_ydata(), history.history["val_mae"])
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["training", "validation"]


def test_some_curves_into_given_axes():
    from matplotlib.figure import Figure

    history, figure = trained(), Figure()
    assert history.plot("loss", figure.subplots()) is figure
    assert [axis.get_title() for axis in figure.axes] == ["loss"] and figure.axes[0].get_legend() is None
    assert len(history.plot(["mae", "loss"]).axes) == 2


def test_what_can_not_be_drawn(monkeypatch):
    history = trained()
    with pytest.raises(ValueError, match="'los' was not logged.*Did you mean 'loss'"):
        history.plot("los")
    with pytest.raises(ValueError, match="nothing to draw"):
        keras.callbacks.History().plot()
    with pytest.raises(ValueError, match="`axes` must hold one for each of 2"):
        history.plot(axes=[history.plot("loss").axes[0]])
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r'pip install "kerasish\[plot\]"'):
        history.plot()


def cells(history):
    table = xml.etree.ElementTree.fromstring(history._repr_html_())
    return [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]


def test_a_table_in_notebooks():
    history = trained(validation_data=(X, Y))
    rows = cells(history)
    assert rows[0] == ["epoch", *history.history] and len(rows) == 4
    assert rows[1][:2] == ["1", f"{history.history['loss'][0]:.4g}"]
    assert cells(keras.callbacks.History()) == [["epoch"]]


def test_a_long_table_shows_its_ends_and_names_are_text():
    history = keras.callbacks.History()
    history.on_train_begin()
    for epoch in range(100):
        history.on_epoch_end(epoch, {"<b>": 1.0, **({"late": 2.0} if epoch > 97 else {})})
    rows = cells(history)
    assert [row[0] for row in rows] == ["epoch", "1", "2", "3", "…", *map(str, range(84, 101))]
    assert rows[0][1] == "<b>" and rows[1][2] == "" and rows[-1][2] == "2"


def test_live_curves_are_drawn_into_a_file(tmp_path):
    path = tmp_path / "curves.png"
    trained(callbacks=[keras.callbacks.LivePlot("loss", path=path)])
    assert path.read_bytes().startswith(b"\x89PNG")


class Cell:
    """What a notebook shows, with how often each picture changed."""

    def __init__(self):
        self.changes = []

    def display(self, picture, display_id=False):
        assert display_id and picture.data.startswith(b"\x89PNG")
        self.changes.append(1)
        return self

    def update(self, picture):
        assert picture.data.startswith(b"\x89PNG")
        self.changes[-1] += 1


@pytest.mark.parametrize("every, changes", [(1, [5]), (2, [3]), (9, [1])])
def test_live_curves_in_a_notebook(monkeypatch, every, changes):
    cell = Cell()
    monkeypatch.setattr(live_plot, "in_notebook", lambda: True)
    monkeypatch.setattr("IPython.display.display", cell.display)
    plot = keras.callbacks.LivePlot(every=every)
    trained(5, callbacks=[plot])
    assert cell.changes == changes
    trained(5, callbacks=[plot], validation_data=(X, Y))
    assert cell.changes == changes * 2  # another training, another picture


def test_outside_of_notebooks_nothing_is_drawn(monkeypatch):
    monkeypatch.setattr(live_plot, "draw_curves", lambda *args: pytest.fail("nobody sees it"))
    trained(callbacks=[keras.callbacks.LivePlot()])


def test_bad_arguments():
    with pytest.raises(ValueError, match="every"):
        keras.callbacks.LivePlot(every=0)
    with pytest.raises(ValueError, match="'los' was not logged"):
        trained(callbacks=[keras.callbacks.LivePlot("los", path="never.png")])
