"""Configurations, schedules, keys and sweep files."""

from gst.config.key import config_from_json, config_hash, config_json, run_key
from gst.config.pruning import (
    ExtendedTraining,
    FilterPruning,
    FilterScore,
    IterativePruning,
    Levels,
    Noise,
    NoPruning,
    PruningConfig,
    ScheduledConfig,
    Schedules,
    WeightPruning,
)
from gst.config.regrowth import Target
from gst.config.run import RunConfig, RunSpec
from gst.config.schedule import PruningSchedule
from gst.config.sweep import SweepRun, SweepSpec, load_sweep
from gst.config.task import DataConfig, DataName, ModelConfig, ModelName
from gst.config.training import OptimizerConfig, TrainingConfig

__all__ = [
    "DataConfig",
    "DataName",
    "ExtendedTraining",
    "FilterPruning",
    "FilterScore",
    "IterativePruning",
    "Levels",
    "ModelConfig",
    "ModelName",
    "NoPruning",
    "Noise",
    "OptimizerConfig",
    "PruningConfig",
    "PruningSchedule",
    "RunConfig",
    "RunSpec",
    "ScheduledConfig",
    "Schedules",
    "SweepRun",
    "SweepSpec",
    "Target",
    "TrainingConfig",
    "WeightPruning",
    "config_from_json",
    "config_hash",
    "config_json",
    "load_sweep",
    "run_key",
]
