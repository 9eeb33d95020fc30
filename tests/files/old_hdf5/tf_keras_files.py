"""Run as a program, where tf_keras and TensorFlow can be imported.

tf_keras_files.py write FOLDER   every case, trained two steps: CASE.h5, CASE_weights.h5, CASE.keras, CASE.json and
                                 CASE.npz (outputs and the losses of three further steps); those of `OPTIMIZERS` also as
                                 legacy_CASE, with the optimizers that tf.keras had before 2.11
tf_keras_files.py read FOLDER    open every CASE.h5 and CASE_weights.h5 of the folder, and write CASE.npz of the same
kind, or CASE.txt with what went wrong
"""

import os
import sys
import traceback

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import cases
import tf_keras


def write_case(folder, name, build):
    tf_keras.backend.clear_session()
    tf_keras.utils.set_random_seed(0)
    model, compiled, inputs, targets = build(tf_keras)
    model.compile(**compiled, run_eagerly=True)
    cases.train(model, inputs, targets, 2)
    model.save(os.path.join(folder, f"{name}.h5"))
    model.save_weights(os.path.join(folder, f"{name}_weights.h5"))
    model.save(os.path.join(folder, f"{name}.keras"))
    with open(os.path.join(folder, f"{name}.json"), "w") as file:
        file.write(model.to_json())
    cases.record(os.path.join(folder, f"{name}.npz"), model, inputs, targets)


def with_legacy_optimizer(make):
    legacy = tf_keras.optimizers.legacy
    legacy.schedules = tf_keras.optimizers.schedules

    def build(keras):
        model, compiled, inputs, targets = cases.CASES["adam"](keras)
        return model, {**compiled, "optimizer": make(legacy)}, inputs, targets

    return build


def write(folder):
    for name, build in cases.CASES.items():
        write_case(folder, name, build)
    for name, make in cases.OPTIMIZERS.items():
        if name != "adamw":
            write_case(folder, f"legacy_{name}", with_legacy_optimizer(make))


def read(folder):
    for name, build in cases.CASES.items():
        path = os.path.join(folder, f"{name}.h5")
        if not os.path.exists(path):
            continue
        tf_keras.backend.clear_session()
        try:
            built, _, inputs, targets = build(tf_keras)
            model = tf_keras.models.load_model(path)
            built.load_weights(os.path.join(folder, f"{name}_weights.h5"))
            model.run_eagerly = True
            more = {f"weights_{key}": value for key, value in cases.outputs_of(built, inputs).items()}
            cases.record(os.path.join(folder, f"{name}.npz"), model, inputs, targets, **more)
        except Exception:
            with open(os.path.join(folder, f"{name}.txt"), "w") as file:
                file.write(traceback.format_exc())


if __name__ == "__main__":
    {"write": write, "read": read}[sys.argv[1]](sys.argv[2])
