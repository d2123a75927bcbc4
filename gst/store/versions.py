"""The versions of a sweep: what each is called, which one a name means, and what makes two the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, case, column, func, select, table

from gst.config import RunConfig, config_from_json, config_hash
from gst.config.design import Design, stored_design
from gst.errors import InputError, UnknownNameError
from gst.store.archived import archived
from gst.store.schema import configs, runs, sweep_runs, sweeps

DIGITS = 7
"""Digits of the digest in an address, `quickstart@abc381c`; the view has as many."""

ADDRESSES = table("sweep_addresses", column("address"), column("sweep_id"))
"""The view of what each version is called: its address, and for one version of each name that alone."""

Structure = frozenset[tuple[str, str, str | None]]
"""Arm, hash of the configuration, and what is measured of its network: in these two versions differ."""


class Version(NamedTuple):
    """A registered version of a sweep, and how many different runs it has.

    `options` are those of the command line that tell it from its file: empty for the file's own, None where
    an older gst did not write them. `meant` says that the name alone means this version.
    """

    sweep_id: int
    name: str
    digest: str
    options: str | None
    title: str
    claim: str
    registered: datetime
    driver_epoch: int
    meant: bool
    runs: int
    completed: int
    archived: bool = False  # hidden from lists until somebody asks for it

    @property
    def address(self) -> str:
        """What this version is called, whichever others there are."""
        return f"{self.name}@{self.digest[:DIGITS]}"

    @property
    def called(self) -> str:
        """The shortest that means it now: its name, or its address where the name means another."""
        return self.name if self.meant else self.address

    @property
    def label(self) -> str:
        """The name alone for a file's own version, so that files of another are called otherwise."""
        return self.name if self.meant and self.options == "" else self.address

    @property
    def words(self) -> str:
        """Its options in words."""
        own = "the file's own options" if self.meant else "an earlier file's own options"
        words = "options unknown" if self.options is None else self.options or own
        return f"{words}, archived" if self.archived else words


def versions(connection: Connection, /, **of: object) -> list[Version]:
    """All versions, or those with these values in columns of `sweeps`, the newest first."""
    meant = ADDRESSES.alias()
    query = (
        select(
            *(sweeps.c[it] for it in Version._fields[:8]),
            meant.c.address.is_not(None),
            func.count(runs.c.run_id.distinct()),
            func.count(case((runs.c.status == "completed", runs.c.run_id)).distinct()),
        )
        .join(sweep_runs, sweep_runs.c.sweep_id == sweeps.c.sweep_id)
        .join(runs, runs.c.run_id == sweep_runs.c.run_id)
        .outerjoin(meant, and_(meant.c.sweep_id == sweeps.c.sweep_id, meant.c.address == sweeps.c.name))
        .group_by(sweeps.c.sweep_id, meant.c.address)
        .order_by(sweeps.c.registered.desc(), sweeps.c.sweep_id.desc())
    )
    chosen = query.where(*(sweeps.c[it] == value for it, value in of.items()))
    hidden = archived(connection)
    return [Version(*row, archived=row.sweep_id in hidden) for row in connection.execute(chosen)]


def resolved(connection: Connection, address: str) -> int:
    """The id of the version that a name means, or that has this address: any beginning of its digest will do.

    Raises UnknownNameError where there is none, and InputError where there are several.
    """
    exact = select(ADDRESSES.c.sweep_id).where(ADDRESSES.c.address == address)
    found = connection.execute(exact).scalars().all()
    name, at, digest = address.rpartition("@")
    if not found and at and digest:
        begins = sweeps.c.digest.startswith(digest, autoescape=True)
        query = select(sweeps.c.sweep_id).where(sweeps.c.name == name, begins)
        found = connection.execute(query).scalars().all()
    if len(found) > 1:
        raise InputError(f"sweep {address!r}: {len(found)} versions begin so; give more digits")
    if not found:
        raise UnknownNameError("sweep", address, _known(connection, address))
    return int(found[0])


def known_address(connection: Connection, address: str) -> str:
    """A name or address that the view has for the version that this one means. Raises as `resolved` does."""
    of = ADDRESSES.c.sweep_id == resolved(connection, address)
    return str(connection.execute(select(ADDRESSES.c.address).where(of)).scalars().first())


def _known(connection: Connection, address: str) -> list[str]:
    """All names, or the addresses of the versions of that one."""
    name, at, _ = address.rpartition("@")
    found = connection.execute(select(ADDRESSES.c.address)).scalars().all()
    return [it for it in found if (it.startswith(f"{name}@") if at and name in found else "@" not in it)]


def structure(of: Iterable[tuple[str, RunConfig]]) -> Structure:
    """What tells versions apart, given the configuration of each arm."""
    return frozenset((arm, config_hash(config), config.measure.of_state) for arm, config in of)


def same_version(
    connection: Connection, name: str, digest: str, wanted: Structure, design: Design | None
) -> int | None:
    """The id of the version of that name with these configurations and that design, whatever its seeds.

    Stores of an older gst may have several, as seeds and titles made versions then: the one with most runs.
    """
    query = (
        select(sweeps.c.sweep_id, sweeps.c.digest, sweeps.c.design, func.count(sweep_runs.c.run_id))
        .join(sweep_runs, sweep_runs.c.sweep_id == sweeps.c.sweep_id)
        .where(sweeps.c.name == name)
        .group_by(sweeps.c.sweep_id)
    )
    rows = sorted(connection.execute(query), key=lambda row: (row[1] == digest, row[3], row[0]), reverse=True)
    stored = _structures(connection, name) if rows else {}
    for sweep_id, of_digest, found, _ in rows:
        same_design = (None if found is None else stored_design(found)) == design
        here = stored[sweep_id]
        lacks = digest == of_digest and (here <= wanted or wanted <= here)  # an arm whose runs were removed
        if same_design and (here == wanted or lacks):
            return int(sweep_id)
    return None


def _structures(connection: Connection, name: str) -> dict[int, Structure]:
    # Of one with measurements the text: that of a former gst may have those of its network in it.
    told: Any = case((configs.c.config.contains('"measure"'), configs.c.config), else_=configs.c.hash)
    query = (
        select(sweep_runs.c.sweep_id, sweep_runs.c.arm, told, sweep_runs.c.measure)
        .join(runs, runs.c.run_id == sweep_runs.c.run_id)
        .join(configs, configs.c.config_id == runs.c.config_id)
        .join(sweeps, sweeps.c.sweep_id == sweep_runs.c.sweep_id)
        .where(sweeps.c.name == name)
        .distinct()
    )
    found: dict[int, set[tuple[str, str, str | None]]] = defaultdict(set)
    for sweep_id, arm, text, measure in connection.execute(query):
        digest = config_hash(config_from_json(text)) if text.startswith("{") else text
        found[sweep_id].add((arm, digest, measure))
    return {sweep_id: frozenset(rows) for sweep_id, rows in found.items()}
