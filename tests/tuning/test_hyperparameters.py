"""Hyperparameters: what a building function asks for, from values, defaults and flags."""

import json

import pytest

import kerasish as keras
from kerasish.tuning import HyperParameters
from tests.tuning import small_trials

GIVEN = [  # what is asked for, what was given, what comes
    (("Int", "n", 2, 9), {}, 2),
    (("Int", "n", 2, 9, 1, None, 5), {}, 5),
    (("Int", "n", 2, 9), {"n": "7"}, 7),
    (("Int", "n", 2, 9), {"n": "7.0"}, 7),  # as services write it that know floats alone
    (("Int", "n", 2, 8, 3), {"n": 5}, 5),
    (("Int", "n", 1, 1000, None, "log"), {"n": 1000}, 1000),
    (("Float", "x", 0, 1), {}, 0.0),
    (("Float", "x", 1e-4, 1e-1, None, "log"), {"x": "1e-3"}, 1e-3),
    (("Choice", "c", ["relu", "tanh"]), {"c": "tanh"}, "tanh"),
    (("Choice", "c", [16, 32]), {"c": "32.0"}, 32),
    (("Choice", "c", [True, "True"]), {"c": "True"}, True),
    (("Choice", "c", [1, 2], None, 2), {}, 2),
    (("Boolean", "b"), {}, False),
    (("Boolean", "b"), {"b": "True"}, True),
    (("Boolean", "b"), {"b": 0}, False),
    (("Fixed", "f", "kept"), {}, "kept"),
]


@pytest.mark.parametrize("asked, given, value", GIVEN)
def test_values(asked, given, value):
    hp = HyperParameters(given)
    method, name, *options = asked
    found = getattr(hp, method)(name, *options)
    assert found == value and type(found) is type(value)
    assert getattr(hp, method)(name, *options) is found and hp.get(name) is found and list(hp.space) == [name]


WRONG = [
    (("Int", "n", 2, 9), {"n": "10"}, "`n` must be an int from 2 to 9, got '10'"),
    (("Int", "n", 2, 8, 3), {"n": "4"}, "an int from 2 to 8 in steps of 3"),
    (("Int", "n", 2, 9), {"n": "many"}, "an int from 2 to 9, got 'many'"),
    (("Int", "n", 2, 9), {"n": "nan"}, "got 'nan'"),
    (("Int", "n", 2, 9), {"n": True}, "got True"),
    (("Int", "n", 2, 9), {"n": 2.5}, "got 2.5"),
    (("Float", "x", 0, 1), {"x": "inf"}, "a float from 0.0 to 1.0, got 'inf'"),
    (("Choice", "c", ["relu", "tanh"]), {"c": "sigmoid"}, "one of 'relu', 'tanh', got 'sigmoid'"),
    (("Boolean", "b"), {"b": "perhaps"}, "true or false, got 'perhaps'"),
    (("Int", "n", 9, 2), {}, "`min_value` of the hyperparameter `n` is above `max_value`"),
    (("Int", "n", 0, 9, None, "log"), {}, "needs a `min_value` above 0"),
    (("Int", "n", 0, 9, 0), {}, "`step` of the hyperparameter `n` must be above 0"),
    (("Int", "n", 0.5, 9), {}, "must be ints"),
    (("Float", "x", 1, 9, None, "reverse_log"), {}, "must be 'linear' or 'log', got 'reverse_log'"),
    (("Float", "x", 1, 9, None, None, 10), {}, "from 1.0 to 9.0, got 10"),
    (("Choice", "c", []), {}, "something to choose from"),
]


@pytest.mark.parametrize("asked, given, message", WRONG)
def test_wrong_values_are_refused_by_name(asked, given, message):
    method, name, *options = asked
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        getattr(HyperParameters(given), method)(name, *options)


def test_one_name_is_one_hyperparameter():
    hp = HyperParameters()
    hp.Int("units", 1, 4)
    with pytest.raises(ValueError, match="was an int from 1 to 4 when it was first asked for, and is now"):
        hp.Int("units", 1, 8)
    with pytest.raises(KeyError, match="Did you mean 'units'"):
        hp.get("unit")


def test_a_scope_counts_where_another_value_says_so():
    for kind, expected in (("deep", ["kind", "layers"]), ("wide", ["kind"])):
        hp = HyperParameters({"kind": kind, "layers": 3})
        hp.Choice("kind", ["wide", "deep"])
        with hp.conditional_scope("kind", ["deep"]):
            assert hp.Int("layers", 1, 3) == (3 if kind == "deep" else 1)
        assert list(hp.space) == expected
        assert hp.unused() == ([] if kind == "deep" else ["layers"])


def test_a_space_is_found_without_a_step_of_training():
    space = keras.tuning.search_space(small_trials.trial)
    assert list(space) == ["batch", "units", "dropout", "rate"]
    facts = [parameter.facts() for parameter in space.values()]
    assert facts[2] == {"name": "dropout", "kind": "boolean", "default": False}
    assert facts[3] == {"name": "rate", "kind": "float", "default": 1e-3, "low": 1e-3, "high": 0.3, "log": True}
    assert json.loads(json.dumps(facts[1]))["step"] == 2


def test_fit_takes_callbacks_as_fit_does():
    class Counts(keras.callbacks.Callback):
        epochs = 0

        def on_epoch_end(self, epoch, logs=None):
            self.epochs += 1

    ours, theirs = Counts(), Counts()
    for own in (ours, [ours], lambda: [ours]):
        trial = keras.tuning.Fit(small_trials.build, small_trials.X, small_trials.Y, verbose=0, callbacks=own)
        trial(HyperParameters(), [theirs])
    assert ours.epochs == theirs.epochs == 3
