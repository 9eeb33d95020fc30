"""Seeds behave as in Keras: an int repeats, a generator moves on, no seed is the global generator's."""

import copy
import pickle
import random

import keras as oracle
import numpy as np
import pytest

import kerasish as keras
from kerasish import backend, ops
from kerasish.random import seed_generator


def host(x):
    return ops.convert_to_numpy(x)


def same(a, b):
    return bool(np.array_equal(host(a), host(b)))


def draw(seed):
    return keras.random.uniform((8,), seed=seed)


def test_an_int_gives_the_same_values_each_time_and_others_for_another():
    assert same(draw(1), draw(1))
    assert not same(draw(1), draw(2))


def test_a_generator_gives_other_values_each_time_in_a_fixed_order():
    one, other = keras.random.SeedGenerator(5), keras.random.SeedGenerator(5)
    first, second = draw(one), draw(one)
    assert not same(first, second)
    assert same(first, draw(other)) and same(second, draw(other))
    assert same(first, draw(5))


@pytest.mark.parametrize("ordered", [True, False])
def test_state_and_next_are_as_in_keras(ordered):
    ours, theirs = keras.random.SeedGenerator(7, name="mine"), oracle.random.SeedGenerator(7, name="mine")
    assert ours.get_config() == theirs.get_config() == {"seed": 7, "name": "mine"}
    assert ours.state.path == theirs.state.path == "mine/seed_generator_state"
    assert (ours.state.shape, ours.state.dtype, ours.state.trainable) == ((2,), "uint32", False)
    assert host(ours.next(ordered)).tolist() == np.asarray(theirs.next(ordered)).tolist() == [7, 0]
    assert host(ours.state).tolist() == [7, 1]
    assert np.asarray(theirs.state.value).tolist() == [7, 1] or not ordered


def test_config_and_default_seed():
    twin = keras.random.SeedGenerator.from_config(keras.random.SeedGenerator(3).get_config())
    assert same(draw(twin), draw(3))
    random.seed(0)
    a = keras.random.SeedGenerator()
    random.seed(0)
    assert same(draw(a), draw(keras.random.SeedGenerator()))
    assert a.get_config()["seed"] is None


def test_copies_go_their_own_way():
    generator = keras.random.SeedGenerator(3)
    draw(generator)
    deep, pickled = copy.deepcopy(generator), pickle.loads(pickle.dumps(generator))
    expected = draw(generator)
    assert same(expected, draw(deep)) and same(expected, draw(pickled))
    assert host(generator.state).tolist() == host(deep.state).tolist()


@pytest.mark.parametrize("seed", [-1, 2**32, 2**40 + 5])
def test_of_a_large_or_negative_seed_the_low_32_bits_count(seed):
    assert same(draw(seed), draw(seed % 2**32))
    assert same(draw(keras.random.SeedGenerator(seed)), draw(seed))


def test_a_compiled_step_moves_the_generator_on():
    generator, twin = keras.random.SeedGenerator(9), keras.random.SeedGenerator(9)
    step = backend.function(
        lambda x: x + keras.random.uniform((4,), seed=generator) + keras.random.uniform((4,), seed=generator)
    )
    for _ in range(3):
        expected = host(keras.random.uniform((4,), seed=twin)) + host(keras.random.uniform((4,), seed=twin))
        np.testing.assert_array_equal(host(step(np.zeros(4, "float32"))), expected)
    assert host(generator.state).tolist() == [9, 6]


def test_a_compiled_step_without_a_seed_draws_anew_each_time():
    step = backend.function(lambda x: x + keras.random.uniform((4,)))
    keras.utils.set_random_seed(3)
    first, second = (host(step(np.zeros(4, "float32"))) for _ in range(2))
    assert not same(first, second)
    keras.utils.set_random_seed(3)  # reaches what is compiled already
    assert same(first, step(np.zeros(4, "float32")))


def test_a_key_is_a_seed():
    generator = keras.random.SeedGenerator(4)
    key = generator.next()
    assert same(draw(key), draw(key)) and same(draw(key), draw(4))


def test_set_random_seed_fixes_python_numpy_and_draws_without_seed():
    found = []
    for _ in range(2):
        keras.utils.set_random_seed(11)
        drawn = [random.random(), np.random.rand()]
        found.append(drawn + [host(draw(seed)).tolist() for seed in (None, None, keras.random.SeedGenerator())])
    assert found[0] == found[1]
    assert found[0][2] != found[0][3]
    keras.utils.set_random_seed(12)
    assert host(draw(None)).tolist() != found[0][2]
    oracle.utils.set_random_seed(11)
    assert (random.random(), np.random.rand()) == tuple(found[0][:2])


@pytest.mark.parametrize("seed", ["1", 1.5, None, -1, 2**32])
def test_set_random_seed_refuses_before_it_changes_anything(seed):
    random.seed(5)
    state = random.getstate()
    with pytest.raises(ValueError, match="`seed`"):
        keras.utils.set_random_seed(seed)
    assert random.getstate() == state


@pytest.mark.parametrize("seed", ["1", 1.5, [1, 2], np.zeros(2)])
def test_what_is_no_seed_is_refused(seed):
    with pytest.raises(ValueError, match="`seed`"):
        draw(seed)
    with pytest.raises(ValueError, match="`seed`"):
        keras.random.SeedGenerator(seed)


def test_unknown_arguments_are_refused():
    with pytest.raises(ValueError, match="wrong"):
        keras.random.SeedGenerator(1, wrong=2)


def test_there_is_one_global_generator():
    assert seed_generator.global_seed_generator() is seed_generator.global_seed_generator()


def test_a_stateless_scope_keeps_the_generator_as_it_was():
    generator = keras.random.SeedGenerator(2)
    with keras.StatelessScope() as scope:
        draw(generator)
    assert host(generator.state).tolist() == [2, 0]
    assert host(scope.get_current_value(generator.state)).tolist() == [2, 1]
