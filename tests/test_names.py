"""Names of classes and files that are orders to a terminal, half letters or of any script, through every command."""

import json

import numpy as np
import pytest
from PIL import Image

from numpyssd import detect, evaluate, explore, train
from numpyssd.cli import command, show_weights

NAMES = ["\x1b[31mbolt\x1b]0;owned\x07", "half \ud83d", "_安全帽", "$x$\n\t\u202e\x9b", "كرة" * 100]
FEW = ("--preset", "tiny", "--width", "0.25", "--batch-size", "2", "--iterations", "2")
pytestmark = pytest.mark.filterwarnings("ignore:no font here")


def is_plain(text):
    return all(letter.isprintable() or letter in "\t\n\r\u00a0" for letter in text)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Return a folder in COCO's layout with these names of classes, and the name of an image that is not there."""
    folder = tmp_path_factory.mktemp("names")
    (folder / "annotations").mkdir()
    rng = np.random.default_rng(0)
    for number, split in enumerate(("train", "val")):
        images, objects = [], []
        (folder / split).mkdir()
        for i in range(10 * number, 10 * number + 5):
            Image.fromarray(rng.integers(0, 256, (48, 48, 3), np.uint8)).save(folder / split / f"{i}.png")
            images.append({"id": i, "file_name": f"{i}.png", "width": 48, "height": 48})
            box = {"bbox": [5, 5, 20, 20], "area": 400, "iscrowd": 0}
            objects.append({"id": i, "image_id": i, "category_id": 1 + i % len(NAMES), **box})
        images[0]["file_name"] = "\x1b[31mno.png"
        content = {"images": images, "annotations": objects}
        content["categories"] = [{"id": i, "name": name} for i, name in enumerate(NAMES, start=1)]
        (folder / "annotations" / f"instances_{split}.json").write_text(json.dumps(content))
    return folder


@pytest.fixture(scope="module")
def weights(root, tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    with pytest.raises(SystemExit) as stopped:
        command.run(train.main, ["--data", str(root), "--bad-data", "skip", *FEW, "--out", str(out)])
    assert stopped.value.code == 0
    return out / "last.npz"


@pytest.fixture
def run(capsys):
    """Return a function that runs a command and returns its code and what it printed, which is plain text."""

    def start(main, *arguments):
        with pytest.raises(SystemExit) as stopped:
            command.run(main, [*map(str, arguments)])
        printed = capsys.readouterr()
        assert is_plain(printed.out + printed.err)
        return stopped.value.code, printed.out

    return start


def test_training_and_its_report(weights):
    assert (weights.parent / "best.npz").exists()
    page = (weights.parent / "report.html").read_text(encoding="utf-8")
    assert "安全帽" in page
    assert "half \\ud83d" in page
    assert is_plain(page)


def test_the_check_names_every_entry_on_a_line_of_its_own(run, root, tmp_path):
    code, text = run(explore.main, "--data", root, "--check", "--out", tmp_path)
    assert code == 2
    assert "\\u001b[31m" in text
    assert is_plain((tmp_path / "check.txt").read_text(encoding="utf-8"))


def test_the_figures_of_data(run, root, weights, tmp_path):
    code, _ = run(explore.main, "--data", root, "--weights", weights, "--out", tmp_path)
    assert code == 0
    assert (tmp_path / "sizes.png").exists()


def test_evaluation(run, root, weights, tmp_path):
    data = ("--data", root, "--split", "val", "--bad-data", "skip", "--weights", weights, "--score", "0.01")
    code, text = run(evaluate.main, *data, "--out", tmp_path)
    assert code == 0
    assert "half \\ud83d" in text
    assert {"pr_curves.png", "errors.png", "failure_cases.png"} <= {path.name for path in tmp_path.iterdir()}
    written = json.loads((tmp_path / "evaluation.json").read_text(encoding="utf-8"))
    assert set(written["per_class"]) <= set(NAMES)


def test_detection(run, root, weights, tmp_path):
    photo = tmp_path / "\x1b[31ma\u202e.png"
    Image.new("RGB", (48, 48)).save(photo)
    options = (photo, "--weights", weights, "--score", "0.01", "--out", tmp_path / "found")
    assert run(detect.main, *options, "--explain")[0] == 0
    code, text = run(detect.main, *options, "--json")
    line = json.loads(text)
    assert (code, line["image"]) == (0, str(photo))
    assert {found["label"] for found in line["detections"]} <= set(NAMES)
    assert run(detect.main, tmp_path / "\x1b[31mno.png", *options[1:])[0] == 2


def test_what_a_file_of_weights_is(run, weights):
    code, text = run(show_weights.main, weights)
    assert code == 0
    assert "\\u001b[31mbolt\\u001b]0;owned\\u0007, half \\ud83d, _安全帽, $x$\\u000a\\u0009\\u202e\\u009b" in text
