"""Training that goes on from its newest checkpoint, and the use of what was trained."""

import csv
import pathlib
import shutil

import networks
import records
import updating

import kerasish as keras
from kerasish import callbacks, data


def train(options):
    """Train, from the newest checkpoint where there is one."""
    model, done = latest(options.folder) or (new_model(options), 0)
    # an "epoch" of `fit` is what lies between two validations
    more = max(1, options.steps // options.validate_every)
    model.fit(
        for_ever(records.batches(options.records, options.batch_size, shuffle=10_000, seed=options.seed + done)),
        steps_per_epoch=options.validate_every,
        initial_epoch=done,
        epochs=done + more,
        **watched(options),
    )
    print(draw(options.folder))


def train_from_scratch(options):
    """Forget what was trained in the folder, and train."""
    for name in ("checkpoints", "logs"):
        shutil.rmtree(pathlib.Path(options.folder) / name, ignore_errors=True)
    (pathlib.Path(options.folder) / "log.csv").unlink(missing_ok=True)
    train(options)


def online(options):
    """Train on the TFRecords of a folder and on those that come later; a validation and a checkpoint a file."""
    model, done = latest(options.folder) or (new_model(options), 0)
    for path in data.arriving_files(options.arriving, "*.tfrecord*", every=0.5, patience=options.patience):
        print(f"arrived: {path}")
        arrived = records.batches(path, options.batch_size)
        model.fit(arrived, initial_epoch=done, epochs=done + 1, **watched(options))
        done += 1
    print(draw(options.folder))


def export(options):
    """Write the model of the newest checkpoint, without the optimizer's memory, to a .keras file."""
    model, _ = trained(options.folder)
    keras.Model(model.input, model.output, name=model.name).save(options.path)
    print(f"wrote {options.path}")


def inference(options):
    """Write a probability for each record to a CSV file."""
    model = keras.models.load_model(options.trained) if options.trained else trained(options.folder)[0]
    labels, answers = [], []
    for row, known in records.batches(options.records, batch_size=256):
        labels.extend(known.tolist())
        answers.extend(model.predict_on_batch(row)[:, 0].tolist())
    with open(options.result, "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["record", "probability", "label"])
        for number, (answer, label) in enumerate(zip(answers, labels)):
            table.writerow([number, f"{answer:.6f}", "" if label != label else int(label)])
    print(f"wrote {options.result}: {len(answers):,} rows")


def latest(folder):
    """The model of the newest checkpoint and its number; None where there is none."""
    found = sorted((pathlib.Path(folder) / "checkpoints").glob("*.keras"))
    if not found:
        return None
    print(f"goes on from {found[-1]}")
    return keras.models.load_model(found[-1]), int(found[-1].stem)


def trained(folder):
    """The same, which must be there."""
    found = latest(folder)
    if found is None:
        raise SystemExit(f"nothing is trained in {folder} yet")
    return found


def new_model(options):
    """The model that the flags describe, compiled."""
    keras.utils.set_random_seed(options.seed)
    options.features = records.Schema.load(options.schema).features
    model = networks.build(options)
    model.compile(updating.optimizer(options), "binary_crossentropy", metrics=[keras.metrics.AUC(name="auc")])
    model.summary()
    return model


def watched(options):
    """What every training is told: validation, checkpoints, TensorBoard, a log."""
    folder = pathlib.Path(options.folder)
    folder.mkdir(parents=True, exist_ok=True)
    return {
        "validation_data": records.batches(options.validation, batch_size=256),
        "verbose": 2,
        "callbacks": [
            callbacks.ModelCheckpoint(folder / "checkpoints" / "{epoch:05d}.keras", max_to_keep=options.keep),
            callbacks.TensorBoard(folder / "logs"),
            callbacks.CSVLogger(folder / "log.csv", append=True),
        ],
    }


def for_ever(batches):
    """Pass after pass."""
    while True:
        yield from batches


def draw(folder):
    """The course of loss and AUC, over all runs in the folder, as a picture."""
    from matplotlib import pyplot

    with open(pathlib.Path(folder) / "log.csv", newline="") as file:
        log = list(csv.DictReader(file))
    figure, places = pyplot.subplots(1, 2, figsize=(10, 4))
    for axes, quantity in zip(places, ("loss", "auc")):
        for name, label in ((quantity, "training"), (f"val_{quantity}", "validation")):
            axes.plot([int(row["epoch"]) + 1 for row in log], [float(row[name]) for row in log], label=label)
        axes.set(title=quantity, xlabel="validation")
        axes.legend()
    path = pathlib.Path(folder) / "training.png"
    figure.savefig(path)
    pyplot.close(figure)
    return f"validation AUC: {float(log[-1]['val_auc']):.4f}; wrote {path}"
