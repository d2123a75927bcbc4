"""What runs are made of: configurations, schedules, keys and sweep files."""

from gst.config.key import config_from_json, config_hash, config_json, run_key
from gst.config.run import (
    DataConfig,
    DataName,
    FilterPruning,
    FilterScore,
    ModelConfig,
    ModelName,
    Noise,
    NoPruning,
    OptimizerConfig,
    PruningConfig,
    RunConfig,
    RunSpec,
    Target,
    TrainingConfig,
    WeightPruning,
)
from gst.config.schedule import PruningSchedule
from gst.config.sweep import SweepRun, SweepSpec, load_sweep

__all__ = [
    "DataConfig",
    "DataName",
    "FilterPruning",
    "FilterScore",
    "ModelConfig",
    "ModelName",
    "NoPruning",
    "Noise",
    "OptimizerConfig",
    "PruningConfig",
    "PruningSchedule",
    "RunConfig",
    "RunSpec",
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
