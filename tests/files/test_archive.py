"""Archives, ".keras", and folders.

Both ways with real Keras, with assets, and refused when a member is not what a model has.
"""

import json
import os
import subprocess
import sys
import zipfile

import keras as oracle
import numpy as np
import pytest

import kerasish as keras
from kerasish.files import archive
from tests.files.small_model import X, predictions, small


@pytest.mark.parametrize("name", ["m.keras", "folder"])
@pytest.mark.parametrize(
    "writer, reader", [(keras, oracle), (oracle, keras), (keras, keras)], ids=["ours_to_keras", "keras_to_ours", "ours"]
)
def test_archives_and_folders_go_both_ways(writer, reader, name, tmp_path):
    model = small(writer)
    path = str(tmp_path / name)
    model.save(path, zipped=name.endswith(".keras"))
    loaded = reader.models.load_model(path)
    np.testing.assert_allclose(predictions(loaded), predictions(model), rtol=1e-5, atol=1e-6)
    assert loaded.train_on_batch(X, X[:, :2]) == pytest.approx(model.train_on_batch(X, X[:, :2]), rel=1e-4)


def test_what_is_in_an_archive(tmp_path):
    path = str(tmp_path / "m.keras")
    small(keras).save(path)
    with archive.read(path) as opened:
        assert opened.members == ["metadata.json", "config.json", "model.weights.h5"]
        assert opened.config["class_name"] == "Sequential" and opened.metadata["keras_version"].startswith("3.")
        with opened.weights() as file:
            assert file["layers/dense/vars/0"].shape == (6, 4)
            with pytest.raises((OSError, ValueError)):
                file["new"] = 1


def test_a_packed_archive_is_read_as_well(tmp_path):
    path, packed = str(tmp_path / "m.keras"), str(tmp_path / "packed.keras")
    model = small(keras)
    model.save(path)
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
    assert np.array_equal(predictions(keras.models.load_model(packed)), predictions(model))


def test_a_folder_is_replaced_whole_and_nothing_else_in_it_is_lost(tmp_path):
    path = tmp_path / "folder"
    first, second = small(keras), small(keras)
    first.save(path, zipped=False)
    second.save(path, zipped=False)
    assert np.array_equal(predictions(keras.models.load_model(path)), predictions(second))
    assert os.listdir(tmp_path) == ["folder"]
    (path / "thesis.txt").write_text("ten years of work")
    with pytest.raises(ValueError, match="thesis.txt"):
        first.save(path, zipped=False)
    assert (path / "thesis.txt").read_text() == "ten years of work"
    with pytest.raises(FileExistsError):
        first.save(path, zipped=False, overwrite=False)


@pytest.mark.parametrize("name", ["assets/photo.png", "metadata.json", "model.weights.h5"])
def test_a_folder_without_a_config_is_no_model(name, tmp_path):
    """Somebody's project may have files that are called like parts of a model."""
    place = tmp_path / "project" / name
    place.parent.mkdir(parents=True)
    place.write_text("mine")
    with pytest.raises(ValueError, match="`filepath` must be a new folder"):
        small(keras).save(tmp_path / "project", zipped=False)
    assert place.read_text() == "mine"
    (tmp_path / "empty").mkdir()
    small(keras).save(tmp_path / "empty", zipped=False)
    assert (tmp_path / "empty" / "config.json").exists()


def vocabulary(k):
    @k.saving.register_keras_serializable("archive")
    class Vocabulary(k.layers.Layer):
        words = ()

        def call(self, x):
            return x

        def save_assets(self, folder):
            with open(os.path.join(folder, "words.txt"), "w") as file:
                file.write("\n".join(self.words))

        def load_assets(self, folder):
            with open(os.path.join(folder, "words.txt")) as file:
                self.words = tuple(file.read().split("\n"))

    return Vocabulary


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize(
    "writer, reader", [(keras, oracle), (oracle, keras), (keras, keras)], ids=["ours_to_keras", "keras_to_ours", "ours"]
)
def test_assets_of_layers(writer, reader, zipped, tmp_path):
    classes = {k: vocabulary(k) for k in (keras, oracle)}
    layer = classes[writer]()
    layer.words = ("ä", "b")
    inner = writer.Sequential([writer.Input((3,)), layer])
    model = writer.Sequential([writer.Input((3,)), inner, writer.layers.Dense(1)])
    path = str(tmp_path / ("m.keras" if zipped else "m"))
    model.save(path, zipped=zipped)
    loaded = reader.models.load_model(path, custom_objects={"Vocabulary": classes[reader]})
    assert loaded.layers[0].layers[0].words == ("ä", "b")


@pytest.mark.parametrize("zipped", [True, False])
def test_assets_stay_in_their_folder(zipped, tmp_path):
    """CVE-2026-12479: names of attributes become names of folders."""
    layer = vocabulary(keras)()
    layer.words = ("a",)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    for name in ("..", "../../up", "c:", "a\\b"):
        setattr(model.layers[0], name, layer)
        with pytest.raises(ValueError, match="Rename the attribute"):
            model.save(tmp_path / "m" / ("m.keras" if zipped else "folder"), zipped=zipped)
        delattr(model.layers[0], name)
    assert not list((tmp_path / "m").iterdir()) and os.listdir(tmp_path) == ["m"]


@pytest.mark.skipif(os.name == "nt", reason="files can't have such names there")
@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("name", ["a:b", "a\\b"])
def test_assets_that_could_not_be_read_back_are_not_saved(name, zipped, tmp_path):
    class Writer(keras.layers.Layer):
        def call(self, x):
            return x

        def save_assets(self, folder):
            open(os.path.join(folder, name), "w").close()

    path = tmp_path / ("m.keras" if zipped else "m")
    with pytest.raises(ValueError, match="Rename the file"):
        keras.Sequential([keras.Input((3,)), Writer()]).save(path, zipped=zipped)
    assert not path.exists()


def test_many_small_bombs_are_a_bomb(tmp_path):
    path = str(tmp_path / "m.keras")
    small(keras).save(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as target:
        for index in range(4):
            target.writestr(f"assets/zeros{index}", bytes(32 << 20))
    with pytest.raises(ValueError, match="stored"):
        keras.models.load_model(path)


def rewritten(path, target, edit):
    """Copy a zip; `edit(name, info, data)` gives the (name or ZipInfo, data) pairs to write."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as archive:
        for info in source.infolist():
            for member, data in edit(info.filename, source.read(info)):
                archive.writestr(member, data)


def link(name):
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    return info


BAD_MEMBERS = {
    "absolute": ("/etc/kerasish_canary", "outside"),
    "parent": ("assets/../../canary", "outside"),
    "backslash": ("assets\\..\\canary", "outside"),
    "drive": ("C:/canary", "outside"),
    "drive further in": ("assets/C:/canary", "outside"),
    "stream": ("assets/words.txt:canary", "outside"),
    "twice": ("config.json", "two members"),
    "link": (link("assets/link"), "link"),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("case", BAD_MEMBERS)
def test_members_that_no_model_has(case, tmp_path):
    path, bad = str(tmp_path / "m.keras"), str(tmp_path / "bad.keras")
    small(keras).save(path)
    member, message = BAD_MEMBERS[case]
    rewritten(path, bad, lambda name, data: [(name, data)] + ([(member, b"{}")] if name == "metadata.json" else []))
    if case == "backslash":  # zipfile itself writes "/" for it on Windows; the bytes are put in by hand
        data = open(bad, "rb").read().replace(b"assets/..\\", b"assets\\..\\")
        open(bad, "wb").write(data)
    for load in (keras.models.load_model, small(keras).load_weights):
        with pytest.raises(ValueError, match=message):
            load(bad)
    assert not os.path.exists("/etc/kerasish_canary") and sorted(os.listdir(tmp_path)) == ["bad.keras", "m.keras"]


def test_a_checksum_that_is_wrong_is_told(tmp_path):
    path = str(tmp_path / "m.keras")
    small(keras).save(path)
    with zipfile.ZipFile(path) as source:
        info = source.getinfo("model.weights.h5")
    data = bytearray(open(path, "rb").read())
    data[info.header_offset + 5000] ^= 1
    open(path, "wb").write(data)
    with pytest.raises(ValueError, match="checksum"):
        keras.models.load_model(path)


def test_what_is_no_archive(tmp_path):
    path = tmp_path / "m.keras"
    for content in (b"", b"PK\5\6" + b"\0" * 18, b"PK\3\4" * 9):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="m.keras"):
            with archive.read(path):
                pass
    with pytest.raises(ValueError, match="File not found"):
        with archive.read(tmp_path / "nowhere"):
            pass
    small(keras).save(path)
    deep = '{"a": ' * 300 + "1" + "}" * 300
    for config, message in (
        ("[1]", "JSON object"),
        ('{"class_name": "Dense"}', "no model"),
        ("[" * 100_000, "nested"),
        (deep, "nested"),
    ):
        bad = str(tmp_path / "bad.keras")
        rewritten(str(path), bad, lambda name, data, config=config: [(name, config if name == "config.json" else data)])
        with pytest.raises(ValueError, match=message):
            keras.models.load_model(bad)


def test_weights_that_do_not_fit_name_the_archive(tmp_path):
    path = str(tmp_path / "m.keras")
    small(keras).save(path)
    other = keras.Sequential([keras.Input((6,)), keras.layers.Dense(3)])
    with pytest.raises(ValueError, match="m.keras' do not fit"):
        other.load_weights(path)


def test_tensorflow_2_12s_npz_is_named(tmp_path):
    path, bad = str(tmp_path / "m.keras"), str(tmp_path / "bad.keras")
    small(keras).save(path)
    rewritten(path, bad, lambda name, data: [(name.replace(".h5", ".npz"), data)])
    with pytest.raises(ValueError, match="npz"):
        keras.models.load_model(bad)


_MEMORY = """
import resource, sys
import numpy, h5py, zipfile, tempfile
import kerasish as keras
path = sys.argv[1]
keras.models.load_model(sys.argv[2])  # everything that is imported late
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
model = keras.models.load_model(path)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print((after - before) / sum(v.numpy().nbytes for v in model.weights))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="ru_maxrss is in other units elsewhere")
def test_memory_while_loading(tmp_path):
    def wide(width):
        return keras.Sequential(
            [keras.Input((width,)), *(keras.layers.Dense(width, kernel_initializer="zeros") for _ in range(8))]
        )

    wide(1600).save(tmp_path / "wide.keras")  # 82 MB
    wide(8).save(tmp_path / "narrow.keras")
    command = [sys.executable, "-c", _MEMORY, str(tmp_path / "wide.keras"), str(tmp_path / "narrow.keras")]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert float(run.stdout) < 1.3, run.stdout


def test_json_of_any_size_is_bounded():
    with pytest.raises(ValueError, match="nested"):
        keras.models.model_from_json(
            json.dumps({"class_name": "Dense", "config": {"a": eval("[" * 90 + "]" * 90)}}).replace(
                "[]", "[" * 900 + "]" * 900
            )
        )
    with pytest.raises(ValueError, match="JSON"):
        keras.models.model_from_json(3)
