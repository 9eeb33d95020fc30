"""Archives are unpacked whole or not at all, and never outside of their folder."""

from __future__ import annotations

import errno
import os
import posixpath
import re
import shutil
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from typing import Any

from kerasish.suggestions import suggesting
from kerasish.typing import PathLike

_BROKEN = (tarfile.TarError, zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError, RuntimeError, OSError)


@suggesting
def extract_archive(
    file_path: PathLike, path: PathLike = ".", archive_format: str | Sequence[str] | None = "auto"
) -> bool:
    """Unpack a tar (plain or compressed) or zip archive into a folder.

    Every member is checked before the first is written: one with an absolute path or "..", a link out of the folder, a
    device or a pipe refuses the whole archive, as do more bytes than the disk has room for, and a file where the folder
    has a folder (or the other way round). Nothing is left behind then.

    Args:
        file_path: the archive.
        path: the folder, made where it is missing; files of the same name in it are replaced.
        archive_format: "tar", "zip", a list of these, "auto" for both, None for neither.

    Returns:
        Whether the file was an archive of that kind.

    Raises:
        ValueError: for such an archive, a broken or an encrypted one, and for an unknown `archive_format`.

    Example:
        >>> import kerasish as keras, zipfile
        >>> with zipfile.ZipFile("data.zip", "w") as archive: archive.writestr("a/b.txt", "hello")
        >>> keras.utils.extract_archive("data.zip", "data"), open("data/a/b.txt").read()
        (True, 'hello')
    """
    formats = _formats(archive_format)
    file_path, path = os.fspath(file_path), os.path.realpath(path)
    for name in formats:
        is_match, open_archive, listed = _KINDS[name]
        try:
            if is_match(file_path):
                with open_archive(file_path) as archive:
                    _unpack(listed(archive), path, file_path)
                return True
        except _BROKEN as error:
            if getattr(error, "errno", None) not in (
                None,
                errno.EINVAL,
            ):  # the disk, not the archive (a seek to before its begin)
                raise
            raise ValueError(
                f"The archive {file_path} can't be unpacked: {error}. Is it whole? Fetch it again."
            ) from error
    return False


def _formats(archive_format):
    if archive_format == "auto":
        return ["tar", "zip"]
    formats = [archive_format] if isinstance(archive_format, str) else list(archive_format or ())
    unknown = [name for name in formats if name not in _KINDS]
    if unknown:
        raise ValueError(
            f"`archive_format` must be made of 'tar' and 'zip', or be 'auto' or None, got {archive_format!r}."
        )
    return formats


class Member:
    """One member of an archive.

    `name` (with "/"), `kind` ("file", "folder", "link" or what else it is), `size` in bytes, `target` of a link
    (relative to the root of the archive), `executable`, and `open()` for a file's bytes.
    """

    def __init__(
        self,
        name: str,
        kind: str,
        size: int = 0,
        target: str | None = None,
        executable: bool = False,
        open: Callable[[], Any] | None = None,
    ) -> None:
        self.name, self.kind, self.size, self.target, self.executable, self.open = (
            name,
            kind,
            size,
            target,
            executable,
            open,
        )


def _of_tar(archive):
    for info in archive:
        kind = (
            "file"
            if info.isreg()
            else "folder"
            if info.isdir()
            else "link"
            if info.issym() or info.islnk()
            else "device"
        )
        target = None
        if kind == "link":  # a hard link names its target from the root, a symbolic one from its own folder
            target = info.linkname if info.islnk() else _beside(info.name, info.linkname)
        yield Member(
            info.name,
            kind,
            info.size if kind == "file" else 0,
            target,
            bool(info.mode & 0o100),
            lambda info=info: archive.extractfile(info),
        )


def _of_zip(archive):
    for info in archive.infolist():
        mode = info.external_attr >> 16
        linked = stat.S_ISLNK(mode)
        target = (
            _beside(info.filename, archive.read(info).decode("utf-8", "replace"))
            if linked and info.file_size < 4096
            else None
        )
        kind = "link" if linked else "folder" if info.is_dir() else "file"
        yield Member(
            info.filename, kind, info.file_size, target, bool(mode & 0o100), lambda info=info: archive.open(info)
        )


_KINDS = {"tar": (tarfile.is_tarfile, tarfile.open, _of_tar), "zip": (zipfile.is_zipfile, zipfile.ZipFile, _of_zip)}


def _beside(name, target):
    return target if target.startswith("/") else posixpath.join(posixpath.dirname(name.rstrip("/")), target)


def _inside(name):
    """The parts of a path that stays inside, None for one that does not."""
    if not name or "\0" in name or name.startswith(("/", "\\")):
        return None
    if any(part == ".." or names_a_drive(part) for part in re.split(r"[/\\]", name)):
        return None
    return tuple(part for part in name.split("/") if part not in ("", "."))


def names_a_drive(part: str) -> bool:
    """Whether a part of a path begins anew on Windows ("C:"), or names a file's hidden stream there ("a.txt:b")."""
    return re.match(r"[A-Za-z]:", part) is not None or os.name == "nt" and ":" in part


def _checked(members, source):
    """[(parts of the path, Member)], after every member was looked at."""
    found = []
    for member in members:
        parts = _inside(member.name)
        if parts is None:
            raise ValueError(
                f"The archive {source} has a member {member.name!r}, which would be written outside of the folder. "
                "Nothing was unpacked."
            )
        if member.kind == "device":
            raise ValueError(
                f"The archive {source} has a member {member.name!r}, which is a device or a pipe. Nothing was unpacked."
            )
        found.append((parts, member))
    links = {parts for parts, member in found if member.kind == "link"}
    for parts, member in found:
        # A way through a link may end anywhere, so names are only what they seem where no part of the way is one.
        _refuse_way_through_links(parts, links, member, source)
        if member.kind == "link":
            target = _inside(posixpath.normpath(member.target)) if member.target else None
            if target is None or member.target.startswith("/") or _goes_up_after_down(member):
                raise ValueError(
                    f"The archive {source} has a link {member.name!r} to {member.target!r}, which is outside of the "
                    "folder. Nothing was unpacked."
                )
            _refuse_way_through_links(target, links, member, source)
    return found


def _goes_up_after_down(member):
    """Whether the link's target, from the root of the archive, leaves it on the way."""
    depth = 0
    for part in member.target.split("/"):
        depth += -1 if part == ".." else part not in ("", ".")
        if depth < 0:
            return True
    return False


def _refuse_way_through_links(parts, links, member, source):
    if any(parts[:i] in links for i in range(1, len(parts))):
        raise ValueError(
            f"The archive {source} has a member {member.name!r}, whose path goes through a link. Nothing was unpacked."
        )


def _unpack(members, path, source):
    found = _checked(members, source)
    if os.path.lexists(path) and not os.path.isdir(path):
        raise ValueError(f"{path} is in the way: it is no folder.")
    beside = (
        path if os.path.isdir(path) else os.path.dirname(path)
    )  # on the disk of the folder, which may be one of its own
    os.makedirs(beside, exist_ok=True)
    needed, free = sum(member.size for _, member in found), shutil.disk_usage(beside).free
    if needed > free:
        raise ValueError(
            f"The archive {source} holds {needed:,} bytes, but the disk has room for {free:,}. Nothing was unpacked."
        )
    temporary = tempfile.mkdtemp(prefix=".unpacked.", suffix=".part", dir=beside)
    try:
        whole = os.path.join(temporary, "whole")
        os.mkdir(whole)
        for parts, member in found:
            _write(member, os.path.join(whole, *parts))
        for parts, member in found:
            if member.kind == "link":
                _link(os.path.join(whole, *parts), os.path.join(whole, *_inside(posixpath.normpath(member.target))))
        if os.path.isdir(path):
            _refuse_conflicts(whole, path)
            _merge(whole, path)
        else:
            os.rename(whole, path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _write(member, place):
    if member.kind == "link":
        return
    if member.kind == "folder":
        os.makedirs(place, exist_ok=True)
        return
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with member.open() as source, open(place, "wb") as file:
        shutil.copyfileobj(source, file, 1 << 20)
    if member.executable:  # by those who may read it
        mode = os.stat(place).st_mode
        os.chmod(place, mode | (mode & 0o444) >> 2)


def _link(place, target):
    """Hard and symbolic links alike become symbolic ones, which name their target from where they are."""
    os.makedirs(os.path.dirname(place), exist_ok=True)
    if os.path.lexists(place):
        os.remove(place)
    os.symlink(os.path.relpath(target, os.path.dirname(place)), place)


def _is_folder(path):
    return os.path.isdir(path) and not os.path.islink(path)


def _refuse_conflicts(source, place):
    """Refuse a file where a folder is and a folder where something else is, before anything is moved."""
    for entry in os.scandir(source):
        target, is_folder = os.path.join(place, entry.name), entry.is_dir(follow_symlinks=False)
        if not os.path.lexists(target):
            continue
        if is_folder != _is_folder(target):
            there, coming = ("no folder", "a folder") if is_folder else ("a folder", "a file")
            raise ValueError(
                f"{target} is in the way: it is {there}, the archive has {coming} of that name. Nothing was unpacked."
            )
        if is_folder:
            _refuse_conflicts(entry.path, target)


def _merge(source, place):
    """Move what is in a folder into one that is there, file by file."""
    for entry in os.scandir(source):
        target = os.path.join(place, entry.name)
        if entry.is_dir(follow_symlinks=False) and os.path.lexists(target):
            _merge(entry.path, target)
        else:
            os.replace(entry.path, target)
