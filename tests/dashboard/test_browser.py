"""The dashboard and a report in a real browser: what they show, and what they do when somebody clicks."""

from __future__ import annotations

import itertools
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest
from browser import Browser
from level_stores import fill_levels
from level_sweeps import configs_of, runs_of
from scipy import stats
from serving import serving
from stores import Run, claimed, fill, records_of
from tradeoffs import HAND, PRUNED, pruned, targeted, unpruned

from gst.dashboard.app import create_app
from gst.dashboard.page import load_pages
from gst.dashboard.report import write_report
from gst.figures.style import percent, signed
from gst.paths import project_folder
from gst.store import Store
from gst.store.reading import sweep_states

pytestmark = pytest.mark.slow

ARMS = ("IMP", "noisy", "extended", "half")
TARGETED = {
    "No Pruning": targeted(None, lr=0.5),
    "PruneS every 2": targeted("smallest", lr=0.5, every=2),
    "PruneS every 6": targeted("smallest", lr=0.5),
    "PruneR every 6": targeted("random", lr=0.5),
    "PruneL every 6": targeted("largest", lr=0.5),
}
"""Arms with names as long as those of the quickstart; each has the first one as its baseline."""


def grid() -> tuple[np.ndarray, np.ndarray]:
    """Stabilities and accuracies of runs, [seeds, arms]; an unpruned run is stable."""
    x, y = np.random.default_rng(4).uniform(0.25, 0.5, (2, 3, 5))
    x += np.linspace(0.5, 0, 5)
    x[:, 0] = 1
    return x, y + np.linspace(0, 0.125, 3)[:, None]


GRID = [
    pruned(arm, seed, float(grid()[0][seed, place]), float(grid()[1][seed, place]))
    if place
    else unpruned(arm, seed, float(grid()[1][seed, place]))
    for place, arm in enumerate(TARGETED)
    for seed in range(3)
]
MINE = """\
import plotly.graph_objects as go

TITLE = "Mine"


def figures(store, selection):
    runs = store.query("SELECT count(*) FROM tradeoff WHERE sweep = :sweep", sweep=selection.sweep).rows
    return {f"{runs[0][0]} completed runs": go.Figure(go.Bar(y=[runs[0][0]]))}
"""


@pytest.fixture(scope="module")
def site(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The address of a dashboard that looks for news often, and its store, where a sweep has levels."""
    folder = tmp_path_factory.mktemp("site")
    path = Path(shutil.copy(filled, folder / "gst.db"))
    with Store.open(str(path)) as store:
        fill_levels(store, runs_of(*ARMS), configs_of(*ARMS), name="jin_fig3_lenet")
        fill(store, GRID, name="grid", configs=TARGETED)
    (folder / "pages").mkdir()
    (folder / "pages" / "mine.py").write_text(MINE)
    (folder / "pages" / "bad.py").write_text("import nonexistent_module")
    with Store.open(str(path), readonly=True) as store, Store.open(str(path)) as editor:
        pages = load_pages([project_folder("dashboards"), folder / "pages"])
        with serving(create_app(store, pages, seconds=0.5, editor=editor)) as server:
            yield f"http://127.0.0.1:{server.port}", path


@pytest.fixture
def address(site: tuple[str, Path]) -> str:
    return site[0]


@pytest.fixture
def db(site: tuple[str, Path]) -> Iterator[Store]:
    """The store that the dashboard shows, for somebody who writes to it."""
    with Store.open(str(site[1])) as store:
        yield store


@pytest.mark.parametrize(
    ("path", "selector", "words", "title"),
    [
        ("/", "#overview-now", "troubled", "Overview"),
        ("/sweep/hand", "#sweep-arms", "hard", "Sweep"),
        ("/runs", "#runs-table", "completed", "Runs"),
        ("/tradeoff?sweep=hand", "#tradeoff-correlations", "Pearson r", "Tradeoff"),
        ("/figures", "#figures-missing", "gst sweep fig2_vgg11", "Figures"),
        ("/figures/tradeoff?sweep=hand", "#figures-graph", "Final test accuracy", "Figures"),
        ("/compare", "#compare-summary", "Claims: ", "Compare"),
        ("/sql", "main", "Download CSV", "SQL"),
        ("/mine?sweep=hand", "#mine-figures", "6 completed runs", "Mine"),
        ("/bad", "main", "No module named 'nonexistent_module'", "bad"),
        ("/nowhere", "main", "There is no page at /nowhere", "gst"),
    ],
)
def test_every_page_is_for_everybody(browser, address, path, selector, words, title):
    """It loads without a complaint, has no barriers on light and on dark paper, and fits narrow screens."""
    browser.open(address + path)
    browser.until_text(words, selector)
    browser.until(lambda: browser.driver.title.startswith(title), "the title")
    browser.until(lambda: not browser.all(".field .dash-dropdown-focus-target[aria-hidden]"), "the labels")
    papers = []
    try:
        for theme, width in (("light", 1400), ("dark", 1024), ("dark", 390)):
            browser.seen(width=width, theme=theme)
            assert browser.barriers() == [], (theme, width)
            assert browser.run("return document.documentElement.scrollWidth - innerWidth") <= 0, width
            papers.append(browser.run(PAPERS))
    finally:
        browser.seen()
    light, dark, _ = papers
    assert set(light) == {"rgb(255, 255, 255)"}
    assert len(set(dark)) == 1
    assert max(map(int, re.findall("[0-9]+", dark[0]))) < 40
    assert browser.errors() == []


PAPERS = """\
const places = document.querySelectorAll("body, .ag-root-wrapper, button.dash-dropdown");
return [...places].map((it) => getComputedStyle(it).backgroundColor);"""


def test_dark_and_light_are_remembered(browser, address):
    """Until the choice is the system's again."""
    browser.open(f"{address}/figures/dynamics?sweep=hand")
    label = "#figures-graph .legendtext"
    ink = f"return getComputedStyle(document.querySelector('{label}')).fill"
    browser.until(lambda: browser.all(label), "the figure")
    browser.until(lambda: browser.run(ink) == "rgb(34, 34, 34)", "ink on light paper")
    browser.click("#theme")
    browser.until(lambda: browser.run(ink) == "rgb(230, 230, 230)", "chalk on dark paper")
    browser.driver.refresh()
    browser.until(lambda: browser.all(label) and browser.run(ink) == "rgb(230, 230, 230)", "chalk again")
    browser.click("#theme")
    browser.until(lambda: browser.run(ink) == "rgb(34, 34, 34)", "ink")
    assert browser.run("return localStorage.getItem('gst-theme')") == ""
    assert browser.errors() == []


def test_the_overview_counts_what_the_store_has_and_follows_it(browser, address, db):
    browser.open(address)
    browser.until_text("troubled", "#overview-now")

    def sections():
        return dict(zip(browser.texts(".sweep .name"), browser.texts(".sweep"), strict=True))

    for state in sweep_states(db):
        section = sections()[state.progress.name]
        counts = {status: count for status, count in state.progress.counts.items() if count}
        assert all(f"{count} {status}" in section for status, count in counts.items())
        assert f"{state.progress.epochs_done} of {state.progress.epochs_total} epochs" in section
    browser.click("#overview-failures summary")
    assert "RuntimeError: broken" in browser.text("#overview-failures")
    before = next(state.progress for state in sweep_states(db) if state.progress.name == "troubled")
    train_one(db)
    words = f"{before.counts['completed'] + 1} completed"
    browser.until(lambda: words in sections()["troubled"], words)
    assert f"{before.epochs_done + 3} of {before.epochs_total} epochs" in sections()["troubled"]
    assert "RuntimeError: broken" in browser.text("#overview-failures")  # still open
    assert browser.errors() == []


def train_one(db: Store) -> None:
    """Complete a pending run of the troubled sweep."""
    sweep_id = db.sweep_id("troubled")
    keys = [key for key in db.remaining(sweep_id) if db.run(key).run["status"] == "pending"]
    recorder = claimed(db, db.spec(keys[0]), sweep_id, db.take_over(sweep_id))
    for epoch in range(3):
        recorder.write(records_of(Run("any", 0, [0.5, 0.5, 0.875]), epoch))
    recorder.finish(peak_memory=1)


def test_runs_can_be_sorted_filtered_and_chosen(browser, address, db):
    browser.open(f"{address}/runs?sweep=hand")
    browser.until_text("6 runs", "#runs-table-count")

    def column(name):
        head, *rows = browser.grid("#runs-table")
        return [row[head.index(name)] for row in rows]

    rows = db.query(
        "SELECT s.key, s.final_test_accuracy FROM tradeoff s WHERE s.sweep = 'hand' ORDER BY s.position"
    ).rows
    browser.until(lambda: column("run") == [key[:12] for key, _ in rows], "the runs")
    assert column("final accuracy") == [percent(accuracy, 2) for _, accuracy in rows]
    assert column("stability")[:2] == ["", ""]
    for _ in range(2):
        browser.click("#runs-table [col-id=final_test_accuracy] .ag-header-cell-label")
    falling = sorted((accuracy for _, accuracy in rows), reverse=True)
    browser.until(lambda: column("final accuracy") == [percent(it, 2) for it in falling], "the sorted table")
    browser.click("#runs-all")
    chosen = f"&run={','.join(column('run'))}&"
    browser.until(lambda: chosen in browser.driver.current_url, "all runs in the table's order")
    browser.click("#runs-none")
    browser.choose("runs-arm", "hard")
    browser.until_text("2 runs", "#runs-table-count")
    browser.until(lambda: len(column("run")) == 2, "two rows")
    browser.click("#runs-table [row-index='1'] input[type=checkbox]")
    key, seed = column("run")[1], column("seed")[1]
    browser.until_text(f"hard, seed {seed}", "#runs-dynamics .legend")
    curve = browser.run("return Array.from(document.querySelector('#runs-graph .js-plotly-plot').data[0].y)")
    wanted = db.query(
        "SELECT e.test_accuracy FROM epochs e JOIN runs r ON r.run_id = e.run_id"
        " WHERE r.key LIKE :key ORDER BY e.epoch",
        key=f"{key}%",
    ).rows
    assert curve == [value for (value,) in wanted]
    browser.choose("runs-quantity", "Training loss")
    browser.until(lambda: "Training loss" in browser.text("#runs-dynamics"), "the other quantity")
    browser.click("#runs-all")
    browser.until_text("hard: mean, n = 2", "#runs-dynamics .legend")
    browser.click("#runs-none")
    browser.until_text("No run is chosen.", "#runs-dynamics")
    browser.until(lambda: browser.run(TICKED) == [], "no run is ticked")
    browser.run("arguments[0].click()", browser.all("#runs-table a")[0])
    browser.until_text("Run ", "h1")
    assert "in hand (hard)" in browser.text()
    assert browser.errors() == []


def test_the_address_keeps_what_was_chosen(browser, address):
    browser.open(f"{address}/runs")
    browser.until_text("runs", "#runs-table-count")
    every = browser.text("#runs-table-count")

    def said():
        return browser.driver.current_url.removeprefix(address)

    def reads(words):
        browser.until(lambda: said() == words, words)

    browser.choose("runs-sweep", "hand")
    reads("/runs?sweep=hand&quantity=test_accuracy")
    browser.click("#runs-table [col-id=seed] .ag-header-cell-label")
    reads("/runs?sweep=hand&sort=seed&quantity=test_accuracy")
    browser.until(lambda: browser.grid("#runs-table")[1:], "rows")
    browser.click("#runs-table [row-index='1'] input[type=checkbox]")
    key = browser.grid("#runs-table")[2][1]
    reads(f"/runs?sweep=hand&sort=seed&run={key}&quantity=test_accuracy")
    browser.driver.refresh()
    browser.until(lambda: browser.run(TICKED) == [1], "the same run is ticked")
    browser.until_text("seed 0", "#runs-dynamics .legend")
    for words in (
        "/runs?sweep=hand&sort=seed&quantity=test_accuracy",
        "/runs?sweep=hand&quantity=test_accuracy",
    ):
        browser.driver.back()
        reads(words)
        browser.until_text("6 runs", "#runs-table-count")
    browser.driver.back()
    reads("/runs")
    browser.until_text(every, "#runs-table-count")
    assert browser.errors() == []


def test_a_run_is_tagged_and_noted(browser, address, db):
    key = db.query("SELECT key FROM tradeoff WHERE sweep = 'hand' AND arm = 'soft'").rows[0][0]
    browser.open(f"{address}/runs/{key[:8]}")
    browser.click("#runs-one-tag")
    browser.all("#runs-one-tag")[0].send_keys("paper")
    browser.click("#runs-one-add")
    browser.until_text("paper", "#runs-said .tag")
    browser.all("#runs-one-note")[0].send_keys("looks <b>odd</b>")
    browser.click("#runs-one-say")
    browser.until_text("looks <b>odd</b>", "#runs-said")
    assert (db.tags([key])[key], db.run(key).notes[0].text) == (("paper",), "looks <b>odd</b>")
    browser.open(f"{address}/runs?text=paper")
    browser.until_text("1 run", "#runs-table-count")
    browser.until(lambda: browser.grid("#runs-table")[1][1] == key[:12], "the tagged run")
    assert browser.errors() == []


TICKED = """\
const rows = document.querySelectorAll("#runs-table .ag-row:has(input:checked)");
return Array.from(rows).map((row) => Number(row.getAttribute("row-index")));"""


def test_correlations_are_those_of_the_runs_and_of_a_selection(browser, address):
    browser.open(f"{address}/tradeoff?sweep=hand")
    browser.until_text("Pearson r", "#tradeoff-all")
    x, y = zip(*PRUNED, strict=True)
    rows = browser.grid("#tradeoff-all")
    named = {row[0]: row[1:] for row in rows[1:]}
    assert "at least 3 of them, found 2" in named["Pearson r between configurations"][1]
    assert named["Pearson r of all runs"] == [
        signed(stats.pearsonr(x, y).statistic),
        "no interval: 2 configurations are too few to draw from",
        "",
        "4 runs",
    ]
    browser.until(lambda: browser.run(POINTS) == 6, "the points")
    # A box around everything, drawn as a hand does.
    browser.run(DRAG)
    browser.until(lambda: browser.grid("#tradeoff-selected") == rows, "the selection")
    browser.driver.refresh()
    browser.until(lambda: browser.grid("#tradeoff-selected") == rows, "the selection of the address")
    browser.choose("tradeoff-y", "Best test accuracy after pruning")
    browser.until(lambda: browser.run(TITLE) == "Best test accuracy after pruning", "the other axis")
    browser.choose("tradeoff-facet", "arm")
    browser.until_text("arm soft", "#tradeoff-graph")
    assert browser.errors() == []


def test_correlations_within_and_between_configurations(browser, address):
    browser.open(f"{address}/tradeoff?sweep=grid")
    browser.until_text("Pearson r", "#tradeoff-all")
    named = {row[0]: row[1:] for row in browser.grid("#tradeoff-all")[1:]}
    x, y = (side[:, 1:] for side in grid())
    expected = stats.pearsonr(x.mean(axis=0), y.mean(axis=0))
    low, high = map(signed, expected.confidence_interval(0.95))
    assert named["Pearson r between configurations"] == [
        signed(expected.statistic), f"[{low}, {high}]", f"{expected.pvalue:.2g}", "4 configurations",
    ]  # fmt: skip
    inside = [(it - it.mean(axis=0)).ravel() for it in (x, y)]
    within = named["Pearson r within configurations"]
    assert (within[0], within[3]) == (signed(stats.pearsonr(*inside).statistic), "3 seeds")
    assert named["Kendall τ of all runs"][2:] == ["", "12 runs"]
    assert browser.errors() == []


def test_the_differences_of_arms_follow_the_axis(browser, address):
    browser.open(f"{address}/tradeoff?sweep=grid")
    browser.until_text("Difference in final test accuracy", "#tradeoff-contrasts")
    browser.until(lambda: len(browser.grid("#tradeoff-contrasts")[-1]) == 5, "the table")
    head, *rows = browser.grid("#tradeoff-contrasts")
    assert head[2:] == ["95% interval", "p", "seeds"]
    _, y = grid()
    places = {arm: place for place, arm in enumerate(TARGETED)}
    assert len(rows) == 4 + 3
    for name, value, interval, _, seeds in rows:
        first, other = (y[:, places[arm]] for arm in name.split(" less "))
        expected = stats.ttest_rel(first, other).confidence_interval(0.95)
        low, high = (f"{100 * end:+.2f}".replace("-", "−") for end in expected)
        assert (value, interval) == (
            f"{100 * (first - other).mean():+.2f}".replace("-", "−"),
            f"[{low}, {high}]",
        )
        assert seeds == "3"
    browser.choose("tradeoff-y", "Best test accuracy after pruning")
    browser.until_text("Difference in best test accuracy since the last pruning event", "#tradeoff-contrasts")
    assert browser.errors() == []
    browser.open(f"{address}/tradeoff?sweep=hand")  # its arms differ in their learning rates, too
    browser.until_text("Pearson r", "#tradeoff-all")
    assert browser.text("#tradeoff-contrasts") == ""


@pytest.mark.parametrize("accuracy", ["final", "best"])
def test_nothing_of_the_trade_off_overlaps_on_a_narrow_screen(browser, address, accuracy):
    """The page gives a figure 860 pixels at least, and scrolls where the screen has fewer."""
    browser.seen(width=390)
    try:
        browser.open(f"{address}/figures/tradeoff?sweep=grid")
        browser.until_text("Difference in final test accuracy", "#figures-graph")
        if accuracy != "final":
            browser.choose("figures-accuracy", accuracy)
        browser.until_text(f"Difference in {accuracy} test accuracy", "#figures-graph")
        graph, *texts = browser.run(BOXES)
        assert graph["right"] - graph["left"] == 860
        assert {"Stability: mean over a run's pruning events", "Percentage points"} < {
            it["words"] for it in texts
        }
        assert [
            it["words"] for it in texts if not graph["left"] <= it["left"] < it["right"] <= graph["right"]
        ] == []
        assert [pair for pair in itertools.combinations(texts, 2) if overlap(*pair)] == []
    finally:
        browser.seen()


def overlap(one: dict[str, float], other: dict[str, float]) -> bool:
    return (
        max(one["left"], other["left"]) < min(one["right"], other["right"])
        and max(one["top"], other["top"]) < min(one["bottom"], other["bottom"])
    )  # fmt: skip


BOXES = """\
const graph = document.querySelector('#figures-graph .js-plotly-plot');
const texts = graph.querySelectorAll('.annotation-text, text[class*=title]');
return [graph, ...texts].map((it) => {
  const {left, right, top, bottom} = it.getBoundingClientRect();
  return {left, right, top, bottom, words: it.textContent};
});"""
POINTS = """\
const graph = document.querySelector('#tradeoff-graph .js-plotly-plot');
return graph && graph.data ? graph.data.reduce((sum, trace) => sum + trace.x.length, 0) : 0;"""
TITLE = "return document.querySelector('#tradeoff-graph .js-plotly-plot').layout.yaxis.title.text;"
DRAG = """\
const area = document.querySelector('#tradeoff-graph .nsewdrag');
const box = area.getBoundingClientRect();
const at = (x, y) => ({bubbles: true, clientX: box.left + x, clientY: box.top + y, buttons: 1});
area.dispatchEvent(new MouseEvent('mousedown', at(2, 2)));
for (const step of [0.3, 0.6, 1]) {
  document.dispatchEvent(new MouseEvent('mousemove', at(step * (box.width - 4), step * (box.height - 4))));
}
document.dispatchEvent(new MouseEvent('mouseup', at(box.width - 4, box.height - 4)));"""


def test_a_figure_follows_its_control(browser, address):
    browser.open(f"{address}/figures/tradeoff?sweep=hand")
    browser.until_text("Final test accuracy", "#figures-graph")
    browser.choose("figures-accuracy", "best")
    browser.until_text("Best test accuracy", "#figures-graph")
    buttons = browser.run(
        "return Array.from(document.querySelectorAll('.modebar-btn')).map((b) => b.dataset.title)"
    )
    assert buttons
    assert not any("Share" in (title or "") for title in buttons)  # nothing is sent anywhere
    assert browser.errors() == []


def test_a_figure_is_saved_in_every_format(browser, address, tmp_path):
    """The server writes those of a figure's own page, the browser those of any other; both on light paper."""
    browser.downloads(tmp_path)
    browser.seen(theme="dark")
    try:
        browser.open(f"{address}/figures/tradeoff?sweep=hand")
        browser.until_text("Final test accuracy", "#figures-graph")
        browser.click("main > div > .download summary, main > .download summary")
        for ending, start in (("pdf", b"%PDF"), ("svg", b"<svg"), ("csv", b"what,")):
            browser.click(f"#figures-{ending}")
            file = tmp_path / f"hand-tradeoff.{ending}"
            browser.until(file.exists, file.name)
            assert file.read_bytes().startswith(start)
        browser.open(f"{address}/tradeoff?sweep=hand")
        browser.until(lambda: browser.run(POINTS) == 6, "the points")
        browser.click(".graph .download summary")
        for number, ending in enumerate(("png", "svg")):
            browser.click(".graph [data-picture]", number)
            browser.until((tmp_path / f"gst-tradeoff.{ending}").exists, ending)
        assert (tmp_path / "gst-tradeoff.png").read_bytes().startswith(b"\x89PNG")
        saved = (tmp_path / "gst-tradeoff.svg").read_text()
        assert "fill: rgb(34, 34, 34)" in saved
        assert "fill: rgb(230, 230, 230)" not in saved
        assert browser.errors() == []
    finally:
        browser.seen()


def test_questions_are_answered(browser, address, db):
    browser.open(f"{address}/sql")
    browser.until_text("Download CSV")
    browser.click("#sql-run")
    wanted = db.query("SELECT status, count(*) FROM runs GROUP BY status ORDER BY status").rows
    browser.until_text(f"{len(wanted)} rows")
    browser.until(lambda: browser.grid("#sql-rows")[1:] == [[name, str(n)] for name, n in wanted], "rows")
    browser.choose("sql-query", "tradeoff")
    browser.until_text(":sweep", "#sql-parameters")
    browser.until(lambda: browser.all("#sql-parameters input"), "the field")
    field = browser.all("#sql-parameters input")[0]
    browser.run("arguments[0].select()", field)
    field.send_keys("hand")
    browser.click("#sql-run")
    wanted = db.query("SELECT key FROM tradeoff WHERE sweep = 'hand' ORDER BY position").rows
    browser.until(
        lambda: browser.texts("#sql-rows [role=gridcell][col-id$=':key']") == [key for (key,) in wanted],
        "the runs of the sweep",
    )
    text = browser.all("#sql-text")[0]
    browser.run("arguments[0].select()", text)
    text.send_keys("WITH one AS (SELECT 1) DELETE FROM runs")
    browser.click("#sql-run")
    browser.until_text("readonly", "#sql-problem")
    assert db.query("SELECT count(*) FROM runs").rows[0][0] > 0
    assert browser.errors() == []


def test_ten_thousand_rows_scroll_and_are_sorted_by_the_server(browser, address):
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"
    browser.open(f"{address}/sql?{urlencode({'sql': f'{numbers} SELECT i, -i AS other FROM n'})}")
    browser.until_text("10,000 rows", "#sql-rows-count")
    browser.until(lambda: browser.grid("#sql-rows")[1:2] == [["1", "-1"]], "the first row")
    browser.run("dash_ag_grid.getApi('sql-rows').ensureIndexVisible(9999, 'bottom')")
    browser.until(lambda: browser.grid("#sql-rows")[-1] == ["10000", "-10000"], "the last row")
    assert len(browser.grid("#sql-rows")) < 100
    browser.click("#sql-rows [col-id='1:other'] .ag-header-cell-label")
    browser.run("dash_ag_grid.getApi('sql-rows').ensureIndexVisible(0, 'top')")
    browser.until(lambda: browser.grid("#sql-rows")[1:2] == [["10000", "-10000"]], "the other end")
    assert browser.errors() == []


def test_a_page_of_one_s_own_is_drawn_anew_when_the_store_changes(browser, address, db):
    browser.open(f"{address}/mine?sweep=troubled")
    before = db.query("SELECT count(*) FROM tradeoff WHERE sweep = 'troubled'").rows[0][0]
    browser.until_text(f"{before} completed runs")
    browser.until(lambda: browser.all("#mine-figures .main-svg"), "the figure")
    train_one(db)
    browser.until_text(f"{before + 1} completed runs")
    assert browser.errors() == []


def test_a_report_opens_without_a_network(browser, tmp_path):
    with Store.open(str(tmp_path / "gst.db"), create=True) as store:
        fill(store, [*HAND, Run("bad", 0, [0.5], status="failed")])
        path = write_report(store, "hand", tmp_path / "report.html")
        accuracy = store.query("SELECT avg(final_test_accuracy) FROM tradeoff WHERE arm = 'hard'").rows[0][0]
    browser.driver.set_network_conditions(offline=True, latency=0, throughput=0)
    try:
        browser.open(path.as_uri())
        browser.until(lambda: len(browser.all(".js-plotly-plot .main-svg")) >= 4, "the figures")
        assert browser.text("h1") == "By hand"
        assert percent(accuracy, 2) in browser.text()
        browser.click("summary")
        assert "RuntimeError: broken" in browser.text("details")
        assert browser.errors() == []
    finally:
        browser.driver.delete_network_conditions()


def names(browser: Browser, graph: str) -> list[str]:
    """What the legend of that graph lists."""
    script = (
        "const graph = document.querySelector(arguments[0] + ' .js-plotly-plot');"
        "return graph ? graph.data.filter((it) => it.showlegend !== false).map((it) => it.name) : []"
    )
    return list(browser.run(script, graph))


def test_levels_are_shown_and_follow_the_choices(browser, address):
    browser.open(f"{address}/levels")
    browser.until_text("validation error", "#levels-optimal")
    browser.until(lambda: names(browser, "#levels-errors")[:-1] == ["IMP", "noisy", "half"], "three arms")
    rows = browser.grid("#levels-optimal")
    assert [row[0] for row in rows[1:]] == ["IMP", "noisy", "extended"]
    assert rows[1][2:6] == ["1", "50%", "5", "42.71%"]
    browser.until(lambda: names(browser, "#levels-groups") == ["IMP, level 1", "noisy, level 2"], "groups")
    browser.choose("levels-across", "epochs trained")
    browser.until(lambda: names(browser, "#levels-errors")[:-1] == list(ARMS), "four arms")
    browser.choose("levels-level", "level 3")
    browser.until(lambda: names(browser, "#levels-groups") == ["IMP, level 3", "noisy, level 3"], "level 3")
    assert browser.errors() == []


def test_figures_are_listed_by_what_can_be_drawn_and_each_lacking_sweep_once(browser, address):
    browser.open(f"{address}/figures")
    browser.until_text("12 of 12", "#figures-index")
    drawable = browser.until(lambda: browser.grid("#figures-index")[1:], "what can be drawn")
    assert {row[2] for row in drawable} == {"any", "jin_fig3_lenet"}
    assert "jin_fig4" in {row[1] for row in drawable}
    browser.until_text("gst sweep fig3", "#figures-missing")
    rows = browser.grid("#figures-missing")[1:]
    sweeps = [row[0] for row in rows]
    assert len(set(sweeps)) == len(sweeps)
    named = {row[0]: row[1] for row in rows}
    assert {"fig3", "figC1", "figC2"} <= set(named["fig3"].split(", "))
    assert "jin_fig3_lenet" not in sweeps
    browser.open(f"{address}/figures/jin_fig4?sweep=jin_fig3_lenet")
    browser.until_text("Training loss", "#figures-graph")
    assert browser.errors() == []
    browser.open(f"{address}/figures/jin_fig4?sweep=jin_fig3_vgg16")
    browser.until_text("gst sweep jin_fig3_vgg16")
