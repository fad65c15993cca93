"""Documents: read, put, merged, deleted, each change only if the document is as the client expects."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lrs.errors import LrsError, NotFound, StoreUnavailable
from lrs.stores.protocol import DocumentStore
from lrs.xapi.document import (
    Document,
    DocumentKey,
    Precondition,
    Scope,
    demand_honest,
    merged,
    refuse_unguarded,
)
from lrs.xapi.version import Version

_ATTEMPTS = 100
"""How often a change is tried anew because another writer was faster; each time one of the others gets through."""


class Documents:
    """See Communication 2.2 (1.0.3) for what the three document resources have in common."""

    def __init__(self, store: DocumentStore) -> None:
        self._store = store

    def get(self, key: DocumentKey) -> Document:
        """Return a document.

        Raises: NotFound (404).
        """
        document = self._store.get(key)
        if document is None:
            raise NotFound("There is no such document.", code="document-not-found")
        return document

    def ids(self, scope: Scope, *, since: int | None = None) -> Mapping[str, int]:
        """Return id -> microseconds of the last update, for the scope's documents updated after `since`."""
        return self._store.ids(scope, since=since)

    def put(
        self,
        key: DocumentKey,
        content: bytes,
        content_type: str,
        *,
        precondition: Precondition,
        version: Version,
        tolerates: Callable[[str], bool],
    ) -> None:
        """Store a document in place of what is there; `tolerates` says whether the sender may have a quirk.

        Raises: PreconditionFailed (412); Conflict (409) if one is there, the version guards the resource, and the
        client did not say which one it expects; BadRequest if it calls itself JSON and is not, or the version wants
        a header for a new document too.
        Spec: Communication 2.3, 2.6, 2.7, 3.1 (1.0.3); 4.1.4 (2.0).
        """
        document = Document(content, content_type)
        try:
            demand_honest(document)
        except LrsError:
            if not tolerates("non-json-document"):
                raise

        def change(current: Document | None) -> Document:
            precondition.demand(current)
            if key.scope.resource in version.guarded_resources and not precondition.is_given:
                may_create = current is None and (
                    not version.guards_creation or tolerates("unguarded-profile")
                )
                refuse_unguarded(current, may_create=may_create)
            return document

        self._change(key, change)

    def replace(
        self,
        key: DocumentKey,
        content: bytes,
        content_type: str,
        *,
        unless: Callable[[Document], bool],
    ) -> None:
        """Store a document of the LRS's own making, but leave what is there if `unless` says so."""
        document = Document(content, content_type)

        def change(current: Document | None) -> Document:
            return current if current is not None and unless(current) else document

        self._change(key, change)

    def merge(
        self, key: DocumentKey, content: bytes, content_type: str, *, precondition: Precondition
    ) -> None:
        """Merge a JSON object into the one that is there, or store the document if there is none.

        Raises: as lrs.xapi.document.merged; PreconditionFailed (412). Spec: Communication 2.2 (1.0.3).
        """
        document = Document(content, content_type)

        def change(current: Document | None) -> Document:
            precondition.demand(current)
            return merged(current, document)

        self._change(key, change)

    def delete(self, key: DocumentKey, *, precondition: Precondition) -> None:
        """Delete a document; there need not be one.

        Raises: PreconditionFailed (412).
        """

        def change(current: Document | None) -> None:
            precondition.demand(current)

        self._change(key, change)

    def delete_all(self, scope: Scope) -> None:
        """Delete every document of the scope. Spec: Communication 2.3 (1.0.3)."""
        self._store.delete(scope)

    def _change(
        self, key: DocumentKey, change: Callable[[Document | None], Document | None]
    ) -> None:
        for _ in range(_ATTEMPTS):
            current = self._store.get(key)
            changed = change(current)
            if changed is current or self._store.swap(key, current, changed):
                return
        raise StoreUnavailable("Too many writers change this document at once.")
