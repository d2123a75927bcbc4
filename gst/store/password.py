"""URLs and connection strings without their passwords, for messages."""

from __future__ import annotations

import re
from urllib.parse import unquote

from sqlalchemy import URL

_SCHEME = r"(?>(?:jdbc:)?(?:[a-z][\w+.-]*://+|(?:postgres|sqlite)\w*(?:\+\w+)?(?::/*|/+)|/+)?)"
_CREDENTIALS = re.compile(rf"\A({_SCHEME}[^:]*:).*@", re.DOTALL | re.IGNORECASE)
"""From the first colon after the scheme to the last @: a password may have any characters."""
_NAMED = re.compile(r"([\w%.-]+)=(?:'[^']*'|.*?(?=&[\w%.-]+=|;|\s[\w%.-]+\s*=|$))", re.DOTALL)
_SECRET = re.compile(r"pass|pwd|secret|token|credential", re.IGNORECASE)


def masked(url: str | URL) -> str:
    """The URL, path or connection string with *** for each password in it.

    Where it is not sure what is a password, too much is hidden rather than too little.
    """
    if isinstance(url, URL):  # as people write it, without the name of the driver
        url = url.set(drivername=url.get_backend_name()).render_as_string(hide_password=False)
    return _CREDENTIALS.sub(r"\1***@", _NAMED.sub(_masked_value, url), count=1)


def _masked_value(found: re.Match[str]) -> str:
    return f"{found[1]}=***" if _SECRET.search(unquote(found[0])) else found[0]
