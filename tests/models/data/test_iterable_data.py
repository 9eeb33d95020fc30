"""Batches from generators and other iterables."""

import warnings

import numpy as np
import pytest

from kerasish.models.data import GeneratorData, IterableData, make_data


def numbered(count):
    for number in range(count):
        yield np.full((2, 1), number, "float64"), np.array([number, number])


class Loader:
    """As a torch DataLoader looks: iterable again and again, gives lists, knows its length or raises TypeError."""

    def __init__(self, count, sized=True):
        self.count, self.sized, self.begun = count, sized, 0

    def __len__(self):
        if not self.sized:
            raise TypeError("no length")
        return self.count

    def __iter__(self):
        self.begun += 1
        return iter([list(batch) for batch in numbered(self.count)])


def labels(source):
    return [int(y[0]) for _, y, _ in source.epoch()]


FORMS = {
    "array": (np.ones((2, 3)), (True, False, False)),
    "dict": ({"a": np.ones((2, 3)), "b": [1, 2]}, (True, False, False)),
    "x": ((np.ones((2, 3)),), (True, False, False)),
    "x, y": ((np.ones((2, 3)), np.ones(2)), (True, True, False)),
    "x, y, weight": ((np.ones((2, 3)), np.ones(2), np.ones(2)), (True, True, True)),
    "x, None, weight": ((np.ones((2, 3)), None, np.ones(2)), (True, False, True)),
    "list": ([np.ones((2, 3)), [0, 1]], (True, True, False)),
    "two inputs": (([np.ones((2, 3)), np.ones(2)], [1, 2]), (True, True, False)),
    "one weight for two outputs": ((np.ones(2), (np.ones(2), np.ones(2)), np.ones(2)), (True, True, True)),
}


@pytest.mark.parametrize("batch, present", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("kind", [iter, Loader], ids=["generator", "iterable"])
def test_forms_of_a_batch(kind, batch, present):
    data = iter([batch]) if kind is iter else type("Loader", (), {"__iter__": lambda self: iter([batch])})()
    (given,) = make_data(data).epoch()
    assert tuple(part is not None for part in given) == present
    x = given[0]
    for leaf in x.values() if isinstance(x, dict) else x if isinstance(x, list) else [x]:
        assert type(leaf) is np.ndarray and leaf.flags.c_contiguous and leaf.dtype in ("float32", "int64")
    if isinstance(given[1], tuple):
        assert len(given[2]) == 2


def test_floats_are_cast_and_made_contiguous():
    x, y, _ = make_data(iter([(np.ones((2, 3)).T, np.array([1, 2, 3], "uint8"))])).peek()
    assert x.dtype == "float32" and x.flags.c_contiguous and y.dtype == "uint8"


def test_a_generator_goes_on_over_epochs_and_loses_nothing():
    source = make_data(numbered(6), steps_per_epoch=2)
    assert isinstance(source, GeneratorData) and source.num_batches == 2 and source.batch_size is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert source.peek()[1][0] == 0
        assert [labels(source) for _ in range(3) if source.has_more()] == [[0, 1], [2, 3], [4, 5]]


def test_a_generator_that_runs_dry_warns_once_and_ends():
    source = make_data(numbered(3), steps_per_epoch=2)
    assert labels(source) == [0, 1] and source.has_more()
    with pytest.warns(UserWarning, match="2 batches were expected in this epoch, 1 came") as caught:
        assert labels(source) == [2]
        assert not source.has_more()
    assert len(caught) == 1
    with pytest.raises(ValueError, match="used up"):
        source.peek()


def test_a_generator_without_steps_is_one_epoch():
    source = make_data(numbered(3))
    assert source.num_batches is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert labels(source) == [0, 1, 2]
    with pytest.warns(UserWarning, match="3 batches came in all") as caught:
        assert not source.has_more() and not source.has_more()
    assert len(caught) == 1


def test_an_epoch_left_early_goes_on_in_the_next():
    source = make_data(numbered(5), steps_per_epoch=4)
    batches = source.epoch()
    next(batches)
    batches.close()
    assert labels(source) == [1, 2, 3, 4]


@pytest.mark.parametrize("sized", [True, False])
def test_iterables_start_anew_every_epoch(sized):
    loader = Loader(3, sized)
    source = make_data(loader)
    assert isinstance(source, IterableData) and source.num_batches == (3 if sized else None)
    assert source.peek()[1][0] == 0
    assert [labels(source) for _ in range(2) if source.has_more()] == [[0, 1, 2]] * 2
    assert loader.begun == 2 and source.num_batches == 3


@pytest.mark.parametrize("sized", [True, False])
def test_iterables_with_steps(sized):
    source = make_data(Loader(4, sized), steps_per_epoch=2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [labels(source) for _ in range(3)] == [[0, 1], [2, 3], [0, 1]]
    source.reset()
    assert labels(source) == [0, 1]
    short = make_data(Loader(3, sized), steps_per_epoch=2)
    assert labels(short) == [0, 1]
    with pytest.warns(UserWarning, match="asks for 2 batches an epoch, but only 1 came"):
        assert labels(short) == [2]
    assert labels(short) == [0, 1]


def test_an_iterable_that_can_be_used_once_only_warns_and_ends():
    class Once:
        batches = numbered(2)

        def __iter__(self):
            return self.batches

    source = make_data(Once())
    assert labels(source) == [0, 1]
    with pytest.warns(UserWarning, match="gave no batches when it was iterated over again"):
        assert not source.has_more()


@pytest.mark.parametrize("wrap", [iter, lambda batches: type("Loader", (), {"__iter__": lambda self: iter(batches)})()])
def test_class_weight_becomes_sample_weight(wrap):
    batches = [(np.ones((3, 1)), np.array([0, 1, 2])), (np.ones((2, 1)), np.eye(2))]
    weights = [weight.tolist() for _, _, weight in make_data(wrap(batches), class_weight={1: 4.0}).epoch()]
    assert weights == [[1, 4, 1], [1, 4]]


def test_errors_of_a_generator_pass_through():
    def failing():
        yield np.ones((2, 1)), np.ones(2)
        raise KeyError("lost")

    batches = make_data(failing()).epoch()
    next(batches)
    with pytest.raises(KeyError, match="lost"):
        next(batches)


BAD_BATCHES = {
    "four parts": ((np.ones(2),) * 4, "got a tuple of 4 elements"),
    "none": (None, "gave None for a batch"),
    "no parts": ((), "got a tuple of 0 elements"),
    "lengths": ((np.ones(2), np.ones(3)), "`x` has 2, `y` has 3"),
    "empty": ((np.ones((0, 2)), np.ones(0)), "no samples"),
    "number": ((3.0, np.ones(2)), "single value 3.0"),
    "0-D": ((np.array(3.0),), "shape ()"),
    "objects": ((np.array([None, 1]),), "dtype object"),
    "set": ((np.ones(2), {1}), "`y` must be an array.* got set"),
    "no x": ((None, np.ones(2)), "`x` holds no arrays"),
    "both weights": ((np.ones(2), np.ones(2), np.ones(2)), "cannot be used together"),
    "class weight, outputs": ((np.ones(2), [np.ones(2), np.ones(2)]), "single output"),
}


@pytest.mark.parametrize("batch, message", BAD_BATCHES.values(), ids=BAD_BATCHES)
def test_bad_batches_are_refused(batch, message):
    with pytest.raises(ValueError, match=message) as caught:
        make_data(iter([batch]), class_weight={0: 1.0}).peek()
    assert "The generator in `x`" in str(caught.value) or "list_iterator" in str(caught.value)


@pytest.mark.parametrize("name", ["y", "sample_weight"])
@pytest.mark.parametrize("data, kind", [(numbered(2), "generator"), (Loader(2), "Loader")], ids=["once", "again"])
def test_targets_beside_batches_are_refused(data, kind, name):
    with pytest.raises(ValueError, match=f"`{name}` must not be passed when `x` is a {kind}"):
        make_data(data, **{name: np.ones(2)})


@pytest.mark.parametrize(
    "data, message",
    [(iter([]), "generator in `x` is empty"), (Loader(0), "Loader in `x` is empty")],
    ids=["once", "again"],
)
def test_no_batches_at_all_are_refused(data, message):
    with pytest.raises(ValueError, match=message):
        make_data(data).peek()
