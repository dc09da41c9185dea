import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from numpyssd import kernels, train, weights
from numpyssd.config import TINY
from numpyssd.datasets.shapes import CLASS_NAMES, write_voc
from numpyssd.errors import InputError
from numpyssd.reports import report
from numpyssd.run import setup
from numpyssd.run import training_run as loop
from numpyssd.run.log import read_log
from numpyssd.run.recipes import RECIPES
from numpyssd.run.settings import read_settings, write_settings
from numpyssd.weights.formats.npz import read

SHORT = ["--width", "0.25", "--batch-size", "2"]
RESULTS = ["best.npz", "config.json", "curves.png", "last.npz", "log.csv", "report.html", "validation.json"]


WRITE_REPORT = report.write_report


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Let every run have few images, and a report that takes no time."""

    def write_report(folder):
        for name in ("curves.png", "report.html"):
            (folder / name).touch()

    monkeypatch.setattr(report, "write_report", write_report)
    monkeypatch.setitem(setup.TINY_COUNTS, "train", 6)
    monkeypatch.setitem(setup.TINY_COUNTS, "test", 2)
    with kernels.using("cpu"):
        yield


@pytest.fixture(scope="module")
def voc(tmp_path_factory):
    root = tmp_path_factory.mktemp("voc") / "my photos"
    write_voc(root, {"train": 6, "val": 3, "test": 2})
    return root


def tiny(out, *arguments, iterations=4):
    length = ["--iterations", str(iterations)] if iterations else []
    return train.main(["--tiny", *SHORT, *length, "--out", str(out), *arguments])


def interrupted_at(monkeypatch, iteration):
    check = loop.TrainingRun.check_for_stop

    def interrupted(self):
        if self.state.iteration == iteration:
            raise KeyboardInterrupt
        check(self)

    monkeypatch.setattr(loop.TrainingRun, "check_for_stop", interrupted)
    return lambda: monkeypatch.setattr(loop.TrainingRun, "check_for_stop", check)


# ---- a run -----------------------------------------------------------------------------------------------------------


def test_a_run_leaves_everything_behind(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(report, "write_report", WRITE_REPORT)
    out = tmp_path / "deep" / "run"
    assert tiny(out, iterations=12) == 0
    assert sorted(os.listdir(out)) == RESULTS
    model = weights.load_model(out / "best.npz")
    assert model.class_names == CLASS_NAMES
    assert model.config.width == 0.25
    assert weights.load_model(out / "last.npz").config == model.config
    assert read(out / "last.npz")[0]["state"]["iteration"] == 12
    assert list(read_log(out / "log.csv")["iteration"])[:2] == [1, 4]  # the first, and the first of three evaluations
    assert (out / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert "</html>" in (out / "report.html").read_text(encoding="utf-8")
    settings = json.loads((out / "config.json").read_text(encoding="utf-8"))
    assert settings["tiny"] is True
    assert (settings["preset"], settings["seed"], settings["iterations"]) == ("tiny", 0, 12)
    assert settings["recipe"]["batch_size"] == 2
    assert settings["network"]["num_classes"] == 6
    assert settings["class_names"] == list(CLASS_NAMES)
    assert (settings["result"]["images"], settings["result"]["iteration"]) == (2, 12)
    said = capsys.readouterr().out
    assert "6 images" in said
    assert f"training for 12 iterations of 2 images, threads: {kernels.active.thread_count()}\n" in said
    assert f"python -m numpyssd.evaluate --weights {out / 'best.npz'}" in said
    assert f"mAP {settings['result']['mAP']:.3f}" in said


def test_the_same_seed_gives_the_same_weights_and_another_seed_others(tmp_path):
    for name, seed in (("a", "3"), ("b", "3"), ("c", "4")):
        tiny(tmp_path / name, "--seed", seed)
    assert (tmp_path / "a" / "report.html").read_bytes() == b"", (
        "the runs of these tests draw a report, which takes seconds"
    )
    a, b, c = (read(tmp_path / name / "last.npz")[1] for name in "abc")
    for name, array in a.items():
        np.testing.assert_array_equal(array, b[name])
    assert not np.array_equal(a["loc.0.weight"], c["loc.0.weight"])


def test_data_in_voc_layout(voc, tmp_path, capsys):
    out = tmp_path / "run"
    assert train.main(["--data", str(voc), "--preset", "tiny", *SHORT, "--epochs", "1", "--out", str(out)]) == 0
    assert sorted(os.listdir(out)) == RESULTS
    assert read(out / "last.npz")[0]["state"]["iteration"] == 3  # six images, two at a time
    said = capsys.readouterr().out
    assert "on 3 val images" in said
    assert f"--data '{voc}' --split test" in said  # ready to be copied, space and all
    assert weights.load_model(out / "best.npz").class_names == tuple(sorted(CLASS_NAMES))


def test_fitted_default_boxes_are_shown_stored_and_kept(voc, tmp_path, capsys):
    arguments = ["--data", str(voc), "--preset", "tiny", *SHORT, "--val-split", "none", "--out", str(tmp_path / "run")]
    assert train.main([*arguments, "--fit-default-boxes", "--iterations", "1"]) == 0
    assert "covered, percent" in capsys.readouterr().out
    fitted = weights.load_model(tmp_path / "run" / "last.npz").config
    assert fitted.feature_maps != TINY.feature_maps
    assert train.main(["--out", str(tmp_path / "run"), "--resume", "--iterations", "2"]) == 0
    assert weights.load_model(tmp_path / "run" / "last.npz").config == fitted
    with pytest.raises(InputError, match="^--no-fit-default-boxes contradicts"):
        train.main(["--out", str(tmp_path / "run"), "--resume", "--no-fit-default-boxes", "--iterations", "3"])
    arguments[-1] = str(tmp_path / "as released")
    assert train.main([*arguments, "--no-fit-default-boxes", "--iterations", "1"]) == 0
    assert weights.load_model(tmp_path / "as released" / "last.npz").config.feature_maps == TINY.feature_maps


def test_without_a_validation_split(voc, tmp_path, capsys):
    out = tmp_path / "run"
    arguments = ["--data", str(voc), "--preset", "tiny", *SHORT, "--iterations", "2", "--val-split", "none"]
    assert train.main([*arguments, "--out", str(out)]) == 0
    assert sorted(os.listdir(out)) == RESULTS[1:-1]  # all but best.npz and what it does on the images of val
    assert f"trained without a validation split; weights in {out / 'last.npz'}" in capsys.readouterr().out


def test_weights_to_start_from(tmp_path, capsys):
    tiny(tmp_path / "a")
    capsys.readouterr()
    tiny(tmp_path / "b", "--weights", str(tmp_path / "a" / "best.npz"), "--lr", "1e-12", iterations=1)
    assert "re-initialized: 0" in capsys.readouterr().out
    a, b = (read(tmp_path / name / "best.npz")[1]["conv7.weight"] for name in "ab")
    np.testing.assert_allclose(a, b, atol=1e-6)


def test_the_rate_goes_with_the_batch_unless_it_is_given(tmp_path):
    for batch_size, factor in (("2", 1 / 4), ("32", 4)):  # the recipe has 8
        options = train.parse(["--tiny", "--batch-size", batch_size])
        assert setup.make_recipe(options).lr == pytest.approx(RECIPES["tiny"].lr * factor)
    options = train.parse(["--tiny", "--batch-size", "2", "--lr", "0.5", "--epochs", "3"])
    recipe = setup.make_recipe(options)
    assert (recipe.lr, recipe.epochs, recipe.iterations) == (0.5, 3, None)


def test_where_results_go_if_nothing_is_said():
    assert train.parse(["--tiny"]).out == Path("runs/tiny")
    assert train.parse(["--data", "photos/cats/"]).out == Path("runs/cats")
    assert train.parse(["--data", "photos/cats"]).preset == "compact"


# ---- what a user can get wrong ---------------------------------------------------------------------------------------


def test_help_has_examples(capsys):
    with pytest.raises(SystemExit) as stopped:
        train.main(["--help"])
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    assert "python -m numpyssd.train --tiny" in text
    assert "--max-minutes" in text


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--tiny", "--data", "x"],
        ["--resume"],
        ["--tiny", "--epochs", "1", "--iterations", "2"],
        ["--tiny", "--batch-size", "0"],
        ["--tiny", "--lr", "fast"],
        ["--tiny", "--preset", "huge"],
        ["--tiny", "--seed", "-1"],
        ["--tiny", "--max-minutes", "nan"],
        ["--tiny", "--split", "train"],
        ["--tiny", "--val-split", "none"],
        ["--tiny", "--bad-data", "skip"],
        ["--tiny", "--invented"],
    ],
    ids=" ".join,
)
def test_arguments_that_make_no_sense(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        train.main(arguments)
    assert stopped.value.code == 2
    assert "error: " in capsys.readouterr().err.splitlines()[-1]


def refusal(*arguments):
    with pytest.raises(InputError) as caught:
        train.main([str(argument) for argument in arguments])
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_data_that_is_not_there(voc, tmp_path):
    assert f"{tmp_path / 'no'} is not a folder" in refusal("--data", tmp_path / "no", "--out", tmp_path / "o")
    text = refusal("--data", voc, "--val-split", "vall", "--out", tmp_path / "o")
    assert "vall.txt does not exist; the splits there are: test, train, val; name one with --val-split, or none" in text


def test_weights_that_are_not_there(tmp_path):
    assert "no.npz does not exist" in refusal("--tiny", "--weights", tmp_path / "no.npz", "--out", tmp_path / "o")


def test_an_out_that_cannot_be_a_folder_is_noticed_before_anything_else(tmp_path, capsys):
    (tmp_path / "file").write_text("x")
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        text = refusal("--tiny", "--out", out)
        assert f"the folder {out} cannot be made" in text
        assert "choose another --out" in text
    assert capsys.readouterr().out == ""


def test_an_out_that_cannot_be_written(tmp_path, monkeypatch):
    def denied(self, *_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "write_text", denied)
    assert "config.json cannot be written (Permission denied)" in refusal("--tiny", *SHORT, "--out", tmp_path / "o")


def test_an_earlier_run_on_photographs_is_not_overwritten(voc, tmp_path):
    out = tmp_path / "run"
    arguments = ["--data", voc, "--preset", "tiny", *SHORT, "--iterations", "1", "--val-split", "none", "--out", out]
    train.main([str(argument) for argument in arguments])
    before = (out / "last.npz").read_bytes()
    assert f"{out} holds an earlier run; add --resume to go on with it, or choose another --out" in refusal(*arguments)
    assert (out / "last.npz").read_bytes() == before


# ---- resuming --------------------------------------------------------------------------------------------------------


def test_a_run_goes_on_with_the_options_it_was_given(voc, tmp_path, monkeypatch, capsys):
    options = ["--data", str(voc), "--preset", "tiny", *SHORT, "--iterations", "6", "--seed", "5", "--lr", "0.003"]
    train.main([*options, "--out", str(tmp_path / "whole")])
    again = interrupted_at(monkeypatch, 3)
    with pytest.raises(KeyboardInterrupt):
        train.main([*options, "--out", str(tmp_path / "parts")])
    again()
    assert train.main(["--out", str(tmp_path / "parts"), "--resume"]) == 0  # nothing else needs to be said
    assert "weights from" not in capsys.readouterr().out
    whole, parts = (read(tmp_path / name / "last.npz")[1] for name in ("whole", "parts"))
    for name, array in whole.items():
        np.testing.assert_array_equal(array, parts[name])
    for name in ("recipe", "network", "data", "seed", "iterations", "class_names", "preset", "split"):
        assert read_settings(tmp_path / "parts")[name] == read_settings(tmp_path / "whole")[name]


def test_a_finished_run_says_so_in_one_line_and_can_be_made_longer(tmp_path, capsys):
    out = tmp_path / "run"
    tiny(out)
    weights_before = (out / "best.npz").read_bytes()
    capsys.readouterr()
    (out / "report.html").unlink()
    assert train.main(["--out", str(out), "--resume"]) == 0
    said = capsys.readouterr().out
    assert "this run is finished (4 of 4 iterations); to train it longer, give more --iterations" in said
    assert "compiling" not in said
    assert (out / "best.npz").read_bytes() == weights_before
    assert (out / "report.html").exists()
    assert tiny(out, "--resume", iterations=6) == 0
    assert read(out / "last.npz")[0]["state"]["iteration"] == 6
    assert read_settings(out)["iterations"] == 6


def test_another_rate_may_be_given_to_go_on_with(tmp_path):
    tiny(tmp_path)
    tiny(tmp_path, "--resume", "--lr", "0.0001", iterations=6)
    assert read_settings(tmp_path)["recipe"]["lr"] == 0.0001


def test_without_a_run_there_is_nothing_to_resume(tmp_path):
    text = refusal("--tiny", "--out", tmp_path / "new", "--resume")
    assert "last.npz does not exist, so there is nothing to resume; leave out --resume" in text
    assert not (tmp_path / "new").exists()


def test_options_that_contradict_the_earlier_run(voc, tmp_path):
    tiny(tmp_path, iterations=1)
    resume = ("--out", tmp_path, "--resume")
    for option, value, before in (
        ("--preset", "compact", "tiny"),
        ("--width", "1.0", "0.25"),
        ("--batch-size", "4", "2"),
        ("--seed", "1", "0"),
        ("--split", "val", "train"),
        ("--data", voc, "--tiny"),
    ):
        text = refusal(*resume, option, value)
        assert text == (
            f"{option} {value} contradicts the run in {tmp_path}, which had {before}; leave it out with --resume"
        )
    tiny(tmp_path, "--resume", "--seed", "0", iterations=2)  # the same again is no contradiction


def test_data_that_contradicts_the_earlier_run(voc, tmp_path):
    out, common = tmp_path / "run", ["--preset", "tiny", *SHORT, "--iterations", "1", "--val-split", "none"]
    train.main(["--data", str(voc), *common, "--out", str(out)])
    assert "no is not a folder" in refusal("--data", tmp_path / "no", "--out", out, "--resume")
    assert "--tiny contradicts the run" in refusal("--tiny", "--out", out, "--resume")
    relative = os.path.relpath(voc)
    assert train.main(["--data", relative, "--out", str(out), "--resume"]) == 0  # the same folder by another name


@pytest.mark.parametrize("damage", [None, "", "[1]", '{"recipe": 1}'])
def test_without_its_settings_a_run_needs_its_options_again(tmp_path, damage, capsys):
    tiny(tmp_path, iterations=1)
    (tmp_path / "config.json").unlink()
    if damage is not None:
        (tmp_path / "config.json").write_text(damage)
    with pytest.raises(SystemExit) as stopped:
        train.main(["--out", str(tmp_path), "--resume"])
    assert stopped.value.code == 2
    assert "does not say what the run was trained on; add --tiny or --data" in capsys.readouterr().err
    assert tiny(tmp_path, "--resume", iterations=2) == 0


def test_another_network_without_settings_is_refused_all_the_same(tmp_path):
    tiny(tmp_path, iterations=1)
    (tmp_path / "config.json").unlink()
    assert "last.npz belongs to another network" in refusal("--tiny", "--width", "0.5", "--out", tmp_path, "--resume")


def test_settings_are_written_all_or_nothing(tmp_path, monkeypatch):
    write_settings(tmp_path, {"recipe": {}, "network": {}})

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(InputError, match=r"config.json cannot be written \(No space left on device\)"):
        write_settings(tmp_path, {})
    assert read_settings(tmp_path) == {"recipe": {}, "network": {}}


# ---- the process -----------------------------------------------------------------------------------------------------

SCRIPT = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore it
from numpyssd import train
from numpyssd.cli import command
from numpyssd.run import setup
setup.TINY_COUNTS.update(train=6, test=2)
command.run(train.main, sys.argv[1:])
"""


def process(*arguments):
    arguments = [sys.executable, "-u", "-c", SCRIPT, *map(str, arguments)]
    folder = Path(train.__file__).parents[1]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder)


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no Ctrl-C to another process alone")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_with_130_and_the_work_saved(tmp_path, number):
    running = process("--tiny", *SHORT, "--iterations", 100_000, "--out", tmp_path)
    log, limit = tmp_path / "log.csv", time.monotonic() + 60
    while time.monotonic() < limit and (not log.exists() or log.read_text().count("\n") < 3):
        assert running.poll() is None, running.communicate()
        time.sleep(0.05)
    running.send_signal(number)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Traceback" not in err
    assert "saved, go on with --resume" in out
    assert read(tmp_path / "last.npz")[0]["state"]["iteration"] > 10
    assert weights.load_model(tmp_path / "last.npz").class_names == CLASS_NAMES


def test_errors_are_one_line_and_code_2(tmp_path):
    result = subprocess.run(
        [sys.executable, "-m", "numpyssd.train", "--data", str(tmp_path / "no"), "--out", str(tmp_path / "o")],
        capture_output=True, text=True, cwd=Path(train.__file__).parents[1], timeout=60,
    )  # fmt: skip
    assert result.returncode == 2
    sentence = "is not a folder; name the one that holds the images and their labels"
    assert result.stderr == f"error: {tmp_path / 'no'} {sentence}\n"
