"""What callbacks do apart from Keras's decisions: dispatch, laziness, messages, refusals."""

import warnings

import numpy as np
import pytest
from callback_driver import LazyLogs, Metric, Model, Optimizer, train

from kerasish import callbacks
from kerasish.backend import deprecation

# -- CallbackList -----------------------------------------------------------------------------------------------------


class Count(callbacks.Callback):
    def __init__(self):
        self.logs = []

    def on_train_batch_end(self, batch, logs=None):
        self.logs.append(logs)


def test_logs_of_batches_are_handed_on_unread():
    count, logs = Count(), LazyLogs(loss=1.0)
    callbacks.CallbackList([count, callbacks.EarlyStopping()], model=Model()).on_train_batch_end(0, logs)
    assert count.logs[0] is logs and logs.fetched == 0


def test_hooks_that_nobody_overrides_are_skipped():
    many = callbacks.CallbackList([Count(), callbacks.History(), callbacks.ReduceLROnPlateau()], model=Model())
    called = {name for name, methods in many._hooks.items() if methods}
    assert called == {"on_train_batch_end", "on_train_begin", "on_epoch_end"}
    logs = LazyLogs(loss=1.0)
    many.on_test_end(logs)
    assert logs.fetched == 0


def test_logs_are_never_none():
    seen = []
    at_begin = callbacks.LambdaCallback(on_train_begin=seen.append)
    at_batch = callbacks.LambdaCallback(on_train_batch_begin=lambda batch, logs: seen.append(logs))
    many = callbacks.CallbackList([at_begin, at_batch], model=Model())
    many.on_train_begin()
    many.on_train_batch_begin(0)
    assert seen == [{}, {}]


def test_what_a_callback_adds_reaches_the_history():
    history = callbacks.History()
    add = callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(extra=epoch))
    model = Model()
    train(callbacks.CallbackList([[add], (history,)], model=model), [{"loss": np.float32(0.5)}, {"loss": 1}])
    assert history.history == {"loss": [0.5, 1.0], "extra": [0, 1]} and model.history is history
    assert all(type(value) is float for value in history.history["loss"])


def test_defaults_are_added_once():
    model = Model()
    many = callbacks.CallbackList(None, add_history=True, add_progbar=True, model=model, verbose=0, epochs=2, steps=3)
    assert [type(callback).__name__ for callback in many.callbacks] == ["History", "ProgbarLogger"]
    assert model.history is many.callbacks[0] and many.callbacks[0].params == {"verbose": 0, "epochs": 2, "steps": 3}
    own = callbacks.History()
    many = callbacks.CallbackList([own, callbacks.ProgbarLogger()], add_history=True, add_progbar=True, model=model)
    assert len(many.callbacks) == 2 and model.history is own


def test_hooks_that_come_late_are_found_when_a_run_begins():
    late, calls = callbacks.Callback(), []
    many = callbacks.CallbackList([late], model=Model())
    late.on_epoch_end = lambda epoch, logs: calls.append(epoch)
    train(many, [{}, {}])
    assert calls == [0, 1]


def test_callbacks_of_real_keras_work():
    import keras

    calls = []

    class Theirs(keras.callbacks.Callback):
        def on_batch_end(self, batch, logs=None):
            calls.append((batch, self.model))

    model = Model()
    many = callbacks.CallbackList([Theirs()], model=model)
    assert many._hooks["on_test_end"] == []
    train(many, [{}], batches=2)
    assert calls == [(0, model), (1, model)]


@pytest.mark.parametrize(
    "wrong, message",
    [
        (callbacks.EarlyStopping, r"entry 0 is the class EarlyStopping. Pass an instance: EarlyStopping\(\.\.\.\)"),
        ([callbacks.History(), print], r"entry 1 is <built-in function print>.*LambdaCallback\(on_epoch_end"),
        ([None], "entry 0 is None"),
    ],
)
def test_what_is_no_callback_is_refused(wrong, message):
    with pytest.raises(TypeError, match=message):
        callbacks.CallbackList(wrong)


def test_lambda_callback_refuses_unknown_hooks():
    with pytest.raises(TypeError, match="`on_epoch_ends`. Did you mean `on_epoch_end`"):
        callbacks.LambdaCallback(on_epoch_ends=print)
    with pytest.raises(TypeError, match="`on_test_end` of `LambdaCallback` must be a function, got 3"):
        callbacks.LambdaCallback(on_test_end=3)


# -- monitors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "monitor, metrics, up",
    [
        ("val_loss", [], False),
        ("out_loss", [], False),
        ("val_out_acc", [], True),
        ("auc_3", [], True),
        ("mean_absolute_error", [], False),
        ("oddity", [Metric("oddity", "up")], True),
        ("val_oddity", [Metric("oddity", "down")], False),
        ("val_head_oddity", [Metric("oddity", "up"), Metric("unknown")], True),
        ("accuracy", [Metric("accuracy", "down")], False),
    ],
)
def test_auto_mode(monitor, metrics, up):
    model = Model(metrics)
    save = callbacks.ModelCheckpoint("{epoch}.keras", monitor=monitor, save_best_only=True)
    train(callbacks.CallbackList([save], model=model), [{monitor: 0.5}, {monitor: 1.0}, {monitor: 0.0}])
    assert [path for _, path, _ in model.saved] == ["1.keras", "2.keras" if up else "3.keras"]


def test_auto_mode_that_cannot_know():
    stop = callbacks.EarlyStopping("val_oddity")
    with pytest.raises(ValueError, match="EarlyStopping callback received monitor=val_oddity.*mode='max'"):
        train(callbacks.CallbackList([stop], model=Model()), [{"val_oddity": 1.0}])


def test_unknown_mode_warns_with_the_nearest():
    with pytest.warns(UserWarning, match="mode 'maxi' is unknown, fallback to auto mode.*Did you mean 'max'"):
        assert callbacks.EarlyStopping(mode="maxi").mode == "auto"


@pytest.mark.parametrize(
    "callback, message, saved",
    [
        (callbacks.EarlyStopping("val_los"), "Early stopping conditioned on", 0),
        (callbacks.ReduceLROnPlateau("val_los"), "Learning rate reduction is conditioned on", 0),
        (callbacks.ModelCheckpoint("a.keras", "val_los", save_best_only=True), "Can save best model only with", 1),
    ],
)
def test_missing_monitor_warns_with_what_there_is(callback, message, saved):
    model = Model()
    with pytest.warns(UserWarning, match=f"{message} metric `val_los` which is not available") as caught:
        train(callbacks.CallbackList([callback], model=model), [{"loss": 1.0, "val_loss": 2.0}])
    text = str(caught[0].message)
    assert "loss,val_loss" in text and "Did you mean `val_loss`?" in text
    assert not model.stop_training and len(model.saved) == saved and model.optimizer.learning_rate == 0.125


def test_missing_validation_is_named():
    with pytest.warns(UserWarning, match="Pass `validation_data` or `validation_split` to `fit`"):
        train(callbacks.CallbackList([callbacks.EarlyStopping()], model=Model()), [{"loss": 1.0}])


def test_early_stopping_is_ready_for_a_second_fit():
    model, stop = Model(), callbacks.EarlyStopping("loss", patience=1, restore_best_weights=True)
    for _ in range(2):
        train(callbacks.CallbackList([stop], model=model), [{"loss": value} for value in (3.0, 1.0, 2.0, 0.0)])
        assert model.stop_training and stop.stopped_epoch == 2 and model.weights == 1.0


def test_reduce_lr_refuses_bad_arguments():
    with pytest.raises(ValueError, match="factor >= 1.0. Received factor=1.0"):
        callbacks.ReduceLROnPlateau(factor=1.0)
    with pytest.raises(TypeError, match="'patiense'.*Did you mean `patience`"):
        callbacks.ReduceLROnPlateau(patiense=3)


def test_old_spellings():
    deprecation.reset_warnings()
    with pytest.warns(DeprecationWarning, match="`epsilon` of `ReduceLROnPlateau`"):
        assert callbacks.ReduceLROnPlateau(epsilon=0.5).min_delta == 0.5
    model = Model()
    with pytest.warns(DeprecationWarning, match="`period` of `ModelCheckpoint`"):
        save = callbacks.ModelCheckpoint("{epoch}.keras", period=2)
    train(callbacks.CallbackList([save], model=model), [{}] * 5)
    assert [path for _, path, _ in model.saved] == ["2.keras", "4.keras"]


# -- ModelCheckpoint --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments, message",
    [
        (dict(filepath="model"), r"must end in `.keras`.*filepath=model"),
        (dict(filepath="w.h5", save_weights_only=True), r"must end in `.weights.h5`.*filepath=w.h5"),
        (dict(filepath="a.keras", save_freq="batch"), "Unrecognized save_freq: 'batch'"),
        (dict(filepath="a.keras", save_freq=0), "Unrecognized save_freq: 0"),
        (dict(filepath="{}.keras"), "Places in the filepath provided must be named"),
        (dict(filepath="{epoch.keras"), "no valid template"),
        (dict(filepath="a.keras", period=0), "`period` of `ModelCheckpoint` must be a positive number.*got 0"),
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_model_checkpoint_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        callbacks.ModelCheckpoint(**arguments)


def test_template_that_cannot_be_filled():
    save = callbacks.ModelCheckpoint("{epoch}-{val_loss:.2f}.keras")
    with pytest.raises(KeyError, match="Failed to format.*val_loss.* is not logged. Known: epoch, loss"):
        train(callbacks.CallbackList([save], model=Model()), [{"loss": 1.0}])
    save = callbacks.ModelCheckpoint("{note:.2f}.keras")
    with pytest.raises(ValueError, match="Failed to format this callback filepath"):
        train(callbacks.CallbackList([save], model=Model()), [{"note": "text"}])


def test_template_fetches_only_what_it_names():
    model, logs = Model(), LazyLogs(loss=0.25, accuracy=1.0)
    save = callbacks.ModelCheckpoint("{batch}-{loss:.2f}.keras", save_freq=1)
    train(callbacks.CallbackList([save], model=model), [{}], batches=1, batch_logs=lambda epoch, batch: logs)
    assert model.saved == [("model", "1-0.25.keras", True)] and logs.fetched == 1


def test_folders_are_made_and_a_folder_is_no_file(tmp_path):
    model = Model()
    train(callbacks.CallbackList([callbacks.ModelCheckpoint(tmp_path / "new" / "a.keras")], model=model), [{}])
    assert (tmp_path / "new").is_dir() and model.saved == [("model", str(tmp_path / "new" / "a.keras"), True)]
    (tmp_path / "b.keras").mkdir()
    with pytest.raises(OSError, match="must name a file, but .*b.keras is a folder"):
        train(callbacks.CallbackList([callbacks.ModelCheckpoint(tmp_path / "b.keras")], model=model), [{}])


def test_best_model_between_epochs():
    """The direction is known before the first epoch has ended."""
    model = Model()
    save = callbacks.ModelCheckpoint("{batch}.keras", monitor="loss", save_best_only=True, save_freq=1)
    losses = [3.0, 4.0, 2.0, 2.5]
    logs = lambda epoch, batch: {"loss": losses[batch]}  # noqa: E731
    train(callbacks.CallbackList([save], model=model), [{}], batches=4, batch_logs=logs)
    assert [path for _, path, _ in model.saved] == ["1.keras", "3.keras"]


def test_monitored_array_is_saved_with_a_warning():
    model = Model()
    with pytest.warns(UserWarning, match="Can save best model only when `monitor` is a scalar value"):
        save = callbacks.ModelCheckpoint("a.keras", monitor="loss", save_best_only=True)
        train(callbacks.CallbackList([save], model=model), [{"loss": np.ones(2)}])
    assert len(model.saved) == 1


# -- the others -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", [float("nan"), float("inf"), np.float32("-inf")])
def test_terminate_on_nan(loss, capsys):
    model = Model()
    logs = lambda epoch, batch: {"loss": loss if batch == 2 else 1.0}  # noqa: E731
    counting = Count()
    many = callbacks.CallbackList([callbacks.TerminateOnNaN(), counting], model=model)
    train(many, [{}], batches=5, batch_logs=logs)
    assert model.stop_training and len(counting.logs) == 3
    assert capsys.readouterr().out == "Batch 2: Invalid loss, terminating training\n"
    many = callbacks.CallbackList([callbacks.TerminateOnNaN(raise_error=True)], model=model)
    with pytest.raises(RuntimeError, match="NaN or Inf loss encountered at batch 2"):
        train(many, [{}], batches=5, batch_logs=logs)


@pytest.mark.parametrize("returned", ["0.1", None, 1, np.ones(2)])
def test_schedule_must_return_a_float(returned):
    model = Model()
    many = callbacks.CallbackList([callbacks.LearningRateScheduler(lambda epoch, rate: returned)], model=model)
    with pytest.raises(ValueError, match="The output of the `schedule` function should be a float. Got"):
        train(many, [{}])
    assert model.optimizer.learning_rate == 0.125


def test_schedule_may_return_an_array_and_raise():
    model = Model()
    half = callbacks.LearningRateScheduler(lambda epoch, rate: np.array(0.5, "float32"))
    train(callbacks.CallbackList([half], model=model), [{}])
    assert model.optimizer.learning_rate == 0.5

    def wrong(epoch, rate):
        raise TypeError("mine")

    with pytest.raises(TypeError, match="mine"):
        train(callbacks.CallbackList([callbacks.LearningRateScheduler(wrong)], model=model), [{}])


def test_csv_logger_refuses_and_closes(tmp_path):
    with pytest.raises(ValueError, match="`separator` of `CSVLogger` must be a string of one character, got '::'"):
        callbacks.CSVLogger("a.csv", separator="::")
    logger = callbacks.CSVLogger(tmp_path / "a.csv")
    train(callbacks.CallbackList([logger], model=Model()), [{"loss": np.ones(2)}])
    assert logger.csv_file.closed and "1.0, 1.0" in (tmp_path / "a.csv").read_text()


class Variable:
    def __init__(self, value):
        self.value = np.array(value)

    def numpy(self):
        return self.value.copy()

    def assign(self, value):
        self.value[...] = value


def averaging_model():
    model = Model(optimizer=Optimizer())
    model.optimizer.use_ema = True
    model.optimizer._trainable_variables = [Variable([1.0])]
    model.optimizer._model_variables_moving_average = [Variable([10.0])]
    return model, model.optimizer._trainable_variables[0].value


def test_swap_ema_weights_around_tests_and_predictions():
    model, weight = averaging_model()
    many = callbacks.CallbackList([callbacks.SwapEMAWeights()], model=model)
    for begin, end in ((many.on_test_begin, many.on_test_end), (many.on_predict_begin, many.on_predict_end)):
        begin()
        assert weight == 10.0
        end()
        assert weight == 1.0


def test_swap_ema_weights_on_epoch():
    model, weight = averaging_model()
    seen = []
    look = lambda epoch, logs: seen.append(float(weight[0]))  # noqa: E731
    look = callbacks.LambdaCallback(on_epoch_begin=look, on_epoch_end=look)
    many = callbacks.CallbackList([callbacks.SwapEMAWeights(swap_on_epoch=True), look], model=model)
    train(many, [{}, {}])
    assert seen == [1.0, 10.0, 1.0, 10.0] and weight == 10.0
    many.on_test_begin()
    many.on_test_end()
    assert weight == 10.0


def test_swap_ema_weights_needs_averages():
    with pytest.raises(ValueError, match="must be used when `use_ema=True` is set"):
        callbacks.CallbackList([callbacks.SwapEMAWeights()], model=Model()).on_test_begin()


def test_subclasses_may_forget_init():
    class Forgetful(callbacks.Callback):
        def __init__(self):
            pass

    callback = Forgetful()
    assert callback.model is None and callback.params is None
    callback.model = "model"
    assert callback.model == "model"


def test_nothing_warns_in_a_plain_run():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        all_of_them = [callbacks.EarlyStopping("loss"), callbacks.ReduceLROnPlateau("loss"), callbacks.TerminateOnNaN()]
        train(callbacks.CallbackList(all_of_them, model=Model()), [{"loss": 1.0}] * 3, batches=2)


# -- ModelCheckpoint keeps the newest ---------------------------------------------------------------------------------


def test_the_newest_files_are_kept(tmp_path):
    model = Model()
    save = callbacks.ModelCheckpoint(tmp_path / "{epoch}.keras", max_to_keep=2)
    (tmp_path / "0.keras").write_text("somebody else's")
    for epoch in range(4):
        save.set_model(model)
        (tmp_path / f"{epoch + 1}.keras").touch()  # which the model that is none does not write
        save.on_epoch_end(epoch, {"val_loss": 1.0})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.keras", "3.keras", "4.keras"]


@pytest.mark.parametrize("number", [0, -1, 1.5, True, "2"])
def test_how_many_files_are_kept(number):
    with pytest.raises(ValueError, match="max_to_keep"):
        callbacks.ModelCheckpoint("{epoch}.keras", max_to_keep=number)


def test_weights_in_several_files_are_not_counted():
    with pytest.raises(ValueError, match="in one file"):
        callbacks.ModelCheckpoint("{epoch}.weights.json", save_weights_only=True, max_to_keep=2)
