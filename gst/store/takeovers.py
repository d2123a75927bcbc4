"""Attempts that vanished with their process or machine, and who went on with their runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from gst.store.schema import attempts, runs, sweep_runs
from gst.words import short

if TYPE_CHECKING:
    from gst.store.store import Store


class Takeover(NamedTuple):
    """A lost attempt at a run; `taker` and `epoch` are of the next one, None where there is none yet."""

    key: str
    attempt: int
    host: str
    taker: str | None
    epoch: int | None  # the first that it trained; 0 also while EL2N networks are trained

    @property
    def words(self) -> str:
        """As a sentence without its full stop."""
        lost = f"run {short(self.key)}: attempt {self.attempt} was lost with its process on {self.host}"
        if self.taker is None or self.epoch is None:
            return f"{lost}, and nobody has gone on with it"
        start = f"epoch {self.epoch}" if self.epoch > 0 else "its beginning"
        return f"{lost}; {self.taker} went on from {start}"


def takeovers(store: Store, sweep_id: int) -> list[Takeover]:
    """The lost attempts at the sweep's runs, the latest first."""
    later = attempts.alias()
    members = select(sweep_runs.c.run_id).where(sweep_runs.c.sweep_id == sweep_id)
    query = (
        select(runs.c.key, attempts.c.attempt, attempts.c.host, later.c.host, later.c.first_epoch)
        .select_from(attempts.join(runs, runs.c.run_id == attempts.c.run_id))
        .outerjoin(later, (later.c.run_id == attempts.c.run_id) & (later.c.attempt == attempts.c.attempt + 1))
        .where(attempts.c.outcome == "lost", attempts.c.run_id.in_(members))
        .order_by(attempts.c.ended.desc(), attempts.c.run_id)
    )
    return [Takeover(*row) for row in store.select(query)]
