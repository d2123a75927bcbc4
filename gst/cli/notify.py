"""Places that hear of a sweep, by URLs of the apprise package; messages have of a URL its service alone."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from gst.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    from gst.cli.news import Notice

SERVICES = "https://appriseit.com/services/"
_SERVICE = re.compile(r"([a-z0-9][a-z0-9+.-]{0,30})://", re.IGNORECASE)


class Place(NamedTuple):
    """Somewhere that notices are sent to: its `name` without any secret, and what apprise calls it."""

    name: str
    apprise: Any

    def takes(self, notice: Notice) -> bool:
        """Whether the place took the notice."""
        try:
            sent = self.apprise.notify(
                title=notice.title, body=notice.text, notify_type=notice.kind, body_format="text"
            )
        except Exception:  # apprise has a hundred services, each with libraries of its own
            return False
        return bool(sent)


def places(urls: Sequence[str]) -> tuple[Place, ...]:
    """The places of these URLs.

    Raises InputError for one that is none, and where apprise is not installed.
    """
    if not urls:
        return ()
    try:
        with warnings.catch_warnings():  # of libraries that it looks for
            warnings.simplefilter("ignore")
            from apprise import Apprise
            from apprise.manager_plugins import NotificationManager

            known = frozenset(NotificationManager().schemas())  # type: ignore[no-untyped-call]
    except ImportError:
        raise InputError(
            "--notify needs the package apprise, which is not installed: pip install apprise, or install gst "
            "with its extra: gst[notify]"
        ) from None
    # What it logs may have a URL with all its secrets.
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    return tuple(_place(Apprise, url, number, known) for number, url in enumerate(urls, start=1))


def _place(apprise: Any, url: str, number: int, known: Collection[str]) -> Place:
    found, where = _SERVICE.match(url), f"--notify: URL {number}"
    if found is None:
        raise InputError(
            f"{where} has no service: expected SERVICE://..., such as slack://... or json://HOST/PATH; "
            f"{SERVICES} lists them"
        )
    service = found[1].lower()
    if service not in known and service not in ("http", "https"):
        raise InputError(f"{where}: {UnknownNameError('service', service, known)}; {SERVICES} lists them")
    made = apprise.instantiate(url, suppress_exceptions=True)
    if made is None:
        raise InputError(
            f"{where} ({service}://***) is not a URL that apprise can use for this service: "
            f"{SERVICES} says what belongs in it"
        )
    whole = apprise()
    whole.add(made)
    return Place(f"notification {number} ({service}://***)", whole)
