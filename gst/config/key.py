"""The identity of a configuration and of a run, as a hash of their content.

Measurements of the network as it stands are left out: they change no training.
"""

from __future__ import annotations

import hashlib

from gst.config.measure import Measurements, canonical_json
from gst.config.run import RunConfig, RunSpec


def config_json(config: RunConfig) -> str:
    """Canonical JSON of the configuration without fields at their default: same training, same text."""
    return whole_json(config.model_copy(update={"measure": config.measure.of_run}))


def whole_json(config: RunConfig) -> str:
    """The same with the measurements of the network as it stands, which tell versions of a sweep apart."""
    return canonical_json(config.model_dump(mode="json", exclude_defaults=True))


def config_hash(config: RunConfig) -> str:
    """Sha256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(config_json(config).encode()).hexdigest()


def run_key(spec: RunSpec) -> str:
    """The name of a run everywhere: sha256 of configuration and seed, 64 hexadecimal digits."""
    return _key(config_json(spec.config), spec.seed)


def older_key(spec: RunSpec) -> str:
    """A run's key before schema 0008, which covered what is measured of the network as it stands.

    A run keeps it whose new key another run of its store has.
    """
    return _key(whole_json(spec.config), spec.seed)


def is_key_of(key: str, spec: RunSpec) -> bool:
    """Whether that is the run's key, or the one that it kept from before schema 0008."""
    return key in (run_key(spec), older_key(spec))


def _key(config: str, seed: int) -> str:
    return hashlib.sha256(f'{{"config":{config},"seed":{seed}}}'.encode()).hexdigest()


def former_keys(spec: RunSpec, asked: Measurements) -> frozenset[str]:
    """The keys that a run may have had before schema 0008, given what sweeps ask to be measured of it."""
    measures = (
        spec.config.measure.model_copy(update={"flatness": flatness, "normality": normality})
        for flatness in (None, *asked.flatness)
        for normality in (None, *asked.normality)
    )
    configs = (spec.config.model_copy(update={"measure": measure}) for measure in measures)
    return frozenset(older_key(RunSpec(config, spec.seed)) for config in configs)


def config_from_json(text: str) -> RunConfig:
    """The configuration that `config_json` was made from."""
    return RunConfig.model_validate_json(text)
