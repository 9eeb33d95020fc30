"""Every optimizer against real Keras: values and all slots after each of 5 steps; configs, signatures."""

import inspect
import os

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
import pytest

import kerasish
from kerasish.backend.function import function
from kerasish.optimizers.shared_arguments import SHARED, SharedArguments

STEPS = 5
SHAPES = {"kernel": (3, 2), "bias": (2,), "embeddings": (2, 3, 2), "tall": (4, 3)}
RNG = np.random.RandomState(7)
STARTS = {name: RNG.normal(size=shape).astype("float32") for name, shape in SHAPES.items()}
GRADIENTS = [[RNG.normal(size=shape).astype("float32") for shape in SHAPES.values()] for _ in range(STEPS)]


class C:
    """A case: an optimizer's class and arguments. `prepare(optimizer, variables)` is called before the steps."""

    def __init__(self, name, prepare=None, constraint=None, grads=GRADIENTS, **kwargs):
        self.name, self.kwargs, self.prepare = name, kwargs, prepare
        self.constraint, self.grads = constraint, grads

    def __str__(self):
        arguments = ",".join(f"{key}={_word(value)}" for key, value in self.kwargs.items())
        return f"{self.name}({arguments}){'-' + self.prepare.__name__ if self.prepare else ''}"

    def setup(self, library):
        """An optimizer and its variables."""
        library.backend.clear_session()
        kwargs = {key: value(library) if inspect.isfunction(value) else value for key, value in self.kwargs.items()}
        optimizer = getattr(library.optimizers, self.name)(**kwargs)
        variables = [library.Variable(value, name=name) for name, value in STARTS.items()]
        if self.constraint:
            variables[0].constraint = getattr(library.constraints, self.constraint)()
        if self.prepare:
            self.prepare(optimizer, variables)
        return optimizer, variables


def _word(value):
    return value.__name__ if inspect.isfunction(value) else str(value)


def decaying(library):
    return library.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)


def called(library):
    return lambda: 0.25


def momentum_sgd(library):
    return library.optimizers.SGD(0.1, momentum=0.5)


def averaging_adam(library):
    return library.optimizers.Adam(0.1, use_ema=True, ema_momentum=0.5)


def one_for_kernels(library):
    by_path = {"kernel": library.optimizers.Adam(0.1), "t.ll": library.optimizers.SGD(0.2, momentum=0.5)}
    return library.optimizers.OptimizerMap(library.optimizers.SGD(0.3), by_path)


def without_bias_by_name(optimizer, variables):
    optimizer.exclude_from_weight_decay(var_names=["bi.s"])


def without_bias_by_variable(optimizer, variables):
    optimizer.exclude_from_weight_decay(var_list=[variables[1]])


def overwritten_bias(optimizer, variables):
    variables[1].overwrite_with_gradient = True


def rate_set_later(optimizer, variables):
    optimizer.learning_rate = 0.5


INFINITE = [[np.full_like(g, np.inf) if step == 2 else g * 100 for g in grads] for step, grads in enumerate(GRADIENTS)]
MISSING = [[None if i == 1 else g for i, g in enumerate(grads)] for grads in GRADIENTS]

CASES = [
    C("SGD"),
    C("SGD", momentum=0.9),
    C("SGD", momentum=0.9, nesterov=True, learning_rate=0.1),
    C("SGD", learning_rate=decaying),
    C("SGD", learning_rate=called),
    C("SGD", rate_set_later, momentum=0.5),
    C("SGD", clipnorm=0.5, learning_rate=0.1),
    C("SGD", clipvalue=0.5, learning_rate=0.1),
    C("SGD", global_clipnorm=0.5, learning_rate=0.1),
    C("SGD", loss_scale_factor=4.0, learning_rate=0.1, weight_decay=0.1),
    C("SGD", constraint="NonNeg", learning_rate=0.1),
    C("SGD", grads=MISSING, momentum=0.5),
    C("SGD", overwritten_bias, momentum=0.5),
    C("RMSprop"),
    C("RMSprop", rho=0.8, momentum=0.5, centered=True, epsilon=1e-4),
    C("Adam"),
    C("Adam", learning_rate=0.1, beta_1=0.8, beta_2=0.9, epsilon=1e-4, amsgrad=True),
    C("Adam", learning_rate=decaying, weight_decay=0.1),
    C("Adam", learning_rate=0.1, use_ema=True, ema_momentum=0.8),
    C("Adam", learning_rate=0.1, use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=2),
    C("Adam", learning_rate=0.1, gradient_accumulation_steps=2, clipnorm=0.5, weight_decay=0.1),
    C("Adam", learning_rate=0.1, gradient_accumulation_steps=2, use_ema=True, ema_overwrite_frequency=2),
    C("Adam", overwritten_bias, learning_rate=0.1, gradient_accumulation_steps=2),
    C("AdamW", learning_rate=0.1),
    C("AdamW", without_bias_by_name, learning_rate=0.1, weight_decay=0.2),
    C("AdamW", without_bias_by_variable, learning_rate=0.1, weight_decay=0.2, amsgrad=True),
    C("Adagrad", learning_rate=0.1),
    C("Adagrad", initial_accumulator_value=0.0, epsilon=1e-3),
    C("Adadelta", learning_rate=1.0),
    C("Adadelta", learning_rate=1.0, rho=0.8, epsilon=1e-4),
    C("Adamax", learning_rate=0.1),
    C("Adamax", beta_1=0.8, beta_2=0.9, epsilon=1e-3),
    C("Nadam", learning_rate=0.1),
    C("Nadam", beta_1=0.8, beta_2=0.9, epsilon=1e-3),
    C("Ftrl", learning_rate=0.1),
    C("Ftrl", learning_rate=0.1, learning_rate_power=-0.7, l1_regularization_strength=0.1, beta=0.2),
    C("Ftrl", learning_rate=0.1, l2_regularization_strength=0.1, l2_shrinkage_regularization_strength=0.2),
    C("Lion", learning_rate=0.01),
    C("Lion", beta_1=0.5, beta_2=0.6, weight_decay=0.1),
    C("Lamb", learning_rate=0.1),
    C("Lamb", learning_rate=0.1, beta_1=0.8, beta_2=0.9, epsilon=1e-3),
    C("Adafactor"),
    C("Adafactor", learning_rate=0.7, clip_threshold=0.5, epsilon_2=0.1, beta_2_decay=-0.6),
    C("Adafactor", learning_rate=decaying, relative_step=False),
    C("Muon", learning_rate=0.1),
    C("Muon", learning_rate=0.1, nesterov=False, rms_rate=None, adam_lr_ratio=0.5, weight_decay=None),
    C("Muon", learning_rate=0.1, exclude_layers=["ker"], adam_weight_decay=None, ns_steps=3),
    C("ScheduleFreeAdamW", learning_rate=0.1),
    C("ScheduleFreeAdamW", learning_rate=0.1, warmup_steps=3, weight_decay=0.1, beta_1=0.8),
    C("LossScaleOptimizer", inner_optimizer=momentum_sgd, initial_scale=64.0, dynamic_growth_steps=2),
    C("LossScaleOptimizer", inner_optimizer=averaging_adam, initial_scale=64.0, grads=INFINITE),
    C("MultiOptimizer", optimizer_map=one_for_kernels),
    C("MultiOptimizer", optimizer_map=one_for_kernels, loss_scale_factor=2.0),
]
THEIRS = {}


def values_of(optimizer, variables):
    return [np.array(v.numpy()) for v in (*variables, *optimizer.variables)]


def theirs(case):
    """Real Keras's values after each step, computed once."""
    if case not in THEIRS:
        optimizer, variables = case.setup(keras)
        history = []
        for grads in case.grads:
            # On JAX, `apply` of a LossScaleOptimizer works only without state.
            (run_stateless if case.name == "LossScaleOptimizer" else run_eager)(optimizer, variables, grads)
            history.append(values_of(optimizer, variables))
        THEIRS[case] = history, optimizer
    return THEIRS[case]


def run_eager(optimizer, variables, grads):
    optimizer.apply(grads, variables)


def run_stateless(optimizer, variables, grads):
    optimizer.built or optimizer.build(variables)
    state, values = ([np.array(v.numpy()) for v in of] for of in (optimizer.variables, variables))
    new_values, new_state = optimizer.stateless_apply(state, grads, values)
    for now, before in zip([*variables, *optimizer.variables], [*values, *state]):
        np.testing.assert_array_equal(now.numpy(), before)
    for variable, value in zip([*variables, *optimizer.variables], [*new_values, *new_state]):
        variable.assign(value)


class Compiled:
    """One traced step, as in `fit`: gradients are Tensors."""

    def __init__(self):
        self.step = None

    def __call__(self, optimizer, variables, grads):
        if self.step is None:

            def body(*given):
                remaining = iter(given)
                optimizer.apply([None if g is None else next(remaining) for g in grads], variables)
                return given[0]

            self.step = function(body)
        self.step(*[g for g in grads if g is not None])


@pytest.mark.filterwarnings("ignore:Gradients do not exist")
@pytest.mark.parametrize("case", CASES, ids=str)
class TestOptimizer:
    @pytest.mark.parametrize("how", ["eager", "compiled", "stateless"])
    def test_steps(self, case, how):
        expected, oracle = theirs(case)
        optimizer, variables = case.setup(kerasish)
        run = {"eager": run_eager, "stateless": run_stateless}.get(how) or Compiled()
        for step, grads in enumerate(case.grads):
            run(optimizer, variables, grads)
            ours = values_of(optimizer, variables)
            assert [v.shape for v in ours] == [v.shape for v in expected[step]]
            for a, b in zip(ours, expected[step]):
                assert a.dtype == b.dtype
                np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6 * max(1e-2, np.abs(b).max(initial=0)))
        optimizer.finalize_variable_values(variables)

    def test_names_and_config(self, case):
        _, oracle = theirs(case)
        optimizer, variables = case.setup(kerasish)
        optimizer.build(variables)
        for ours, real in zip(optimizer.variables, oracle.variables):
            # Keras gives a few slots no name of the optimizer's.
            assert ours.path == real.path or real.path.split("/")[-1].split("_")[0] in ("variable", ours.name)
            assert not ours.trainable
        if case.kwargs.get("learning_rate") is called:
            return
        assert optimizer.get_config() == oracle.get_config()
        again = kerasish.optimizers.deserialize(kerasish.optimizers.serialize(optimizer))
        assert type(again) is type(optimizer) and again.get_config() == optimizer.get_config()
        opened = keras.saving.deserialize_keras_object(kerasish.optimizers.serialize(optimizer))
        assert type(opened) is type(oracle) and opened.get_config() == optimizer.get_config()


def test_state_goes_both_ways():
    """A state saved by Keras goes on here as it would there, and back."""
    case = C("Adam", learning_rate=0.1, amsgrad=True, use_ema=True)
    (real, real_variables), (ours, our_variables) = case.setup(keras), case.setup(kerasish)
    for grads in GRADIENTS[:2]:
        real.apply(grads, real_variables)
    store = {}
    real.save_own_variables(store)
    ours.build(our_variables)
    ours.load_own_variables(store)
    for mine, other in zip(our_variables, real_variables):
        mine.assign(other.numpy())
    for optimizer, variables in ((real, real_variables), (ours, our_variables)):
        optimizer.apply(GRADIENTS[2], variables)
    for a, b in zip(values_of(ours, our_variables), values_of(real, real_variables)):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)
    back = {}
    ours.save_own_variables(back)
    real.load_own_variables(back)
    assert int(real.iterations.numpy()) == 3


NAMES = sorted({case.name for case in CASES} | {"Optimizer", "OptimizerMap"})
METHODS = (
    "build apply apply_gradients update_step stateless_apply add_variable add_variable_from_reference "
    "add_optimizer_variables assign assign_add assign_sub exclude_from_weight_decay finalize_variable_values "
    "scale_loss set_weights save_own_variables load_own_variables get_config from_config"
).split()


@pytest.mark.parametrize("name", NAMES)
def test_signature(name):
    ours, real = (inspect.signature(getattr(library.optimizers, name)).parameters for library in (kerasish, keras))
    assert [(p.name, p.default, p.kind) for p in ours.values()] == [(p.name, p.default, p.kind) for p in real.values()]


def test_type_checkers_know_the_shared_arguments():
    assert SharedArguments.__annotations__.keys() == {p.name for p in SHARED}
    types = {name: annotation.__forward_arg__ for name, annotation in SharedArguments.__annotations__.items()}
    assert types == {p.name: p.annotation for p in SHARED}


def test_shared_arguments_by_position():
    config = kerasish.optimizers.Adam(0.1, 0.8, 0.9, 1e-5, True, 0.004, 1.5, name="by_position").get_config()
    named = {"beta_1": 0.8, "beta_2": 0.9, "epsilon": 1e-5, "amsgrad": True, "weight_decay": 0.004, "clipnorm": 1.5}
    assert {name: config[name] for name in named} == named
    with pytest.raises(TypeError, match="weight_decay"):
        kerasish.optimizers.Adam(0.1, 0.8, 0.9, 1e-5, True, 0.004, weight_decay=0.004)
    with pytest.raises(TypeError, match="too many positional arguments"):
        kerasish.optimizers.SGD(*range(14))


@pytest.mark.parametrize("method", METHODS)
def test_method_signature(method):
    ours, real = (inspect.signature(getattr(library.optimizers.Optimizer, method)) for library in (kerasish, keras))
    ours, real = ([(p.name, p.default) for p in signature.parameters.values()] for signature in (ours, real))
    assert ours == real


def test_public_names():
    public = {name for name in dir(keras.optimizers) if not name.startswith("_")} - {"legacy"}
    assert public <= set(dir(kerasish.optimizers))
    schedules = {name for name in dir(keras.optimizers.schedules) if not name.startswith("_")}
    assert schedules <= set(dir(kerasish.optimizers.schedules))
