"""What several processes promise one another in `fit`: run by `test_data_parallel.py`, `promises.py FOLDER`."""

import contextlib
import copy
import io
import json
import pathlib
import sys
from functools import partial

import numpy as np

import kerasish as keras
from kerasish import distribution, layers, ops
from kerasish.backend import ranks
from kerasish.distribution import shares
from kerasish.models.training.together import together
from kerasish.utils.dataset.batched import BatchedDataset
from tests.distribution import interrupted

FOLDER = pathlib.Path(sys.argv[1])
distribution.initialize()
WORLD = ranks.world()
distribution.initialize(num_processes=WORLD.size, process_id=WORLD.rank)
RANK, SIZE = WORLD.rank, WORLD.size
X = np.random.default_rng(0).normal(size=(24, 4)).astype("float32")
Y = X.sum(axis=1, keepdims=True)


def made(*more, seed=1):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3), *more, layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.1), "mse")
    return model


def alike(value):
    found = WORLD.gather(value)
    return all(np.array_equal(found[0], other) for other in found)


def refused(words, call, kind=ValueError):
    """Every process is told."""
    try:
        call()
    except kind as error:
        assert words in str(error), error
    else:
        raise AssertionError(f"nothing was refused: {words}")


def devices():
    kind = keras.backend.device().kind
    assert distribution.list_devices() == [f"{kind}:{number}" for number in range(SIZE)]
    chosen = distribution.DataParallel()
    assert (chosen.num_processes, chosen.data_shard_id, chosen.num_model_replicas) == (SIZE, RANK, SIZE)
    refused("`num_processes` is 7", lambda: distribution.initialize(num_processes=7))
    refused("`process_id` is 9", lambda: distribution.initialize(process_id=9))


def no_distribution():
    """Each process is one by itself."""
    model = made(seed=RANK)
    losses = model.fit(X, Y, epochs=1, verbose=0).history["loss"]
    assert not alike(losses)


def statistics_per_rank():
    """Each normalizes by its own share; the moving averages are the same in all."""
    model = made(layers.BatchNormalization(momentum=0.5), layers.Dropout(0.5))
    model.fit(X, Y, epochs=2, batch_size=8, verbose=0)
    assert all(alike(v.numpy()) for v in model.variables)
    shares, bn = np.split(X[:8], SIZE), layers.BatchNormalization(momentum=0.0)
    one = keras.Sequential([keras.Input((4,)), bn, layers.Dense(1)])
    one.compile(keras.optimizers.SGD(0.0), "mse")
    one.fit(X[:8], Y[:8], batch_size=8, shuffle=False, verbose=0)
    wanted = np.mean([share.var(axis=0) for share in shares], axis=0)
    np.testing.assert_allclose(bn.moving_variance.numpy(), wanted, rtol=1e-5)


def weights_of_the_first():
    model = made(seed=10 + RANK)
    assert not alike(model.layers[0].kernel.numpy())
    model.evaluate(X, Y, verbose=0)
    assert alike(model.layers[0].kernel.numpy())
    model.layers[0].kernel.assign(np.full((4, 3), float(RANK)))
    model.fit(X, Y, verbose=0)
    assert alike(model.layers[0].kernel.numpy())


def files_and_progress_of_the_first():
    log, saved = FOLDER / "log.csv", FOLDER / "{epoch}.keras"
    seen, said = [], io.StringIO()
    watch = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(logs["loss"]))
    callbacks = [keras.callbacks.CSVLogger(str(log)), keras.callbacks.ModelCheckpoint(str(saved)), watch]
    with contextlib.redirect_stdout(said):
        made().fit(X, Y, epochs=2, callbacks=callbacks, verbose=2)
    WORLD.barrier()
    assert len(log.read_text().splitlines()) == 3 and (FOLDER / "2.keras").exists()
    assert bool(said.getvalue()) == (RANK == 0) and len(seen) == 2 and alike(seen)


def decisions_are_the_same():
    model = made()

    class Decides(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1 and RANK == SIZE - 1:
                self.model.stop_training = True
            self.model.optimizer.learning_rate = 0.1 + 0.01 * RANK

    assert len(model.fit(X, Y, epochs=5, callbacks=[Decides()], verbose=0).epoch) == 2
    assert alike(float(model.optimizer.learning_rate.numpy()))


def what_differs_is_refused():
    rows = 24 - 2 * RANK
    refused("must be given the same data", lambda: made().fit(X[:rows], Y[:rows], verbose=0))
    refused("must be given the same data", lambda: made().fit(X + RANK, Y, verbose=0))
    wide = keras.Sequential([keras.Input((4,)), layers.Dense(2 + RANK), layers.Dense(1)])
    wide.compile("sgd", "mse")
    if RANK:
        refused("must make the same model", lambda: wide.evaluate(X, Y, verbose=0))
    else:
        together().make_alike(wide)  # as `evaluate` begins; the first has nothing to refuse
    keeps = keras.Sequential([keras.Input((4, 1), batch_size=8), layers.LSTM(2, stateful=True)])
    keeps.compile("sgd", "mse")
    refused("keeps a state for each row", lambda: keeps.fit(X[:, :, None], X[:, :2], batch_size=8, verbose=0))
    few = distribution.DataParallel(devices=["cpu:0"])
    with few.scope():
        refused("lies on 1 devices", lambda: made().fit(X, Y, verbose=0))


def own_data():
    """Each brings rows of its own, of unlike number; all stop where the first has no more."""
    with distribution.DataParallel(auto_shard_dataset=False).scope():
        model = made()
        rows = [slice(3 * rank * (rank + 1) // 2, 3 * (rank + 1) * (rank + 2) // 2) for rank in range(SIZE)]
        last = rows[-1].stop
        x, y = np.resize(X, (last, 4)), np.resize(Y, (last, 1))
        shared = model.fit(x[rows[RANK]], y[rows[RANK]], batch_size=last, shuffle=False, verbose=0).history["loss"]
        batches = [(X[:4], Y[:4])] * (3 + RANK)
        seen = []
        count = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: seen.append(batch))
        made().fit(iter(batches), callbacks=[count], verbose=0)
        assert len(seen) == 3
    distribution.set_distribution(None)
    alone = made().fit(x, y, batch_size=last, shuffle=False, verbose=0).history["loss"]
    distribution.set_distribution(distribution.DataParallel())
    np.testing.assert_allclose(shared, alone, rtol=1e-5)


def the_first_predicts_alone():
    """One batch is not shared out; nor is anything where no distribution is in force."""
    model = made()
    model.fit(X, Y, verbose=0)
    if RANK == 0:
        outputs = model.predict(X, verbose=0)
        distribution.set_distribution(None)
        np.testing.assert_allclose(model.predict(X, batch_size=5, verbose=0), outputs, rtol=1e-5)
        distribution.set_distribution(distribution.DataParallel())


def predictions_are_shared():
    """Each computes its rows, and all get all of them, in order: numbers of all kinds, and texts."""
    inputs, seen = keras.Input((4,)), []
    outputs = [layers.Dense(3)(inputs), ops.sum(inputs, axis=-1), ops.cast(inputs, "float16"), inputs[:, 0] > 0]
    model = keras.Model(inputs, outputs)
    watch = keras.callbacks.LambdaCallback(
        on_predict_batch_end=lambda batch, logs: seen.append(len(logs["outputs"][1]))
    )
    found = model.predict(X, batch_size=7, callbacks=[watch], verbose=0)
    assert len(seen) == 4 and sum(seen) < 24  # the last batch has three rows, which each of four computes
    assert all(map(alike, found)) and [a.dtype.name for a in found] == ["float32", "float32", "float16", "bool"]
    for outputs, wanted in zip(found, model(X)):
        np.testing.assert_allclose(outputs.astype("float32"), np.asarray(wanted, "float32"), rtol=1e-5, atol=1e-6)
    words = keras.Sequential(
        [keras.Input((1,), dtype="int64"), layers.StringLookup(vocabulary=["one", "three"], invert=True)]
    )
    named = words.predict(np.arange(12)[:, None] % 3, batch_size=5, verbose=0)
    assert [str(name) for name in np.ravel(named)] == ["[UNK]", "one", "three"] * 4, named


def callbacks_predict():
    """Those of all share it, those of the first alone go without the others; so do evaluations."""

    class Looks(keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.rows, self.found = [], []

        def on_epoch_end(self, epoch, logs=None):
            watch = keras.callbacks.LambdaCallback(
                on_predict_batch_end=lambda batch, logs: self.rows.append(len(logs["outputs"]))
            )
            self.found.append(self.model.predict(X, batch_size=8, callbacks=[watch], verbose=0))
            self.found.append(self.model.evaluate(X, Y, batch_size=8, verbose=0))

    class LooksAlone(Looks):
        first_rank_alone = True

    everywhere, alone = Looks(), LooksAlone()
    made().fit(X, Y, epochs=2, callbacks=[alone, everywhere], verbose=0)
    assert sum(everywhere.rows) == 2 * 24 / SIZE and sum(alone.rows) == (0 if RANK else 2 * 24)
    assert alike(everywhere.found[2]) and alike(everywhere.found[3])
    for one, other in zip(everywhere.found, alone.found):
        np.testing.assert_allclose(one, other, rtol=1e-4)


def unlike_calls_are_refused():
    model = made()
    model.evaluate(X, Y, verbose=0)
    if RANK == 0:
        refused("all make the same calls", lambda: model.predict(X, batch_size=8, verbose=0))
    else:
        refused("process 0 at `predict`", lambda: model.fit(X, Y, verbose=0))


def samples_are_read_once():
    """Of a data set that is read sample by sample, each reads those that it computes."""
    read = []
    dataset = BatchedDataset(lambda i: (read.append(i), (X[i], Y[i]))[1], 24, 8, shuffle=True, seed=1, makes_parts=True)
    model = made()
    model.fit(dataset, verbose=0)  # which matches the losses to the first batch, a whole one
    read.clear()
    model.fit(dataset, verbose=0)
    assert len(read) == 24 // SIZE
    everybodys = sorted(number for numbers in WORLD.gather(read) for number in numbers)
    assert everybodys == list(range(24))


def tables_are_cut():
    """A process holds its rows alone, of the slots too; files hold all."""
    mesh = distribution.DeviceMesh((1, SIZE), ["batch", "model"])
    layouts = distribution.LayoutMap(mesh)
    layouts[".*/embeddings"] = ("model", None)
    layouts["wide/kernel"] = (None, "model")
    layouts["long/kernel"] = ("model", None)
    with distribution.ModelParallel(layout_map=layouts).scope():
        keras.utils.set_random_seed(RANK)
        table = layers.Embedding(30, 4)
        model = keras.Sequential([keras.Input((3,), dtype="int32"), table, layers.Flatten(), layers.Dense(1)])
        model.compile("adam", "mse")
        x = np.random.default_rng(0).integers(0, 30, (24, 3))
        assert alike(table.embeddings.numpy()) and table.embeddings.shape == (30, 4)
        backup = keras.callbacks.BackupAndRestore(str(FOLDER / "cut"))
        saves = keras.callbacks.ModelCheckpoint(str(FOLDER / "whole.keras"), save_freq=2)
        model.fit(x, Y, epochs=2, batch_size=8, callbacks=[backup, saves], verbose=0)
        assert table.embeddings._buffer.shape == (len(range(30 * RANK // SIZE, 30 * (RANK + 1) // SIZE)), 4)
        slots = [v for v in model.optimizer.variables if len(v.shape) == 2 and v.shape[0] == 30]
        assert len(slots) == 2 and all(v._buffer.shape == table.embeddings._buffer.shape for v in slots)
        path = FOLDER / f"cut {RANK}.keras"
        model.save(path)
        outputs = model.predict(x, verbose=0)
        np.testing.assert_allclose(model.predict(x, batch_size=7, verbose=0), outputs, rtol=1e-6)
        with shares.apart():
            refused("run by a callback that the first alone calls", lambda: model.predict(x, verbose=0))
        again = keras.saving.load_model(path)
        assert type(again.layers[0].embeddings) is type(table.embeddings)
        np.testing.assert_allclose(again.predict(x, verbose=0), outputs, rtol=1e-6)
        values = np.arange(120.0).reshape(30, 4)
        table.set_weights([values])
        assert np.array_equal(table.get_weights()[0], values)
        assert np.array_equal(model.layers[0](x[:2]), values[x[:2]])
        for name, axis in (("wide", 1), ("long", 0)):
            layer = layers.Dense(8, name=name)
            refused(
                f"cuts axis {axis} of '{name}/kernel', a weight of the Dense '{name}'", partial(layer.build, (3, 8))
            )
        tied = layers.ReversibleEmbedding(8, 4, name="tied")
        refused("of the ReversibleEmbedding 'tied', which can't be", tied.build)
        ruled = layers.Embedding(8, 4, embeddings_constraint="unit_norm")
        refused("and its constraint would need all of it", ruled.build)
        refused("can't be cut over", lambda: layers.Embedding(1, 4).build())
        for optimizer, words in (
            (keras.optimizers.Lamb(), "for the norm of a variable"),
            (keras.optimizers.SGD(global_clipnorm=1.0), "for global_clipnorm"),
        ):
            model.compile(optimizer, "mse")
            refused(words, lambda: model.fit(x, Y, verbose=0))
    if RANK == 0:  # one process alone opens the files
        assert np.allclose(keras.saving.load_model(path).predict(x, verbose=0), outputs)
        assert np.allclose(keras.saving.load_model(FOLDER / "whole.keras").predict(x, verbose=0), outputs)
    assert "rows here" in repr(table.embeddings)
    refused("can't be copied", lambda: copy.deepcopy(table.embeddings), TypeError)


def slots_are_cut():
    """Each process has the slots of its rows; small ones and those of accumulation stay whole."""
    layouts = distribution.LayoutMap(distribution.DeviceMesh((1, SIZE), ["batch", "model"]))
    layouts["(adam|lamb)/.*(kernel|bias).*"] = ("model",)
    layouts["sgd/.*"] = (None, "model")
    with distribution.ModelParallel(layout_map=layouts).scope():
        model = made()
        model.compile(keras.optimizers.Adam(name="adam"), "mse")
        model.fit(X, Y, verbose=0)
        cut = [v for v in model.optimizer.variables if hasattr(v, "part")]
        assert sorted(v.shape for v in cut) == sorted([(4, 3), (3, 1), *([(3,)] if SIZE < 4 else [])] * 2)[-len(cut) :]
        assert all(v._buffer.shape[0] == v.part.own for v in cut) and cut
        assert alike(model.layers[0].kernel.numpy())
        for optimizer, words in (
            (keras.optimizers.Lamb(name="lamb"), "which needs all: the norm of a variable"),
            (keras.optimizers.SGD(momentum=0.9, name="sgd"), "cuts axis 1 of 'sgd/"),
        ):
            model.compile(optimizer, "mse")
            refused(words, lambda: model.fit(X, Y, verbose=0))


def trainings_go_on_in_another_number_of_processes():
    """The test's own process began the first training, and goes on with the second."""
    history = interrupted.train(str(FOLDER / "of one"))
    interrupted.cut_off(str(FOLDER / "of several"))
    if RANK == 0:
        (FOLDER / "history.json").write_text(json.dumps(history))


devices()
no_distribution()
distribution.set_distribution(distribution.DataParallel())
for check in (
    statistics_per_rank,
    weights_of_the_first,
    files_and_progress_of_the_first,
    decisions_are_the_same,
    what_differs_is_refused,
    own_data,
    the_first_predicts_alone,
    predictions_are_shared,
    callbacks_predict,
    unlike_calls_are_refused,
    samples_are_read_once,
    tables_are_cut,
    slots_are_cut,
    trainings_go_on_in_another_number_of_processes,
):
    check()
    WORLD.barrier()
