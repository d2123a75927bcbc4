from __future__ import annotations

import pytest
from sweep_text import SWEEP, changed

from gst.config import RunSpec, load_sweep, run_key
from gst.config.seeds import LARGEST, parse_seeds
from gst.errors import ConfigError
from gst.paths import project_folder

WANTED = f"expected a count of at least 1, or one or more different seeds from 0 to {LARGEST}"


def arms(text: str) -> str:
    """The sweep with these arms, and whatever follows them."""
    return changed("  S: {}\n", text)


def values(spec, *keys):
    """One row for each configuration: its label, and what it has at those keys."""
    rows = []
    for label, config, _ in spec.configs:
        found = []
        for key in keys:
            part = config
            for name in key.split("."):
                part = getattr(part, name, None)
            found.append(part)
        rows.append((label, *found))
    return rows


def test_a_sweep_is_named_after_its_file_and_keeps_its_text(load):
    spec = load(
        SWEEP + "claim: All is well.\nfigures: [tradeoff, dynamics]\nresources: {cpus: 2, gpus: 0.25}\n"
    )
    assert (spec.name, spec.title, spec.claim) == ("s", "A sweep for tests", "All is well.")
    assert spec.figures == ("tradeoff", "dynamics")
    assert (spec.resources.cpus, spec.resources.gpus) == (2.0, 0.25)
    assert spec.text.startswith(SWEEP)


def test_a_sweep_may_say_what_is_saved_of_its_runs(load):
    spec = load(SWEEP + "checkpoints: {keep: final, seconds: 60}\n")
    assert (spec.checkpoints.keep, spec.checkpoints.seconds) == ("final", 60.0)


def test_what_a_sweep_need_not_say(load):
    spec = load()
    assert (spec.claim, spec.figures) == ("", ())
    assert (spec.resources.cpus, spec.resources.gpus) == (1.0, 0.0)
    assert (spec.checkpoints.keep, spec.checkpoints.seconds) == ("last", 30.0)


def test_runs_are_in_file_order_with_seeds_fastest(load):
    spec = load(arms("  Z: {}\n  A: {grid: {pruning.every: [40, 4]}}\n"))
    runs = list(spec.runs())
    assert [(run.arm, run.spec.seed) for run in runs] == [
        ("Z", 0), ("Z", 1), ("A every=40", 0), ("A every=40", 1), ("A every=4", 0), ("A every=4", 1),
    ]  # fmt: skip
    assert spec.arms == ("Z", "A every=40", "A every=4")
    assert [run.spec for run in runs[:2]] == [RunSpec(spec.configs[0].config, seed) for seed in (0, 1)]


def test_expansion_is_deterministic(load):
    text = arms("  A: {grid: {pruning.every: [40, 4], pruning.target: [random, largest]}}\n  B: {}\n")
    one, other = load(text), load(text)
    assert one == other
    assert list(one.runs()) == list(other.runs())
    assert one.digest() == other.digest()


class TestLayering:
    def test_an_arm_changes_the_base_key_by_key(self, load):
        spec = load(
            arms(
                "  A: {training: {epochs: 400}}\n  B: {pruning.target: random, training.epochs: 401}\n  C:\n"
            )
        )
        assert values(spec, "training.epochs", "training.batch_size", "pruning.target") == [
            ("A", 400, 128, "smallest"),
            ("B", 401, 128, "random"),
            ("C", 325, 128, "smallest"),
        ]

    def test_a_mapping_that_names_a_kind_replaces_the_whole(self, load):
        spec = load(arms("  A: {pruning: {kind: none}}\n"))
        assert spec.configs[0].config.pruning.model_dump() == {"kind": "none"}

    def test_the_dotted_kind_keeps_the_rest(self, load):
        spec = load(arms("  A: {pruning.kind: zeroing, pruning.train_batches: 50}\n"))
        assert values(spec, "pruning.kind", "pruning.start", "pruning.train_batches") == [
            ("A", "zeroing", (3, 4, 5, 6), 50)
        ]

    def test_lists_are_replaced_not_merged(self, load):
        spec = load(arms("  A: {training.lr_drops: [7]}\n"))
        assert values(spec, "training.lr_drops") == [("A", (7,))]

    def test_no_arm_sees_what_another_changed(self, load):
        spec = load(arms("  A: {training.optimizer.lr: 0.5}\n  B: {}\n"))
        assert values(spec, "training.optimizer.lr") == [("A", 0.5), ("B", 0.001)]

    def test_a_grid_wins_over_its_arm_and_an_arm_over_the_base(self, load):
        spec = load(
            arms("  A: {pruning.every: 9, training.epochs: 400}\n") + "grid: {pruning.every: [5, 6]}\n"
        )
        assert values(spec, "pruning.every", "training.epochs") == [
            ("A every=5", 5, 400),
            ("A every=6", 6, 400),
        ]

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("  A: {training.epochs: 1, training: {epochs: 2}}\n",
             "21: arms.A.training.epochs: given twice, nested and dotted"),
            ("  A:\n    pruning.every: 1\n    pruning:\n      every: 2\n",
             "24: arms.A.pruning.every: given twice, nested and dotted"),
        ],
    )  # fmt: skip
    def test_two_spellings_of_one_key_are_refused(self, refusal, text, message):
        assert refusal(arms(text)) == message

    def test_so_they_are_in_the_base(self, refusal):
        text = changed("base:\n", "base:\n  training.epochs: 3\n")
        assert refusal(text) == "8: base.training.epochs: given twice, nested and dotted"


class TestGrids:
    def test_every_combination_in_every_arm_the_last_key_fastest(self, load):
        spec = load(
            arms("  A: {grid: {pruning.every: [4, 5]}}\n  B: {}\n")
            + "grid: {pruning.target: [random, largest], scale: [0.5, 0.25]}\n"
        )
        assert values(spec, "pruning.every", "pruning.target", "scale") == [
            (f"A every={every} target={target} scale={scale}", every, target, scale)
            for every in (4, 5)
            for target in ("random", "largest")
            for scale in (0.5, 0.25)
        ] + [
            (f"B target={target} scale={scale}", 40, target, scale)
            for target in ("random", "largest")
            for scale in (0.5, 0.25)
        ]

    def test_zip_goes_in_step(self, load):
        spec = load(
            arms("  A: {zip: {pruning.every: [4, 5], training.epochs: [400, 500]}}\n")
            + "zip: {pruning.target: [random, largest], scale: [0.5, 0.25]}\n"
        )
        assert values(spec, "pruning.every", "training.epochs", "pruning.target", "scale") == [
            ("A every=4 epochs=400 target=random scale=0.5", 4, 400, "random", 0.5),
            ("A every=4 epochs=400 target=largest scale=0.25", 4, 400, "largest", 0.25),
            ("A every=5 epochs=500 target=random scale=0.5", 5, 500, "random", 0.5),
            ("A every=5 epochs=500 target=largest scale=0.25", 5, 500, "largest", 0.25),
        ]

    def test_lists_are_values_like_others(self, load):
        spec = load(arms("  A: {grid: {pruning.end: [[150, 150, 150, 275], 300]}}\n"))
        assert values(spec, "pruning.end") == [
            ("A end=150/150/150/275", (150, 150, 150, 275)),
            ("A end=300", 300),
        ]

    def test_a_whole_mapping_may_be_varied(self, load):
        spec = load(arms("  A: {grid: {training.optimizer: [{lr: 0.5}, {name: sgd}]}}\n"))
        assert [row[1:] for row in values(spec, "training.optimizer.lr", "training.optimizer.name")] == [
            (0.5, "adam"),
            (0.001, "sgd"),
        ]

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("  A: {grid: {pruning.every: []}}\n", "21: arms.A.grid.pruning.every: expected a list of values, found []"),
            ("  A: {grid: {pruning.every: 4}}\n", "21: arms.A.grid.pruning.every: expected a list of values, found 4"),
            ("  A: {grid: [4]}\n",
             "21: arms.A.grid: expected a mapping from dotted keys to lists of values, found [4]"),
            ("  A: {}\ngrid: {pruning.every: []}\n", "22: grid.pruning.every: expected a list of values, found []"),
            ("  A: {}\ngrid: {pruning.every: 4}\n", "22: grid.pruning.every: expected a list, found 4"),
            ("  A: {}\nzip: [4]\n", "22: zip: expected a mapping, found [4]"),
            ("  A: {zip: {pruning.every: [4, 5], scale: [1]}}\n",
             "21: arms.A.zip: lists of one length are needed, found pruning.every: 2, scale: 1"),
            ("  A: {}\nzip:\n  pruning.every: [4, 5]\n  scale: [1]\n",
             "22: zip: lists of one length are needed, found pruning.every: 2, scale: 1"),
            ("  A: {grid: {pruning.every: [4, 0]}}\n",
             "21: pruning.every: expected greater than or equal to 1 or a list, found 0"),
            ("  A: {}\ngrid:\n  pruning.evry: [4, 5]\n", "23: grid.pruning.evry: no arm has pruning.evry; did you mean 'every'? "
             "valid keys of pruning: end, every, fraction, kind, layers, mask_bn, ramp, rounds, score, score_images, scratch, start, target"),
            ("  A:\n    zip:\n      pruning.target: [smalest]\n", "23: pruning.target: expected 'smallest', 'random' or "
             "'largest', found 'smalest'; did you mean 'smallest'?"),
            ("  A: {grid: {pruning.every: [4, 5]}}\ngrid: {pruning.every: [6, 7]}\n",
             "21: arms.A: pruning.every is varied by two of the arm's and the file's grid and zip"),
            ("  A: {grid: {pruning.every: [4, 5, 4]}}\n", "20: arms: two configurations share the label 'A every=4'"),
            ("  A: {grid: {pruning.every: [4]}}\n  A every=4: {}\n",
             "20: arms: two configurations share the label 'A every=4'"),
            ("  A: {}\n  A: {}\n", "22: arms.A: given twice"),
        ],
    )  # fmt: skip
    def test_refusals(self, refusal, text, message):
        assert refusal(arms(text)) == message


class TestSeeds:
    @pytest.mark.parametrize(
        ("form", "seeds"),
        [
            ("3", (0, 1, 2)),
            ("[5]", (5,)),
            ("[5, 1]", (5, 1)),
            ("{start: 100, count: 3}", (100, 101, 102)),
        ],
    )
    def test_forms(self, load, form, seeds):
        assert load(changed("seeds: 2", f"seeds: {form}")).configs[0].seeds == seeds

    @pytest.mark.parametrize(
        ("form", "message"),
        [
            ("0", f"seeds: {WANTED}, found 0"),
            ("-2", f"seeds: {WANTED}, found -2"),
            ("[]", f"seeds: {WANTED}, found []"),
            (
                "[3, 3]",
                f"seeds: {WANTED}, found [3, 3]",
            ),
            (
                "[3, -1]",
                f"seeds: {WANTED}, found [3, -1]",
            ),
            ("true", "seeds: expected a whole number or a list or a mapping, found true"),
            ("ten", "seeds: expected a whole number or a list or a mapping, found 'ten'"),
            ("[1, two]", "seeds.1: expected a whole number, found 'two'"),
            ("{start: 1}", "seeds.count: is required, and missing"),
            ("{start: 1, count: 0}", "seeds.count: expected greater than or equal to 1, found 0"),
            (
                "{start: 1, cuont: 3}",
                "seeds.cuont: unknown key; did you mean 'count'? valid keys here: count, start",
            ),
        ],
    )
    def test_refusals(self, refusal, form, message):
        assert refusal(changed("seeds: 2", f"seeds: {form}")) == f"2: {message}"

    @pytest.mark.parametrize(
        ("text", "seeds"),
        [
            ("3", (0, 1, 2)),
            ("0-2", (0, 1, 2)),
            ("7-7", (7,)),
            ("1,5,9", (1, 5, 9)),
            ("4,", (4,)),
            ("0-2,7", (0, 1, 2, 7)),
            (str(2**63 - 1) + ",", (2**63 - 1,)),
        ],
    )
    def test_in_words_of_the_command_line(self, load, text, seeds):
        assert tuple(parse_seeds(text)) == load(seeds=text).configs[0].seeds == seeds

    @pytest.mark.parametrize(
        ("form", "text", "seeds"),
        [
            ("{start: 1000, count: 8}", "1", (1000,)),
            ("{start: 1000, count: 8}", "10", tuple(range(1000, 1010))),
            ("{start: 1000, count: 8}", "0-1", (0, 1)),
            ("[5, 1, 9]", "2", (5, 1)),
            ("[5, 1, 9]", "5", (5, 1, 9, 10, 11)),
        ],
    )
    def test_a_count_goes_on_from_the_first_of_the_file(self, load, form, text, seeds):
        assert load(changed("seeds: 2", f"seeds: {form}"), seeds=text).configs[0].seeds == seeds

    @pytest.mark.parametrize(
        "text",
        [
            "0",
            "-1",
            "4-0",
            "1,1",
            "-1,2",
            "",
            "a",
            "1-2-3",
            "1,0-2",
            f"{2**63},",
            "1_0",
            "1.5",
            "1-",
            ",",
            "4,,",
        ],
    )
    def test_which_are_refused(self, text):
        with pytest.raises(ConfigError, match=f"^seeds: expected .*, found '{text}'$"):
            parse_seeds(text)


class TestOverrides:
    def test_are_laid_over_every_run(self, load):
        spec = load(
            arms("  A: {pruning.every: 9, grid: {training.epochs: [400, 401]}}\n  B: {}\n"),
            overrides=["pruning.every=5", "training.optimizer.lr=1e-2", "training.lr_drops=[7, 8]"],
        )
        keys = ("pruning.every", "training.optimizer.lr", "training.lr_drops")
        assert {row[1:] for row in values(spec, *keys)} == {(5, 0.01, (7, 8))}
        assert spec.arms == ("A epochs=400", "A epochs=401", "B")

    def test_may_replace_a_whole(self, load):
        spec = load(overrides=["pruning={kind: none}"])
        assert values(spec, "pruning.kind", "pruning.every") == [("S", "none", None)]

    def test_the_last_one_wins(self, load):
        assert values(load(overrides=["scale=0.5", "scale=0.25"]), "scale") == [("S", 0.25)]

    @pytest.mark.parametrize(
        ("override", "message"),
        [
            ("training.epochs", "override 'training.epochs': expected key=value, such as training.epochs=5"),
            ("=5", "override '=5': expected key=value, such as training.epochs=5"),
            ("scale=[", "override 'scale=[': '[' is not a YAML value"),
            ("scale=!!python/name:os.system", "override 'scale=!!python/name:os.system': "
             "'!!python/name:os.system' is not a YAML value"),
            ("training.epoch=5", " override 'training.epoch=5': no arm has training.epoch; did you mean 'epochs'? valid keys "
             "of training: batch_size, epochs, lr_drops, lr_factor, optimizer, precision, sam, test_batch_size, warmup_epochs"),
            ("trainig.epochs=5", " override 'trainig.epochs=5': no arm has trainig; did you mean 'training'? "
             "valid keys here: data, from, measure, model, pruning, scale, training"),
            ("training.lr=1", " override 'training.lr=1': no arm has training.lr; did you mean 'training.optimizer.lr'? "
             "valid keys of training: batch_size, epochs, lr_drops, lr_factor, optimizer, precision, sam, test_batch_size, warmup_epochs"),
            ("learning_rate=1", " override 'learning_rate=1': no arm has learning_rate; did you mean 'training.optimizer.lr'? "
             "valid keys here: data, from, measure, model, pruning, scale, training"),
            ("training.epochs.x=5", " override 'training.epochs.x=5': training.epochs has no keys in any arm"),
            ("pruning.which=latest", " override 'pruning.which=latest': no arm has pruning.which; valid keys of pruning: "
             "end, every, fraction, kind, layers, mask_bn, ramp, rounds, score, score_images, scratch, start, target"),
            ("training.epochs=5.0",
             "7: training.epochs: expected a whole number, found 5.0 (in arm 'S', with training.epochs=5.0)"),
            ("training=5", "6: training: expected a mapping, found 5 (in arm 'S', with training=5)"),
            ("training.epochs=9", "17: pruning.end: pruning ends at epoch 275, but the last of 9 epochs is 8 (epochs count "
             "from 0) (in arm 'S', with training.epochs=9)"),
            ("seeds=3", " override 'seeds=3': no arm has seeds; valid keys here: data, from, measure, model, pruning, scale, training"),
        ],
    )  # fmt: skip
    def test_refusals(self, refusal, override, message):
        assert refusal(overrides=[override]) == message

    def test_leave_alone_what_has_no_such_key_and_say_so(self, load):
        spec = load(
            arms(
                "  None: {pruning: {kind: none}}\n  S: {}\n  Noise: {pruning.kind: zeroing, pruning.train_batches: 1}\n"
            ),
            overrides=["pruning.every=5", "pruning.which=cumulative"],
        )
        assert values(spec, "pruning.kind", "pruning.every", "pruning.which") == [
            ("None", "none", None, None),
            ("S", "filters", 5, None),
            ("Noise", "zeroing", 5, "cumulative"),
        ]
        assert spec.remarks == (
            "pruning.every=5 leaves 1 arm without pruning.every as before: 'None'",
            "pruning.which=cumulative leaves 2 arms without pruning.which as before: 'None', 'S'",
        )

    def test_leave_alone_a_measurement_that_the_arm_switches_off(self, load):
        text = arms("  S: {}\n  Off: {measure.flatness: null}\n").replace(
            "  pruning:\n", "  measure: {flatness: {epoch: 3}}\n  pruning:\n"
        )
        spec = load(text, overrides=["measure.flatness.epoch=4"])
        assert values(spec, "measure.flatness.epoch") == [("S", 4), ("Off", None)]
        assert spec.remarks == (
            "measure.flatness.epoch=4 leaves 1 arm without measure.flatness.epoch as before: 'Off'",
            "arms 'S' and 'Off' are one configuration, and have the same runs",
        )

    def test_may_switch_on_a_measurement_that_no_arm_speaks_of(self, load):
        spec = load(overrides=["measure.flatness.epoch=4"])
        assert values(spec, "measure.flatness.epoch") == [("S", 4)]
        assert spec.remarks == ()

    def test_an_innocent_override_is_not_blamed(self, refusal):
        text = changed("epochs: 325", "epochs: x")
        assert (
            refusal(text, overrides=["pruning.every=5"])
            == "7: training.epochs: expected a whole number, found 'x'"
        )


class TestDigest:
    @pytest.mark.parametrize(
        "change",
        [
            ("every: 40", "every: 41"),
            ("  S: {}", "  T: {}"),
            ("  S: {}", "  S: {}\n  T: {}"),
        ],
    )
    def test_changes_with_the_configurations(self, load, change):
        assert load(changed(*change)).digest() != load().digest()

    @pytest.mark.parametrize(
        "change",
        [
            ("title: A sweep", "title: The sweep"),
            ("seeds: 2", "seeds: 3"),
            ("  S: {}", "  S: {seeds: [7]}"),
            ("  S: {}", "  S: {}\nfigures: [tradeoff]"),
            ("  S: {}", "  S: {}\nclaim: x"),
        ],
    )
    def test_stays_with_other_words_and_seeds(self, load, change):
        assert load(changed(*change)).digest() == load().digest()

    def test_changes_with_overrides_and_not_with_seeds(self, load):
        assert load(overrides=["scale=0.5"]).digest() != load().digest()
        assert load(seeds="3").digest() == load().digest()
        assert load(overrides=["pruning.every=40"]).digest() == load().digest()

    def test_is_that_of_the_content_not_of_the_text(self, load):
        text = changed("model: {name: vgg11}", "model:\n    name: vgg11  # the small one")
        assert load(text).digest() == load().digest()
        assert load(text + "resources: {cpus: 2}\n").digest() == load().digest()
        kept = load(SWEEP + "checkpoints: {keep: final, at: [3]}\n")
        assert kept.digest() == load().digest()
        assert kept.configs == load().configs
        assert load(SWEEP + "checkpoints: {at: [314, 315, 20]}\n", scale=0.1).checkpoints.at == (31, 2)

    def test_changes_with_the_name_of_the_file(self, load, tmp_path):
        digest = load().digest()
        (tmp_path / "s.yaml").rename(tmp_path / "t.yaml")
        assert load_sweep(tmp_path / "t.yaml").digest() != digest

    def test_is_sha256_in_hexadecimal(self, load):
        assert len(load().digest()) == 64
        assert set(load().digest()) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (changed("title: A sweep for tests\n", ""), "1: title: is required, and missing"),
        (changed("title: A sweep for tests", "title: 5"), "1: title: expected a text, found 5"),
        (arms("  A: 5\n"), "21: arms.A: expected a mapping, found 5"),
        (changed("arms:\n  S: {}\n", "arms: {}\n"), "20: arms: expected 1 or more, found {}"),
        (changed("arms:\n  S: {}\n", "arms: [S]\n"), '20: arms: expected a mapping, found ["S"]'),
        (SWEEP + "resources: {cpu: 2}\n", "22: resources.cpu: unknown key; did you mean 'cpus'? valid keys here: cpus, gpus"),
        (SWEEP + "resources: {cpus: 0}\n", "22: resources.cpus: expected greater than 0, found 0"),
        (SWEEP + "resources: {gpus: -1}\n", "22: resources.gpus: expected greater than or equal to 0, found -1"),
        (SWEEP + "resources: {gpus: 1.5}\n",
         "22: resources.gpus: expected a part of one GPU or a whole number of them, found 1.5"),
        (SWEEP + "checkpoints: {keep: all}\n",
         "22: checkpoints.keep: expected 'last', 'none' or 'final', found 'all'"),
        (SWEEP + "checkpoints: {seconds: -1}\n",
         "22: checkpoints.seconds: expected greater than or equal to 0, found -1"),
        (SWEEP + "checkpoints: {at: [0, 325]}\n",
         "22: checkpoints.at: expected epochs from 0 to 324, found 325: no run is longer"),
        (SWEEP + "figures: tradeoff\n", "22: figures: expected a list, found 'tradeoff'; [tradeoff]?"),
    ],
)  # fmt: skip
def test_mistakes_in_the_outer_form(refusal, text, message):
    assert refusal(text) == message


def test_a_file_that_is_no_sweep(refusal, tmp_path):
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load_sweep(tmp_path / "none.yaml")
    with pytest.raises(ConfigError, match="cannot be read: it is a folder, expected a file"):
        load_sweep(tmp_path)
    assert "is not UTF-8 text" in refusal(b"title: \xff\n")


@pytest.mark.parametrize(
    "path",
    sorted(path for path in project_folder("sweeps").glob("*.yaml") if path.stem != "published"),
    ids=lambda path: path.name,
)
def test_every_shipped_sweep_expands_to_different_runs(path):
    if path.name == "published.yaml":
        pytest.skip("published numbers, not a sweep")
    spec = load_sweep(path)
    keys = {run_key(run.spec) for run in spec.runs()}
    again = 24 if spec.equal_widths else 0  # of two widths, four label noises, three seeds
    assert len(keys) == sum(len(config.seeds) for config in spec.configs) - again
    assert path.read_text(encoding="utf-8").startswith("# ")
    assert spec.claim


def test_an_arms_own_seeds_replace_the_files(load):
    spec = load(changed("arms:", "arms:\n  Few: {seeds: {start: 5, count: 2}}"))
    seeds = {config.arm: config.seeds for config in spec.configs}
    assert seeds.pop("Few") == (5, 6)
    assert set(seeds.values()) == {(0, 1)}
    assert sum(run.arm == "Few" for run in spec.runs()) == 2


def test_seeds_of_the_command_line_replace_those_of_arms_too(load):
    spec = load(changed("arms:", "arms:\n  Few: {seeds: 7, pruning.every: 20}"), seeds="3-4")
    assert {config.seeds for config in spec.configs} == {(3, 4)}


@pytest.mark.parametrize("seeds", ["0", "x", "[]", "[1, 1]", "[-1]", "true", "{count: 2}"])
def test_bad_seeds_of_an_arm(refusal, seeds):
    said = refusal(changed("arms:", f"arms:\n  Few: {{seeds: {seeds}}}"))
    assert said.startswith("21: arms.Few.seeds: expected ")
    assert ", found " in said


NARROW = """\
  Wide: {}
  Width: {grid: {model.width: [0.5, 0.3, 0.28, 0.2]}}
"""


def test_a_width_that_rounds_to_the_network_of_an_earlier_one_has_its_runs(load):
    """512 filters round to 102 at 0.2 and at 0.2001, and the other numbers of VGG11 are too few to differ."""
    spec = load(arms(NARROW.replace("0.28, 0.2]", "0.28, 0.2, 0.2001]")))
    assert [(label, width) for label, width in values(spec, "model.width")] == [
        ("Wide", 1.0),
        ("Width width=0.5", 0.5),
        ("Width width=0.3", 0.3),
        ("Width width=0.28", 0.28),
        ("Width width=0.2", 0.2),
        ("Width width=0.2001", 0.2),
    ]
    (found,) = spec.equal_widths
    assert (found.model, found.width, found.trained, found.units) == (
        "vgg11",
        0.2001,
        0.2,
        (13, 26, 51, 102, 102),
    )
    keys = [run_key(run.spec) for run in spec.runs()]
    assert keys[-2:] == keys[-4:-2]
    assert len(set(keys)) == len(keys) - 2


def test_widths_of_one_network_are_two_where_anything_else_differs(load):
    grid = "  Width: {grid: {model.width: [0.2, 0.2001], training.batch_size: [8, 16]}}\n"
    spec = load(arms(grid))
    assert [width for _, width in values(spec, "model.width")] == [0.2] * 4
    assert len({run_key(run.spec) for run in spec.runs()}) == 4
    (found,) = spec.equal_widths  # of both batch sizes, and said once
    assert str(found) == (
        "model.width 0.2001 makes the same vgg11 as 0.2 (13, 26, 51, 102, 102 hidden units): "
        "their arms have the same runs"
    )
    apart = load(arms("  A: {model.width: 0.2}\n  B: {model.width: 0.2001, training.batch_size: 8}\n"))
    assert [width for _, width in values(apart, "model.width")] == [0.2, 0.2001]
    assert apart.equal_widths == ()


@pytest.mark.parametrize("network", ["resnet20", "resnet32"])
def test_narrow_residual_networks_of_jin_2022_are_trained_once(network):
    """16 filters round to 3 at .8 ** 7 and .8 ** 8, and to 2 at .8 ** 9 and .8 ** 10: 48 runs of 160 epochs."""
    spec = load_sweep(project_folder("sweeps") / f"jin_fig7_{network}.yaml")
    assert [(round(it.width, 3), round(it.trained, 3), it.units) for it in spec.equal_widths] == [
        (0.168, 0.21, (3,)),
        (0.107, 0.134, (2,)),
    ]
    keys = [run_key(run.spec) for run in spec.runs()]
    assert (len(keys), len(set(keys))) == (132, 108)
