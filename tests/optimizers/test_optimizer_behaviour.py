"""What the parity tables do not reach: refusals, old spellings, own optimizers, loss scaling, the cost of an update."""

import copy
import os
from collections import Counter

os.environ.setdefault("KERAS_BACKEND", "jax")

import numpy as np
import pytest

import kerasish as keras
from kerasish import backend, ops, optimizers
from kerasish.backend import deprecation
from kerasish.backend.autodiff import gradients
from kerasish.backend.function import function
from kerasish.backend.primitives.primitive import Spec
from kerasish.backend.trace import trace
from kerasish.optimizers import schedules


def weight(value=(1.0, 2.0), name="weight"):
    return keras.Variable(np.array(value, "float32"), name=name)


def ones(n=2):
    return ops.ones(n)


class TestRefusals:
    @pytest.mark.parametrize(
        "make, error, words",
        [
            (lambda: optimizers.get("addam"), ValueError, "'addam'.*'adam'"),
            (lambda: optimizers.get(3), ValueError, "3"),
            (lambda: optimizers.get(optimizers.SGD), ValueError, "instance"),
            (lambda: optimizers.deserialize({"class_name": "Sgdd", "config": {}}), ValueError, "Sgdd"),
            (lambda: optimizers.SGD(1), ValueError, "Write 1.0"),
            (lambda: optimizers.SGD("fast"), ValueError, "`learning_rate`.*'fast'"),
            (lambda: optimizers.SGD(None), ValueError, "`learning_rate`"),
            (lambda: optimizers.SGD(momentun=0.9), ValueError, "momentun.*Did you mean `momentum`"),
            (lambda: optimizers.SGD(momentum=1.5), ValueError, "`momentum`.*1.5"),
            (lambda: optimizers.SGD(momentum=1), ValueError, "`momentum` must be a float"),
            (lambda: optimizers.SGD(clipnorm=1.0, clipvalue=1.0), ValueError, "Only one of"),
            (lambda: optimizers.SGD(global_clipnorm=1.0, clipvalue=1.0), ValueError, "Only one of"),
            (lambda: optimizers.SGD(gradient_accumulation_steps=1), ValueError, "`gradient_accumulation_steps`.*1"),
            (lambda: optimizers.SGD(use_ema=True, ema_momentum=1.5), ValueError, "`ema_momentum`.*1.5"),
            (lambda: optimizers.SGD(use_ema=True, ema_overwrite_frequency=0.5), ValueError, "overwrite_frequency`"),
            (lambda: optimizers.AdamW(weight_decay=None), ValueError, "`weight_decay`"),
            (lambda: optimizers.Lion(beta_1=0.0), ValueError, "`beta_1`"),
            (lambda: optimizers.Ftrl(learning_rate_power=0.5), ValueError, "`learning_rate_power`"),
            (lambda: optimizers.Ftrl(l1_regularization_strength=-1.0), ValueError, "`l1_regularization_strength`"),
            (lambda: optimizers.LossScaleOptimizer(optimizers.SGD(), dynamic=False), ValueError, "`dynamic=False`"),
            (lambda: optimizers.LossScaleOptimizer(optimizers.SGD(), clipnorm=1.0), ValueError, "`clipnorm`.*inner"),
            (lambda: optimizers.LossScaleOptimizer(optimizers.SGD(), learning_rate=1.0), ValueError, "learning_rate"),
            (lambda: optimizers.LossScaleOptimizer("sgd"), ValueError, "`inner_optimizer`"),
            (lambda: optimizers.OptimizerMap("sgd"), TypeError, "`default_optimizer`"),
            (lambda: optimizers.OptimizerMap(optimizers.SGD(), [1]), TypeError, "`optimizer_map`"),
            (lambda: optimizers.MultiOptimizer(lambda v: "sgd").build([weight()]), ValueError, "Optimizer instance"),
            (lambda: optimizers.MultiOptimizer(lambda v: None).learning_rate, AttributeError, "optimizers"),
        ],
    )
    def test_arguments(self, make, error, words):
        with pytest.raises(error, match=words):
            make()

    @pytest.mark.parametrize(
        "grads, variables, words",
        [
            ([np.ones((3,), "float32")], None, r"shape \(2,\), got \(3,\)"),
            ([np.ones((1, 2), "float32")], None, r"shape \(2,\), got \(1, 2\)"),
            ([1.0], None, r"got \(\)"),
            ([None], None, "No gradients provided for any variable"),
            ([ones(), ones()], None, "got 2, expected 1"),
            ([ones()], [weight(name="stranger")], "stranger"),
        ],
    )
    @pytest.mark.parametrize("wrap", [lambda x: x, optimizers.LossScaleOptimizer], ids=["plain", "loss_scaled"])
    def test_gradients_change_nothing(self, grads, variables, words, wrap):
        optimizer, variable = wrap(optimizers.Adam(0.1)), weight()
        optimizer.build([variable])
        before = [v.numpy() for v in (variable, *optimizer.variables)]
        with pytest.raises(ValueError, match=words):
            optimizer.apply(grads, variables)
        for now, old in zip((variable, *optimizer.variables), before):
            np.testing.assert_array_equal(now.numpy(), old)

    def test_wrong_first_gradient_does_not_build(self):
        optimizer = optimizers.Adam()
        with pytest.raises(ValueError, match="weight"):
            optimizer.apply([ones(5)], [weight()])
        assert not optimizer.built and len(optimizer.variables) == 2

    def test_not_built(self):
        with pytest.raises(ValueError, match="build"):
            optimizers.SGD().apply([ones()])
        with pytest.raises(ValueError, match="build"):
            optimizers.SGD().set_weights([])
        with pytest.raises(ValueError, match="build"):
            optimizers.SGD().stateless_apply([], [], [])
        assert optimizers.SGD().apply([], []) is None

    def test_state_of_another_shape(self):
        optimizer = optimizers.SGD(momentum=0.5)
        optimizer.build([weight()])
        with pytest.raises(ValueError, match="weight_momentum.*shape"):
            optimizer.set_weights([np.int32(3), np.float32(0.5), np.ones(3, "float32")])
        with pytest.raises(ValueError, match="has 3 variables, got 1"):
            optimizer.set_weights([np.int32(3)])
        assert int(optimizer.iterations) == 0
        with pytest.warns(UserWarning, match="3 variables, the file holds 1"):
            optimizer.load_own_variables({"0": np.int32(3)})
        optimizer.set_weights([np.int64(3), np.float32(0.5), np.ones(2, "float32")])
        assert int(optimizer.iterations) == 3 and optimizer.iterations.dtype == "int32"

    def test_missing_gradient_warns(self):
        used, unused = weight(), weight(name="unused")
        with pytest.warns(UserWarning, match=r"Gradients do not exist for variables \['unused'\]"):
            optimizers.SGD(0.5).apply([ones(), None], [used, unused])
        assert used.numpy().tolist() == [0.5, 1.5] and unused.numpy().tolist() == [1.0, 2.0]

    def test_stateless_lengths(self):
        optimizer = optimizers.SGD(0.5)
        optimizer.build([weight()])
        state = [v.numpy() for v in optimizer.variables]
        with pytest.raises(ValueError, match="`optimizer_variables` must hold 2"):
            optimizer.stateless_apply(state[:1], [ones()], [ones()])
        with pytest.raises(ValueError, match="`trainable_variables` must hold 1"):
            optimizer.stateless_apply(state, [ones()], [ones(), ones()])

    def test_map(self):
        some = {"a.*": optimizers.SGD(), ".*b": optimizers.SGD()}
        chosen = optimizers.OptimizerMap(optimizers.SGD(name="default"), some)
        with pytest.raises(ValueError, match="Several keys match the variable 'ab'"):
            chosen["ab"]
        with pytest.raises(ValueError, match="is taken"):
            chosen["a.*"] = optimizers.SGD()
        with pytest.raises(ValueError, match="string"):
            chosen[3] = optimizers.SGD()
        with pytest.raises(ValueError, match="LossScaleOptimizer"):
            chosen["c"] = optimizers.LossScaleOptimizer(optimizers.SGD())
        del chosen["a.*"]
        assert list(chosen) == [".*b"] and len(chosen) == 1 and chosen["ac"].name == "default"


class TestLearningRate:
    def test_set(self):
        optimizer = optimizers.SGD(0.5)
        optimizer.learning_rate = 0.25
        assert float(optimizer.learning_rate) == 0.25
        optimizer.learning_rate = keras.Variable(0.125)
        assert float(optimizer.learning_rate) == 0.125 and len(optimizer.variables) == 2
        optimizer.learning_rate = lambda: 2.0
        assert optimizer.learning_rate == 2.0 and len(optimizer.variables) == 1
        with pytest.raises(TypeError, match="function"):
            optimizer.learning_rate = 0.5
        optimizer.learning_rate = schedules.CosineDecay(0.75, 10)
        assert float(optimizer.learning_rate) == 0.75
        with pytest.raises(TypeError, match="LearningRateSchedule"):
            optimizer.learning_rate = 0.5

    def test_set_between_compiled_steps(self):
        optimizer, variable = optimizers.SGD(1.0), weight()
        step = function(lambda g: (optimizer.apply([g], [variable]), g)[1])
        step(np.ones(2, "float32"))
        optimizer.learning_rate = 0.25
        step(np.ones(2, "float32"))
        assert variable.numpy().tolist() == [-0.25, 0.75] and step.traces == 1

    def test_old_spelling(self):
        deprecation.reset_warnings()
        with pytest.warns(DeprecationWarning, match="`lr` of `SGD`.*`learning_rate`"):
            optimizer = optimizers.SGD(lr=0.5)
        assert float(optimizer.learning_rate) == 0.5
        deprecation.reset_warnings()
        with pytest.warns(DeprecationWarning, match="learning_rate"):
            optimizer.lr = 0.25
        assert float(optimizer.lr) == 0.25
        with pytest.raises(TypeError, match="both"):
            optimizers.SGD(0.1, lr=0.5)
        assert float(optimizers.Adam.from_config({"lr": 0.5, "decay": 0.0}).learning_rate) == 0.5

    def test_decay_is_advised_against(self):
        with pytest.warns(UserWarning, match="InverseTimeDecay"):
            optimizer = optimizers.SGD(0.5, decay=0.1)
        assert float(optimizer.learning_rate) == 0.5

    def test_epsilon_none_is_the_backends(self):
        assert optimizers.Adam(epsilon=None).epsilon == backend.epsilon() == optimizers.RMSprop(epsilon=None).epsilon


class TestNames:
    @pytest.mark.parametrize("name", "SGD sgd rmsprop RMSprop adamw ADAM adagrad Nadam lamb Adafactor".split())
    def test_any_case(self, name):
        assert type(optimizers.get(name)).__name__.lower() == name.lower()

    def test_get(self):
        optimizer = optimizers.SGD()
        assert optimizers.get(optimizer) is optimizer and optimizers.get(None) is None
        assert type(optimizers.get({"class_name": "adam", "config": {"beta_1": 0.5}})) is optimizers.Adam


class Signs(optimizers.Optimizer):
    """A user's optimizer, with a slot of each kind."""

    def __init__(self, learning_rate=0.5, strength=1.0, **kwargs):
        super().__init__(learning_rate, **kwargs)
        self.strength = strength
        self.total = keras.Variable(0.0, trainable=False)

    def build(self, variables):
        super().build(variables)
        self.last = [self.add_variable_from_reference(v, "last") for v in variables]

    def update_step(self, gradient, variable, learning_rate):
        self.assign(self.last[self._get_variable_index(variable)], gradient)
        self.assign_add(self.total, ops.sum(gradient))
        self.assign_sub(variable, self.strength * learning_rate * ops.sign(gradient))

    def get_config(self):
        return {**super().get_config(), "strength": self.strength}


class TestOwnOptimizer:
    def test_step_state_and_config(self):
        optimizer, variable = Signs(strength=2.0), weight()
        optimizer.apply_gradients([(np.array([3.0, -1.0], "float32"), variable)])
        assert variable.numpy().tolist() == [0.0, 3.0]
        assert [v.shape for v in optimizer.variables] == [(), (), (), (2,)]
        assert optimizer.variables[3].path == "signs/weight_last" or optimizer.variables[3].path.startswith("signs_")
        saved = optimizers.serialize(optimizer)
        assert optimizers.deserialize(saved, custom_objects={"Signs": Signs}).strength == 2.0

    def test_super_is_called_first(self):
        class Late(optimizers.Optimizer):
            """Sets an attribute too early."""

            def __init__(self):
                self.strength = 1.0

        with pytest.raises(RuntimeError, match="super"):
            Late()

    def test_update_step_is_needed(self):
        with pytest.raises(NotImplementedError, match="update_step"):
            optimizers.Optimizer(0.5).apply([ones()], [weight()])

    def test_update_step_alone(self):
        """Outside `apply` nothing is shared, and nothing old is seen."""
        optimizer, variable = optimizers.Adam(0.5), weight()
        optimizer.build([variable])
        optimizer.update_step(ones(), variable, 0.5)
        optimizer.update_step(ones(), variable, 0.25)
        assert variable.numpy() == pytest.approx([0.25, 1.25], abs=0.2)


class TestLossScale:
    def test_built_in_the_first_compiled_step(self):
        optimizer, variable = optimizers.LossScaleOptimizer(optimizers.SGD(1.0), initial_scale=8.0), weight()

        def body(gradient):
            scaled = optimizer.scale_loss(gradient)
            optimizer.apply([scaled], [variable])
            return scaled

        step = function(body)
        assert step(np.ones(2, "float32")).tolist() == [8.0, 8.0] and variable.numpy().tolist() == [0.0, 1.0]
        step(np.array([np.nan, 0.0], "float32"))
        assert variable.numpy().tolist() == [0.0, 1.0] and float(optimizer.dynamic_scale) == 4.0
        assert int(optimizer.iterations) == 1 and step(np.zeros(2, "float32")).tolist() == [0.0, 0.0]

    def test_learning_rate_is_the_inner_one(self):
        optimizer = optimizers.LossScaleOptimizer(optimizers.SGD(1.0))
        optimizer.learning_rate = 0.5
        assert float(optimizer.inner_optimizer.learning_rate) == float(optimizer.learning_rate) == 0.5


def test_copies_are_whole():
    """A deep copy goes on by itself: its slots belong to the copied variables."""
    optimizer, variable = optimizers.Adam(0.5), weight()
    optimizer.apply([ones()], [variable])
    twin, its_variable = copy.deepcopy((optimizer, variable))
    twin.apply([ones()], [its_variable])
    assert int(twin.iterations) == 2 and int(optimizer.iterations) == 1
    optimizer.apply([ones()], [variable])
    assert its_variable.numpy().tolist() == variable.numpy().tolist()


def test_averages_end_in_the_variables():
    optimizer, variable = optimizers.SGD(1.0, use_ema=True, ema_momentum=0.5), weight()
    for _ in range(2):
        optimizer.apply([ones()], [variable])
    optimizer.finalize_variable_values([variable])
    assert variable.numpy().tolist() == [-0.5, 0.5]
    with pytest.raises(ValueError, match="got 2"):
        optimizer.finalize_variable_values([variable, variable])


def test_infinite_gradients_are_seen():
    variable = weight()
    optimizers.SGD(1.0, global_clipnorm=1.0).apply([np.array([np.inf, 1.0], "float32")], [variable])
    assert np.isnan(variable.numpy()).all()


UPDATES = [
    ("SGD", {}, 2),
    ("SGD", {"momentum": 0.9}, 4),
    ("SGD", {"momentum": 0.9, "nesterov": True}, 6),
    ("RMSprop", {}, 9),
    ("Adagrad", {}, 7),
    ("Adam", {}, 12),
    ("AdamW", {}, 14),
    ("Adamax", {}, 10),
    ("Nadam", {}, 15),
    ("Lion", {}, 9),
    ("SGD", {"use_ema": True}, 5),
    ("SGD", {"global_clipnorm": 1.0}, 6),
]


@pytest.mark.parametrize("name, arguments, expected", UPDATES)
def test_primitives_of_an_update(name, arguments, expected):
    """What one more variable costs: no casts, and nothing on scalars that all variables share."""

    def traced(count):
        optimizer = getattr(optimizers, name)(**arguments)
        variables = [weight() for _ in range(count)]
        optimizer.build(variables)
        graph = trace(lambda *grads: optimizer.apply(grads, variables), [Spec((2,), "float32")] * count)
        return Counter(
            node.operation.name for node in graph.nodes if node.operation.name != "stop_gradient"
        )  # which is no work

    assert sum((traced(3) - traced(2)).values()) == expected


@pytest.mark.skipif(backend.device().replays, reason="the host does not wait to hear that of a card")
@pytest.mark.parametrize("optimizer", ["adam", "sgd", "adagrad"])
def test_a_step_that_refuses_an_index_changes_nothing(optimizer):
    """Not the count of steps either, which is known before the lookup."""
    table, weight = keras.Variable(np.ones((30, 4), "float32")), keras.Variable(np.ones((4, 1), "float32"))
    optimizer = optimizers.get(optimizer)
    optimizer.build([table, weight])

    def step(indices):
        loss = ops.sum(ops.matmul(ops.take(table, indices, axis=0), weight))
        optimizer.apply(gradients(loss, [table.read(), weight.read()]), [table, weight])

    function = backend.Function(step)
    function(np.array([1, 2], "int32"))
    everything = [table, weight, *optimizer.variables]
    before = [np.array(variable) for variable in everything]
    with pytest.raises(IndexError, match="out of range"):
        function(np.array([1, 30], "int32"))
    for variable, value in zip(everything, before):
        np.testing.assert_array_equal(np.array(variable), value, err_msg=variable.path)
