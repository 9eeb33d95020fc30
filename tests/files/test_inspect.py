"""`python -m kerasish inspect`: files of every format and library, and files that are none."""

import json
import os
import subprocess
import sys
import time

import h5py
import keras as oracle
import numpy as np
import pytest
import safetensors.numpy

import kerasish as keras
from kerasish.__main__ import main
from kerasish.files import inspect, weights_safetensors, weights_sharded
from kerasish.files.inspect.report import Moments

X = np.random.default_rng(2).standard_normal((4, 6)).astype("float32")


def model(k):
    x = inputs = k.Input((6,), name="in")
    inner = k.Sequential(
        [k.Input((6,)), k.layers.Dense(4, name="deep"), k.layers.Dense(3, use_bias=False)], name="inner"
    )
    x = inner(x)
    built = k.Model(inputs, k.layers.Dense(2, name="head", trainable=False)(x), name="whole")
    built.compile("adam", "mse")
    built.train_on_batch(X, X[:, :2])
    return built


def run(capsys, *arguments):
    code = main(["inspect", *map(str, arguments)])
    out, err = capsys.readouterr()
    return code, out, err


def files(k, folder):
    """(path, whether the config is in it) of one model in the formats that a library writes."""
    built = model(k)
    built.save(folder / "m.keras")
    built.save_weights(folder / "m.weights.h5")
    built.save(folder / "m.h5")
    (folder / "m.json").write_text(built.to_json())
    found = [("m.keras", True), ("m.weights.h5", False), ("m.h5", True)]
    if k is keras:
        weights_sharded.save(built, folder / "m.weights.json", 1e-7)
        weights_safetensors.save(built, folder / "m.safetensors")
    else:
        built.save_weights(folder / "m.weights.json", max_shard_size=1e-7)
    found.append(("m.weights.json", False))
    return built, [*found, *([("m.safetensors", False)] if k is keras else [])]


@pytest.mark.parametrize("k", [keras, oracle], ids=["ours", "theirs"])
def test_every_format_tells_the_same(k, tmp_path, capsys):
    built, names = files(k, tmp_path)
    expected = sorted((tuple(weight.shape), round(float(np.asarray(weight).mean()), 5)) for weight in built.weights)
    for name, has_config in names:
        code, out, err = run(capsys, tmp_path / name, "--json")
        assert (code, err) == (0, "")
        data = json.loads(out)
        assert data["parameters"] == built.count_params() and data["bytes"] == 4 * built.count_params()
        of_model = [
            row for row in data["weights"] if row["name"].split("/")[0] not in ("optimizer", "optimizer_weights")
        ]
        assert sorted((tuple(row["shape"]), round(row["mean"], 5)) for row in of_model) == expected
        if has_config:
            layers = {row["name"]: row for row in data["layers"]}
            assert (
                layers["head"]["parameters"] == 8 and not layers["head"]["trainable"] and layers["deep"]["depth"] == 1
            )
            assert layers["inner"]["class_name"] == "Sequential" and layers["inner"]["parameters"] == 40
        for option in ((), ("--tree",), ("--no-statistics",)):
            code, out, _ = run(capsys, tmp_path / name, *option)
            assert code == 0 and "(6, 4)" in out
    code, out, _ = run(capsys, tmp_path / "m.json")
    assert code == 0 and "head" in out and "frozen" in out and "Dense" in out


def test_the_table_of_weights(tmp_path, capsys):
    path = tmp_path / "m.weights.h5"
    small = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, name="only")], name="small")
    small.set_weights([np.array([[0.0, 1.0], [np.nan, -3.0]], "float32"), np.array([np.inf, 2.0], "float32")])
    small.save_weights(path)
    code, out, _ = run(capsys, path)
    rows = [line.split() for line in out.splitlines() if line.startswith("layers/")]
    assert code == 0 and "6 parameters, 24 B" in out
    assert rows == [
        ["layers/dense/0", "only", "(2,", "2)", "float32", "16", "B", "-3", "-0.6667", "1", "1.7", "25.0%", "1", "0"],
        ["layers/dense/1", "only", "(2,)", "float32", "8", "B", "2", "2", "inf", "0", "0.0%", "0", "1"],
    ]
    widths = {len(line) for line in out.splitlines() if line.startswith("layers/")}
    assert len(widths) == 1
    code, out, _ = run(capsys, path, "--tensor", "dense/0")
    assert code == 0 and "[[ 0.  1.]" in out and "nan" in out
    code, out, _ = run(capsys, path, "--tensor", "layers/dense/1", "--json")
    assert json.loads(out)["values"] == [None, 2.0]
    code, out, err = run(capsys, path, "--tensor", "dens/0")
    assert code == 1 and "Did you mean" in err and "layers/dense/0" in err
    code, out, err = run(capsys, path, "--tensor", "0")
    assert code == 0 and "layers/dense/0" in out


def test_nested_objects_and_old_configs(tmp_path, capsys):
    path = tmp_path / "m.json"
    old = {
        "class_name": "Sequential",
        "keras_version": "1.2.2",
        "config": [{"class_name": "Dense", "config": {"name": "first", "trainable": False}}],
    }
    path.write_text(json.dumps(old))
    code, out, _ = run(capsys, path)
    assert code == 0 and "keras_version: 1.2.2" in out and "first" in out and "frozen" in out
    inputs = keras.Input((3, 2))
    both = keras.Model(inputs, keras.layers.Bidirectional(keras.layers.GRU(2), name="both")(inputs))
    both.save_weights(tmp_path / "m.weights.h5")
    code, out, _ = run(capsys, tmp_path / "m.weights.h5")
    assert code == 0 and "layers/bidirectional/forward_layer/cell/2" in out and "both" in out


@pytest.mark.parametrize("parts", [1, 3, 7])
def test_statistics_by_parts_are_those_of_the_whole(parts):
    numbers = np.random.default_rng(0).standard_normal(1000).astype("float32") + 1000
    numbers[::50], numbers[3::100] = 0, np.nan
    moments = Moments()
    for part in np.array_split(numbers, parts):
        moments.add(part)
    found = moments.result()
    known = numbers[~np.isnan(numbers)].astype("float64")
    assert (found["nan"], found["inf"], found["zeros"]) == (10, 0, 0.02)
    np.testing.assert_allclose(
        [found["min"], found["mean"], found["max"], found["std"]],
        [known.min(), known.mean(), known.max(), known.std()],
        rtol=1e-12,
    )


def test_large_weights_are_read_by_parts(tmp_path, monkeypatch):
    path = tmp_path / "m.weights.h5"
    numbers = np.random.default_rng(0).standard_normal((100, 50)).astype("float32")
    with h5py.File(path, "w") as file:
        file.create_group("layers/dense/vars").create_dataset("0", data=numbers, chunks=(10, 50), compression="gzip")
        file["layers/dense/vars"].create_dataset("1", data=numbers[0].astype("int64"))
    monkeypatch.setattr(inspect.report, "_BLOCK", 300)
    with inspect.opened(path) as report:
        assert len(list(report.weights[0].parts())) == 17
        assert abs(report.weights[0].statistics()["mean"] - numbers.mean()) < 1e-6


def test_a_report_of_many_layers():
    """Their names are not compared each with each."""
    layers = [
        {"name": f"layer {index}", "depth": 0, "place": f"layers/l{index}", "wrapped": False} for index in range(20_000)
    ]
    weight = inspect.report.StoredArray("layers/l7/0", (3,), "float32", None, "layer 7")
    began = time.perf_counter()
    counts = inspect.report.Report("m.keras", "Keras archive", layers=layers, weights=[weight]).parameters_of()
    assert counts[7] == sum(counts) == 3 and time.perf_counter() - began < 2


def test_files_that_are_broken_or_none_get_one_line(tmp_path, capsys):
    model(keras).save(tmp_path / "m.keras")
    model(keras).save_weights(tmp_path / "m.weights.h5")
    cases = {
        "empty.keras": b"",
        "text.h5": b"hello",
        "cut.keras": (tmp_path / "m.keras").read_bytes()[:500],
        "cut.h5": (tmp_path / "m.weights.h5").read_bytes()[:700],
        "pickle.h5": b"\x80\x04\x95abc",
        "a.json": b"{not",
        "b.json": b"[1]",
        "c.json": b'{"class_name": 3}',
        "d.weights.json": b"{}",
        "deep.json": b"[" * 100_000,
        "e.safetensors": b"\x05\0\0\0\0\0\0\0{}",
        "f.safetensors": b"\xff" * 30,
    }
    for name, content in cases.items():
        (tmp_path / name).write_bytes(content)
        code, out, err = run(capsys, tmp_path / name)
        assert code == 1 and out == "" and err.count("\n") == 1 and name in err, name
    code, _, err = run(capsys, tmp_path / "nowhere.keras")
    assert code == 1 and "not found" in err
    with pytest.raises(SystemExit) as stopped:
        main(["inspect"])
    assert stopped.value.code == 2


def test_links_out_of_the_file_are_refused(tmp_path, capsys):
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        file["link"] = h5py.ExternalLink("/etc/passwd", "/")
    code, out, err = run(capsys, path)
    assert code == 1 and out == "" and "link" in err


def test_names_can_not_steer_the_terminal(tmp_path, capsys):
    path = tmp_path / "m.json"
    path.write_text(
        json.dumps(
            {
                "class_name": "Sequential",
                "config": {"name": "\x1b[2J", "layers": [{"class_name": "\x1b]0;x\x07", "config": {"name": "a\nb"}}]},
            }
        )
    )
    for option in ((), ("--tree",), ("--json",)):
        code, out, _ = run(capsys, path, *option)
        assert code == 0 and "\x1b" not in out and "\x07" not in out

    path = tmp_path / "m.safetensors"
    safetensors.numpy.save_file(
        {"\x1b[31mname": np.ones(2)}, path, metadata={"\x1b[2J": "\x1b]0;x\x07", "\x07": "\x1b"}
    )
    for option in ((), ("--tree",), ("--json",), ("--tensor", "\x1b[31mname")):
        code, out, _ = run(capsys, path, *option)
        assert code == 0 and "\x1b" not in out and "\x07" not in out


def test_what_is_no_numbers_has_no_statistics(tmp_path, capsys):
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        file["a"], file["b"], file["c"], file["z"] = np.array([b"abc", b"def"]), h5py.Empty("f4"), "text", np.ones(3)
        file["d"] = np.zeros(2, "V3")
    code, out, err = run(capsys, path)
    assert code == 0 and not err
    rows = {line.split()[0]: line.split() for line in out.splitlines()[-5:]}
    assert rows["z"][-7:-4] == ["1", "1", "1"] and all(rows[name][-7:] == ["-"] * 7 for name in "abcd")
    code, out, _ = run(capsys, path, "--json")
    assert code == 0 and [weight.get("mean") for weight in json.loads(out)["weights"]] == [None, None, None, None, 1.0]


def test_a_reader_that_has_seen_enough(tmp_path):
    path = tmp_path / "m.json"
    layers = [{"class_name": "Dense", "config": {"name": f"layer_{index}"}} for index in range(20_000)]
    path.write_text(json.dumps({"class_name": "Sequential", "config": {"name": "long", "layers": layers}}))
    with subprocess.Popen(
        [sys.executable, "-m", "kerasish", "inspect", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=os.getcwd(),
    ) as process:
        assert b"model config" in process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b"" and process.wait(60) == 0


def test_it_runs_from_a_shell_without_building_anything(tmp_path):
    path = tmp_path / "m.keras"
    model(keras).save(path)
    program = (
        "import sys, runpy\n"
        "sys.argv = ['kerasish', 'inspect', sys.argv[1]]\n"
        "import kerasish.layers.base.layer as base\n"
        "def refuse(self, *args, **kwargs): raise AssertionError('a layer was made')\n"
        "base.Layer.__init__ = refuse\n"
        "runpy.run_module('kerasish', run_name='__main__')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        capture_output=True,
        text=True,
        cwd=os.getcwd(),
        timeout=120,
        check=False,
    )
    assert done.returncode == 0 and "Keras archive" in done.stdout and "head" in done.stdout, done.stderr
