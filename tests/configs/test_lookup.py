"""Finding what a config names costs no more for the thousandth object than for the first."""

import difflib

import pytest

from kerasish import layers
from kerasish.configs.lookup import find_class


def test_what_is_there_is_found_without_a_search_for_the_nearest_name(monkeypatch):
    """Each object's dtype policy is looked up too, in packages that do not have it."""
    stack = layers.RNN(layers.StackedRNNCells([layers.SimpleRNNCell(2, name=f"cell_{i}") for i in range(20)]))
    config = stack.get_config()
    searched = []
    monkeypatch.setattr(difflib, "get_close_matches", lambda *args, **kwargs: searched.append(args) or [])
    again = layers.RNN.from_config(config)
    assert [cell.name for cell in again.cell.cells] == [f"cell_{i}" for i in range(20)] and not searched


@pytest.mark.parametrize("name", ["DTypePolicy", "Adam", "Dense", "MeanSquaredError", "L2", "MaxNorm", "GlorotUniform"])
def test_classes_of_all_packages_are_found(name):
    assert find_class(name, {"module": None, "registered_name": None}, None).__name__ == name


def test_names_that_are_not_there_suggest_the_nearest():
    with pytest.raises(ValueError, match="Did you mean 'Dense'"):
        find_class("Densee", {"module": "keras.layers", "registered_name": None}, None)
