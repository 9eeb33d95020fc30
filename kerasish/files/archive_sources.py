"""Where the members of a model archive lie: in a zip file, or in a folder."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import time
import zipfile
from contextlib import ExitStack, contextmanager

from kerasish.configs.limits import LIMITS, read_open_text
from kerasish.files.zip_members import check_members, copy_member, member_view, read_member, verify

ASSETS = "assets"  # the folder of what objects of the model keep in files of their own
_TRIES = 1000  # to open a folder that is being replaced


@contextmanager
def _unpacked(names):
    """A fresh folder for the assets among these members, or None where there are none; and (name, file) to fill."""
    wanted = [name for name in names if name.startswith(f"{ASSETS}/")]
    if not wanted:  # nothing is written for a file that has nothing to unpack
        yield None, ()
        return
    with tempfile.TemporaryDirectory() as folder:
        yield os.path.join(folder, ASSETS), _opened(folder, wanted)


def _opened(folder, names):
    for name in names:
        target = os.path.join(folder, *name.split("/"))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "xb") as file:
            yield name, file


class ZipSource:
    """Members of a zip file, read where they lie.

    Only assets are ever unpacked, into a fresh folder that is then removed.
    """

    def __init__(self, path: str, archive: zipfile.ZipFile) -> None:
        self.path, self._archive = path, archive
        self._infos = check_members(archive, path)
        self.names = list(self._infos)

    def text(self, name):
        info = self._infos[name]
        if info.file_size > LIMITS.text:
            raise ValueError(
                f"{name} in {self.path!r} declares {info.file_size} bytes; at most {LIMITS.text} are read."
            )
        return read_member(self._archive, info)

    def stored(self, name):
        """The bytes that a member takes in the file."""
        return self._infos[name].compress_size

    @contextmanager
    def open(self, name):
        """A file object on a member.

        One that is stored plainly, as Keras does, is read where it lies; a packed one from an unnamed temporary file.
        """
        info = self._infos[name]
        verify(self._archive, info, self.path)
        if info.compress_type == zipfile.ZIP_STORED:
            yield member_view(self._archive, info, self.path)
        else:
            with tempfile.TemporaryFile() as scratch:
                copy_member(self._archive, info, scratch)
                scratch.seek(0)
                yield scratch

    def files(self):
        for name, info in self._infos.items():
            if not name.endswith("/"):
                with self._archive.open(info) as file:
                    yield name, file

    @contextmanager
    def assets(self):
        with _unpacked(name for name in self._infos if not name.endswith("/")) as (place, targets):
            for name, file in targets:
                copy_member(self._archive, self._infos[name], file)
            yield place


class FolderSource:
    """The same members in a folder, all opened at once: a save that goes on meanwhile puts another folder in its place.

    A link in it might lead to any file of this machine, so none is followed; the folder itself may be one.
    """

    def __init__(self, path: str, stack: ExitStack) -> None:
        self.path = path
        self.names = sorted(os.listdir(path))
        self._files = {}
        names = [name for name in self.names if not os.path.isdir(os.path.join(path, name))]
        below = (
            os.path.relpath(os.path.join(where, name), path)
            for where, folders, files in os.walk(os.path.join(path, ASSETS))
            for name in folders + files
        )
        for name in (*self.names, *below):
            place = os.path.join(path, name)
            if os.path.islink(place):
                raise ValueError(
                    f"{path!r} has a member {name!r} that is a link: it is refused. Put the file itself into its place."
                )
            if name not in self.names and not os.path.isdir(place):
                names.append(name)
        for name in names:
            if stat.S_ISREG(os.lstat(os.path.join(path, name)).st_mode):
                self._files[name.replace(os.sep, "/")] = stack.enter_context(open(os.path.join(path, name), "rb"))

    def stored(self, name):
        return os.fstat(self._file(name).fileno()).st_size

    def _file(self, name):
        if name not in self._files:
            raise ValueError(f"{name} in {self.path!r} is no regular file.")
        self._files[name].seek(0)
        return self._files[name]

    def text(self, name):
        return read_open_text(self._file(name), f"{name} in {self.path!r}")

    @contextmanager
    def open(self, name):
        yield self._file(name)

    def files(self):
        for name in self._files:
            yield name, self._file(name)

    @contextmanager
    def assets(self):
        with _unpacked(self._files) as (place, targets):
            for name, file in targets:
                shutil.copyfileobj(self._file(name), file, 1 << 20)
            yield place


def opened_folder(path: str, stack: ExitStack) -> FolderSource:
    """A `FolderSource` whose files come from one save, though others may be saved there now."""
    for _ in range(_TRIES):
        with ExitStack() as attempt:
            try:
                before = _identity(path)
                folder = FolderSource(path, attempt)
                if _identity(path) == before:
                    stack.enter_context(attempt.pop_all())
                    return folder
            except FileNotFoundError:  # where a system can't exchange folders, there is none for a moment
                time.sleep(0.001)
    raise ValueError(f"{path!r} is replaced all the time while it is read. Load it when nobody saves there.")


def _identity(path):
    status = os.stat(path)
    return status.st_dev, status.st_ino, status.st_ctime_ns
