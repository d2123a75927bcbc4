"""The columns of the tables that training fills, for machines that know no database.

A test compares them with the tables of the store.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import cast, get_args

from gst.archive.column import Column, Kind

_COLUMNS = {
    "sweeps": "name text, digest text, title text, claim text, text text, figures json,"
    " driver_epoch integer, registered time",
    "configs": "hash text, config text, dataset text, train_per_class integer?, augment boolean,"
    " label_noise float, model text, epochs integer, batch_size integer, optimizer text, lr float,"
    " weight_decay float, precision text, kind text, score text?, target text?, layers text?,"
    " scratch boolean, prune_start integer?, prune_end integer?, retrain_period integer?,"
    " iterative_rate float?, total_fraction float?, train_batches integer?, scale float,"
    " width float, validation float, levels integer?, rewind text?, rewind_epoch integer?",
    "datasets": "name text, train integer, test integer, classes integer, content_hash text, source text",
    "runs": "key text, config_hash text, seed integer, status text, reason text?, attempt integer,"
    " stall integer, last_epoch integer?, furthest_epoch integer?, checkpoint text?,"
    " checkpoint_epoch integer?, seconds float, created time, started time?, heartbeat time?,"
    " ended time?, sweep_name text?, sweep_digest text?, driver_epoch integer?",
    "sweep_runs": "sweep_name text, sweep_digest text, run_key text, arm text, position integer",
    "attempts": "run_key text, attempt integer, sweep_name text, sweep_digest text, driver_epoch integer,"
    " first_epoch integer, dataset_name text?, dataset_content_hash text?, host text, pid integer,"
    " device text, gpu text?, gpu_driver text?, cuda text?, torch text, python text, gst text,"
    " git_commit text?, git_dirty boolean?, precision text, deterministic boolean, started time,"
    " ended time?, outcome text?, traceback text?, log_tail text?, peak_memory integer?, seconds float?,"
    " cpus float?, gpus float?",
    "epochs": "run_key text, epoch integer, level integer, train_loss float?, train_accuracy float,"
    " test_loss float?, test_accuracy float, lr float, filters_left integer?, parameters_left integer,"
    " seconds float",
    "pruning_events": "run_key text, epoch integer, kind text, test_accuracy_before float,"
    " test_accuracy_after float, test_loss_before float?, test_loss_after float?, n_test integer,"
    " removed integer, mean_score float?, mask_hash text",
    "layer_prunings": "run_key text, epoch integer, layer text, total integer, kept_before integer,"
    " kept_after integer, mean_score float?, removed json?",
    "probes": "run_key text, epoch integer, name text, test_accuracy float, test_loss float?, n_test integer",
    "flatness": "run_key text, epoch integer, images integer, method text, eigenpairs integer,"
    " hessian_trace float, significant_trace float, stochastic_trace float?, gradient_trace float,"
    " tic float?, epsilon float?, refined_epsilon float?, base_loss float, products integer, seconds float",
    "eigenvalues": "run_key text, epoch integer, rank integer, value float, residual float",
    "perturbation_losses": "run_key text, epoch integer, rank integer, epsilon float, increase float?",
    "normality": "run_key text, epoch integer, layer text, statistics text, n integer, mean float,"
    " variance float, kurtosis float, ks float, density json",
    "examples": "run_key text, epoch integer, trained integer, held_out json?, noisy json?, el2n json?",
    "levels": "run_key text, level integer, epoch integer, weights integer, weights_left integer,"
    " test_loss float?, test_accuracy float, n_validation integer, validation_loss float?,"
    " validation_accuracy float?, train_loss float?, train_accuracy float, n_original integer,"
    " original_loss float?, original_accuracy float?, n_noisy integer, noisy_loss float?,"
    " noisy_accuracy float?",
    "group_losses": "run_key text, level integer, epoch integer, bin integer, n_original integer,"
    " original_loss float?, n_noisy integer, noisy_loss float?, loss float?",
}


def _column(text: str) -> Column:
    name, kind = text.split()
    assert kind.removesuffix("?") in get_args(Kind), text
    return Column(name, cast(Kind, kind.removesuffix("?")), nullable=kind.endswith("?"))


TRAINED: Mapping[str, tuple[Column, ...]] = MappingProxyType(
    {name: tuple(map(_column, text.split(","))) for name, text in _COLUMNS.items()}
)
"""By table, the columns of archives; ids of one database are replaced by what a row is called everywhere."""
