"""One harness for every layer: the same weights and inputs go through real Keras and kerasish, and everything that can be seen agrees."""

import json

import jax
import keras as oracle
import numpy as np

import kerasish
from kerasish import backend, ops, tree


class Case:
    """A layer to compare.

    Args:
        name: class name in `layers`. kwargs: of the constructor; a function of the library is called to make them where they hold layers or objects.
        inputs: shape or array (a list for several inputs). call: further keyword arguments of the call. rtol: where rounding asks for more than 1e-5.
        differentiable: whether gradients are compared (not for integer inputs, which are noticed).
    """

    def __init__(self, name, kwargs=None, inputs=(2, 3), call=None, rtol=1e-5, atol=1e-6, differentiable=True, config=True):
        self.name, self.kwargs, self.inputs, self.call = name, kwargs or {}, inputs, call or {}
        self.rtol, self.atol, self.differentiable, self.config = rtol, atol, differentiable, config

    def arguments(self, library):
        return self.kwargs(library) if callable(self.kwargs) else self.kwargs

    def __repr__(self):
        shown = "" if callable(self.kwargs) else ",".join(f"{k}={v}" for k, v in self.kwargs.items())
        return f"{self.name}({shown}){'train' if self.call.get('training') else ''}"


def values_of(inputs, seed=0):
    """Arrays for shapes; arrays stay."""
    rng = np.random.default_rng(seed)

    def make(item):
        return item if isinstance(item, np.ndarray) else rng.standard_normal(item).astype("float32")

    return [make(item) for item in inputs] if isinstance(inputs, list) else make(inputs)


def host(structure):
    """Everything as NumPy arrays."""
    return tree.map_structure(lambda x: None if x is None else ops.convert_to_numpy(x), structure)


def assert_close(ours, theirs, case, what):
    ours, theirs = tree.flatten(host(ours)), [np.asarray(t) for t in tree.flatten(theirs)]
    assert len(ours) == len(theirs), f"{case}: {what}: {len(ours)} values, Keras has {len(theirs)}"
    for a, b in zip(ours, theirs):
        assert a.shape == b.shape, f"{case}: {what}: shape {a.shape}, Keras {b.shape}"
        np.testing.assert_allclose(a, b, rtol=case.rtol, atol=case.atol, err_msg=f"{case}: {what}")


def make_pair(case):
    """The real layer, built, and ours with its weights."""
    x = values_of(case.inputs)
    theirs = getattr(oracle.layers, case.name)(**case.arguments(oracle))
    ours = getattr(kerasish.layers, case.name)(**case.arguments(kerasish))
    theirs(x)
    ours(x)
    rng = np.random.default_rng(1)
    weights = [w + 0.1 * rng.standard_normal(w.shape).astype(w.dtype) if w.dtype == np.float32 else w for w in theirs.get_weights()]
    weights = [np.abs(w) if "variance" in v.path else w for w, v in zip(weights, theirs.weights)]
    theirs.set_weights(weights)
    ours.set_weights(weights)
    assert [v.name for v in ours.weights] == [v.name for v in theirs.weights], f"{case}: names of weights"
    return ours, theirs, x


def check_layer(case):
    """Outputs, masks, gradients, state, configs and shapes."""
    ours, theirs, x = make_pair(case)
    floats = all(np.issubdtype(a.dtype, np.floating) for a in tree.flatten(x))
    got, want = ours(x, **case.call), theirs(x, **case.call)
    assert_close(got, want, case, "outputs")
    assert_close([v.numpy() for v in ours.non_trainable_weights], [np.asarray(v) for v in theirs.non_trainable_weights], case, "state after the call")
    mask, want_mask = backend.get_keras_mask(tree.flatten(got)[0]), getattr(tree.flatten(want)[0], "_keras_mask", None)
    assert (mask is None) == (want_mask is None), f"{case}: mask {mask}, Keras {want_mask}"
    if mask is not None:
        assert np.array_equal(host(mask), np.asarray(want_mask)), f"{case}: mask"
    if case.differentiable:
        check_gradients(case, *make_pair(case), floats)
    check_symbolic(case, ours, theirs, x)
    if case.config:
        check_config(case, ours, theirs)


def check_gradients(case, ours, theirs, x, floats):
    """d sum(outputs * weights) / d inputs and d weights: compiled, and on a tape."""
    weigh = np.random.default_rng(2).standard_normal(tree.flatten(host(ours(x, **case.call)))[0].shape).astype("float32")
    ours, theirs, x = make_pair(case)

    def step(*inputs):
        y = ours(list(inputs) if isinstance(x, list) else inputs[0], **case.call)
        loss = ops.sum(y * weigh) + sum(ours.losses, 0.0)
        return loss, backend.gradients(loss, [*inputs, *ours.trainable_variables] if floats else ours.trainable_variables)

    flat = tree.flatten(x)
    _, compiled = backend.function(step)(*flat)
    ours.set_weights(theirs.get_weights())

    def oracle_loss(trainable, inputs):
        arguments = list(inputs) if isinstance(x, list) else inputs[0]
        y, _, losses = theirs.stateless_call(trainable, [v.value for v in theirs.non_trainable_variables], arguments, return_losses=True, **case.call)
        if theirs.activity_regularizer is not None:  # real Keras leaves the outermost layer's out of a stateless call
            losses = [*losses, theirs.activity_regularizer(y)]
        return (y * weigh).sum() + sum(losses)

    trainable = [v.value for v in theirs.trainable_variables]
    if floats:
        g_weights, g_inputs = jax.grad(oracle_loss, argnums=(0, 1))(trainable, flat)
        want = [*g_inputs, *g_weights]
    else:
        want = list(jax.grad(oracle_loss)(trainable, flat)) if trainable else []
    compiled = [np.zeros(np.shape(w), "float32") if g is None else g for g, w in zip(compiled, want)]
    assert_close(compiled, want, case, "compiled gradients")
    with backend.GradientTape() as tape:
        watched = tape.watch(flat)
        y = ours(watched if isinstance(x, list) else watched[0], **case.call)
        loss = ops.sum(y * weigh) + sum(ours.losses, 0.0)
    sources = [*watched, *ours.trainable_variables] if floats else ours.trainable_variables
    taped = [np.zeros(np.shape(w), "float32") if g is None else g for g, w in zip(tape.gradient(loss, sources), want)]
    assert_close(taped, want, case, "taped gradients")


def check_symbolic(case, ours, theirs, x):
    """Shapes and dtypes on symbolic inputs with an open batch."""

    def symbolic(library):
        made = [library.Input(a.shape[1:], dtype=a.dtype.name) for a in tree.flatten(x)]
        return made if isinstance(x, list) else made[0]

    got, want = ours(symbolic(kerasish)), theirs(symbolic(oracle))
    for a, b in zip(tree.flatten(got), tree.flatten(want), strict=True):
        assert tuple(a.shape) == tuple(b.shape) and a.dtype == b.dtype, f"{case}: symbolic {a.shape} {a.dtype}, Keras {b.shape} {b.dtype}"
    shapes = [(None, *a.shape[1:]) for a in x] if isinstance(x, list) else (None, *x.shape[1:])
    assert ours.compute_output_shape(shapes) == tree.map_structure(lambda t: tuple(t.shape), got), f"{case}: compute_output_shape"


def check_config(case, ours, theirs):
    """The config is Keras's, both libraries read it, and ours gives an equal layer back."""
    config, want = ours.get_config(), theirs.get_config()
    for key in ("name",):
        config.pop(key), want.pop(key)
    plain = json.loads(json.dumps(kerasish.saving.serialize_keras_object(config)))
    theirs_plain = json.loads(json.dumps(oracle.saving.serialize_keras_object(want)))
    assert _anonymous(plain) == _anonymous(theirs_plain), f"{case}: config"
    again = type(ours).from_config(ours.get_config())
    assert _anonymous(json.loads(json.dumps(kerasish.saving.serialize_keras_object(again.get_config())))) == _anonymous(
        json.loads(json.dumps(kerasish.saving.serialize_keras_object(ours.get_config())))
    )


def _anonymous(data):
    """Without generated names and build state, which hang on what ran before."""
    if isinstance(data, dict):
        return {k: _anonymous(v) for k, v in data.items() if k not in ("name", "build_config", "registered_name") or k == "name" and "/" in str(v)}
    if isinstance(data, float):
        return float(f"{data:.6g}")  # Keras keeps some factors as float32
    return [_anonymous(item) for item in data] if isinstance(data, list) else data
