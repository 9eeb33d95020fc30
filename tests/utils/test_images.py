"""Pictures: the same pixels as real Keras, and broken or enormous files refused."""

import io
import pathlib
import struct
import zlib

import keras
import numpy as np
import pytest
from PIL import Image

import kerasish

rng = np.random.default_rng(0)
COLOURS = rng.integers(0, 256, (13, 17, 3), dtype="uint8")


@pytest.fixture
def picture(tmp_path):
    """Paths of one picture in many formats."""
    images = {
        "rgb.png": Image.fromarray(COLOURS),
        "rgb.jpg": Image.fromarray(COLOURS),
        "rgb.bmp": Image.fromarray(COLOURS),
        "grey.png": Image.fromarray(COLOURS[:, :, 0]),
        "rgba.png": Image.fromarray(np.dstack([COLOURS, COLOURS[:, :, 1]])),
        "deep.png": Image.fromarray(COLOURS[:, :, 0].astype("uint16") * 200),
        "palette.gif": Image.fromarray(COLOURS).convert("P"),
        "wide.tiff": Image.fromarray(COLOURS[:, :, 0].astype("int32") * 1000),
    }
    for name, image in images.items():
        image.save(tmp_path / name)
    return tmp_path


NAMES = ["rgb.png", "rgb.jpg", "rgb.bmp", "grey.png", "rgba.png", "deep.png", "palette.gif", "wide.tiff"]
LOADS = [
    {},
    {"color_mode": "grayscale"},
    {"color_mode": "rgba"},
    {"target_size": (5, 8)},
    {"target_size": [20, 9], "interpolation": "bilinear"},
    {"target_size": (6, 6), "interpolation": "bicubic", "keep_aspect_ratio": True},
    {"target_size": (3, 11), "interpolation": "box", "keep_aspect_ratio": True},
    {"target_size": (13, 17), "interpolation": "lanczos"},
    {"target_size": (4, 4), "interpolation": "hamming", "color_mode": "grayscale"},
]


@pytest.mark.parametrize("arguments", LOADS, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_load_img(picture, name, arguments):
    if (
        name == "wide.tiff"
        and arguments.get("interpolation") == "hamming"
        and arguments.get("color_mode") != "grayscale"
    ):
        arguments = {**arguments, "interpolation": "box"}
    ours, theirs = (library.utils.load_img(picture / name, **arguments) for library in (kerasish, keras))
    assert ours.mode == theirs.mode and ours.size == theirs.size
    assert np.array_equal(np.asarray(ours), np.asarray(theirs))


def test_load_img_takes_every_kind_of_path(picture):
    path = picture / "rgb.png"
    wanted = np.asarray(Image.open(path))
    for source in (path, str(path), str(path).encode(), io.BytesIO(path.read_bytes())):
        assert np.array_equal(np.asarray(kerasish.utils.load_img(source)), wanted)
    with pytest.raises(TypeError, match="path"):
        kerasish.utils.load_img(3)
    with pytest.raises(FileNotFoundError):
        kerasish.utils.load_img(picture / "none.png")


@pytest.mark.parametrize(
    "arguments, words",
    [
        ({"color_mode": "cmyk"}, "color_mode"),
        ({"target_size": (3, 3), "interpolation": "sinc"}, "interpolation"),
        ({"target_size": 3}, "target_size"),
        ({"target_size": (0, 3)}, "target_size"),
        ({"target_size": (1, 2, 3)}, "target_size"),
    ],
)
def test_load_img_refuses_bad_arguments(picture, arguments, words):
    with pytest.raises(ValueError, match=words):
        kerasish.utils.load_img(picture / "rgb.png", **arguments)


def png_of(width, height):
    """A PNG of a few bytes that declares a size."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(40_000, 40_000), (2**31 - 1, 2**31 - 1), (100_000, 1_790)])
def test_enormous_pictures_are_refused(tmp_path, size):
    (tmp_path / "bomb.png").write_bytes(png_of(*size))
    with pytest.raises(ValueError, match="too large.*MAX_IMAGE_PIXELS"):
        kerasish.utils.load_img(tmp_path / "bomb.png")


def test_broken_pictures_are_refused(picture):
    whole = (picture / "rgb.png").read_bytes()
    broken = {
        "cut.png": whole[: len(whole) // 2],
        "head.png": whole[:12],
        "empty.png": b"",
        "text.png": b"hello" * 30,
        "jpeg": (picture / "rgb.jpg").read_bytes()[:300],
    }
    for name, data in broken.items():
        (picture / name).write_bytes(data)
        with pytest.raises(OSError, match=name):
            kerasish.utils.load_img(picture / name)
    with pytest.raises(OSError):
        kerasish.utils.load_img(io.BytesIO(png_of(200, 200)))


@pytest.mark.filterwarnings("ignore::UserWarning")  # pillow's, of what it reads on over
@pytest.mark.parametrize("name", ["rgb.png", "rgb.jpg", "rgb.bmp", "palette.gif", "wide.tiff"])
def test_damaged_pictures_end_in_a_clear_error(picture, name):
    """Flipped and missing bytes.

    A picture or an OSError (a ValueError for one that declares too much), nothing else.
    """
    whole, draw = (picture / name).read_bytes(), np.random.default_rng(1)
    for _ in range(80):
        data = bytearray(whole)
        for position in draw.integers(0, min(len(data), 400), 4):
            data[position] = draw.integers(0, 256)
        data = data[: draw.integers(1, len(data))] if draw.random() < 0.3 else data
        try:
            assert kerasish.utils.load_img(io.BytesIO(bytes(data))).mode == "RGB"
        except OSError:
            continue
        except ValueError as error:
            assert "MAX_IMAGE_PIXELS" in str(error)


def test_postscript_is_not_run(tmp_path):
    (tmp_path / "program.eps").write_bytes(
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n%%EOF\n"
    )
    with pytest.raises(OSError, match="EPS"):
        kerasish.utils.load_img(tmp_path / "program.eps")


@pytest.mark.parametrize("data_format", [None, "channels_last", "channels_first"])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("dtype", [None, "uint8", "float64"])
def test_img_to_array(mode, data_format, dtype):
    image = (
        Image.fromarray(COLOURS[:, :, 0].astype("uint16")) if mode == "I;16" else Image.fromarray(COLOURS).convert(mode)
    )
    ours, theirs = (
        library.utils.img_to_array(image, data_format=data_format, dtype=dtype) for library in (kerasish, keras)
    )
    assert ours.dtype == theirs.dtype and np.array_equal(ours, theirs)


ARRAYS = [
    ((5, 4, 3), "channels_last"),
    ((5, 4, 1), None),
    ((5, 4, 4), "channels_last"),
    ((3, 5, 4), "channels_first"),
    ((1, 5, 4), "channels_first"),
]


@pytest.mark.parametrize("scale", [True, False])
@pytest.mark.parametrize("shape, data_format", ARRAYS)
@pytest.mark.parametrize("largest", [1.0, 255.0, 60_000.0])
def test_array_to_img(shape, data_format, scale, largest):
    if not scale and largest > 255 and 1 not in shape:
        return  # both would wrap around
    x = rng.random(shape) * largest
    ours, theirs = (
        library.utils.array_to_img(x, data_format=data_format, scale=scale) for library in (kerasish, keras)
    )
    assert ours.mode == theirs.mode and np.array_equal(np.asarray(ours), np.asarray(theirs))


def test_array_to_img_of_zeros_and_tensors():
    assert np.asarray(kerasish.utils.array_to_img(np.zeros((2, 2, 3)))).max() == 0
    for x in (
        kerasish.ops.ones((2, 2, 1)) * 7.0,
        kerasish.Variable(np.full((2, 2, 1), 7.0)),
        np.full((2, 2, 1), 7).tolist(),
    ):
        assert np.asarray(kerasish.utils.array_to_img(x, scale=False)).tolist() == [[7, 7], [7, 7]]


def test_arrays_that_are_no_picture_are_refused():
    for shape in [(2, 2), (2, 2, 2), (1, 2, 2, 3)]:
        with pytest.raises(ValueError, match="`x`"):
            kerasish.utils.array_to_img(np.zeros(shape))
    with pytest.raises(ValueError, match="`img`"):
        kerasish.utils.img_to_array(np.zeros((1, 2, 2, 3)))


@pytest.mark.parametrize(
    "name, arguments",
    [
        ("a.png", {}),
        ("a.jpg", {"quality": 90}),
        ("a.JPEG", {}),
        ("a.bmp", {"scale": False}),
        ("a", {"file_format": "png"}),
    ],
)
def test_save_img(tmp_path, name, arguments):
    x = COLOURS.astype("float32")
    kerasish.utils.save_img(tmp_path / name, x, **arguments)
    keras.utils.save_img(tmp_path / f"theirs{name}", x, **{"file_format": None, **arguments})
    assert np.array_equal(np.asarray(Image.open(tmp_path / name)), np.asarray(Image.open(tmp_path / f"theirs{name}")))
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([name, f"theirs{name}"])


def test_save_img_into_open_files_and_without_transparency(tmp_path):
    file = io.BytesIO()
    kerasish.utils.save_img(file, COLOURS, file_format="png", scale=False)
    assert np.array_equal(np.asarray(Image.open(file)), COLOURS)
    with pytest.warns(UserWarning, match="RGBA"):
        kerasish.utils.save_img(tmp_path / "x.jpg", np.zeros((2, 2, 4)))
    for path, arguments in (
        (tmp_path / "x.doc", {}),
        (io.BytesIO(), {}),
        (tmp_path / "y.png", {"file_format": "word"}),
    ):
        with pytest.raises(ValueError, match="file_format"):
            kerasish.utils.save_img(path, COLOURS, **arguments)
    with pytest.raises(ValueError, match="channels"):
        kerasish.utils.save_img(tmp_path / "z.png", np.zeros((2, 2, 2)))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["x.jpg"]


RESIZES = [
    ((34, 50, 3), (20, 20), {}),
    ((50, 34, 3), (20, 30), {}),
    ((2, 9, 21, 3), (18, 4), {"interpolation": "nearest"}),
    ((3, 12, 30), (6, 6), {"data_format": "channels_first"}),
    ((2, 1, 30, 12), (7, 5), {"data_format": "channels_first", "interpolation": "bicubic"}),
    ((5, 5, 1), (64, 64), {"interpolation": "lanczos3"}),
    ((1, 9, 1), (4, 1), {}),
    ((4, 4, 3), np.array([2, 3]), {}),
]


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
@pytest.mark.parametrize("shape, size, arguments", RESIZES)
def test_smart_resize(shape, size, arguments, dtype):
    x = (rng.random(shape) * 255).astype(dtype)
    ours, theirs = (library.preprocessing.image.smart_resize(x, size, **arguments) for library in (kerasish, keras))
    assert isinstance(ours, np.ndarray) and ours.dtype == theirs.dtype
    assert np.allclose(ours, theirs, rtol=1e-5, atol=1e-3)


def test_smart_resize_follows_the_global_data_format():
    before, x = kerasish.config.image_data_format(), rng.random((3, 4, 8)).astype("float32")
    kerasish.config.set_image_data_format("channels_first")
    try:
        found = kerasish.preprocessing.image.smart_resize(x, (2, 2), data_format=None)
    finally:
        kerasish.config.set_image_data_format(before)
    np.testing.assert_array_equal(
        found, kerasish.preprocessing.image.smart_resize(x, (2, 2), data_format="channels_first")
    )


def test_smart_resize_refuses():
    for x, size in (
        (np.zeros((4, 4, 3)), 5),
        (np.zeros((4, 4, 3)), (5,)),
        (np.zeros((4, 4, 3)), (0, 5)),
        (np.zeros((4, 4)), (2, 2)),
        (np.zeros((1, 1, 4, 4, 3)), (2, 2)),
    ):
        with pytest.raises(ValueError, match="`size`|`x`"):
            kerasish.preprocessing.image.smart_resize(x, size)
    with pytest.raises(TypeError, match="colour"):
        kerasish.preprocessing.image.smart_resize(np.zeros((4, 4, 3)), (2, 2), colour=True)


def test_namespaces():
    for name in ("array_to_img", "img_to_array", "load_img", "save_img", "smart_resize"):
        assert hasattr(kerasish.preprocessing.image, name)
    assert kerasish.preprocessing.sequence.pad_sequences is kerasish.utils.pad_sequences
    assert pathlib.Path(kerasish.preprocessing.__file__).parent.name == "preprocessing"


def test_without_pillow(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(ImportError, match=r'pip install "kerasish\[applications\]"'):
        kerasish.utils.load_img("x.png")
