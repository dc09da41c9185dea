"""What the commands do with data that has issues: stop with the whole list, or leave out what is bad."""

import re

import pytest

from numpyssd import evaluate, kernels, train, weights
from numpyssd.cli import command
from numpyssd.config import TINY
from numpyssd.datasets.issues import BadData, Issue
from numpyssd.datasets.shapes import CLASS_NAMES, write_voc
from numpyssd.model.ssd import SSD
from numpyssd.reports import report
from numpyssd.run.settings import read_settings

SHORT = ["--preset", "tiny", "--width", "0.25", "--batch-size", "2", "--iterations", "2"]


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(report, "write_report", lambda folder: None)
    with kernels.using("cpu"):
        yield


@pytest.fixture
def voc(tmp_path):
    """Two useless boxes in the training split, an image cut short in the validation split."""
    root = tmp_path / "voc"
    write_voc(root, {"train": 4, "val": 2, "test": 1}, size=64)
    for name in ("train_00000.xml", "train_00002.xml"):
        spoil_box(root / "Annotations" / name)
    path = root / "JPEGImages/val_00001.png"
    path.write_bytes(path.read_bytes()[:3000])
    return root


def spoil_box(xml):
    xml.write_text(re.sub(r"<xmax>\d+", "<xmax>0", xml.read_text(), count=1))


def ended(main, *arguments):
    with pytest.raises(SystemExit) as stopped:
        command.run(main, [str(argument) for argument in arguments])
    return stopped.value.code


def test_training_stops_with_the_whole_list_of_both_splits_before_it_begins(voc, tmp_path, capsys):
    assert ended(train.main, "--data", voc, *SHORT, "--out", tmp_path / "run") == 2
    head, *listed, last = capsys.readouterr().err.splitlines()
    assert head == "3 issues in the data (behind each, what --bad-data skip does):"
    for line, words in zip(
        listed,
        (
            r"train_00000\.xml, object 0 .*inverted.*; the box is left out",
            r"train_00002\.xml, object 0 .*inverted.*; the box is left out",
            r"val_00001\.png is damaged or cut short.*; the image is left out",
        ),
    ):
        assert re.search(words + "$", line)
    assert last.startswith("error: ")
    assert "train_00000.xml" in last
    assert last.endswith("(the first of 3 such issues); fix the data, or leave out what is bad with --bad-data skip")
    assert list((tmp_path / "run").iterdir()) == []


def test_training_goes_on_without_what_is_bad_says_so_and_remembers_it(voc, tmp_path, capsys):
    out = tmp_path / "run"
    assert train.main(["--data", str(voc), *SHORT, "--out", str(out), "--bad-data", "skip"]) == 0
    said = capsys.readouterr().out
    assert "issues: 2" in said
    assert "train_00002.xml, object 0" in said
    assert re.search(r"val: .*val_00001\.png is damaged.*; the image is left out", said)
    assert "on 1 val image;" in said
    assert f"--data {voc} --split test --bad-data skip" in said  # the next command works too
    assert read_settings(out)["bad_data"] == "skip"
    assert train.main(["--out", str(out), "--resume", "--iterations", "3"]) == 0
    with pytest.raises(BadData, match="train_00000.xml"):
        train.main(["--out", str(out), "--resume", "--iterations", "4", "--bad-data", "error"])


def test_images_to_choose_by_that_are_trained_on_stop_the_training(voc, tmp_path, capsys):
    write_voc(voc, {"train": 4, "val": 2}, size=64)  # sound again
    (voc / "ImageSets/Main/trainval.txt").write_text("train_00000\nval_00000\nval_00001\n")
    splits = ["--split", "trainval", "--val-split", "val"]
    arguments = ["--data", str(voc), *SHORT, *splits, "--out", str(tmp_path / "run")]
    with pytest.raises(BadData, match=r"2 of the 2 images of the split 'val' are in 'trainval' too \(val_00000.png, "):
        train.main(arguments)
    assert train.main([*arguments, "--val-split", "trainval"]) == 0  # whoever asks for the same split twice knows it
    again = [*arguments[:-1], str(tmp_path / "again")]
    assert train.main([*again, "--bad-data", "skip"]) == 0
    assert "would be too good; they stay in both" in capsys.readouterr().out


def test_evaluation_stops_too_or_goes_on(voc, tmp_path, capsys):
    weights.save(SSD(TINY), tmp_path / "w.npz", tuple(sorted(CLASS_NAMES)))
    arguments = ["--weights", tmp_path / "w.npz", "--data", voc, "--split", "val", "--json"]
    assert ended(evaluate.main, *arguments) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1  # one issue needs no list
    assert lines[0].startswith("error: ")
    assert "val_00001.png" in lines[0]
    assert evaluate.main([*map(str, arguments), "--bad-data", "skip"]) == 0
    said = capsys.readouterr()
    assert '"images": 1' in said.out
    assert "val_00001.png" in said.err


def test_a_very_long_list_is_cut(capsys):
    def main(argv):
        raise BadData([Issue(f"{k}.xml", "the box has zero size", "it\nis", 0, (1, 1, 1, 1)) for k in range(500)])

    assert ended(main) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 + command.MAX_ISSUES + 2
    assert lines[1] == "  0.xml, object 0 (counted from 0), box [1, 1, 1, 1]: the box has zero size; it is"
    assert lines[-2].startswith("  … and 450 more; python -m numpyssd.explore")


def test_the_commands_offer_the_same_two_ways(capsys):
    for main in (train.main, evaluate.main):
        with pytest.raises(SystemExit):
            main(["--help"])
        assert "--bad-data {error,skip}" in " ".join(capsys.readouterr().out.split())
