"""Course packages: cmi5.xml alone or in a zip, and what has to hold between the two. Spec: cmi5 14.0."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from lrs.cmi5.structure import Reader, aus_of
from lrs.cmi5.urls import clashing_names, file_of, is_absolute, is_conformant, is_harmful
from lrs.cmi5.violations import Fault, InvalidPackage
from lrs.cmi5.xml import MAX_BYTES, read_xml
from lrs.xapi import JsonObject

STRUCTURE_FILE = "cmi5.xml"
MAX_FILES = 20_000
MAX_UNPACKED = 2_000_000_000
MAX_RATIO = 200
"""How much larger than packed a file of more than MAX_SMALL bytes may be; deflate itself reaches 1032."""
MAX_SMALL = 10_000_000
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_ENCRYPTED = 1


@dataclass(frozen=True, slots=True)
class Package:
    """A course package without faults. `raw_structure` is its cmi5.xml, byte for byte."""

    structure: JsonObject
    raw_structure: bytes
    archive: zipfile.ZipFile | None

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Yield (path, data) of each file, one at a time.

        Raises: InvalidPackage if a file is damaged.
        """
        if self.archive is None:
            yield STRUCTURE_FILE, self.raw_structure
            return
        for entry in self.archive.infolist():
            if not entry.is_dir():
                yield entry.filename, _unpacked(self.archive, entry)


def read_package(raw: bytes, *, content_type: str = "") -> Package:
    """Return the package in `raw`.

    `content_type` is what the sender says it is: anything but zip, XML or nothing in particular is refused.
    Raises: InvalidPackage with every fault that can be told.
    """
    _check_type(content_type)
    if not raw.startswith(_ZIP_MAGIC):
        if "zip" in content_type:
            raise _invalid("14.1.0.0-1", "The file is not a zip archive.")
        if not raw.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith(b"<"):
            raise _invalid("14.0.0.0-1", "The file is neither a zip archive nor XML.")
        return Package(_checked(raw, None), raw, None)
    archive = _opened(raw)
    files = {entry.filename for entry in archive.infolist() if not entry.is_dir()}
    if STRUCTURE_FILE not in files:
        raise _invalid("14.1.0.0-2", f"The archive has no {STRUCTURE_FILE} at its root.")
    entry = archive.getinfo(STRUCTURE_FILE)
    if entry.file_size > MAX_BYTES:
        raise _invalid("14.1.0.0-1", f"{STRUCTURE_FILE} is longer than {MAX_BYTES} bytes.")
    text = _unpacked(archive, entry)
    return Package(_checked(text, files), text, archive)


def _check_type(content_type: str) -> None:
    kind = content_type.partition(";")[0].strip().lower()
    # The last one is what curl and others say when nobody tells them what they send.
    unsaid = ("", "application/octet-stream", "application/x-www-form-urlencoded")
    known = ("application/zip", "application/x-zip-compressed", "text/xml", "application/xml")
    if kind not in (*unsaid, *known):
        raise _invalid("14.0.0.0-1", f"A package is a zip archive or XML, not {kind[:80]}.")


def _opened(raw: bytes) -> zipfile.ZipFile:
    """Return the archive, whose directory is sound. Spec: cmi5 14.1.0.0-1."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError):
        raise _invalid("14.1.0.0-1", "The zip archive is damaged.") from None
    entries = archive.infolist()
    if len(entries) > MAX_FILES:
        raise _invalid("14.1.0.0-1", f"The archive holds more than {MAX_FILES} files.")
    faults = [fault for entry in entries for fault in _faults(entry)]
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names):
        faults.append("The archive holds two files of the same name.")
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        faults.append(f"The files come to more than {MAX_UNPACKED} bytes.")
    if faults:
        raise InvalidPackage([Fault("14.1.0.0-1", message) for message in faults])
    return archive


def _faults(entry: zipfile.ZipInfo) -> Iterator[str]:
    name = entry.filename
    steps = name.rstrip("/").split("/")
    outside = not name or "\\" in name or ":" in steps[0] or {"", ".", ".."} & set(steps)
    if outside or any(ord(sign) < 32 for sign in name):  # noqa: PLR2004 control characters
        yield f"The archive names a file that would lie outside of it: {name!r:.80}."
    if stat.S_ISLNK(entry.external_attr >> 16):
        yield f"{name:.80} is a symbolic link."
    if entry.flag_bits & _ENCRYPTED:
        yield f"{name:.80} is encrypted."
    if entry.file_size > max(MAX_SMALL, MAX_RATIO * entry.compress_size):
        yield f"{name:.80} is packed more than {MAX_RATIO} to one."


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    try:
        # The directory may lie about the size: read no more than it says, and one byte to see that it lies.
        with archive.open(entry) as source:
            data = source.read(entry.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError, OSError):
        raise _invalid("14.1.0.0-1", f"{entry.filename:.80} in the archive is damaged.") from None
    if len(data) != entry.file_size:
        raise _invalid("14.1.0.0-1", f"{entry.filename:.80} is not as long as the archive says.")
    return data


def _checked(raw: bytes, files: set[str] | None) -> JsonObject:
    """Return the structure in `raw`; `files` are those of the zip, None if there is none."""
    reader = Reader()
    structure = reader.read(read_xml(raw))
    faults = list(reader.faults)
    aus = aus_of(structure) if structure else ()
    for au, line in zip(aus, reader.lines, strict=True):
        if au["url"]:
            faults += [
                Fault(requirement, message, line)
                for requirement, message in _url_faults(au["url"], files)
            ]
    if faults:
        raise InvalidPackage(sorted(faults, key=lambda fault: fault.line or 0))
    return structure


def _url_faults(url: str, files: set[str] | None) -> Iterator[tuple[str, str]]:
    if not is_conformant(url):
        yield "13.1.4.0-2", "The url of an AU is not as RFC 1738 wants it; encode what is special."
        return
    if is_harmful(url):
        yield "13.1.4.0-2", "The url of an AU is of a scheme that no AU is launched by."
        return
    names = clashing_names(url)
    if names:
        yield "8.1.0.0-6", f"The url of an AU has {', '.join(names)}, which the launch adds."
    if is_absolute(url):
        return
    if files is None:
        yield "14.2.0.0-1", "The url of an AU is relative, but there is no archive around the XML."
    elif file_of(url) not in files:
        yield "14.1.0.0-4", "The url of an AU names no file in the archive."


def _invalid(requirement: str, message: str) -> InvalidPackage:
    return InvalidPackage([Fault(requirement, message)])
