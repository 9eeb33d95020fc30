"""Models as libraries for C: programs of C and Rust, threads, shapes, signatures, weights, targets."""

import os
import shutil
import subprocess
import sys
import threading
import warnings

import numpy as np
import pytest

import kerasish as keras
from kerasish import layers, ops
from tests.export.library import (
    BAD_INDEX,
    BAD_SHAPE,
    BUSY,
    NO_MEMORY,
    NO_WEIGHTS,
    NULL_POINTER,
    OK,
    Library,
    computed,
    needs_a_linker,
    of_the_cpu,
    own_products,
)

pytestmark = [needs_a_linker, of_the_cpu]
HERE = os.path.join(os.path.dirname(__file__), "foreign")


def convnet():
    """The convnet for MNIST of the examples."""
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((28, 28, 1), name="image"),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, "softmax", name="digit"),
        ]
    )


def dense(name, inputs=6, outputs=3):
    return keras.Sequential([keras.Input((inputs,), name="x"), layers.Dense(outputs, "tanh", name="y")], name=name)


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """(folder of the library, the model, an image)."""
    folder, model = tmp_path_factory.mktemp("digits"), convnet()
    model.export(folder / "digits", format="c")
    image = np.random.default_rng(0).uniform(size=(1, 28, 28, 1)).astype("float32")
    image.tofile(folder / "image")
    return folder, model, image


def predicted(model, x, monkeypatch, threads=1):
    with own_products(monkeypatch, threads):
        model._functions.clear()
        found = model.predict(x, batch_size=len(x), verbose=0)
        model._functions.clear()
    return found


def ran(folder, program, out):
    """What a program wrote, which knows of nothing but the folder."""
    words = [str(folder / program), str(folder / "image"), str(folder / out)]
    done = subprocess.run(words, env={"LD_LIBRARY_PATH": str(folder)}, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return np.fromfile(folder / out, "float32"), done.stdout


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a compiler of C")
def test_a_program_in_c(digits, monkeypatch):
    folder, model, image = digits
    options = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-pthread", f"-I{folder}", f"-L{folder}"]
    source = os.path.join(HERE, "digits.c")
    subprocess.run(["cc", *options, source, "-o", folder / "in_c", "-ldigits"], check=True)
    found, said = ran(folder, "in_c", "out")
    assert "another size" in said
    want = predicted(model, image, monkeypatch)
    assert np.array_equal(found.reshape(2, 10), np.repeat(want, 2, axis=0))
    np.testing.assert_allclose(want, model.predict(image, verbose=0), atol=1e-6)


@pytest.mark.skipif(shutil.which("rustc") is None, reason="needs a compiler of Rust")
def test_a_program_in_rust(digits):
    folder, model, image = digits
    source = os.path.join(HERE, "digits.rs")
    subprocess.run(["rustc", "-L", folder, source, "-o", folder / "in_rust"], check=True, timeout=120)
    found, _ = ran(folder, "in_rust", "out_rust")
    np.testing.assert_allclose(found[None], model.predict(image, verbose=0), atol=1e-6)


def test_it_needs_the_c_library_alone_and_is_small(digits):
    folder, *_ = digits
    library = folder / "libdigits.so"
    assert library.stat().st_size < 1 << 20
    needed = subprocess.run(["ldd", library], capture_output=True, text=True, check=True).stdout.split("\n")
    names = {line.split()[0].split("/")[-1].split(".")[0] for line in needed if line.strip()}
    assert names <= {"linux-vdso", "libc", "libm", "libpthread", "ld-linux-x86-64"}
    exported = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True, text=True).stdout
    assert {line.split()[-1] for line in exported.splitlines()} <= {
        "digits_create", "digits_free", "digits_run", "digits_call"
    }  # fmt: skip


def test_the_header_says_what_goes_in(digits):
    text = (digits[0] / "digits.h").read_text()
    assert "image  (1, 28, 28, 1), float32" in text and "digit  (1, 10), float32, written" in text
    assert "#define DIGITS_RUN_IMAGE_SIZE 784" in text


def test_bits_depend_on_no_number_of_threads(tmp_path, monkeypatch):
    model = keras.Sequential(
        [keras.Input((64, 64, 16)), layers.Conv2D(48, 3, 2), layers.Conv2D(32, 1), layers.Flatten(), layers.Dense(64)]
    )
    x = np.random.default_rng(0).standard_normal((2, 64, 64, 16)).astype("float32")
    model.export(tmp_path / "shared", format="c", batch_size=2, threads=3)
    want = predicted(model, x, monkeypatch, threads=3)
    for threads in (1, 2, 3, 8):
        (found,) = computed(tmp_path, "shared", [x], [(2, 64)], threads=threads)
        assert np.array_equal(found, want), threads


def test_a_context_for_each_thread(digits):
    folder, model, image = digits
    images = np.random.default_rng(1).uniform(size=(8, 1, 28, 28, 1)).astype("float32")
    want = [computed(folder, "digits", [x], [(1, 10)])[0] for x in images]
    found = [[] for _ in images]

    def work(place):
        library, out = Library(folder, "digits"), np.empty((1, 10), "float32")
        for _ in range(50):
            assert library.run([images[place]], [out]) == OK
            found[place].append(out.copy())
        assert library.free() == OK

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(images))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(len(several) == 50 for several in found)
    assert all(np.array_equal(out, one) for several, one in zip(found, want) for out in several)


def test_two_threads_in_one_context(tmp_path):
    """One computes, the other is told that it does; nothing is mixed up."""
    model = keras.Sequential([keras.Input((64, 64, 8)), layers.Conv2D(32, 3), layers.GlobalAveragePooling2D()])
    model.export(tmp_path / "busy", format="c")
    library, want, codes = Library(tmp_path, "busy"), [], set()
    pictures = [np.full((1, 64, 64, 8), value, "float32") for value in (0.5, -2.0)]
    for picture in pictures:
        want.append(np.zeros((1, 32), "float32"))
        assert library.run([picture], [want[-1]]) == OK

    def work(place):
        for _ in range(100):
            out = np.zeros((1, 32), "float32")
            code = library.run([pictures[place]], [out])
            codes.add(code if code != OK or np.array_equal(out, want[place]) else "mixed")

    threads = [threading.Thread(target=work, args=(place,)) for place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert OK in codes and codes <= {OK, BUSY}
    assert library.free() == OK


def test_too_little_memory(tmp_path):
    model = keras.Sequential([keras.Input((1024, 1024, 8)), layers.Conv2D(8, 1), layers.GlobalMaxPooling2D()])
    model.export(tmp_path / "large", format="c")
    program = """
import ctypes, resource, sys
library, context = ctypes.CDLL(sys.argv[1]), ctypes.c_void_p(1)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (8 << 20), -1))
code = library.large_create(ctypes.byref(context), 1)
print(code, context.value)
"""
    words = [sys.executable, "-c", program, tmp_path / "liblarge.so"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(NO_MEMORY), "None"]


def test_signatures_and_shapes(tmp_path):
    model = dense("two")
    several = {"one": [keras.InputSpec(shape=(1, 6))], "many": [keras.InputSpec(shape=(5, 6))]}
    model.export(tmp_path / "two", format="c", signatures=several)
    library = Library(tmp_path, "two")
    for end, rows in (("one", 1), ("many", 5)):
        x, y = np.ones((rows, 6), "float32"), np.zeros((rows, 3), "float32")
        assert library.run([x], [y], f"run_{end}") == OK
        np.testing.assert_allclose(y, model.predict(x, verbose=0), atol=1e-6)
        again = np.zeros_like(y)
        assert library.call([x], [again]) == OK
        assert np.array_equal(again, y)
        assert library.run([x], [y], f"run_{end}", sizes=[x.size, y.size + 1]) == BAD_SHAPE
    wide = np.ones((2, 6), "float32")
    assert library.call([wide], [np.zeros((2, 3), "float32")]) == BAD_SHAPE
    assert library.call([wide.reshape(1, 12)], [y]) == BAD_SHAPE
    assert library.call([x], [y], dtypes=[1, 0]) == BAD_SHAPE
    assert library._function("call")(library.context, None, 2) == NULL_POINTER
    assert library.free() == OK


def test_several_batch_sizes(tmp_path):
    model = dense("sizes")
    model.export(tmp_path / "sizes", format="c", batch_size=(1, 4))
    library = Library(tmp_path, "sizes")
    for rows in (1, 4):
        x, y = np.full((rows, 6), 0.5, "float32"), np.zeros((rows, 3), "float32")
        assert library.run([x], [y], f"run_{rows}") == OK
        np.testing.assert_allclose(y, model.predict(x, verbose=0), atol=1e-6)
    assert library.free() == OK


def test_several_models_in_one_process(tmp_path):
    models = {name: dense(name, outputs=place + 2) for place, name in enumerate(("first", "second", "third"))}
    for name, model in models.items():
        model.export(tmp_path / name, format="c")
    x = np.linspace(-1, 1, 6, dtype="float32")[None]
    libraries = {name: Library(tmp_path, name) for name in models}
    for place, (name, model) in enumerate(models.items()):
        y = np.zeros((1, place + 2), "float32")
        assert libraries[name].run([x], [y]) == OK
        np.testing.assert_allclose(y, model.predict(x, verbose=0), atol=1e-6)
    assert all(library.free() == OK for library in libraries.values())


def test_weights_beside(tmp_path):
    model, other = dense("beside"), dense("beside")
    model.export(tmp_path / "beside", format="c", weights="beside")
    x, weights = np.ones((1, 6), "float32"), tmp_path / "beside.weights"
    (found,) = computed(tmp_path, "beside", [x], [(1, 3)], weights=weights)
    np.testing.assert_allclose(found, model.predict(x, verbose=0), atol=1e-6)
    assert "const char *weights" in (tmp_path / "beside.h").read_text()
    (tmp_path / "there").mkdir()
    other.export(tmp_path / "there" / "beside", format="c", weights="beside")
    for bad in (tmp_path / "nowhere", tmp_path / "there" / "beside.weights", tmp_path / "beside.h", tmp_path):
        assert Library(tmp_path, "beside", weights=bad).code == NO_WEIGHTS
    whole = weights.read_bytes()
    weights.write_bytes(whole[:-1])
    assert Library(tmp_path, "beside", weights=weights).code == NO_WEIGHTS


def test_indices_out_of_range(tmp_path):
    words = keras.Input((4,), dtype="int32", name="words")
    model = keras.Model(words, layers.Embedding(10, 3)(words))
    model.export(tmp_path / "words", format="c")
    library, out = Library(tmp_path, "words"), np.zeros((1, 4, 3), "float32")
    good, bad = np.array([[0, 9, 3, -1]], "int32"), np.array([[0, 10, 3, 1]], "int32")
    assert library.run([good], [out]) == OK
    assert np.array_equal(out, ops.convert_to_numpy(model(good)))
    before = out.copy()
    assert library.run([bad], [out]) == BAD_INDEX
    assert np.array_equal(out, before)
    assert library.run([good], [out]) == OK
    assert library.free() == OK


def test_state_stays_in_the_context(tmp_path, monkeypatch):
    model = keras.Sequential([keras.Input(batch_shape=(2, 3, 4)), layers.GRU(5, stateful=True)])
    x = np.random.default_rng(0).standard_normal((2, 3, 4)).astype("float32")
    model.export(tmp_path / "memory", format="c")
    first, second = predicted(model, x, monkeypatch), predicted(model, x, monkeypatch)
    library, out = Library(tmp_path, "memory"), np.zeros((2, 5), "float32")
    other = Library(tmp_path, "memory")
    for want in (first, second):
        assert library.run([x], [out]) == OK
        assert np.array_equal(out, want)
    assert other.run([x], [out]) == OK
    assert np.array_equal(out, first)
    assert not np.array_equal(first, second)


def test_several_inputs_and_outputs(tmp_path):
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="float")
    model = keras.Model({"a": a, "float": b}, [layers.Add(name="sum")([a, b]), a, layers.Dense(2, name="a b")(b)])
    model.export(tmp_path / "several", format="c")
    x, y = np.ones((1, 3), "float32"), np.full((1, 3), 2, "float32")
    found = computed(tmp_path, "several", [x, y], [(1, 3), (1, 3), (1, 2)])
    for one, want in zip(found, model.predict({"a": x, "float": y}, verbose=0)):
        np.testing.assert_allclose(one, want, atol=1e-6)
    assert "float_" in (tmp_path / "several.h").read_text()


def test_constants_come_along(tmp_path):
    inputs, table = keras.Input((6,)), np.arange(6, dtype="float32")
    model = keras.Model(inputs, layers.Lambda(lambda x: ops.cumsum(x, axis=-1) * table + 2.5)(inputs))
    model.export(tmp_path / "table", format="c")
    x = np.linspace(-1, 1, 6, dtype="float32")[None]
    want = np.cumsum(x, axis=-1) * table + 2.5
    np.testing.assert_allclose(computed(tmp_path, "table", [x], [(1, 6)])[0], want, atol=1e-6)


def test_a_named_processor(tmp_path):
    model, x = dense("level"), np.ones((1, 6), "float32")
    model.export(tmp_path / "level", format="c", target="x86-64-v3")
    np.testing.assert_allclose(computed(tmp_path, "level", [x], [(1, 3)])[0], model.predict(x, verbose=0), atol=1e-6)


@pytest.mark.skipif(shutil.which("aarch64-linux-gnu-gcc") is not None, reason="a linker for aarch64 is here")
def test_without_a_linker_for_the_processor(tmp_path):
    with pytest.warns(UserWarning, match="no linker for 'aarch64' here.*aarch64-linux-gnu-gcc -shared"):
        dense("arm").export(tmp_path / "arm", format="c", target="aarch64")
    files = list((tmp_path / "arm.objects").iterdir())
    assert files and all(file.read_bytes()[:4] == b"\x7fELF" and file.read_bytes()[18] == 183 for file in files)
    assert (tmp_path / "arm.h").exists()


@pytest.mark.parametrize(
    "options, message",
    [
        ({"target": "x86-64-v5"}, "`target` must be one of .*'x86-64-v5'. Did you mean"),
        ({"threads": 0}, "`threads` must be an int from 1 to 1024, got 0"),
        ({"threads": True}, "got True"),
        ({"weights": "outside"}, "`weights` must be 'inside' or 'beside', got 'outside'"),
        ({"batch_size": 0}, "`batch_size` must be a positive int.*got 0"),
        ({"batch_size": ()}, "different positive ints, got"),
        ({"signatures": {"a-b": []}}, "letters, digits and _, got 'a-b'"),
        ({"signatures": {}}, "must be a dict from names"),
        ({"blas": "/no/such.so"}, "`blas` must be the name or path of a BLAS library"),
        ({"input_signature": [keras.InputSpec(shape=(None, None))]}, "computes with sizes that are known"),
    ],
)
def test_bad_arguments_for_c(options, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        dense("model").export(tmp_path / "model", format="c", **options)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["two words", "2", "a-b", "ü"])
def test_names_that_c_has_not(name, tmp_path):
    with pytest.raises(ValueError, match="must be a name in C"):
        dense("model").export(tmp_path / name, format="c")


def test_what_has_no_code_names_the_layer(tmp_path):
    inputs = keras.Input((4, 4))
    model = keras.Model(inputs, layers.Lambda(lambda x: ops.qr(x)[0], name="turned")(inputs))
    with pytest.raises(ValueError, match="'turned' computes `qr`, for which a library for C has no code"):
        model.export(tmp_path / "model", format="c")
    text = keras.Input((), dtype="string", name="words")
    reader = keras.Model(text, layers.TextVectorization(vocabulary=["a", "b"])(text))
    with pytest.raises(ValueError, match="input 'words' is text"):
        reader.export(tmp_path / "model", format="c")


def test_no_linker_at_all(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        dense("alone").export(tmp_path / "alone", format="c")
    assert any("no linker for 'host' here" in str(one.message) for one in told)
    assert (tmp_path / "alone.objects").is_dir()


def test_a_blas_of_choice(tmp_path):
    """NumPy's own, where it lies beside NumPy."""
    folder = os.path.join(os.path.dirname(os.path.dirname(np.__file__)), "numpy.libs")
    found = (
        [os.path.join(folder, name) for name in os.listdir(folder) if "openblas" in name]
        if os.path.isdir(folder)
        else []
    )
    if not found:
        pytest.skip("NumPy's BLAS is not beside it")
    model, x = dense("linked", 200, 30), np.linspace(-1, 1, 600, dtype="float32").reshape(3, 200)
    model.export(tmp_path / "linked", format="c", blas=found[0], batch_size=3)
    assert "openblas" in subprocess.run(["ldd", tmp_path / "liblinked.so"], capture_output=True, text=True).stdout
    keras.backend.device().set_num_threads(1)
    want = model.predict(x, verbose=0)
    keras.backend.device().set_num_threads(None)
    assert np.array_equal(computed(tmp_path, "linked", [x], [(3, 30)])[0], want)
