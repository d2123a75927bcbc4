"""Archives that are not what gst wrote: one message, which names the file, and nothing is written."""

from __future__ import annotations

import json

import pytest
from archives import MANIFEST, UNPRUNED, drop, populate, rewrite, rewrite_manifest, seal, tables
from stores import Run, fill

from gst.archive.manifest import schema_revisions
from gst.config import config_hash
from gst.errors import InputError
from gst.store import Store


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """An archive of everything, not to be changed."""
    folder = tmp_path_factory.mktemp("written")
    with Store.open(str(folder / "gst.db"), create=True) as store:
        populate(store)
        store.export(folder / "out", form="csv")
    return folder / "out"


@pytest.fixture
def out(written, tmp_path):
    """A copy of it, to be damaged."""
    folder = tmp_path / "out"
    folder.mkdir()
    for path in written.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


@pytest.fixture
def refusal(store, url, out, tmp_path):
    """What the store says of it, having written nothing."""

    def refusal():
        fill(store, [Run("own", 5, [0.5])], name="own")
        before = tables(url)
        with pytest.raises(InputError) as caught:
            store.merge(out)
        assert tables(url) == before
        return str(caught.value).replace(f"{tmp_path}/", "")

    return refusal


def test_the_archive_is_fine_before(store, out):
    assert store.merge(out).changed


@pytest.mark.parametrize("name", ["runs", "epochs", "notes", "datasets"])
def test_a_missing_file(out, refusal, name):
    (out / f"{name}.csv").unlink()
    assert refusal() == f"out/{name}.csv: is missing"


def test_a_changed_file(out, refusal):
    path = out / "epochs.csv"
    path.write_text(path.read_text().replace("0.25", "0.26", 1))
    assert refusal().startswith("out/epochs.csv: is not the file that was written")


def test_another_count(out, refusal):
    seal(out, "epochs", rows=100)
    assert refusal() == "out/epochs.csv: has 8 rows, and the manifest says 100"


def test_another_count_of_runs(out, refusal):
    seal(out, "runs", rows=100)
    assert refusal() == "out/runs.csv: has 9 rows, and the manifest says 100"


@pytest.mark.parametrize(
    ("table", "column"), [("epochs", "lr"), ("runs", "key"), ("layer_prunings", "removed")]
)
def test_a_missing_column(out, refusal, table, column):
    rewrite(out, table, lambda rows: None)
    path = out / f"{table}.csv"
    path.write_text(path.read_text().replace(column, "other", 1))
    seal(out, table)
    assert refusal() == f"out/{table}.csv: lacks the column {column!r}"


@pytest.mark.parametrize(
    ("table", "column"), [("epochs", "lr"), ("runs", "key"), ("layer_prunings", "removed")]
)
def test_a_column_that_the_manifest_lacks(out, refusal, table, column):
    def change(content):
        columns = content["tables"][table]["columns"]
        content["tables"][table]["columns"] = [it for it in columns if it["name"] != column]

    rewrite_manifest(out, change)
    assert refusal() == f"out/{table}.csv: lacks the column {column!r}"


def test_a_column_that_nobody_knows(out, refusal):
    def change(content):
        content["tables"]["epochs"]["columns"].append({"name": "lrs", "kind": "float", "nullable": True})

    rewrite_manifest(out, change)
    assert refusal().startswith("out/epochs.csv: no column 'lrs'; did you mean 'lr'?")


def test_a_table_that_nobody_knows(out, refusal):
    rewrite_manifest(out, lambda content: content["tables"].update(epoch=content["tables"].pop("epochs")))
    assert refusal().startswith("out: no table 'epoch'; did you mean 'epochs'?")


def test_no_runs_at_all(out, refusal):
    rewrite_manifest(out, lambda content: content["tables"].pop("runs"))
    assert refusal() == "out: lacks the table 'runs'"


def test_another_type(out, refusal):
    rewrite(out, "epochs", lambda rows: rows[2].update(lr="fast"))
    assert refusal() == "out/epochs.csv:4: lr: 'fast' is not of type float"


def test_another_type_in_the_manifest(out, refusal):
    def change(content):
        columns = content["tables"]["epochs"]["columns"]
        next(it for it in columns if it["name"] == "lr")["kind"] = "text"

    rewrite_manifest(out, change)
    assert refusal() == "out/epochs.csv: lr: has type text, expected float"


def test_a_missing_value(out, refusal):
    rewrite(out, "epochs", lambda rows: rows[2].update(lr=""))
    assert refusal() == "out/epochs.csv: row 3: lr: there is no value"


def test_a_missing_value_that_the_manifest_allows(out, refusal):
    def change(content):
        columns = content["tables"]["epochs"]["columns"]
        next(it for it in columns if it["name"] == "lr")["nullable"] = True

    rewrite(out, "epochs", lambda rows: rows[2].update(lr=""))
    rewrite_manifest(out, change)
    assert refusal() == "out/epochs.csv: lr: may be empty there, and must not be here"


def test_another_format(out, refusal):
    rewrite_manifest(out, lambda content: content.update(archive=99))
    assert refusal().startswith(f"out/{MANIFEST}: the archive has format 99, and this gst reads format 1")


def test_a_newer_schema(out, refusal):
    rewrite_manifest(out, lambda content: content.update(schema="9999", gst="9.0"))
    assert refusal() == (
        f"out: was written by gst 9.0 from schema 9999, which this gst (schema {schema_revisions()[-1]}) "
        "does not know; import it with that gst, or a newer one"
    )


def test_a_configuration_of_another_hash(out, refusal):
    rewrite(out, "configs", lambda rows: rows[0].update(hash="0" * 64))
    assert refusal() == "out/configs.csv: configuration 000000000000 is not the one of its hash"


def test_a_configuration_that_was_changed(out, refusal):
    rewrite(out, "configs", lambda rows: rows[0].update(config=rows[0]["config"].replace("digits", "mnist")))
    assert refusal().endswith("is not the one of its hash")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [('"digits"', '"nothing"', "is none for this gst"), ("{", "{ ", "is not written as this gst does")],
)
def test_a_configuration_that_is_none(out, refusal, old, new, message):
    import hashlib

    def change(rows):
        text = rows[0]["config"].replace(old, new, 1)
        rows[0].update(config=text, hash=hashlib.sha256(text.encode()).hexdigest())

    rewrite(out, "configs", change)
    assert message in refusal()


def test_a_run_of_another_key(out, refusal):
    rewrite(out, "runs", lambda rows: rows[0].update(seed="77"))
    assert "out/runs.csv: run " in (message := refusal())
    assert message.endswith("is not the run of its key")


def test_a_run_without_its_configuration(out, refusal):
    digest = config_hash(UNPRUNED)
    rewrite(out, "configs", lambda rows: rows.remove(next(it for it in rows if it["hash"] == digest)))
    assert f"its configuration {digest[:12]} is not in out/configs.csv" in refusal()


def test_a_run_twice(out, refusal):
    rewrite(out, "runs", lambda rows: rows.append(rows[0]))
    assert refusal() == "out/runs.csv: has a run twice"


def test_a_status_that_nobody_knows(out, refusal):
    rewrite(out, "runs", lambda rows: rows[0].update(status="complete"))
    assert "no status 'complete'; did you mean 'completed'?" in refusal()


@pytest.mark.parametrize(
    "table",
    ["epochs", "pruning_events", "layer_prunings", "probes", "attempts", "sweep_runs", "run_tags", "notes"],
)
def test_a_row_of_a_run_that_is_not_there(out, refusal, table):
    def change(rows):
        row = next(it for it in rows if it["run_key"])
        row["run_key"] = "f" * 64

    rewrite(out, table, change)
    assert refusal() == f"out/{table}.csv: has a row of run ffffffffffff, which is not in out/runs.csv"


def test_a_missing_epoch(out, refusal):
    rewrite(out, "epochs", lambda rows: rows.__delitem__(0))
    assert (message := refusal()).startswith("out/epochs.csv: run ")
    assert message.endswith("epochs, and out/runs.csv says 2") or message.endswith("and out/runs.csv says 1")


def test_a_completed_run_without_all_its_epochs(out, refusal):
    """Whose row says so, too."""
    found = {}

    def cut(rows):
        row = next(it for it in rows if it["status"] == "completed" and it["last_epoch"] == "1")
        row["last_epoch"] = row["furthest_epoch"] = "0"
        found["key"] = row["key"]

    rewrite(out, "runs", cut)
    last = {"epoch": "1"}
    for table in ("epochs", "pruning_events", "layer_prunings"):
        rewrite(
            out,
            table,
            lambda rows: rows.__setitem__(
                slice(None),
                [it for it in rows if (it["run_key"], it["epoch"]) != (found["key"], last["epoch"])],
            ),
        )
    assert refusal() == f"out/runs.csv: run {found['key'][:12]} is completed, and has 1 of 2 epochs"


def test_an_attempt_too_few(out, refusal):
    rewrite(out, "attempts", lambda rows: rows.__delitem__(0))
    assert refusal().endswith("has 0 attempts, and out/runs.csv says 1")


def test_an_event_without_its_row(out, refusal):
    rewrite(out, "pruning_events", lambda rows: rows.__delitem__(0))
    assert refusal().startswith("out/layer_prunings.csv: has a row that the store refuses: ")


def test_a_row_twice(out, refusal):
    rewrite(out, "probes", lambda rows: rows.append(rows[0]))
    assert refusal().startswith("out/probes.csv: has a row that the store refuses: ")


def test_a_value_that_cannot_be(out, refusal):
    rewrite(out, "probes", lambda rows: rows[0].update(test_accuracy="1.5"))
    assert refusal().startswith("out/probes.csv: has a row that the store refuses: ")


def test_a_sweep_without_runs(out, refusal):
    rewrite(out, "sweep_runs", lambda rows: rows.clear())
    assert refusal() == "out/sweep_runs.csv: sweep 'hand' has no runs"


def test_a_member_of_no_sweep(out, refusal):
    rewrite(out, "sweep_runs", lambda rows: rows[0].update(sweep_digest="0" * 64))
    assert refusal() == "out/sweep_runs.csv: has runs of sweep 'hand', which is not there"


def test_a_sweep_that_is_here_with_other_runs(store, url, out):
    store.merge(out)
    before = tables(url)
    rewrite(out, "sweep_runs", lambda rows: rows[0].update(arm="another"))
    with pytest.raises(InputError, match="sweep 'hand' has other runs than the same sweep here"):
        store.merge(out)
    assert tables(url) == before


@pytest.mark.parametrize(
    ("table", "column"), [("attempts", "sweep_digest"), ("attempts", "dataset_content_hash")]
)
def test_a_name_of_nothing(out, refusal, table, column):
    rewrite(out, table, lambda rows: rows[0].update({column: "nowhere"}))
    message = refusal()
    assert message.startswith(f"out/{table}.csv: refers to ")
    assert "nowhere" in message
    assert "neither in the archive nor in this store" in message


def test_an_archive_of_an_older_schema_lacks_what_came_later(store, out):
    """Its tables and columns were not there then, and where a value may be missing it is."""

    def change(content):
        content["schema"] = schema_revisions()[0]
        for name in ("run_tags", "notes", "flatness", "eigenvalues", "perturbation_losses", "normality"):
            del content["tables"][name]
        columns = content["tables"]["attempts"]["columns"]
        content["tables"]["attempts"]["columns"] = [
            it for it in columns if it["name"] not in ("cpus", "gpus")
        ]

    drop(out, "attempts", "cpus", "gpus")
    rewrite_manifest(out, change)
    merged = store.merge(out)
    assert (len(merged.runs("new")), merged.annotations) == (9, 0)
    assert store.query("SELECT DISTINCT cpus, gpus FROM attempts").rows == [(None, None)]


def test_a_column_that_must_have_a_value_is_missing_in_any_schema(out, refusal):
    def change(content):
        content["schema"] = schema_revisions()[0]
        columns = content["tables"]["attempts"]["columns"]
        content["tables"]["attempts"]["columns"] = [it for it in columns if it["name"] != "host"]

    rewrite_manifest(out, change)
    assert refusal() == "out/attempts.csv: lacks the column 'host'"


def test_damage_in_a_later_part_undoes_the_earlier(store, url, written, tmp_path):
    """A folder of several archives is taken in as a whole or not at all."""
    import zipfile

    parts = tmp_path / "parts"
    parts.mkdir()
    for name in ("run-a", "run-b"):
        with zipfile.ZipFile(parts / f"{name}.zip", "w") as packed:
            for path in written.iterdir():
                content = path.read_bytes()
                if name == "run-b" and path.name == MANIFEST:
                    content = json.dumps({**json.loads(content), "schema": "9999"}).encode()
                packed.writestr(path.name, content)
    before = tables(url)
    with pytest.raises(InputError, match=r"run-b.zip: was written by gst"):
        store.merge(parts)
    assert tables(url) == before
    (parts / "run-b.zip").unlink()
    assert store.merge(parts).changed
