"""XML into a small tree that remembers lines; document types and entities are refused before they can do anything."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler, feature_namespaces

from defusedxml import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from lrs.cmi5.violations import Fault, InvalidPackage

MAX_DEPTH = 100
MAX_BYTES = 8_000_000
"""Of cmi5.xml; a structure is kept as one record, and MongoDB takes 16 MB."""
XML_RULE = "13.2.0.0-1"


@dataclass(slots=True)
class Node:
    """An element. `space` is its namespace or ""; `attributes` are those without a namespace."""

    space: str
    name: str
    line: int
    attributes: dict[str, str]
    children: list[Node] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The element's own text, white space around it removed (13.1.0.0-1)."""
        return "".join(self.pieces).strip()

    def within(self, space: str) -> Iterator[Node]:
        """Yield the children of a namespace."""
        return (child for child in self.children if child.space == space)


class _TooDeep(Exception):
    pass


class _Builder(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.root: Node | None = None
        self._open: list[Node] = []
        self._locator: Any = None

    def setDocumentLocator(self, locator: Any) -> None:
        self._locator = locator

    def startElementNS(self, name: Any, qname: Any, attrs: Any) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise _TooDeep
        attributes = {key[1]: value.strip() for key, value in attrs.items() if not key[0]}
        node = Node(name[0] or "", name[1], self._locator.getLineNumber(), attributes)
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)

    def endElementNS(self, name: Any, qname: Any) -> None:
        self._open.pop()

    def characters(self, content: str) -> None:
        self._open[-1].pieces.append(content)


def read_xml(raw: bytes) -> Node:
    """Return the root element.

    Raises: InvalidPackage if it is not well-formed XML, declares a document type, nests deeper than MAX_DEPTH or is
    longer than MAX_BYTES.
    """
    if len(raw) > MAX_BYTES:
        raise _invalid(f"The XML is longer than {MAX_BYTES} bytes.", None)
    parser = DefusedExpatParser(forbid_dtd=True)
    parser.setFeature(feature_namespaces, True)
    builder = _Builder()
    parser.setContentHandler(builder)
    try:
        parser.parse(io.BytesIO(raw))
    except DefusedXmlException:
        raise _invalid(
            "The XML declares a document type or entities.", parser.getLineNumber()
        ) from None
    except _TooDeep:
        raise _invalid(f"Elements nest deeper than {MAX_DEPTH}.", parser.getLineNumber()) from None
    except SAXParseException as problem:
        raise _invalid(
            f"The XML is not well-formed: {problem.getMessage()}.", problem.getLineNumber()
        ) from None
    except (ValueError, LookupError):
        raise _invalid("The XML names an encoding that is not known here.", 1) from None
    if builder.root is None:
        raise _invalid("The XML holds no element.", 1)
    return builder.root


def _invalid(message: str, line: int | None) -> InvalidPackage:
    return InvalidPackage([Fault(XML_RULE, message, line)])
