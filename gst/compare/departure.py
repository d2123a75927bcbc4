"""The departures of a sweep in the store from the published sweep that it stands for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from gst.analysis.deviation import departures, deviations, published_config, shipped_sweep
from gst.analysis.effects import EFFECTS, Measured
from gst.compare.published import PublishedSweep
from gst.config import RunConfig, SweepSpec


class Departure:
    """The configurations of a sweep's arms beside those of the shipped file of that name."""

    def __init__(self, published: str, configs: Mapping[str, RunConfig], about: PublishedSweep) -> None:
        """`about` says how the file departs from the paper, and what the paper leaves open."""
        self.published = published
        self.configs = configs
        self.about = about

    @cached_property
    def spec(self) -> SweepSpec | None:
        """The shipped sweep; None where gst ships none of that name."""
        return shipped_sweep(self.published)

    def deviations(self, arm: str, measured: Measured = ()) -> tuple[str, ...]:
        """How the runs of the arm differ from the published ones, in what their results rest on."""
        wanted = self._published(arm)
        said = deviations(self.configs[arm], wanted, measured, self.assumed(arm, measured))
        return (*said, *self._unknown(wanted))

    def of_arms(self, arms: Iterable[str], measured: Measured = ()) -> dict[str, list[str]]:
        """Every difference of these arms in words, and the arms that have it."""
        found: dict[str, list[str]] = {}
        for arm in arms:
            wanted = self._published(arm)
            said = departures(self.configs[arm], wanted, measured, self.assumed(arm, measured))
            for words in (*said, *self._unknown(wanted)):
                found.setdefault(words, []).append(arm)
        return found

    def assumed(self, arm: str, measured: Measured = ()) -> tuple[str, ...]:
        """The keys of the published arm that the paper leaves open, and that can change such a result."""
        config = self._published(arm)
        if config is None:
            return ()
        settings, ours = config.settings(), self.configs[arm].settings()
        return tuple(
            key
            for key, it in self.about.assumed.items()
            if key in settings and it.applies(settings[key]) and EFFECTS[key](config, measured)
            if it.allows(ours.get(key, settings[key]))
        )

    @property
    def assumed_noise(self) -> tuple[float, ...]:
        """The label noise of the published sweep that the paper leaves open."""
        noise = self.about.assumed.get("data.label_noise")
        return () if noise is None else noise.values

    def _published(self, arm: str) -> RunConfig | None:
        """The published configuration of the arm; where label noise is assumed, that of another noise."""
        if self.spec is None:
            return None
        found = self.configs[arm]
        if (known := published_config(self.spec, arm, found)) or not found.data.label_noise:
            return known
        data = (found.data.model_copy(update={"label_noise": it}) for it in self.assumed_noise)
        others = (published_config(self.spec, arm, found.model_copy(update={"data": it})) for it in data)
        return next(filter(None, others), None)

    def _unknown(self, wanted: RunConfig | None) -> tuple[str, ...]:
        if self.spec is None or wanted is not None:
            return ()
        return (f"arms that {self.published}.yaml does not have",)


def fitting_sweep(published: Iterable[str], name: str, config: RunConfig) -> str | None:
    """The published sweep of that name, or else the first with the configuration's network and data."""
    known = list(published)
    if name in known:
        return name
    return next((it for it in known if _network_and_data(config) in _shipped(it)), None)


def _shipped(sweep: str) -> set[tuple[str, str]]:
    spec = shipped_sweep(sweep)
    return set() if spec is None else {_network_and_data(it.config) for it in spec.configs}


def _network_and_data(config: RunConfig) -> tuple[str, str]:
    return config.model.name, config.data.name
