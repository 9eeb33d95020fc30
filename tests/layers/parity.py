"""One harness for every layer.

The same weights and inputs go through real Keras and kerasish, and everything that can be seen agrees.
"""

import json

import jax
import keras as oracle
import numpy as np
from keras.src.backend import set_keras_mask as oracle_set_mask

import kerasish
from kerasish import backend, ops, tree


class Case:
    """A layer to compare.

    Args:
        name: class name in `layers`. kwargs: of the constructor; a function of the library is called to make them where
            they hold layers or objects.
        inputs: shape or array (a list for several inputs). call: further keyword arguments of the call.
        masks: masks that travel with the inputs, an array (or None) each. rtol: where rounding asks for more than 1e-5.
        differentiable, symbolic, config, mixed: False leaves out gradients, symbolic calls, configs, or mixed_float16
            (say why beside the case).
        spread: True where each of the inputs is an argument of its own.
    """

    def __init__(
        self,
        name,
        kwargs=None,
        inputs=(2, 3),
        call=None,
        masks=None,
        rtol=1e-5,
        atol=1e-6,
        differentiable=True,
        symbolic=True,
        config=True,
        mixed=True,
        spread=False,
    ):
        self.name, self.kwargs, self.inputs, self.call, self.masks = name, kwargs or {}, inputs, call or {}, masks
        self.rtol, self.atol = rtol, atol
        self.differentiable, self.symbolic, self.config, self.mixed, self.spread = (
            differentiable,
            symbolic,
            config,
            mixed,
            spread,
        )

    def arguments(self, library):
        return self.kwargs(library) if callable(self.kwargs) else self.kwargs

    def layer(self, library, **more):
        return getattr(library.layers, self.name)(**self.arguments(library), **more)

    def apply(self, layer, x):
        """Call either library's layer on values, with the masks attached."""
        theirs = isinstance(layer, oracle.Layer)
        flat = tree.flatten(x)
        if self.masks is not None:
            flat = [oracle.ops.convert_to_tensor(a) if theirs and isinstance(a, np.ndarray) else a for a in flat]
            for value, mask in zip(flat, self.masks):
                (oracle_set_mask if theirs else backend.set_keras_mask)(value, mask)
        return self.call_on(layer, flat if isinstance(self.inputs, list) else flat[0], **self.call)

    def call_on(self, layer, inputs, **call):
        """Call the layer on inputs of any kind."""
        return layer(*inputs, **call) if self.spread else layer(inputs, **call)

    def __repr__(self):
        shown = "" if callable(self.kwargs) else ",".join(f"{k}={v}" for k, v in self.kwargs.items())
        given = f"{'train' if self.call.get('training') else ''}{'mask' if 'mask' in self.call or self.masks else ''}"
        shapes = "x".join(
            str(list(getattr(i, "shape", i))) for i in (self.inputs if isinstance(self.inputs, list) else [self.inputs])
        )
        return f"{self.name}({shown}){shapes}{given}".replace(" ", "")


def values_of(inputs, seed=0):
    """Arrays for shapes; arrays stay."""
    rng = np.random.default_rng(seed)

    def make(item):
        return item.copy() if isinstance(item, np.ndarray) else rng.standard_normal(item).astype("float32")

    return [make(item) for item in inputs] if isinstance(inputs, list) else make(inputs)


def host(structure):
    """Everything as NumPy arrays."""
    return tree.map_structure(lambda x: None if x is None else ops.convert_to_numpy(x), structure)


def assert_close(ours, theirs, case, what, rtol=None, atol=None):
    ours, theirs = (
        tree.flatten(host(ours)),
        [ops.convert_to_numpy(t) if backend.device().is_array(t) else np.asarray(t) for t in tree.flatten(theirs)],
    )
    assert len(ours) == len(theirs), f"{case}: {what}: {len(ours)} values, Keras has {len(theirs)}"
    for a, b in zip(ours, theirs):
        assert a.shape == b.shape, f"{case}: {what}: shape {a.shape}, Keras {b.shape}"
        assert a.dtype == b.dtype, f"{case}: {what}: {a.dtype}, Keras {b.dtype}"
        np.testing.assert_allclose(a, b, rtol=rtol or case.rtol, atol=atol or case.atol, err_msg=f"{case}: {what}")


def make_pair(case):
    """The real layer, built, and ours with its weights."""
    x = values_of(case.inputs)
    theirs, ours = case.layer(oracle), case.layer(kerasish)
    case.apply(theirs, x)
    case.apply(ours, x)
    rng = np.random.default_rng(1)
    weights = [
        w + 0.1 * rng.standard_normal(w.shape).astype(w.dtype) if w.dtype == np.float32 else w
        for w in theirs.get_weights()
    ]
    weights = [np.abs(w) if "variance" in v.path else w for w, v in zip(weights, theirs.weights)]
    theirs.set_weights(weights)
    ours.set_weights(weights)
    return ours, theirs, x


def check_layer(case):
    """Weights, outputs, masks, state, gradients, symbolic calls, half precision and configs."""
    ours, theirs, x = make_pair(case)
    described = [[(v.name, tuple(v.shape), v.dtype, v.trainable) for v in layer.weights] for layer in (ours, theirs)]
    assert described[0] == described[1], f"{case}: weights"
    assert ours.supports_masking == theirs.supports_masking, f"{case}: supports_masking"
    begin = theirs.get_weights()
    got, want = case.apply(ours, x), case.apply(theirs, x)
    assert_close(got, want, case, "outputs")
    assert_close(
        [v.numpy() for v in ours.non_trainable_weights],
        [np.asarray(v) for v in theirs.non_trainable_weights],
        case,
        "state after the call",
    )
    check_masks(case, got, want)
    if case.differentiable:
        ours.set_weights(begin)
        check_gradients(case, ours, theirs, begin, x, want)
    if case.symbolic:
        check_symbolic(case, ours, theirs, x)
    if case.mixed:
        check_mixed(case, ours.get_weights(), x)
    if case.config:
        check_config(case, ours, x)


def check_masks(case, got, want):
    for a, b in zip(tree.flatten(got), tree.flatten(want), strict=True):
        mask, want_mask = backend.get_keras_mask(a), getattr(b, "_keras_mask", None)
        assert (mask is None) == (want_mask is None), f"{case}: mask {mask}, Keras {want_mask}"
        if mask is not None:
            assert np.array_equal(host(mask), np.asarray(want_mask)), f"{case}: mask"


def check_gradients(case, ours, theirs, begin, x, want):
    """`d sum(outputs * weights) / d inputs` and d weights: compiled, and on a tape.

    The compiled outputs and updates of state as well.
    """
    weigh = np.random.default_rng(2).standard_normal(want.shape).astype("float32")
    flat = tree.flatten(x)
    floats = [i for i, a in enumerate(flat) if np.issubdtype(a.dtype, np.floating)]
    after = [np.asarray(v) for v in theirs.non_trainable_weights]
    theirs.set_weights(begin)

    def loss_of(inputs):
        y = case.apply(ours, list(inputs))
        return y, ops.sum(y * weigh) + sum(ours.losses, 0.0)

    def step(*inputs):
        y, loss = loss_of(inputs)
        return y, backend.gradients(loss, [*(inputs[i] for i in floats), *ours.trainable_variables])

    def oracle_loss(trainable, changing):
        inputs = [changing[floats.index(i)] if i in floats else a for i, a in enumerate(flat)]
        given = [*zip(theirs.trainable_variables, trainable), *((v, v.value) for v in theirs.non_trainable_variables)]
        with oracle.StatelessScope(
            given, collect_losses=True
        ):  # Keras's `stateless_call` would go past masks and the activity regularizer
            return (case.apply(theirs, inputs) * weigh).sum() + sum(theirs.losses)

    slopes, changing = jax.grad(oracle_loss, argnums=(0, 1))(
        [v.value for v in theirs.trainable_variables], [flat[i] for i in floats]
    )
    slopes = [*changing, *slopes]
    outputs, compiled = backend.function(step)(*flat)
    assert_close(outputs, want, case, "compiled outputs")
    assert_close([v.numpy() for v in ours.non_trainable_weights], after, case, "state after the compiled call")
    assert_close(_zeros_for_none(compiled, slopes), slopes, case, "compiled gradients")
    ours.set_weights(begin)
    with backend.GradientTape() as tape:
        watched = tape.watch(flat)
        _, loss = loss_of(watched)
    taped = tape.gradient(loss, [*(watched[i] for i in floats), *ours.trainable_variables])
    assert_close(_zeros_for_none(taped, slopes), slopes, case, "taped gradients")


def _zeros_for_none(slopes, like):
    return [np.zeros(np.shape(w), np.asarray(w).dtype) if g is None else g for g, w in zip(slopes, like, strict=True)]


def symbolic_inputs(case, library, x):
    """Inputs with an open batch."""
    made = [library.Input(a.shape[1:], dtype=a.dtype.name) for a in tree.flatten(x)]
    for tensor, mask in zip(made, case.masks or []):
        if mask is not None:
            tensor._keras_mask = library.KerasTensor((None, *mask.shape[1:]), "bool")
    return made if isinstance(x, list) else made[0]


def check_symbolic(case, ours, theirs, x):
    """Shapes and dtypes on symbolic inputs with an open batch."""
    got, want = (
        case.call_on(ours, symbolic_inputs(case, kerasish, x)),
        case.call_on(theirs, symbolic_inputs(case, oracle, x)),
    )
    for a, b in zip(tree.flatten(got), tree.flatten(want), strict=True):
        assert tuple(a.shape) == tuple(b.shape) and a.dtype == b.dtype, (
            f"{case}: symbolic {a.shape} {a.dtype}, Keras {b.shape} {b.dtype}"
        )
    shapes = [(None, *a.shape[1:]) for a in x] if isinstance(x, list) else (None, *x.shape[1:])
    fresh = case.layer(kerasish)
    assert fresh.compute_output_shape(*(shapes if case.spread else [shapes])) == tree.map_structure(
        lambda t: tuple(t.shape), got
    ), f"{case}: compute_output_shape"


def check_mixed(case, weights, x):
    """mixed_float16: float32 weights, half-precision outputs that are about the same."""
    ours, theirs = case.layer(kerasish, dtype="mixed_float16"), case.layer(oracle, dtype="mixed_float16")
    for layer in (ours, theirs):
        case.apply(layer, x)
        layer.set_weights(weights)
    assert [v.dtype for v in ours.weights] == [v.dtype for v in theirs.weights], f"{case}: dtypes of mixed weights"
    assert_close(case.apply(ours, x), case.apply(theirs, x), case, "mixed_float16 outputs", rtol=1e-2, atol=1e-2)


def check_config(case, ours, x):
    """The config is Keras's; both libraries read ours, we read theirs, and an equal layer comes back."""
    ours, theirs = case.layer(kerasish, name="configured"), case.layer(oracle, name="configured")
    for layer in (ours, theirs):
        case.apply(layer, x)
    config, want = ours.get_config(), theirs.get_config()
    assert _anonymous(_plain(kerasish, config)) == _anonymous(_plain(oracle, want)), f"{case}: config"
    assert _anonymous(_plain(kerasish, type(ours).from_config(ours.get_config()).get_config())) == _anonymous(
        _plain(kerasish, config)
    ), f"{case}: from_config"
    ours.set_weights(theirs.get_weights())
    expected = host(case.apply(ours, x))
    for source, layer in ((kerasish, ours), (oracle, theirs)):
        data = _plain(source, layer)
        for target in (kerasish, oracle):
            again = target.layers.deserialize(json.loads(json.dumps(data)))
            case.apply(again, x)
            again.set_weights(theirs.get_weights())
            assert_close(
                expected,
                case.apply(again, x),
                case,
                f"outputs of the layer from {source.__name__} loaded by {target.__name__}",
            )


def _plain(library, item):
    return json.loads(json.dumps(library.saving.serialize_keras_object(item)))


def _anonymous(data):
    """Without generated names and build state, which hang on what ran before.

    Floats to six digits, for Keras writes some as float32.
    """
    if isinstance(data, float):
        return float(f"{data:.6g}")
    if isinstance(data, dict):
        generated = "name" in data and "trainable" in data and data["name"] != "configured"
        return {
            k: _anonymous(v)
            for k, v in data.items()
            if k not in ("build_config", "compile_config", "registered_name") and not (generated and k == "name")
        }
    return [_anonymous(item) for item in data] if isinstance(data, list) else data
