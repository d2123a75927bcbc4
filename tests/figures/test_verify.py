from __future__ import annotations

import json
import re
import sqlite3
import zlib
from contextlib import closing

import pytest
from stores import Run, by_arm, config_of, fill, run_config
from tradeoffs import HAND, pruned

import gst
from gst.errors import InputError
from gst.figures import FIGURES, export
from gst.figures.files import embedding
from gst.figures.files.embedding import extract
from gst.figures.files.verify import verify

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000a49444154789c63000100000500010d0a2db40000000049454e44ae426082"
)
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\nxref\n0 1\ntrailer\n<</Size 2 /Root 1 0 R>>\nstartxref\n29\n%%EOF\n"
BLANK = {"png": PIXEL, "svg": b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "pdf": PDF}


@pytest.fixture(autouse=True)
def no_browser(monkeypatch):
    """A blank picture in place of the browser's; what is checked is in the bytes around it."""
    monkeypatch.setattr("kaleido.calc_fig_sync", lambda figure, opts, kopts: BLANK[opts["format"]])


def written(store, path, name="tradeoff", sweep="hand", **parameters):
    figure = FIGURES[name]
    numbers = figure.numbers(store, sweep, **parameters)
    return export(figure.draw(numbers), numbers, path, name=name, parameters=parameters)


def checked(store, path):
    return [(check.holds, check.words) for check in verify(store, path, FIGURES)]


def claim_another_version(path):
    """Have the file say that another gst wrote it, which nothing else in it depends on."""
    text = path.read_text(encoding="utf-8")
    changed = text.replace(f'"{gst.__version__}"', '"0.0.1"')
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    assert extract(path).about["gst"] == "0.0.1"


def change(store, statement):
    with closing(sqlite3.connect(store._url.database)) as connection, connection:
        connection.execute(statement)


FORMATS = ["html", "json", "csv", "md", "tex", "png", "svg", "pdf"]
CARRYING = FORMATS[:5]


@pytest.mark.parametrize("suffix", FORMATS)
def test_what_was_just_drawn_holds(hand, tmp_path, suffix):
    path = written(hand, tmp_path / f"figure.{suffix}", accuracy="best")
    source = FIGURES["tradeoff"].numbers(hand, "hand").source
    *checks, shown = checked(hand, path)
    assert checks == [
        (True, f"sweep 'hand' is in the store with the digest {source.digest[:12]}"),
        (True, "its 6 runs are in the store and completed"),
        (True, "the numbers of figure 'tradeoff', computed again, are those it was drawn from"),
    ]
    assert shown[0] is (True if suffix in CARRYING else None)


@pytest.mark.parametrize("suffix", FORMATS)
def test_provenance_is_read_back_whatever_the_file_is_called(hand, tmp_path, suffix):
    path = written(hand, tmp_path / f"figure.{suffix}", accuracy="best")
    renamed = path.rename(tmp_path / "renamed")
    about = dict(extract(renamed).about)
    assert about["parameters"] == {"accuracy": "best"}
    assert about == extract(written(hand, tmp_path / "other.json", accuracy="best")).about


@pytest.mark.parametrize("name", [name for name in FIGURES if name in ("dynamics", "fig2_vgg11", "tabC1")])
@pytest.mark.parametrize("suffix", CARRYING)
def test_other_figures_hold_too(hand, tmp_path, name, suffix):
    path = written(hand, tmp_path / f"figure.{suffix}", name)
    assert all(holds for holds, _ in checked(hand, path))


TAMPERED = {
    "csv": (r"(?m)^run,soft,(\w+),0,1.0,0.75,", r"run,soft,\1,0,1.0,0.5,", "the CSV is not"),
    "md": (r"\| soft \|", "| sift |", "the Markdown table is not"),
    "tex": (r"\{\}soft &", "{}sift &", "the LaTeX table is not"),
    "json": (r"By hand", "By foot", "the drawing is not"),
    "html": (r'"text":"By hand"', '"text":"By foot"', "the drawing is not"),
}


@pytest.mark.parametrize("suffix", TAMPERED)
def test_changed_contents_do_not_hold(hand, tmp_path, suffix):
    path = written(hand, tmp_path / f"figure.{suffix}")
    pattern, replacement, words = TAMPERED[suffix]
    text, count = re.subn(pattern, replacement, path.read_text(encoding="utf-8"))
    assert count
    path.write_text(text, encoding="utf-8")
    *checks, (holds, found) = checked(hand, path)
    assert [it for it, _ in checks] == [True] * 3
    assert holds is False
    assert found.startswith(words)


def test_a_changed_point_is_named(hand, tmp_path):
    path = written(hand, tmp_path / "figure.json")
    figure = json.loads(path.read_text())
    place = next(i for i, trace in enumerate(figure["data"]) if trace.get("name") == "soft")
    figure["data"][place]["y"][0] = 0.99
    path.write_text(json.dumps(figure))
    assert checked(hand, path)[-1] == (
        False, f"the drawing is not what these numbers give: data[{place}].y[0] is 0.99, not 0.625",
    )  # fmt: skip


def with_about(path, **changes):
    """The PNG with another provenance, as somebody would forge it."""
    about = dict(extract(path).about) | changes
    path.write_bytes(embedding.in_png(PIXEL, json.dumps({k: v for k, v in about.items() if v is not None})))
    return path


@pytest.fixture
def picture(hand, tmp_path):
    return written(hand, tmp_path / "figure.png")


def test_forged_numbers_do_not_hold(hand, picture):
    holds, words = checked(hand, with_about(picture, numbers_sha256="0" * 64))[2]
    assert holds is False
    assert words == "the numbers of figure 'tradeoff', computed again, are others than it was drawn from"


def test_forged_runs_do_not_hold(hand, picture):
    keys = extract(picture).about["run_keys"]
    holds, words = checked(hand, with_about(picture, run_keys=["f" * 64, *keys]))[1]
    assert (holds, words) == (False, "1 of its 7 runs is not in the store: ffffffffffff")


def test_another_sweep_does_not_hold(hand, picture):
    checks = checked(hand, with_about(picture, sweep="other"))
    assert checks[0] == (False, "there is no sweep 'other' in the store")
    assert checks[-1] == (None, "the numbers: without the sweep they cannot be computed again")
    digest = extract(picture).about["sweep_digest"]
    forged = with_about(picture, sweep="hand", sweep_digest="0" * 64, run_keys=["f" * 64])
    checks = checked(hand, forged)
    assert checks[0] == (
        False, f"sweep 'hand' has another digest in the store: {digest[:12]}, not 000000000000",
    )  # fmt: skip


def test_other_parameters_give_other_numbers(hand, picture):
    assert checked(hand, with_about(picture, parameters={"accuracy": "best"}))[2][0] is False
    assert checked(hand, with_about(picture, parameters={"speed": 1}))[2] == (
        False, "the numbers cannot be computed again: figure 'tradeoff' has no parameter speed",
    )  # fmt: skip
    assert checked(hand, with_about(picture, parameters={}, figure="fig9"))[2] == (
        False, f"the numbers cannot be computed again: gst {gst.__version__} has no figure 'fig9'",
    )  # fmt: skip


def test_a_file_that_does_not_name_its_figure_is_checked_as_far_as_possible(hand, picture):
    checks = checked(hand, with_about(picture, figure=None, parameters=None))
    assert checks[2:] == [(None, "the numbers: the file does not say which figure it is")]


@pytest.mark.parametrize("suffix", CARRYING)
def test_a_file_of_another_version_that_shows_the_same_holds(hand, tmp_path, suffix):
    path = written(hand, tmp_path / f"figure.{suffix}")
    claim_another_version(path)
    assert [holds for holds, _ in checked(hand, path)] == [True] * 4


@pytest.mark.parametrize("suffix", TAMPERED)
def test_changed_contents_hold_in_no_version(hand, tmp_path, suffix):
    """Numbers are the same in every version; a drawing may be another, and then it counts as not checked."""
    path = written(hand, tmp_path / f"figure.{suffix}")
    claim_another_version(path)
    pattern, replacement, words = TAMPERED[suffix]
    path.write_text(re.sub(pattern, replacement, path.read_text(encoding="utf-8")), encoding="utf-8")
    check = verify(hand, path, FIGURES)[-1]
    if suffix == "csv":
        assert check.holds is False
        assert check.words.startswith(words)
    else:
        assert (check.holds, check.by_nature) == (None, False)
        assert check.words.startswith(words.removesuffix(" is not") + ": ")
        assert re.search(" here; it is by gst 0.0.1, which may (draw|write) otherwise$", check.words)


def test_a_store_with_other_results(hand, tmp_path):
    path = written(hand, tmp_path / "figure.csv")
    change(hand, "UPDATE epochs SET test_accuracy = 0.8125 WHERE run_id = 3 AND epoch = 1")
    checks = checked(hand, path)
    assert [holds for holds, _ in checks] == [True, True, False, False]
    assert checks[-1][1].startswith("the CSV is not what these numbers give: row 1 (pearson), value: -0.83")


def test_a_store_in_which_a_run_is_put_back(hand, tmp_path):
    path = written(hand, tmp_path / "figure.png")
    change(hand, "UPDATE runs SET status = 'failed' WHERE run_id = 3")
    checks = checked(hand, path)
    assert checks[1][0] is False
    assert checks[1][1].startswith("1 of its 6 runs is not completed but failed: ")
    assert checks[2][0] is False
    assert checks[2][1].endswith("; the store has 5 completed runs for it, the file 6")


def test_a_store_with_more_runs_than_then(store, tmp_path):
    fill(store, [*HAND, pruned("hard", 2, 0.5, 0.5, status="running")])
    path = written(store, tmp_path / "figure.json")
    change(store, "UPDATE runs SET status = 'completed' WHERE status = 'running'")
    words = checked(store, path)[2][1]
    assert words.endswith("; the store has 7 completed runs for it by now, the file 6")


def test_a_file_from_before_its_version_grew_holds(hand, tmp_path):
    """Its numbers are those of its own runs, and the answer says that there are more."""
    path = written(hand, tmp_path / "figure.csv")
    grown = {arm: config_of(number, of_arm) for number, (arm, of_arm) in enumerate(by_arm(HAND).items())}
    fill(hand, [pruned("hard", 2, 0.5, 0.5)], configs=grown)
    assert len(FIGURES["tradeoff"].numbers(hand, "hand").source.keys) == 7
    checks = checked(hand, path)
    assert [holds for holds, _ in checks] == [True] * 4
    assert checks[2][1].endswith("; the store has 7 completed runs for it by now, the file 6")
    change(hand, "UPDATE epochs SET test_accuracy = 0.8125 WHERE run_id = 3 AND epoch = 1")
    assert [holds for holds, _ in checked(hand, path)] == [True, True, False, False]


def test_a_version_whose_digest_is_another_since_is_known_by_its_runs(hand, tmp_path):
    """That of an older gst was of seeds and titles, too."""
    path = written(hand, tmp_path / "figure.csv")
    digest = extract(path).about["sweep_digest"]
    change(hand, "UPDATE sweeps SET digest = 'abcdefgh'")
    checks = checked(hand, path)
    assert [holds for holds, _ in checks] == [True] * 4
    assert checks[0][1] == f"hand@abcdefg has its runs; it had the digest {digest[:12]} then"


def test_the_sweep_of_then_is_used_where_a_newer_one_has_its_name(hand, tmp_path):
    path = written(hand, tmp_path / "figure.json")
    fill(hand, [Run("new", 0, [0.5, 0.5])], configs={"new": run_config(epochs=2, lr=0.5)})
    assert FIGURES["tradeoff"].numbers(hand, "hand").source.arms == ("new",)
    assert [holds for holds, _ in checked(hand, path)] == [True] * 4


def test_over_a_thousand_runs_are_checked_by_their_hash(hand, tmp_path, monkeypatch):
    monkeypatch.setattr(embedding, "MOST_KEYS", 3)
    path = written(hand, tmp_path / "figure.png")
    assert "run_keys" not in extract(path).about
    words = "its 6 runs are those that the store has completed for it"
    assert checked(hand, path)[1] == (True, words)
    change(hand, "UPDATE runs SET status = 'failed' WHERE run_id = 3")
    assert checked(hand, path)[1] == (False, words)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"hello", b"\xff\xfe\x00binary", b"{}", b'{"layout": {"meta": {"a": 1}}}', b"what,arm\nrun,a\n",
        b'{"layout": {"meta": [1]}}', b"a\n\n<!-- gst: [1] -->\n", b"a\n\n% gst: 1\n",
        b"what,provenance\nrun,2\n",
        b"<html><head></head></html>", PIXEL, PDF, BLANK["svg"],
    ],
)  # fmt: skip
def test_a_file_without_provenance(hand, tmp_path, content):
    path = tmp_path / "figure"
    path.write_bytes(content)
    with pytest.raises(InputError, match="figure: there is no provenance in it"):
        verify(hand, path, FIGURES)


def test_a_file_whose_provenance_is_broken(hand, picture, tmp_path):
    content = picture.read_bytes()
    picture.write_bytes(content.replace(b'"tradeoff"', b'"tradeofg"'))
    with pytest.raises(InputError, match="its provenance cannot be read: the checksum"):
        verify(hand, picture, FIGURES)
    broken = tmp_path / "broken.csv"
    broken.write_text("what,provenance\nrun,[\n")
    with pytest.raises(InputError, match=r"broken\.csv: its provenance cannot be read"):
        verify(hand, broken, FIGURES)
    with pytest.raises(InputError, match="nowhere: cannot be read: No such file"):
        verify(hand, tmp_path / "nowhere", FIGURES)


def test_the_blank_pixel_is_a_png():
    body = PIXEL[12:29]
    assert zlib.crc32(body) == int.from_bytes(PIXEL[29:33], "big")
