import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from short_run import THIN

from numpyssd import evaluate, kernels, weights
from numpyssd.datasets.annotated_images import AnnotatedImages
from numpyssd.datasets.dataset import Annotation
from numpyssd.datasets.loading import load_dataset
from numpyssd.datasets.shapes import CLASS_NAMES, ShapesDataset, write_voc
from numpyssd.errors import InputError
from numpyssd.inference.coco_metrics import WORDS, coco_metrics
from numpyssd.inference.error_split import ERROR_TYPES
from numpyssd.inference.evaluation.measurement import by_image_id, measure
from numpyssd.model.ssd import SSD
from numpyssd.pictures.simulated_detector import simulate_detector
from numpyssd.run import setup
from numpyssd.ssd import SSDDetector
from numpyssd.weights.formats import npz


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
    assert lines[0].split()[:3] == ["class", "objects", "AP"]
    assert re.fullmatch(r"mAP 0\.\d{3} \(voc\) on 3 images", lines[-1])


@pytest.mark.parametrize("metric", ["voc07", "voc", "coco"])
def test_json_agrees_with_the_table(checkpoint, voc, metric, capsys):
    arguments = ["--weights", str(checkpoint), "--data", str(voc), "--metric", metric, "--bootstrap", "30"]
    evaluate.main(arguments)
    table = capsys.readouterr().out
    evaluate.main([*arguments, "--json"])
    written = capsys.readouterr().out
    assert written.count("\n") == 1
    answer = json.loads(written, parse_constant=pytest.fail)  # NaN is no JSON
    assert (answer["metric"], answer["images"], answer["split"]) == (metric, 6, "test")
    assert f"mAP {answer['mAP']:.3f} ({metric}) on 6 images" in table
    rows = dict(re.findall(r"^(\w+) +\d+ +([\d.]+)  ", table, re.MULTILINE))
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
    line = capsys.readouterr().out.splitlines()[-3]
    start = f"with a score of 0.1 or more {errors['correct']} of {errors['objects']} objects are found and "
    assert line.startswith(f"{start}{errors['missed']} missed altogether (missed); wrong boxes: ")
    counts = {name: int(count) for count, name in re.findall(r"(\d+) [^,;()0-9]*? \((\w+)\)", line)}
    assert counts == {error: errors[error] for error in ERROR_TYPES}
    evaluate.main([*arguments, "--score", "1.1", "--json"])
    none = json.loads(capsys.readouterr().out)
    assert none["errors"] == {"objects": errors["objects"]} | dict.fromkeys(["correct", *ERROR_TYPES], 0) | {
        "missed": errors["objects"]
    }
    assert none["mAP"] == answer["mAP"]


def test_cocos_twelve_numbers_are_shown_in_addition(checkpoint, voc, capsys):
    arguments = ["--weights", str(checkpoint), "--data", str(voc), "--metric", "coco", "--bootstrap", "30"]
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
    plain, known = (measure(found, truth, cls(8), "coco", resamples=0).coco for cls in (ShapesDataset, Known))
    assert np.isnan(known.numbers["APm"])
    assert plain.numbers["APm"] > 0
    columns = [np.arange(len(labels)) > 0 for _, labels, _ in truth], [np.full(len(row[1]), 50) for row in truth]
    assert known.numbers == pytest.approx(coco_metrics(found, truth, CLASS_NAMES, *columns).numbers, nan_ok=True)


def test_out_has_the_images_and_the_numbers(checkpoint, voc, tmp_path, capsys):
    arguments = ["--weights", str(checkpoint), "--data", str(voc), "--metric", "coco", "--bootstrap", "30"]
    evaluate.main([*arguments, "--json"])
    answer = json.loads(capsys.readouterr().out)
    evaluate.main([*arguments, "--out", str(tmp_path / "out")])
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [
        "confusion.png", "errors.png", "evaluation.json", "failure_cases.png", "intervals.png", "pr_curves.png",
        "scores.png",
    ]  # fmt: skip
    assert f"written: {tmp_path / 'out' / 'failure_cases.png'}" in capsys.readouterr().out
    written = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    details = {name: written.pop(name) for name in ("objects", "errors_per_class", "error_costs", "confusion")}
    assert written == answer
    assert details["objects"] == {name: row["objects"] for name, row in details["errors_per_class"].items()}
    assert list(details["error_costs"]) == list(ERROR_TYPES)
    assert details["confusion"]["classes"] == [*CLASS_NAMES, "background"]
    rows = [sum(row) for row in details["confusion"]["counts"]]
    assert rows[:-1] == [row["objects"] for row in details["errors_per_class"].values()]


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
    evaluate.main([*arguments, "--metric", "coco", "--bootstrap", "30", "--json", "--out", str(tmp_path / "out")])
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
    assert "others.npz does not know: rectangle (4 objects), " in refusal("--weights", path, "--data", voc)


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


# ---- how sure, from which score on, and how many ---------------------------------------------------------------------


def evaluated(capsys, *arguments):
    assert evaluate.main([*map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out, parse_constant=pytest.fail)


def test_the_mean_has_an_interval(checkpoint, voc, capsys):
    arguments = ["--weights", checkpoint, "--data", voc]
    answer = evaluated(capsys, *arguments)
    low, high = answer["interval"]
    assert 0 <= low <= high <= 1
    assert answer["resamples"] == 1000
    assert list(answer["per_class_interval"]) == list(answer["per_class"])
    evaluate.main([*map(str, arguments)])
    lines = capsys.readouterr().out.splitlines()
    assert f"on other images of the kind {low:.3f} to {high:.3f} (95 % interval, bootstrap of 6 images)" in lines[-2]
    assert lines[-2].endswith("; the interval of so few images (fewer than 10) means little")
    for name, pair in answer["per_class_interval"].items():
        (row,) = [line for line in lines if line.startswith(f"{name} ")]
        assert f"{pair[0]:.3f} to {pair[1]:.3f}" in row
    without = evaluated(capsys, *arguments, "--bootstrap", 0)
    assert "interval" not in without
    assert without["mAP"] == answer["mAP"]
    assert evaluated(capsys, *arguments, "--bootstrap", 20)["resamples"] == 20


def test_the_best_scores_are_stored_and_used_then(checkpoint, voc, tmp_path, capsys):
    own = shutil.copy(checkpoint, tmp_path / "own.npz")
    before = evaluated(capsys, "--weights", own, "--data", voc)
    assert (before["score"], before["scores"]) == (0.5, dict.fromkeys(CLASS_NAMES, 0.5))
    evaluate.main(["--weights", str(own), "--data", str(voc), "--store-scores"])
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "stored in" in line]
    assert line.startswith("the best score of each class (F1 on test): cross 0.")
    stored = weights.load_model(own).score_thresholds
    assert stored == tuple(found["score"] for found in before["best_scores"].values())
    after = evaluated(capsys, "--weights", own, "--data", voc)
    assert after["score"] is None
    assert after["scores"] == dict(zip(CLASS_NAMES, stored))
    assert (after["mAP"], after["best_scores"]) == (before["mAP"], before["best_scores"])
    assert evaluated(capsys, "--weights", own, "--data", voc, "--score", 0.5)["errors"] == before["errors"]
    evaluate.main(["--weights", str(own), "--data", str(voc)])
    assert "\nwith the score of its class or more " in capsys.readouterr().out
    npz.store_score_thresholds(own, [1.0] * 5)
    after = evaluated(capsys, "--weights", own, "--data", voc, "--out", tmp_path / "out")
    at_one = evaluated(capsys, "--weights", checkpoint, "--data", voc, "--score", 1.0)
    assert after["errors"] == at_one["errors"] != before["errors"]
    assert json.loads((tmp_path / "out" / "evaluation.json").read_text())["scores"] == after["scores"]


def test_scores_that_cannot_be_found_or_stored(checkpoint, voc, tmp_path, capsys):
    own = shutil.copy(checkpoint, tmp_path / "own.npz")
    write_voc(tmp_path / "few", {"test": 1})
    evaluate.main(["--weights", str(own), "--data", str(tmp_path / "few"), "--store-scores"])
    sentence = "too few objects in test to find the best score of each class; detect shows boxes over 0.5; "
    assert f"{sentence}{own} stays as it was" in capsys.readouterr().out
    assert own.read_bytes() == checkpoint.read_bytes()
    with pytest.raises(InputError, match="writes into the file of the weights, and tiny is a name; give a file"):
        evaluate.main(["--weights", "tiny", "--store-scores"])


def test_options_of_detection_reach_the_detector(checkpoint, capsys, monkeypatch):
    given = []
    monkeypatch.setattr(SSDDetector, "detect", lambda self, images, batch_size, **options: given.append(options) or (
        (np.zeros((0, 4)), np.zeros(0, int), np.zeros(0)) for _ in images))  # fmt: skip
    for arguments, options in (
        ([], {}),
        (["--one-label"], {"one_label": True}),
        (["--max-detections", "7"], {"max_detections": 7}),
    ):
        evaluated(capsys, "--weights", checkpoint, *arguments)
        assert given.pop() == options


def test_one_label_and_a_limit_change_what_is_found(checkpoint, voc, capsys):
    arguments = ["--weights", checkpoint, "--data", voc, "--score", 0.01, "--bootstrap", 0]
    all_of_them, one_label, few = (
        evaluated(capsys, *arguments, *more)["errors"] for more in ([], ["--one-label"], ["--max-detections", 3])
    )
    assert one_label != all_of_them
    assert sum(few[name] for name in ("correct", *ERROR_TYPES[:-1])) <= 3 * 6


# ---- pycocotools -----------------------------------------------------------------------------------------------------


class WithIds(AnnotatedImages):
    """Two images of one object each; the detections of both have the same score."""

    image_ids = (20, 3)


def test_equal_scores_go_by_the_ids_of_the_images():
    # pycocotools has the image 3 first, whose detection is right: precision 1 at a recall of 0.5. In the order of the
    # data set it would be 0.5.
    box = [[0, 0, 10, 10]]
    data = WithIds(["a"], [np.zeros((20, 20, 3), np.uint8)] * 2, [Annotation.of(box, [1])] * 2)
    found = [(np.array(box) + 500, np.array([1]), np.array([0.5])), (np.array(box), np.array([1]), np.array([0.5]))]
    truth = [data.annotation(i)[:3] for i in range(2)]
    measured = measure(found, truth, data, "coco", resamples=0)
    assert measured.coco.numbers["AP"] == measured.result.mean == pytest.approx(51 / 101)
    data.image_ids = (3, 20)
    assert measure(found, truth, data, "coco", resamples=0).coco.numbers["AP"] == pytest.approx(0.5 * 51 / 101)
    for ids in ((3, "a"), (3,), None):  # in no order: that of the data set
        data.image_ids = ids
        assert by_image_id(data) == [0, 1]


def test_boxes_are_as_exact_as_the_file_has_them(tmp_path):
    # As float32 the side 3.3 is 3.2999999523, and the IoU of the halves is below 0.5.
    image = Image.new("RGB", (40, 40))
    (tmp_path / "annotations").mkdir()
    (tmp_path / "test").mkdir()
    image.save(tmp_path / "test" / "a.png")
    entry = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [0.7, 0.1, 3.3, 10.1], "iscrowd": 0}
    content = {"images": [{"id": 1, "file_name": "a.png"}], "annotations": [entry]}
    content["categories"] = [{"id": 1, "name": "x"}]
    (tmp_path / "annotations" / "instances_test.json").write_text(json.dumps(content))
    data = load_dataset(str(tmp_path), "test")
    boxes = data.annotation(0).boxes
    assert boxes.tolist() == [[0.7, 0.1, 0.7 + 3.3, 0.1 + 10.1]]
    assert data[0].boxes.dtype == np.float32


def test_with_crowds_the_mean_is_pycocotools_too():
    # A detection half inside a crowd: an IoU of 0.1, and so a false positive of any other metric; here it is ignored.
    class Crowd(ShapesDataset):
        def annotation(self, i):
            return Annotation.of([[0, 0, 10, 10], [50, 0, 90, 50]], [1, 1], [0, 1], crowd=[0, 1])

    found = [(np.array([[0, 0, 10, 10], [55, 0, 60, 40]], float), np.array([1, 1]), np.array([0.5, 0.9]))]
    data = Crowd(1)
    truth = [data.annotation(0)[:3]]
    measured = measure(found, truth, data, "coco", resamples=0)
    assert measured.result.mean == measured.coco.numbers["AP"] == 1
    assert measured.result.per_class == {CLASS_NAMES[0]: 1}
    assert measure(found, truth, data, resamples=0).result.mean == 0.5
