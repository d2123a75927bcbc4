from __future__ import annotations

import pytest
from sweep_text import changed

from gst.config.design import Design, Question

ASKED = "question: {difference: [S, T], of: final_test_accuracy}"
DESIGN = f"{{looks: [5, 10, 20], {ASKED}}}"


def text(design: str = DESIGN, arms: str = "S: {}\n  T: {pruning.every: 20}") -> str:
    return changed("seeds: 2", f"seeds: {design}").replace("S: {}", arms)


def test_a_design_has_its_defaults_and_the_seeds_of_its_last_look(load):
    spec = load(text())
    question = Question(difference=("S", "T"), of="final_test_accuracy")
    assert spec.design == Design(looks=(5, 10, 20), question=question)
    assert spec.design is not None
    assert (spec.design.alpha, spec.design.spends, spec.design.futility) == (0.05, "obrien_fleming", False)
    assert spec.design.fractions == (0.25, 0.5, 1)
    assert [spec.design.seeds_of(look) for look in (1, 3)] == [tuple(range(5)), tuple(range(10, 20))]
    assert {config.seeds for config in spec.configs} == {tuple(range(20))}
    later = load(text(DESIGN.replace("looks", "start: 100, looks")))
    assert {config.seeds for config in later.configs} == {tuple(range(100, 120))}
    assert [run.spec.seed for run in later.up_to(5).runs()] == [*range(100, 105)] * 2


def test_a_design_is_part_of_the_digest_and_of_no_run(load):
    fixed, first = load(text("20")), load(text())
    assert fixed.design is None
    assert list(fixed.runs()) == list(first.runs())
    changes = ["alpha: 0.01", "spending: pocock", "futility: true", "width: 0.5", "start: 1"]
    others = [load(text(DESIGN.replace("looks", f"{change}, looks"))) for change in changes]
    others += [
        load(text(DESIGN.replace("[5,", "[4,"))),
        load(text(DESIGN.replace("[S, T]", "[T, S]"))),
        load(text(DESIGN.replace("final_test", "best_test"))),
    ]
    digests = [it.digest() for it in (fixed, first, *others)]
    assert len(set(digests)) == len(digests)
    spelled = load(text(DESIGN.replace("looks", "alpha: 0.05, spending: obrien_fleming, looks")))
    assert spelled.digest() == first.digest()


def test_seeds_of_the_command_line_replace_a_design(load):
    spec = load(text(), seeds="4")
    assert spec.design is None
    assert {config.seeds for config in spec.configs} == {(0, 1, 2, 3)}
    assert spec.digest() == load(text("4")).digest()


def test_a_width_spends_evenly_and_survives_being_stored(load):
    design = load(text(DESIGN.replace("looks", "width: 0.5, looks"))).design
    assert (design.width, design.spends) == (0.5, "pocock")
    for each in (design, load(text()).design):
        assert Design.model_validate_json(each.model_dump_json()) == each


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[5, 10, 20]", "[5]", "seeds.looks: expected two or more rising numbers of seeds from 3 on, found [5]"),
        ("[5, 10, 20]", "[5, 5]", "seeds.looks: expected two or more rising numbers of seeds from 3 on, found [5, 5]"),
        ("[5, 10, 20]", "[9, 5]", "seeds.looks: expected two or more rising numbers of seeds from 3 on, found [9, 5]"),
        ("[5, 10, 20]", "[2, 5]", "seeds.looks: expected two or more rising numbers of seeds from 3 on, found [2, 5]"),
        ("[5, 10, 20]", "20", "seeds.looks: expected a list, found 20"),
        ("[5, 10, 20]", "[5, ten]", "seeds.looks.1: expected a whole number, found 'ten'"),
        ("looks", "loks", "seeds.loks: unknown key; did you mean 'looks'? valid keys here: "
         "alpha, futility, looks, question, spending, start, width"),
        ("looks", "alpha: 1, looks", "seeds.alpha: expected less than 1, found 1"),
        ("looks", "alpha: 0, looks", "seeds.alpha: expected greater than 0, found 0"),
        ("looks", "width: 0, looks", "seeds.width: expected greater than 0, found 0"),
        ("looks", "start: -1, looks", "seeds.start: expected greater than or equal to 0, found -1"),
        ("looks", "count: 5, looks", "seeds.count: unknown key; valid keys here: "
         "alpha, futility, looks, question, spending, start, width"),
        ("looks", "spending: pocok, looks",
         "seeds.spending: expected 'obrien_fleming' or 'pocock', found 'pocok'; did you mean 'pocock'?"),
        ("looks", "width: 1, futility: true, looks",
         "seeds: expected a test (spending, futility) or a width, found both"),
        ("looks", "width: 1, spending: pocock, looks",
         "seeds: expected a test (spending, futility) or a width, found both"),
        (f", {ASKED}", "", "seeds.question: is required, and missing"),
        (", of: final_test_accuracy", "", "seeds.question.of: is required, and missing"),
        ("[S, T]", "[S, U]", "seeds.question.difference.1: no arm 'U'; there are: S, T"),
        ("[S, T]", "[S]", "seeds.question.difference: "
         "expected two different arms, such as [PruneL, No Pruning], found [\"S\"]"),
        ("[S, T]", "[S, S]", "seeds.question.difference: "
         "expected two different arms, such as [PruneL, No Pruning], found [\"S\", \"S\"]"),
    ],
)  # fmt: skip
def test_refusals(refusal, old, new, message):
    assert DESIGN.count(old) == 1
    assert refusal(text(DESIGN.replace(old, new))) == f"2: {message}"


def test_names_the_nearest_arm_and_quantity(refusal):
    said = refusal(text(DESIGN.replace("[S, T]", "[Small, Lrge]"), "Small: {}\n  Large: {pruning.every: 20}"))
    assert said.endswith("no arm 'Lrge'; did you mean 'Large'? There are: Large, Small")
    said = refusal(text(DESIGN.replace("final_test_accuracy", "final_acuracy")))
    assert "seeds.question.of: expected 'final_test_accuracy', 'best_test_accuracy'" in said
    assert said.endswith("found 'final_acuracy'; did you mean 'final_test_accuracy'?")


def test_no_arm_has_seeds_of_its_own(refusal):
    said = refusal(text(arms="S: {}\n  T: {seeds: 3, pruning.every: 20}"))
    assert said == "22: arms.T.seeds: no arm has its own seeds where the sweep has a design (seeds.looks)"
