"""What is committed in data/ is what the commands make."""

from pathlib import Path

from numpyssd.datasets.shapes import CLASS_NAMES, ShapesDataset, write_voc
from numpyssd.inference.evaluate import evaluate
from numpyssd.ssd import SSDDetector
from numpyssd.weights import load_model

ROOT = Path(__file__).resolve().parents[1]


def test_the_weights_find_held_out_objects():
    model = load_model("tiny")
    assert model.class_names == tuple(CLASS_NAMES)
    assert evaluate(SSDDetector(model), ShapesDataset(200, split="test"), "voc").mean > 0.85


def test_the_samples_have_the_bytes_that_the_command_writes(tmp_path):
    write_voc(tmp_path, {"train": 0, "val": 0, "test": 6}, size=192)
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    samples = ROOT / "data" / "samples"
    assert made == sorted(path.relative_to(samples) for path in samples.rglob("*") if path.is_file())
    for path in made:
        assert (tmp_path / path).read_bytes() == (samples / path).read_bytes(), path
