"""Scopes: how a thread is to do things for a while; and who may be asked for values."""

import threading

import pytest

from kerasish import backend, ops
from kerasish.backend import context


def test_inner_scopes_keep_what_they_do_not_set():
    assert context.current().training is None and context.current().initial_values
    with context.scope(training=True, variable_path="model"):
        with context.scope(autocast="float16"):
            found = context.current()
            assert (found.training, found.autocast, found.path_of("dense")) == (True, "float16", "model/dense")
        assert context.current().autocast is None
    assert context.current().training is None and context.current().path_of("dense") == "dense"


def test_a_scope_ends_with_an_error_too():
    with pytest.raises(KeyError), context.scope(training=True):
        raise KeyError
    assert context.current().training is None


def test_unknown_names_are_refused():
    with pytest.raises(TypeError, match=r"got 'trainig'. Known are allowance, apart, autocast, .*training"):
        with context.scope(trainig=True):
            pass
    with pytest.raises(TypeError, match="'path_of'"), context.scope(path_of="a"):
        pass


def test_every_attribute_is_documented():
    for name in context._KNOWN:
        assert f"        {name}: " in context.Scope.__doc__, name


def test_threads_have_scopes_of_their_own():
    found = []
    with context.scope(training=True):
        thread = threading.Thread(target=lambda: found.append(context.current().training))
        thread.start()
        thread.join()
    assert found == [None]


def test_who_computes():
    assert context.computing()
    with backend.GradientTape() as tape:
        x = tape.watch(ops.ones(3))
        assert context.computing() and x.has_value
        with backend.StatelessScope():
            assert context.computing()

    def body(x):
        assert not context.computing() and not x.has_value
        with backend.StatelessScope():
            assert not context.computing()
        return x

    backend.function(body)(ops.ones(3))
