import pytest
from stores import Run, fill, present, run_config, sweep_of

from gst.errors import InputError, UnknownNameError
from gst.store import Store, bulk


@pytest.fixture
def keys(store):
    fill(store, [Run("a", seed, [0.5]) for seed in range(3)])
    return [row[0] for row in store.query("SELECT key FROM runs ORDER BY seed").rows]


def test_tags_are_added_once_and_removed(store, keys):
    store.tag(keys[:2], add=["paper", "b:2"])
    store.tag(keys[1:], add=["paper"])
    assert store.tags(keys) == {keys[0]: ("b:2", "paper"), keys[1]: ("b:2", "paper"), keys[2]: ("paper",)}
    store.tag(keys, add=["new"], remove=["paper"])
    assert store.tags(keys) == {keys[0]: ("b:2", "new"), keys[1]: ("b:2", "new"), keys[2]: ("new",)}
    assert store.run(keys[0]).tags == ("b:2", "new")


@pytest.mark.parametrize("tag", ["", " ", "two words", "-x", "a,b", "tab\t", "'"])
def test_a_tag_is_one_word(store, keys, tag):
    for change in ({"add": [tag]}, {"remove": [tag]}, {"add": ["good", tag]}):
        with pytest.raises(InputError, match="a tag is one word of letters, digits"):
            store.tag(keys, **change)
    assert store.query("SELECT * FROM run_tags").rows == []


def test_a_tag_that_no_run_has_cannot_be_removed(store, keys):
    store.tag(keys[:1], add=["paper"])
    store.tag(keys[2:], add=["papers"])
    store.tag(keys[:2], remove=["paper"])  # one of them has it
    store.tag(keys[:1], add=["paper"])
    with pytest.raises(UnknownNameError, match="no tag of these runs 'papers'; did you mean 'paper'"):
        store.tag(keys[:2], add=["other"], remove=["papers"])
    assert store.tags(keys[:2]) == {keys[0]: ("paper",), keys[1]: ()}


def test_a_tag_is_not_added_and_removed_at_once(store, keys):
    with pytest.raises(InputError, match="'x': it cannot be added and removed at once"):
        store.tag(keys, add=["x"], remove=["x"])


def test_many_runs_are_tagged_in_pieces(store, monkeypatch):
    monkeypatch.setattr(bulk, "CHUNK", 7)
    store.register(sweep_of({"arm": run_config()}, range(30)))
    keys = [row[0] for row in store.query("SELECT key FROM runs").rows]
    store.tag(keys, add=["all"])
    assert store.tags(keys) == dict.fromkeys(keys, ("all",))
    store.tag(keys, remove=["all"])
    assert store.tags(keys) == dict.fromkeys(keys, ())


def test_notes_add_up_in_the_order_in_which_they_were_written(store, keys):
    before = present(store)
    store.note("first", keys=keys[:1])
    store.note(" of the sweep\n", sweep_id=1)
    store.note("second: naïve ✓ 'quoted'", keys=keys[:1])
    notes = store.run(keys[0]).notes
    assert [(it.sweep, it.text) for it in notes] == [
        (None, "first"),
        ("hand", "of the sweep"),
        (None, "second: naïve ✓ 'quoted'"),
    ]
    assert before <= notes[0].written <= notes[1].written <= notes[2].written <= present(store)
    assert [it.text for it in store.run(keys[1]).notes] == ["of the sweep"]
    assert [it.text for it in store.notes(1)] == ["of the sweep"]


def test_a_note_on_another_sweep_is_not_this_one_s(store, keys):
    other = store.register(sweep_of({"b": run_config(lr=0.5)}, name="other"))
    store.note("elsewhere", sweep_id=other)
    assert store.run(keys[0]).notes == store.notes(1) == ()


@pytest.mark.parametrize("text", ["", " \n"])
def test_a_note_needs_words(store, keys, text):
    with pytest.raises(InputError, match="a note needs words"):
        store.note(text, keys=keys[:1])
    assert store.run(keys[0]).notes == ()


def test_a_run_that_is_not_there_is_named(store, keys):
    with pytest.raises(InputError, match="no run 'abc'"):
        store.tag([keys[0], "abc"], add=["x"])
    with pytest.raises(InputError, match="no run 'abc'"):
        store.note("x", keys=["abc"])
    assert store.tags(keys) == dict.fromkeys(keys, ())


def test_a_store_opened_to_read_takes_no_notes(url, store, keys):
    with Store.open(url, readonly=True) as reader:
        for attempt in (lambda: reader.tag(keys, add=["x"]), lambda: reader.note("x", keys=keys[:1])):
            with pytest.raises(InputError, match="opened read-only"):
                attempt()
