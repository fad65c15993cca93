"""Who a person is in statements, as people files and ledgers spell it."""

from __future__ import annotations

from lrs.xapi.terms import normalise_mbox

_SPELLED = ("mbox|", "mbox_sha1sum|", "openid|", "account|")


def identities_of(identifiers: str) -> list[str]:
    """Return the IFIs, as facts spell them, of identifiers split by spaces or semicolons."""
    found = []
    for one in identifiers.replace(";", " ").split():
        home_page, separator, name = one.rpartition("|")
        if separator:
            found.append(f"account|{home_page}|{name}")
        elif one.startswith(("http://", "https://")):
            found.append(f"openid|{one}")
        else:
            found.append("mbox|" + normalise_mbox("mailto:" + one.removeprefix("mailto:")))
    return found


def identity_of(identifier: str) -> str:
    """Return the IFI, as facts spell it, of one identifier, which may be spelled so already."""
    return identifier if identifier.startswith(_SPELLED) else identities_of(identifier)[0]
