"""Courses: imported, listed, exported, replaced, deleted; their files served. Spec: cmi5 6.1, 13.0, 14.0."""

from __future__ import annotations

import hashlib
import io
import mimetypes
import uuid
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lrs.clock import Clock, to_iso
from lrs.cmi5 import messages, terms
from lrs.cmi5.package import STRUCTURE_FILE, Package, read_package
from lrs.cmi5.progress import Course
from lrs.cmi5.structure import aus_of
from lrs.errors import BadRequest, Conflict, NotFound
from lrs.stores.protocol import Store
from lrs.xapi import JsonObject

COURSE = "cmi5-course"
_STRUCTURE = "cmi5-structure"
_FILES = "cmi5-files"
_REMEMBERED = 32
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
OVERRIDES = ("moveOn", "masteryScore", "launchParameters", "alternateEntitlementKey")
"""What an administrator may set for an AU in place of the course structure's."""


@dataclass(frozen=True, slots=True)
class Content:
    """A file of a course."""

    data: bytes
    media_type: str
    sha2: str


class Courses:
    """Keeps courses: one small record each, and for each version its structure and its list of files."""

    def __init__(self, store: Store, clock: Clock, new_id: Callable[[], str], base: str) -> None:
        self._records = store.records
        self._blobs = store.attachments
        self._clock = clock
        self._new_id = new_id
        self._base = base
        self._structures: OrderedDict[tuple[str, int], JsonObject] = OrderedDict()

    def add(self, raw: bytes, *, content_type: str = "", tenant: str = "") -> JsonObject:
        """Import a package as a new course and return its record.

        Raises: InvalidPackage (400); then nothing is stored.
        """
        package = _sound(raw, content_type)
        now = to_iso(self._clock())
        record = {
            "id": self._new_id(),
            "tenant": tenant,
            # Part of every id that is made for this course: it must outlive a change of the public URL.
            "base": self._base,
            "overrides": {},
            "created": now,
            **_summary(package, 1, now),
        }
        self._keep(record, package)
        self._records.put(COURSE, record["id"], record)
        return record

    def replace(self, course_id: str, raw: bytes, *, content_type: str = "") -> JsonObject:
        """Import a package as the next version of a course; registrations go on with it, what is satisfied stays so.

        Raises: InvalidPackage (400); Conflict (409) if it is another course; NotFound (404).
        """
        package = _sound(raw, content_type)
        old = self.record(course_id)
        if package.structure["id"] != old["publisherId"]:
            raise Conflict(
                "The package is one of another course.",
                code="cmi5-other-course",
                allowed=f"a package of the course {old['publisherId']}",
            )
        summary = _summary(package, old["version"] + 1, to_iso(self._clock()))
        new = {**old, **summary, "revision": _revision(old) + 1}
        self._keep(new, package)
        if not self._records.swap(COURSE, course_id, old, new):
            raise Conflict("The course was changed by someone else meanwhile; do it again.")
        return new

    def record(self, course_id: str) -> JsonObject:
        """Return the record of a course.

        Raises: NotFound (404).
        """
        record = self._records.get(COURSE, course_id)
        if record is None:
            raise NotFound("There is no such course.", code="cmi5-course-not-found")
        return record

    def find(self, *, text: str = "", tenant: str | None = None) -> list[JsonObject]:
        """Return the records whose title, description or publisher id holds `text`, the newest first."""
        sought = text.casefold()
        found = [
            one
            for one in self._records.all(COURSE).values()
            if sought in _searchable(one) and tenant in (None, one["tenant"])
        ]
        return sorted(found, key=lambda one: str(one["created"]), reverse=True)

    def course(self, course_id: str) -> Course:
        """Return the newest version of a course.

        Raises: NotFound (404).
        """
        record = self.record(course_id)
        structure = self._structure(course_id, record["version"])

        def id_of(kind: str, publisher_id: str) -> str:
            own = uuid.uuid5(uuid.UUID(course_id), f"{kind}\n{publisher_id}")
            return f"{record['base']}/cmi5/{kind}/{own}"

        return Course(record, structure, id_of, _revision(record))

    def override(self, course_id: str, publisher_id: str, values: Mapping[str, object]) -> None:
        """Set what holds for an AU in place of its course structure; None takes a value away.

        Raises: NotFound (404); BadRequest if a value cannot be.
        """
        course = self.course(course_id)
        if course.au(publisher_id) is None:
            raise NotFound("The course has no such AU.", code="cmi5-au-not-found")
        check_overrides(values)
        held = {**course.record["overrides"].get(publisher_id, {}), **values}
        kept = {name: value for name, value in held.items() if value is not None}
        overrides = {**course.record["overrides"], publisher_id: kept}
        revision = _revision(course.record) + 1
        new = {**course.record, "overrides": overrides, "revision": revision}
        if not self._records.swap(COURSE, course_id, course.record, new):
            raise Conflict("The course was changed by someone else meanwhile; do it again.")

    def file(self, course_id: str, version: int, path: str) -> Content:
        """Return a file of a version of a course.

        Raises: NotFound (404).
        """
        listed = self._records.get(_FILES, f"{course_id}/{version}")
        sha2 = None if listed is None else listed["files"].get(path)
        data = None if sha2 is None else self._blobs.get(sha2)
        if sha2 is None or data is None:
            raise NotFound("The course has no such file.", code="cmi5-file-not-found")
        media_type = mimetypes.guess_type(path)[0] or "application/octet-stream"
        return Content(data, media_type, sha2)

    def export(self, course_id: str) -> tuple[bytes, str]:
        """Return (package, media type) of the newest version: zip or XML, as it was imported. Spec: cmi5 6.1."""
        record = self.record(course_id)
        listed = self._records.get(_FILES, f"{course_id}/{record['version']}") or {"files": {}}
        files = {path: self._blobs.get(sha2) or b"" for path, sha2 in listed["files"].items()}
        if record["format"] == "xml":
            return files[STRUCTURE_FILE], "text/xml"
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, data in files.items():
                # No time of now: the same course exports as the same bytes.
                entry = zipfile.ZipInfo(path, _FIXED_TIME)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, data)
        return packed.getvalue(), "application/zip"

    def delete(self, course_id: str) -> None:
        """Delete a course; statements about it stay.

        Raises: NotFound (404).
        """
        record = self.record(course_id)
        self._records.delete(COURSE, course_id)
        for version in range(1, record["version"] + 1):
            self._records.delete(_STRUCTURE, f"{course_id}/{version}")
            self._records.delete(_FILES, f"{course_id}/{version}")

    def _structure(self, course_id: str, version: int) -> JsonObject:
        key = (course_id, version)
        if key not in self._structures:
            found = self._records.get(_STRUCTURE, f"{course_id}/{version}")
            if found is None:
                raise NotFound("There is no such course.", code="cmi5-course-not-found")
            self._structures[key] = found
            while len(self._structures) > _REMEMBERED:
                self._structures.popitem(last=False)
        return self._structures[key]

    def _keep(self, record: JsonObject, package: Package) -> None:
        """Store what belongs to one version; nobody sees it before the record names the version."""
        files = {}
        for path, data in package.files():
            files[path] = hashlib.sha256(data).hexdigest()
            self._blobs.put([(files[path], data)])
        name = f"{record['id']}/{record['version']}"
        self._records.put(_FILES, name, {"files": files})
        self._records.put(_STRUCTURE, name, package.structure)


def _revision(record: JsonObject) -> int:
    """Return how often what decides upon satisfaction was changed: versions and overrides."""
    return int(record.get("revision", 0))


def check_overrides(values: Mapping[str, object]) -> None:
    """Return if each value may stand in place of that of the course structure; None stands for none.

    Raises: BadRequest. Spec: cmi5 10.2.3, 10.2.4, 10.2.5, 10.2.7.
    """
    for name, value in values.items():
        if name not in OVERRIDES:
            raise _refused(name, f"one of {', '.join(OVERRIDES)}")
        if value is None:
            continue
        if name == "moveOn" and value not in terms.MOVE_ON_VALUES:
            raise _refused(name, ", ".join(terms.MOVE_ON_VALUES))
        if name == "masteryScore":
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if not is_number or not 0 <= float(str(value)) <= 1:
                raise _refused(name, "a number from 0 to 1")
        elif not isinstance(value, str):
            raise _refused(name, "a string")


def _refused(name: str, allowed: str) -> BadRequest:
    return BadRequest(
        f"The value of {name[:80]} cannot be.",
        code="cmi5-value",
        pointer=f"/{name}",
        allowed=allowed,
    )


def _sound(raw: bytes, content_type: str) -> Package:
    """Return the package, each file of which can be unpacked."""
    package = read_package(raw, content_type=content_type)
    for _ in package.files():
        pass
    return package


def _summary(package: Package, version: int, now: str) -> JsonObject:
    structure = package.structure
    return {
        "version": version,
        "publisherId": structure["id"],
        "title": messages.language_map(structure["title"]),
        "description": messages.language_map(structure["description"]),
        "aus": sum(1 for _ in aus_of(structure)),
        "format": "xml" if package.archive is None else "zip",
        "updated": now,
    }


def _searchable(record: JsonObject) -> str:
    texts = [*record["title"].values(), *record["description"].values(), record["publisherId"]]
    return "\n".join(texts).casefold()
