"""Which Ray cluster to use, and the settings that Ray reads from the environment when it is imported."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from gst.errors import InputError

LOCAL = "local"
"""The address that starts a cluster of this machine alone; an empty one would join any it finds here."""

SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AIR_NEW_OUTPUT": "0",
    "RAY_DEDUP_LOGS_SKIP_REGEX": "Raylet is terminated|marked dead|worker died or was killed",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",  # the store is the only record
    "TUNE_DISABLE_SIGINT_HANDLER": "1",  # Ctrl-C is ours: Tune's would end the sweep as if it were complete
    "TUNE_GLOBAL_CHECKPOINT_S": "3600",
    "TUNE_MAX_PENDING_TRIALS_PG": "16",  # with a searcher of one's own it would be 1
    "TUNE_PRINT_ALL_TRIAL_ERRORS": "0",
    "TUNE_WARN_EXCESSIVE_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S": "0",
}


def cluster_address(given: str | None, command: str) -> str:
    """The address given, else RAY_ADDRESS, else `local`.

    Raises InputError for Ray Client addresses, which tells how the gst command can be run there.
    """
    address = given or os.environ.get("RAY_ADDRESS") or LOCAL
    if address.startswith("ray://"):
        raise InputError(
            f"{address}: `gst {command}` does not work through Ray Client, which dies with the connection; "
            "submit it to the cluster instead:\n"
            f"  ray job submit --working-dir . -- gst {command} --address auto"
        )
    return address


def prepare(address: str) -> None:
    """Set the environment for a cluster at that address; must come before the first import of ray.

    What the user has set stays. Token authentication is on wherever that is possible: Ray's ports
    listen on all interfaces, and whoever reaches them can run code. A cluster of this machine alone
    gets a token of its own, which no file ever holds; any other has the one that the user keeps.
    """
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    if "RAY_AUTH_MODE" in os.environ:
        return
    if address == LOCAL and not _has_token_in_environment():
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
    if _has_token_in_environment() or _has_token_file():
        os.environ["RAY_AUTH_MODE"] = "token"


def _has_token_file() -> bool:
    with suppress(RuntimeError):  # there is no home
        return (Path.home() / ".ray" / "auth_token").is_file()
    return False


def _has_token_in_environment() -> bool:
    return "RAY_AUTH_TOKEN" in os.environ or "RAY_AUTH_TOKEN_PATH" in os.environ
