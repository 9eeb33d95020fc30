"""Files from the network, kept in Keras's cache folder."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sys
import tempfile
import urllib.parse
import warnings
from collections.abc import Sequence

from kerasish import config
from kerasish.optional import needed
from kerasish.suggestions import install, suggesting
from kerasish.typing import PathLike
from kerasish.utils.archives import extract_archive, names_a_drive
from kerasish.whole_files import replacing

_TIMEOUT = 30  # seconds without a byte from the server
_CHUNK = 1 << 16
_DIGITS = {"md5": 32, "sha256": 64}


@suggesting
def get_file(
    fname: PathLike | None = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: str | Sequence[str] | None = "auto",
    cache_dir: PathLike | None = None,
    force_download: bool = False,
) -> str:
    """Path of a file that is fetched from `origin` the first time it is asked for, and found in the cache from then on.

    Args:
        fname: name of the file in the cache; None: the last part of the URL. With `extract` it names the folder.
        origin: URL of the file: http, https or file.
        untar: old spelling of `extract=True, archive_format="tar"`.
        md5_hash: old spelling of `file_hash` with "md5".
        file_hash: hexadecimal digest that the file must have. A cached file with another one is fetched again.
        cache_subdir: folder within the cache, or an absolute path in its place.
        hash_algorithm: "md5", "sha256" or "auto" (by the length of `file_hash`).
        extract: bool. Unpack the archive into a folder beside it.
        archive_format: "auto", "tar", "zip", a list of these, or None.
        cache_dir: the cache; None: the folder that KERAS_HOME names, else ~/.keras.
        force_download: bool. Fetch even what is there.

    Returns:
        The path of the file, with `extract` that of the folder: `fname` (or the name in the URL) where that has no dot
        or was not given, else its part before the first dot and "_extracted".

    Raises:
        ValueError: for an impossible name, a URL of another kind, a digest that does not fit (no file is left then),
            and an archive with members that would leave the folder.
        OSError: where the server does not give the file whole.
        ImportError: where pooch, which fetches, is not installed.

    Example:
        >>> import kerasish as keras
        >>> keras.utils.get_file("vgg.h5", origin="ftp://example.org/vgg.h5")
        Traceback (most recent call last):
        ...
        ValueError: `origin` must be a URL that begins with http://, https:// or file://, got 'ftp://example.org/vgg.h5'.
    """
    _check_origin(origin)
    if md5_hash is not None and file_hash is None:
        file_hash, hash_algorithm = md5_hash, "md5"
    algorithm = _algorithm(hash_algorithm, file_hash)
    target, folder = _places(
        fname, origin, os.path.join(_cache(cache_dir), os.path.expanduser(cache_subdir)), extract or untar
    )
    if force_download or not _is_good(target, file_hash, algorithm):
        _fetch(origin, target, file_hash, algorithm)
    if folder is None:
        return target
    if not extract_archive(target, folder, "tar" if untar else archive_format):
        warnings.warn(
            f"Could not extract archive: {target} is no archive of the kind `archive_format`={archive_format!r}.",
            stacklevel=2,
        )
    return folder


def keras_home() -> str:
    """Keras's folder for settings and fetched files: what KERAS_HOME names, else ~/.keras."""
    return os.path.expanduser(os.environ.get("KERAS_HOME") or os.path.join("~", ".keras"))


def hash_file(path: PathLike, algorithm: str = "sha256") -> str:
    """The digest of a file.

    Args:
        path: path of the file.
        algorithm: "sha256" or "md5".

    Returns:
        String of hexadecimal digits.
    """
    digest = hashlib.md5(usedforsecurity=False) if algorithm == "md5" else hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _check_origin(origin):
    if not origin:
        raise ValueError('Please specify the "origin" argument: the URL of the file to fetch.')
    if not isinstance(origin, str) or urllib.parse.urlsplit(origin).scheme.lower() not in ("http", "https", "file"):
        raise ValueError(f"`origin` must be a URL that begins with http://, https:// or file://, got {origin!r}.")


def _algorithm(name, file_hash):
    """The algorithm, "md5" or "sha256"; checks that `file_hash` can be such a digest."""
    if name not in ("auto", *_DIGITS):
        raise ValueError(f"`hash_algorithm` must be 'auto', 'md5' or 'sha256', got {name!r}.")
    if file_hash is None:
        return None
    if name == "auto":
        name = "sha256" if len(str(file_hash)) == _DIGITS["sha256"] else "md5"
    if not re.fullmatch(f"[0-9a-fA-F]{{{_DIGITS[name]}}}", str(file_hash)):
        raise ValueError(f"`file_hash` must be {_DIGITS[name]} hexadecimal digits for {name}, got {file_hash!r}.")
    return name


def _cache(cache_dir):
    """The folder of the cache, made where it is missing; as in Keras a temporary one where it can't be written to."""
    folder = os.path.expanduser(os.fspath(cache_dir)) if cache_dir is not None else keras_home()
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError:
        pass
    if os.access(folder, os.W_OK):
        return folder
    return os.path.join("/tmp" if os.path.isdir("/tmp") else tempfile.gettempdir(), ".keras")


def _places(fname, origin, folder, extract):
    """Where the file goes, and where its members go (None without `extract`); named as Keras names them."""
    name = os.fspath(fname) if fname else os.path.basename(urllib.parse.urlsplit(origin).path)
    if not name:
        raise ValueError(f"Can't tell the name of the file from `origin`={origin!r}. Please specify `fname`.")
    if (
        os.path.basename(name) != name
        or "/" in name
        or "\\" in name
        or "\0" in name
        or name in (".", "..")
        or names_a_drive(name)
    ):
        raise ValueError(
            f"`fname` must be the name of a file without a folder, got {name!r}. Paths go into `cache_dir` and "
            "`cache_subdir`."
        )
    os.makedirs(folder, exist_ok=True)
    place = os.path.join(folder, name)
    if not extract:
        return place, None
    if fname and "." in name:
        return place, os.path.join(folder, f"{name[: name.find('.')]}_extracted")
    return f"{place}_archive", place


def _is_good(path, file_hash, algorithm):
    """Whether the cache holds the file that is meant."""
    if not os.path.exists(path):
        return False
    if file_hash is None or hash_file(path, algorithm) == file_hash.lower():
        return True
    _say(f"{path} is there but incomplete or outdated: its {algorithm} digest is not {file_hash}. It is fetched again.")
    return False


def _fetch(origin, target, file_hash, algorithm):
    """The file appears in its place when it is whole and has the digest, or not at all."""
    _say(f"Downloading data from {origin}")
    fetch = _copy if urllib.parse.urlsplit(origin).scheme.lower() == "file" else _download
    with replacing(target) as temporary:
        fetch(origin, temporary)
        found = file_hash and hash_file(temporary, algorithm)
        if file_hash and found != file_hash.lower():
            if os.path.exists(target) and hash_file(target, algorithm) != file_hash.lower():
                os.remove(target)
            raise ValueError(
                f"Incomplete or corrupted file detected: the {algorithm} digest of {origin} is {found}, expected "
                f"`file_hash`={file_hash}. "
                "Nothing was kept. Try again, or ask where the digest comes from."
            )


def _copy(origin, path):
    from urllib.request import url2pathname  # start-up time: it loads HTTP and TLS

    source = url2pathname(urllib.parse.urlsplit(origin).path)
    try:
        shutil.copyfile(source, path)
    except OSError as error:
        raise OSError(f"URL fetch failure on {origin}: {error.strerror or error}") from error


def _download(origin, path):
    otherwise = f"Files are fetched by pooch, which is not installed: {install('applications')}"
    pooch, requests = needed("pooch", otherwise), needed("requests", otherwise)  # which comes with pooch
    promised = {}

    def note(response, *_args, **_kwargs):
        promised["encoded"] = "content-encoding" in response.headers
        promised["bytes"] = response.headers.get("content-length")

    bar = _Bar() if _is_watched() else None
    downloader = pooch.HTTPDownloader(
        progressbar=bar or False,
        chunk_size=_CHUNK,
        timeout=_TIMEOUT,
        hooks={"response": note},
        headers={"Accept-Encoding": "identity"},
    )
    try:
        downloader(origin, path, None)
    except requests.HTTPError as error:
        raise OSError(
            f"URL fetch failure on {origin}: {error.response.status_code} -- {error.response.reason}"
        ) from error
    except requests.RequestException as error:
        raise OSError(f"URL fetch failure on {origin}: {error}") from error
    finally:
        if bar is not None:
            bar.close()
    size = os.path.getsize(path)
    if promised.get("bytes") and not promised["encoded"] and size != int(promised["bytes"]):
        raise OSError(
            f"URL fetch failure on {origin}: the connection ended after {size} of {promised['bytes']} bytes. Try again."
        )


def _is_watched():
    isatty = getattr(sys.stderr, "isatty", None)
    return config.is_interactive_logging_enabled() and isatty is not None and isatty()


class _Bar:
    """What pooch wants of a progress bar; it sets `total` when it knows how many bytes will come.

    (A bar of tqdm is false until it has a total.)
    """

    def __init__(self):
        self.total, self._bar = None, None

    def update(self, count):
        from tqdm import tqdm  # start-up time: it is loaded to draw a bar

        if self._bar is None:
            self._bar = tqdm(total=self.total or None, unit="B", unit_scale=True, unit_divisor=1024, file=sys.stderr)
        room = self.total - self._bar.n if self.total else count  # pooch counts the last chunk as a whole one
        self._bar.update(min(count, room))

    def reset(self):
        if self._bar is not None:
            self._bar.reset()

    def close(self):
        if self._bar is not None:
            self._bar.close()


def _say(text):
    if config.is_interactive_logging_enabled() and sys.stdout is not None:
        print(text, flush=True)
