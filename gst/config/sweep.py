"""From a sweep file to runs: a base configuration, its arms and grids, and the seeds; see gst.config.file.

A width that rounds to the network of an earlier width is not trained again: both arms have the same runs.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from gst.config.design import Design, check_arms, design_of
from gst.config.document import Document, load_document
from gst.config.equal_networks import EqualWidths, equal_widths, one_of_each_network
from gst.config.execution import CheckpointPolicy, Resources
from gst.config.expand import Axes, Points, Variant, points, with_shared_axes
from gst.config.extend import extended
from gst.config.file import SweepFile
from gst.config.key import config_hash, whole_json
from gst.config.keys import in_base, meant, of_other_kind, run_keys
from gst.config.origin import Origins, Source
from gst.config.other_arms import OtherArms
from gst.config.override import lay_overrides, parse_override
from gst.config.problem import Problem, explained
from gst.config.run import RunConfig, RunSpec
from gst.config.scale import most_test_images, scaled
from gst.config.seeds import arm_seeds, chosen_seeds, in_a_file, number_of
from gst.config.user_code import with_code
from gst.errors import ConfigError
from gst.paths import is_file_stem
from gst.words import control_character, counted, visible

MOST_RUNS = 100_000
"""Number of runs above which a sweep must be said to be huge on purpose."""


class ArmPoints(NamedTuple):
    """The configurations of an arm and the seeds of each, both as yet only counted."""

    points: Points
    seeds: Sequence[int]

    @property
    def runs(self) -> int:
        """Number of runs."""
        return self.points.number * number_of(self.seeds)


class ArmConfig(NamedTuple):
    """A configuration, the label of its arm, and the seeds it is trained with."""

    arm: str
    config: RunConfig
    seeds: tuple[int, ...]


class SweepRun(NamedTuple):
    """A run and the label of its arm."""

    arm: str
    spec: RunSpec


class SweepSpec(NamedTuple):
    """A sweep, expanded and validated."""

    name: str
    title: str
    claim: str
    text: str
    configs: tuple[ArmConfig, ...]
    figures: tuple[str, ...]
    resources: Resources
    note: str = ""
    checkpoints: CheckpointPolicy = CheckpointPolicy()
    design: Design | None = None  # seeds are then those of the last look
    remarks: tuple[str, ...] = ()  # what the caller's changes did not do as they were asked to
    equal_widths: tuple[EqualWidths, ...] = ()
    options: str = ""  # of the command line, by which it is another version than its file
    origins: Origins | None = None  # where its values stand; None for what comes from no file

    def runs(self) -> Iterator[SweepRun]:
        """All runs in file order, seeds fastest."""
        for arm, config, seeds in self.configs:
            for seed in seeds:
                yield SweepRun(arm, RunSpec(config, seed))

    @property
    def arms(self) -> tuple[str, ...]:
        """The labels, in file order."""
        return tuple(dict.fromkeys(config.arm for config in self.configs))

    def up_to(self, seeds: int) -> SweepSpec:
        """The same sweep with the first so many seeds of each arm."""
        return self._replace(configs=tuple(it._replace(seeds=it.seeds[:seeds]) for it in self.configs))

    def misfit(self, arm: str, error: object) -> str:
        """What is wrong with that arm's data or network, with the line of the key that it begins with."""
        if self.origins is None:
            return f"sweep {self.name}, arm {arm!r}: {error}"
        return self.origins.misfit(arm, str(error))

    def digest(self) -> str:
        """Sha256 of what makes a version, in hexadecimal: name, arms, configurations, design; no seeds."""
        arms = sorted([arm, _sha256(whole_json(config))] for arm, config, _ in self.configs)
        content: list[object] = [self.name, arms]
        if self.design is not None:
            content.append(self.design.model_dump(mode="json", exclude_defaults=True))
        return _sha256(json.dumps(content, sort_keys=True))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def load_sweep(
    path: Path,
    *,
    seeds: str | None = None,
    overrides: Sequence[str] = (),
    scale: float | None = None,
    subset: int | None = None,
    huge: bool = False,
) -> SweepSpec:
    """The sweep in that file, of at most MOST_RUNS runs unless it may be `huge`.

    `seeds` replaces the file's, design or not (`10` from the file's first on, `0-4` or `1,5,9`);
    `overrides` are `key=value` pairs with dotted keys and YAML values, laid over the runs that have the key.
    `scale` shrinks every run to that fraction of its epochs, and `subset` to that many training images of a
    class; see gst.config.scale.

    Raises ConfigError, which names file, line, key, value and the nearest valid key.
    """
    document = load_document(path)
    spec = expand(document, seeds=seeds, overrides=overrides, huge=huge)
    designed = None if seeds is None or design_of(document) is None else seeds
    given = [
        ("--seeds", designed),
        *(("-s", it) for it in overrides),
        ("--scale", scale),
        ("--subset", subset),
    ]
    options = shlex.join(str(part) for option in given if option[1] is not None for part in option)
    spec = spec._replace(options=visible(options))
    if scale is None and subset is None:
        return spec
    if scale is None or not 0 < scale < 1:
        wanted = "expected a fraction between 0 and 1, such as 0.05"
        hint = "" if subset is None else "; for a subset at full length: -s data.per_class=100"
        raise ConfigError(f"scale: {wanted}, found {'none' if scale is None else scale}{hint}")
    changes = (f"--scale {scale}", *(() if subset is None else (f"--subset {subset}",)))
    at = tuple(dict.fromkeys(int(epoch * scale) for epoch in spec.checkpoints.at))
    return spec._replace(
        configs=tuple(it._replace(config=scaled(it.config, scale, subset)) for it in spec.configs),
        checkpoints=spec.checkpoints.model_copy(update={"at": at}),
        remarks=(*spec.remarks, *_capped(spec, subset or 0)),
        origins=spec.origins and spec.origins._replace(options=changes),
    )


def _capped(spec: SweepSpec, subset: int) -> tuple[str, ...]:
    """A sentence for each data set with fewer test images of a class than that."""
    most = {it.config.data.name: most_test_images(it.config.data) for it in spec.configs}
    return tuple(
        f"--subset {subset} tests on {count} images of a class, which is what {name}'s smallest class has"
        for name, count in most.items()
        if count is not None and count < subset
    )


def expand(
    document: Document, *, seeds: str | None = None, overrides: Sequence[str] = (), huge: bool = False
) -> SweepSpec:
    """The sweep that a document describes, or the document that it extends; see load_sweep."""
    document = extended(document)
    design = design_of(document)
    if design is not None:
        seeds_of_all = {"start": design.start, "count": design.looks[-1]}
        document = document._replace(values=document.values | {"seeds": seeds_of_all})
    if not is_file_stem(document.path.stem):
        name = visible(document.path.stem)[:80]
        raise ConfigError(
            f"{name!r} cannot be the name of a sweep: expected one that files everywhere may have"
        )
    file = _outer_form(document)
    _refuse_lines(document, file)
    base, own = document.values["base"], document.values["arms"]
    axes = Axes(file.grid, file.zip)
    crossed = with_shared_axes(
        document, [points(document, base, arm, _varied(own[arm])) for arm in own], axes
    )
    arms = [
        ArmPoints(it, chosen_seeds(seeds, arm_seeds(document, file.seeds, it.arm, own[it.arm])))
        for it in crossed.points
    ]
    if not huge:
        _refuse_huge(document, arms)
    _refuse_same_label(document, arms)
    expanded = [(variant, tuple(it.seeds)) for it in arms for variant in it.points.variants()]
    laid = lay_overrides(document, [parse_override(text) for text in overrides], [it for it, _ in expanded])
    sources = {
        variant.label: Source(variant.arm, taken)
        for (variant, _), taken in zip(expanded, laid.taken, strict=True)
    }
    origins = Origins(document, sources)
    arms_by_label = OtherArms(origins, expanded, partial(_run_config, origins))
    configs = [
        ArmConfig(variant.label, arms_by_label.config(variant.label), own_seeds)
        for variant, own_seeds in expanded
    ]
    asked = [it.config for it in configs]
    trained = one_of_each_network(asked)
    longest = max(it.total_epochs for it in trained)
    for epoch in file.checkpoints.at:
        if epoch >= longest:
            message = f"expected epochs from 0 to {longest - 1}, found {epoch}: no run is longer"
            raise document.error(("checkpoints", "at"), message)
    if design is not None:
        check_arms(document, design, [it.arm for it in configs])
    return SweepSpec(
        name=document.path.stem,
        title=file.title,
        claim=file.claim,
        text=document.text,
        configs=tuple(it._replace(config=config) for it, config in zip(configs, trained, strict=True)),
        figures=file.figures,
        resources=file.resources,
        note=file.note,
        checkpoints=file.checkpoints,
        design=design if seeds is None else None,
        remarks=(*crossed.remarks, *laid.remarks, *_same_configuration(configs)),
        equal_widths=equal_widths(asked, trained),
        origins=origins,
    )


def _same_configuration(configs: Sequence[ArmConfig]) -> Iterator[str]:
    """A sentence for arms that have the same configuration, and so the same runs."""
    arms: dict[str, list[str]] = {}
    for it in configs:
        arms.setdefault(config_hash(it.config), []).append(repr(it.arm))
    for same in arms.values():
        if len(same) > 1:
            yield f"arms {', '.join(same[:-1])} and {same[-1]} are one configuration, and have the same runs"


def _outer_form(document: Document) -> SweepFile:
    try:
        return SweepFile.model_validate_json(json.dumps(document.values))
    except ValidationError as error:
        problems = explained(error, SweepFile, lambda key, known: meant(key, known, in_base()))
        seeds = document.values.get("seeds")
        lines = (
            str(document.error(key, message + (in_a_file(seeds) if key == ("seeds",) else "")))
            for key, message in problems
        )
        raise ConfigError("\n".join(lines)) from None


def _run_config(origins: Origins, variant: Variant) -> RunConfig:
    try:
        return RunConfig.model_validate_json(json.dumps(with_code(origins, variant)))
    except ValidationError as error:
        problems = explained(error, RunConfig, lambda key, known: meant(key, known, run_keys()))
        if (other := of_other_kind(variant.values, problems)) is not None:
            raise ConfigError(origins.line(variant.label, ("pruning", "kind"), other)) from None
        raise ConfigError(
            "\n".join(origins.line(variant.label, it.key, it.message + _to_vary(it)) for it in problems)
        ) from None


def _to_vary(problem: Problem) -> str:
    """A hint where a list is given for what takes one value: it may be meant to be tried one by one."""
    wanted, _, value = problem.message.partition(", found ")
    one = wanted.startswith("expected ") and "list" not in wanted
    return "; several values go under `grid`" if one and value.startswith("[") else ""


def _refuse_lines(document: Document, file: SweepFile) -> None:
    """Refuse what would be several lines of a table where one is expected."""
    if control_character(file.title.rstrip("\n")):  # a folded text of YAML ends with a line break
        raise document.error(("title",), "expected one line of text")
    for arm in file.arms:
        if not arm or control_character(arm):
            raise document.error(("arms",), f"{visible(arm)!r} is not a label: expected one line of text")


def _varied(own: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: value for key, value in (own or {}).items() if key != "seeds"}


def _refuse_huge(document: Document, arms: Sequence[ArmPoints]) -> None:
    """Refuse more runs than anyone means, before any is made."""
    count = sum(it.runs for it in arms)
    if count <= MOST_RUNS:
        return
    largest = max(arms, key=lambda it: it.runs)
    configs = counted(largest.points.number, "configuration")
    seeds = counted(number_of(largest.seeds), "seed")
    raise document.error(
        ("arms", largest.points.arm),
        f"the sweep has {count:,} runs, {configs} of {seeds} here; more than {MOST_RUNS:,} need --huge",
    )


def _refuse_same_label(document: Document, arms: Sequence[ArmPoints]) -> None:
    labels = itertools.chain.from_iterable(it.points.labels() for it in arms)
    for label, count in Counter(labels).items():
        if count > 1:
            raise document.error(("arms",), f"two configurations share the label {label!r}")
