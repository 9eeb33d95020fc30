"""The benchmark's workloads are models of kerasish and of Keras alike, and its report says what was measured."""

import json

import numpy as np
import pytest

import kerasish
from benchmarks import compare, report, scaling, workloads

pytestmark = pytest.mark.slow

PARAMETERS = {
    "mlp_tiny": 161,
    "mlp": 669_706,
    "convnet": 34_826,
    "lstm": 2_691_713,
    "gru": 62_337,
    "transformer": 2_973_186,
    "autoencoder": 435_536,
    "recommender": 6_618_305,
    "unet": 1_925_601,
    "inception_v3": 23_851_784,
    "resnet50": 25_636_712,
    "mobilenet_v2": 3_538_984,
    "convnet_latency": 34_826,
    "resnet50_latency": 25_636_712,
    "resnet50_bfloat16": 25_636_712,
    "transformer_bfloat16": 2_973_186,
    "conv_lstm": 34_345,
}


LAYERS_ALONE = ("augmentation", "text_vectorization", "string_lookup")


@pytest.mark.parametrize("name", LAYERS_ALONE)
def test_a_layer_alone_is_measured_as_models_are(name):
    module = workloads.load(name)
    x, y = module.data(np.random.default_rng(0), 4)
    assert module.build(kerasish).predict(x, batch_size=4, verbose=0).shape[0] == 4
    assert y is None and workloads.measures(module) == ("predict",)


@pytest.mark.parametrize("name", [name for name in workloads.NAMES if name not in LAYERS_ALONE])
def test_workload_builds_and_its_data_fit(name):
    module = workloads.load(name)
    model = module.build(kerasish)
    assert model.count_params() == PARAMETERS[name]
    x, y = module.data(np.random.default_rng(0), 2)
    shapes = [tuple(part.shape) for part in (x if isinstance(x, list) else [x])]
    assert shapes == [(2, *tensor.shape[1:]) for tensor in model.inputs]
    assert len(y) == 2 and module.BATCH >= 1 and module.STEPS >= 1
    assert set(workloads.measures(module)) <= {"fit", "predict"}


@pytest.mark.parametrize("name", ["mlp_tiny", "convnet", "gru", "recommender", "transformer"])
def test_workload_learns_a_batch(name):
    module = workloads.load(name)
    model = module.build(kerasish)
    x, y = module.data(np.random.default_rng(0), 4)
    losses = [float(model.train_on_batch(x, y)) for _ in range(2)]
    assert np.isfinite(losses).all() and losses[0] != losses[1]
    assert len(model.predict(x, verbose=0)) == 4


def test_unknown_workload_names_those_there_are():
    with pytest.raises(ValueError, match="mlp_tiny"):
        workloads.load("mpl_tiny")


def record(workload, backend, fit=None, cache="cold", **more):
    measured = {"import_s": 0.5, "first_start_s": 2.0, "first_call_s": 1.0, "memory_mb": 100.0} | (
        {"fit": {"ms": fit}, "fit_memory_mb": 90.0} if fit else {}
    )
    return {"workload": workload, "backend": backend, "cache": cache, "load": 0.1, **measured, **more}


@pytest.fixture
def document():
    machine = {"processor": "Abacus", "cores": 2, "memory_gb": 1, "system": "None"}
    results = (
        [record("mlp", "kerasish", fit) for fit in (1.0, 2.0, 9.0)]
        + [record("mlp", "jax", fit) for fit in (3.0, 3.0)]
        + [record("mlp", "torch", 5.0)]
    )
    results += [record("mlp", "kerasish", cache="warm", first_start_s=0.25), record("lstm", "jax", 4.0)]
    results += [
        {
            "workload": "lstm",
            "backend": "kerasish",
            "cache": "cold",
            "error": "AttributeError: no LSTM",
            "memory_mb": 20.0,
        }
    ]
    numbers = {"kerasish": ({"numpy": "2.0"}, 50.0), "jax": ({"jax": "0.1"}, 500.0), "torch": ({}, None)}
    backends = {
        name: {"python": "3.11", "versions": versions, "installed_mb": size}
        for name, (versions, size) in numbers.items()
    }
    return {
        "date": "2020-02-02T10:00:00",
        "machine": machine,
        "settings": {"rounds": 3},
        "backends": backends,
        "results": results,
    }


def cells(text, title, row):
    """The cells of the row that begins with `row` in the table under `title`."""
    table = text.split(f"### {title}", 1)[1].split("###", 1)[0]
    return [
        cell.strip()
        for line in table.splitlines()
        if line.startswith(f"| {row}")
        for cell in line.strip("|").split("|")
    ][1:]


def test_tables_show_medians_and_the_best_peer(document):
    text = report.tables(document)
    assert cells(text, "`fit`", "784-512-512-10") == ["2", "3", "5", "1.50"]
    assert cells(text, "`fit`", "Embedding") == ["failed", "4", "-", "-"]
    assert "- lstm, kerasish: `AttributeError: no LSTM`" in text
    assert "`predict`, ms a step" not in text
    assert cells(text, "First finished step, s from the start of the process; nothing", "784") == [
        "2",
        "2",
        "2",
        "1.00",
    ]
    assert cells(text, "First finished step, s from the start of the process; compiled", "784") == [
        "0.25",
        "2",
        "2",
        "8.00",
    ]
    assert cells(text, "Peak memory", "Embedding")[0] == "failed"
    assert cells(text, "Once", "installed") == ["50", "500", "-", "10.00"]
    assert "Abacus" in text and "busy" not in text


def test_a_busy_machine_is_said_to_be_busy(document):
    for entry in document["results"]:
        entry["load"] = 4.0
    assert "busy" in report.tables(document)


def test_runs_join_and_rewrite_the_page(document, tmp_path, capsys):
    later = {**document, "results": [record("lstm", "kerasish", 2.0)]}
    for name, content in (("first", document), ("later", later)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    page = tmp_path / "page.md"
    page.write_text(f"Above.\n{report.START}\nold\n{report.END}\nBelow.\n")
    compare.main(["--from", str(tmp_path / "first.json"), str(tmp_path / "later.json"), "--docs", str(page)])
    text = page.read_text()
    assert text.startswith("Above.\n") and text.endswith("\nBelow.\n") and "\nold\n" not in text
    assert cells(text, "`fit`", "Embedding") == ["2", "4", "-", "2.00"]
    assert "What failed" not in text and "### `fit`" in capsys.readouterr().out
    with pytest.raises(ValueError, match="no place for tables"):
        report.rewrite("a page", document)


def test_runs_see_no_variable_that_steers_threads(monkeypatch, tmp_path):
    for name in ("OPENBLAS_CORETYPE", "OMP_NUM_THREADS", "KERASISH_NUM_THREADS"):
        monkeypatch.setenv(name, "1")
    seen = compare.environment("jax", str(tmp_path))
    assert not {"OPENBLAS_CORETYPE", "OMP_NUM_THREADS", "KERASISH_NUM_THREADS"} & set(seen)
    assert seen["KERAS_BACKEND"] == "jax" and seen["JAX_COMPILATION_CACHE_DIR"].startswith(str(tmp_path))


def test_one_workload_runs_from_the_command_line(tmp_path, capsys):
    compare.main(
        [
            "--quick",
            "--seconds",
            "0.01",
            "--only",
            "mlp_tiny",
            "--backends",
            "kerasish",
            "--json",
            str(tmp_path / "run.json"),
        ]
    )
    run = json.loads((tmp_path / "run.json").read_text())
    assert [entry["cache"] for entry in run["results"]] == ["cold", "warm"]
    assert all("error" not in entry for entry in run["results"]) and run["results"][0]["fit"]["ms"] > 0
    assert run["backends"]["kerasish"]["versions"]["numpy"] == np.__version__
    assert "8-16-1 MLP" in capsys.readouterr().out


def test_a_worker_that_fails_is_one_line(tmp_path):
    with pytest.raises(RuntimeError, match="ended with 3: no luck"):
        compare.run_json(
            [compare.sys.executable, "-c", "import sys; print('no luck', file=sys.stderr); sys.exit(3)"], None, 60
        )
    with pytest.raises(RuntimeError, match="no end after"):
        compare.run_json([compare.sys.executable, "-c", "import time; time.sleep(60)"], None, 0.2)
    with pytest.raises(RuntimeError, match="cannot be started"):
        compare.run_json([tmp_path / "python"], None, 1)


def test_simulated_steps_of_ranks():
    costs = {"latency": 1e-4, "bandwidth": 1e9}
    assert scaling.step(1.0, 100e6, 1, **costs) == pytest.approx(1.0)
    assert scaling.step(1.0, 100e6, 4, cores=2, **costs) > 2.0  # they take turns
    hidden, shown = (scaling.step(1.0, 100e6, 8, latency=1e-4, bandwidth=b) for b in (1e12, 1e8))
    assert hidden < 1.01 and shown > 1.7  # beside the backward pass, or not
    assert scaling.ring(100e6, 2, **costs) == pytest.approx(2 * (1e-4 + 0.05))
    assert scaling.step(1.0, 100e6, 2, memory=1e10, **costs) == pytest.approx(1.02)  # no messages: memory is read
    even, uneven = scaling.published()[1]
    assert 58 <= uneven < even <= 64  # the published run is a little below what its network allows
