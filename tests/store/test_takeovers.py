from dataclasses import replace

from stores import PROVENANCE, claimed, epoch_record, run_config, saved, sweep_of

from gst.config import RunSpec, run_key
from gst.records import EpochRecords
from gst.store.reading import Takeover, takeovers


def test_who_went_on_with_a_run_that_was_lost_and_from_where(store):
    spec = RunSpec(run_config(epochs=4), 0)
    sweep_id = store.register(sweep_of({"a": spec.config}))
    driver = store.take_over(sweep_id)

    def attempt(host):
        return claimed(store, spec, sweep_id, driver, provenance=replace(PROVENANCE, host=host))

    attempt("first")
    assert takeovers(store, sweep_id) == []
    recorder = attempt("far")
    for epoch in range(3):
        recorder.write(EpochRecords(epoch_record(epoch)), saved(epoch) if epoch == 1 else None)
    attempt("near")
    key = run_key(spec)
    found = takeovers(store, sweep_id)
    assert sorted(found) == [Takeover(key, 1, "first", "far", 0), Takeover(key, 2, "far", "near", 2)]
    assert [it.words for it in sorted(found)] == [
        f"run {key[:12]}: attempt 1 was lost with its process on first; far went on from its beginning",
        f"run {key[:12]}: attempt 2 was lost with its process on far; near went on from epoch 2",
    ]
    other = store.register(sweep_of({"a": run_config(epochs=5)}, name="other"))
    assert takeovers(store, other) == []
