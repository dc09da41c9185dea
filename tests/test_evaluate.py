import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from short_run import THIN

from numpyssd import evaluate, kernels, weights
from numpyssd.datasets.shapes import CLASS_NAMES, ShapesDataset, write_voc
from numpyssd.errors import InputError
from numpyssd.inference.coco_metrics import WORDS, coco_metrics
from numpyssd.inference.error_split import ERROR_TYPES
from numpyssd.model.ssd import SSD
from numpyssd.pictures.simulated_detector import simulate_detector
from numpyssd.run import setup


@pytest.fixture(autouse=True)
def few_images(monkeypatch):
    monkeypatch.setitem(setup.TINY_COUNTS, "test", 3)
    with kernels.using("cpu"):
        yield


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """Weights that guess, and are right now and then."""
    model = SSD(THIN, seed=6)
    path = tmp_path_factory.mktemp("weights") / "model.npz"
    weights.save(model, path, CLASS_NAMES)
    return path


@pytest.fixture(scope="module")
def voc(tmp_path_factory):
    root = tmp_path_factory.mktemp("voc")
    write_voc(root, {"test": 6, "val": 2})
    return root


def test_the_table_ends_with_the_mean(checkpoint, capsys):
    assert evaluate.main(["--weights", str(checkpoint)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["class", "objects", "AP"]
    assert re.fullmatch(r"mAP 0\.\d{3} \(voc\) on 3 images", lines[-1])


@pytest.mark.parametrize("metric", ["voc07", "voc", "coco"])
def test_json_agrees_with_the_table(checkpoint, voc, metric, capsys):
    arguments = ["--weights", str(checkpoint), "--data", str(voc), "--metric", metric]
    evaluate.main(arguments)
    table = capsys.readouterr().out
    evaluate.main([*arguments, "--json"])
    written = capsys.readouterr().out
    assert written.count("\n") == 1
    answer = json.loads(written, parse_constant=pytest.fail)  # NaN is no JSON
    assert (answer["metric"], answer["images"], answer["split"]) == (metric, 6, "test")
    assert f"mAP {answer['mAP']:.3f} ({metric}) on 6 images" in table
    rows = dict(re.findall(r"^(\w+) +\d+ +([\d.]+)$", table, re.MULTILINE))
    assert {name: f"{ap:.3f}" for name, ap in answer["per_class"].items()} == rows
    assert answer["mAP"] == pytest.approx(sum(answer["per_class"].values()) / len(answer["per_class"]))
    assert set(answer["per_class"]) | set(answer["left_out"]) == set(CLASS_NAMES)
    if metric == "voc":
        assert answer["mAP"] > 0.001  # or only zeros would be compared


def test_json_counts_the_errors_of_each_type(checkpoint, voc, capsys):
    arguments = ["--weights", str(checkpoint), "--data", str(voc)]
    evaluate.main([*arguments, "--score", "0.1", "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert list(answer)[:4] == ["metric", "mAP", "per_class", "images"]
    errors = answer["errors"]
    assert list(errors) == ["objects", "correct", *ERROR_TYPES]
    assert errors["correct"] + errors["missed"] <= errors["objects"]
    assert (answer["score"], "coco" in answer) == (0.1, False)
    evaluate.main([*arguments, "--score", "0.1"])
    line = capsys.readouterr().out.splitlines()[-2]
    types = ", ".join(f"{error} {errors[error]}" for error in ERROR_TYPES)
    start = f"with a score of 0.1 or more {errors['correct']} of {errors['objects']} are found; "
    assert line == start + types
    evaluate.main([*arguments, "--score", "1.1", "--json"])
    none = json.loads(capsys.readouterr().out)
    assert none["errors"] == {"objects": errors["objects"]} | dict.fromkeys(["correct", *ERROR_TYPES], 0) | {
        "missed": errors["objects"]
    }
    assert none["mAP"] == answer["mAP"]


def test_cocos_twelve_numbers_are_shown_in_addition(checkpoint, voc, capsys):
    arguments = ["--weights", str(checkpoint), "--data", str(voc), "--metric", "coco"]
    evaluate.main([*arguments, "--json"])
    answer = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert list(answer["coco"]) == list(WORDS)
    assert 0 < answer["coco"]["AP"] < answer["coco"]["AP50"]
    evaluate.main(arguments)
    lines = capsys.readouterr().out.splitlines()
    assert f"AP50   {answer['coco']['AP50']:.3f}  at IoU 0.50" in lines


def test_crowds_and_areas_of_a_data_set_go_into_cocos_numbers():
    class Known(ShapesDataset):
        def annotation(self, i):
            objects = super().annotation(i)
            count = len(objects.labels)
            return objects._replace(crowd=np.arange(count) > 0, area=np.full(count, 50.0))

    found, truth = simulate_detector(8)
    options = argparse.Namespace(metric="coco", score=0.5, out=None)
    plain, known = (evaluate.measure(found, truth, options, cls(8))[1] for cls in (ShapesDataset, Known))
    assert np.isnan(known.numbers["APm"])
    assert plain.numbers["APm"] > 0
    columns = [np.arange(len(labels)) > 0 for _, labels, _ in truth], [np.full(len(row[1]), 50) for row in truth]
    assert known.numbers == pytest.approx(coco_metrics(found, truth, CLASS_NAMES, *columns).numbers, nan_ok=True)


def test_out_has_the_images_and_the_numbers(checkpoint, voc, tmp_path, capsys):
    arguments = ["--weights", str(checkpoint), "--data", str(voc), "--metric", "coco"]
    evaluate.main([*arguments, "--json"])
    answer = json.loads(capsys.readouterr().out)
    evaluate.main([*arguments, "--out", str(tmp_path / "out")])
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["errors.png", "evaluation.json", "failure_cases.png", "pr_curves.png"]
    assert f"written: {tmp_path / 'out' / 'failure_cases.png'}" in capsys.readouterr().out
    written = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    details = {name: written.pop(name) for name in ("objects", "errors_per_class", "error_costs")}
    assert written == answer
    assert details["objects"] == {name: row["objects"] for name, row in details["errors_per_class"].items()}
    assert list(details["error_costs"]) == list(ERROR_TYPES)


def test_another_split(checkpoint, voc, capsys):
    evaluate.main(["--weights", str(checkpoint), "--data", str(voc), "--split", "val", "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert (answer["images"], answer["split"]) == (2, "val")


def test_the_built_in_set_is_called_held_out(checkpoint, capsys):
    evaluate.main(["--weights", str(checkpoint), "--json"])
    assert json.loads(capsys.readouterr().out)["split"] == "held-out"


def test_no_objects_at_all_is_null_in_json_and_no_crash(checkpoint, voc, tmp_path, capsys):
    for name in ("Annotations", "JPEGImages", "ImageSets/Main"):
        (tmp_path / name).mkdir(parents=True)
    path = next((voc / "JPEGImages").iterdir())
    (tmp_path / "JPEGImages" / "a.png").write_bytes(path.read_bytes())
    (tmp_path / "Annotations" / "a.xml").write_text("<annotation></annotation>")
    (tmp_path / "ImageSets" / "Main" / "test.txt").write_text("a\n")
    arguments = ["--weights", str(checkpoint), "--data", str(tmp_path)]
    assert evaluate.main([*arguments, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert answer["mAP"] is None
    assert answer["left_out"] == list(CLASS_NAMES)
    assert evaluate.main(arguments) == 0
    assert "there is no mean" in capsys.readouterr().out
    evaluate.main([*arguments, "--metric", "coco", "--json", "--out", str(tmp_path / "out")])
    answer = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert set(answer["coco"].values()) == {None}
    written = json.loads((tmp_path / "out" / "evaluation.json").read_text(), parse_constant=pytest.fail)
    assert set(written["error_costs"].values()) == {None}


def test_boxes_left_out_are_told_apart_from_the_result(checkpoint, voc, tmp_path, capsys):
    root = tmp_path / "copy"
    write_voc(root, {"test": 1})
    (path,) = (root / "Annotations").glob("*.xml")
    path.write_text(re.sub(r"<xmax>\d+", "<xmax>0", path.read_text(), count=1))
    arguments = ["--weights", str(checkpoint), "--data", str(root), "--json"]
    with pytest.raises(InputError, match="object 0 .* is inverted.*--bad-data skip"):
        evaluate.main(arguments)
    assert evaluate.main([*arguments, "--bad-data", "skip"]) == 0
    captured = capsys.readouterr()
    assert captured.err.startswith(str(path))
    assert captured.err.endswith("the box is left out\n")
    json.loads(captured.out)


def refusal(*arguments):
    with pytest.raises(InputError) as caught:
        evaluate.main([str(argument) for argument in arguments])
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_weights_of_other_classes(voc, tmp_path):
    path = tmp_path / "others.npz"
    weights.save(SSD(THIN), path, ("a", "b", "c", "d", "e"))
    assert f"{path} knows other classes than the built-in set; give its data with --data" in refusal("--weights", path)
    assert "is not one of the a, b, c, d, e" in refusal("--weights", path, "--data", voc)


def test_files_that_are_not_there(checkpoint, voc, tmp_path):
    assert "no.npz does not exist" in refusal("--weights", tmp_path / "no.npz")
    assert "is not a folder" in refusal("--weights", checkpoint, "--data", tmp_path / "no")
    text = refusal("--weights", checkpoint, "--data", voc, "--split", "train")
    assert "train.txt does not exist; the splits there are: test, val" in text


@pytest.mark.parametrize("arguments", [[], ["--weights", "a", "--metric", "f1"], ["--weights"]], ids=" ".join)
def test_arguments_that_make_no_sense(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        evaluate.main(arguments)
    assert stopped.value.code == 2
    assert "error: " in capsys.readouterr().err.splitlines()[-1]


def test_help_has_examples(capsys):
    with pytest.raises(SystemExit) as stopped:
        evaluate.main(["--help"])
    assert stopped.value.code == 0
    assert "python -m numpyssd.evaluate --weights tiny" in capsys.readouterr().out


def test_a_place_that_can_not_be_written(checkpoint, tmp_path):
    (tmp_path / "file").write_text("")
    assert "cannot be written" in refusal("--weights", checkpoint, "--out", tmp_path / "file")


def test_errors_are_one_line_and_code_2(tmp_path):
    arguments = [sys.executable, "-m", "numpyssd.evaluate", "--weights", str(tmp_path)]
    folder = Path(evaluate.__file__).parents[1]
    result = subprocess.run(arguments, capture_output=True, text=True, cwd=folder, timeout=60)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"error: {tmp_path} is a folder")
    assert result.stderr.count("\n") == 1
