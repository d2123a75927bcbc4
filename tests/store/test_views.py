import pytest
from stores import Run, fill, run_config, sweep_of

# Accuracies are sums of powers of two, so that averages and differences are exact.
HAND = [
    Run("none", 0, [(0.75, 0.5), (1.0, 0.625), (1.0, 0.625), (1.0, 0.5)]),
    Run("pruned", 0, [0.75, 0.25, 0.5, 0.5], events=[(1, 0.5, 0.25), (2, 0.5, 0.375)]),
    Run("scratch", 0, [0.125, 0.375, 0.25, 0.375], events=[(-1, 0.125, 0.0625)]),
]


def summary(store, arm):
    columns, rows = store.query(
        "SELECT r.* FROM run_summary r JOIN sweep_runs m ON m.run_id = r.run_id WHERE m.arm = :arm", arm=arm
    )
    (row,) = rows
    return dict(zip(columns, row, strict=True))


@pytest.fixture
def hand(store):
    return fill(store, HAND)


def test_a_row_for_each_run_whatever_came_of_it(store):
    statuses = ["completed", "failed", "diverged", "interrupted", "running", "pending"]
    fill(store, [Run("a", seed, [0.5], status=status) for seed, status in enumerate(statuses)])
    assert store.query("SELECT seed, status, final_test_accuracy FROM run_summary ORDER BY seed").rows == [
        (seed, status, None if status == "pending" else 0.5) for seed, status in enumerate(statuses)
    ]
    assert [row[0] for row in store.query("SELECT seed FROM tradeoff").rows] == [0]


def test_columns_of_the_contract(store, hand):
    wanted = """
        run_id key config_id seed status attempt last_epoch model dataset optimizer epochs kind
        score target retrain_period iterative_rate total_fraction label_noise train_per_class
        scale final_test_accuracy best_test_accuracy best_epoch final_train_accuracy final_gap
        best_gap mean_stability mean_drop last_drop events seconds
    """
    assert set(wanted.split()) <= set(store.query("SELECT * FROM run_summary").columns)
    wanted = """
        sweep_id sweep arm position key seed config_id stability drop final_test_accuracy
        best_test_accuracy final_gap best_gap scale dataset model
    """
    assert set(wanted.split()) <= set(store.query("SELECT * FROM tradeoff").columns)


def test_an_unpruned_run_is_stable_and_its_best_epoch_is_the_earliest_of_all(store, hand):
    row = summary(store, "none")
    assert (row["mean_stability"], row["mean_drop"], row["last_drop"], row["events"]) == (1.0, 0.0, 0.0, 0)
    assert (row["best_test_accuracy"], row["best_epoch"]) == (0.625, 1)
    assert (row["final_test_accuracy"], row["final_train_accuracy"], row["final_gap"]) == (0.5, 1.0, 0.5)
    assert row["best_gap"] == 0.375
    assert (row["kind"], row["last_epoch"], row["seconds"]) == ("none", 3, 1.0)


def test_the_best_epoch_of_a_pruned_run_is_none_before_its_last_event(store, hand):
    row = summary(store, "pruned")
    assert (row["best_test_accuracy"], row["best_epoch"]) == (0.5, 2)  # neither 0.75 at epoch 0 nor epoch 3
    assert row["best_gap"] == row["final_gap"] == 0.5
    assert row["mean_stability"] == (0.5 + 0.75) / 2
    assert row["mean_drop"] == (0.25 + 0.125) / 2
    assert row["last_drop"] == 0.125
    assert (row["events"], row["last_event"]) == (2, 2)


def test_a_scratch_run_was_never_knocked_down(store, hand):
    row = summary(store, "scratch")
    assert (row["scratch"], row["kind"]) == (True, "filters")
    assert (row["mean_stability"], row["mean_drop"], row["last_drop"], row["events"]) == (1.0, 0.0, 0.0, 0)
    assert (row["best_test_accuracy"], row["best_epoch"]) == (0.375, 1)


def test_the_epoch_of_the_last_event_counts(store):
    fill(store, [Run("pruned", 0, [0.5, 0.75, 0.25], events=[(1, 0.5, 0.5)])])
    assert (summary(store, "pruned")["best_epoch"], summary(store, "pruned")["best_test_accuracy"]) == (
        1,
        0.75,
    )


def test_events_that_remove_nothing_are_ignored(store):
    events = [(0, 0.5, 0.25), (1, 0.5, 0.375, 0), (2, 1.0, 0.0, 0)]
    fill(store, [Run("pruned", 0, [0.5, 0.75, 0.25], events=events)])
    row = summary(store, "pruned")
    assert (row["mean_stability"], row["mean_drop"], row["last_drop"], row["events"]) == (0.5, 0.25, 0.25, 1)
    assert (row["best_epoch"], row["last_event"]) == (1, 0)


def test_pruning_before_and_during_training_averages_what_comes_after_the_start(store):
    events = [(-1, 1.0, 0.0), (0, 0.5, 0.25)]
    fill(store, [Run("pruned", 0, [0.5, 0.25], events=events)])
    assert (summary(store, "pruned")["mean_stability"], summary(store, "pruned")["events"]) == (0.5, 1)


def test_an_event_that_gains_accuracy_is_more_than_stable(store):
    fill(store, [Run("pruned", 0, [0.5], events=[(0, 0.25, 0.5)])])
    row = summary(store, "pruned")
    assert (row["mean_stability"], row["mean_drop"]) == (2.0, -0.25)


def test_an_event_without_accuracy_to_lose_has_a_drop_but_no_stability(store):
    fill(store, [Run("pruned", 0, [0.5, 0.5], events=[(0, 0.0, 0.25), (1, 0.5, 0.25)])])
    row = summary(store, "pruned")
    assert (row["mean_stability"], row["mean_drop"], row["events"]) == (0.5, 0.0, 2)


def test_a_run_without_epochs_has_nothing_to_show(store):
    store.register(sweep_of({"none": run_config()}))
    row = summary(store, "none")
    for name in (
        "final_test_accuracy",
        "best_test_accuracy",
        "best_epoch",
        "mean_stability",
        "mean_drop",
        "last_drop",
    ):
        assert row[name] is None
    assert row["events"] == 0


def test_a_running_run_shows_what_it_has(store):
    fill(store, [Run("pruned", 0, [0.5, 0.25], [(0, 0.5, 0.25)], status="running")])
    row = summary(store, "pruned")
    assert (row["final_test_accuracy"], row["mean_stability"], row["last_epoch"]) == (0.25, 0.5, 1)
    assert store.query("SELECT * FROM tradeoff").rows == []


def test_tradeoff_has_a_row_for_each_sweep_and_arm(store, hand):
    unpruned = store.spec(store.query("SELECT key FROM tradeoff WHERE arm = 'none'").rows[0][0]).config
    arms = {"baseline": unpruned, "twin": unpruned, "new": run_config(lr=0.5)}
    store.register(sweep_of(arms, name="other"))
    found = store.query(
        'SELECT sweep, arm, position, seed, stability, "drop", final_test_accuracy, best_test_accuracy, '
        "final_gap, best_gap FROM tradeoff ORDER BY sweep, position"
    )
    assert found.rows == [
        ("hand", "none", 0, 0, 1.0, 0.0, 0.5, 0.625, 0.5, 0.375),
        ("hand", "pruned", 1, 0, 0.625, 0.1875, 0.5, 0.5, 0.5, 0.5),
        ("hand", "scratch", 2, 0, 1.0, 0.0, 0.375, 0.375, 0.625, 0.625),
        ("other", "baseline", 0, 0, 1.0, 0.0, 0.5, 0.625, 0.5, 0.375),
        ("other", "twin", 1, 0, 1.0, 0.0, 0.5, 0.625, 0.5, 0.375),
    ]
