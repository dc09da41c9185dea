"""What is committed in data/ is what the commands make."""

import re
from pathlib import Path

import pytest

from numpyssd.datasets.shapes import CLASS_NAMES, ShapesDataset, write_voc
from numpyssd.inference.evaluate import evaluate
from numpyssd.weights import load_model

ROOT = Path(__file__).resolve().parents[1]


def test_the_weights_find_held_out_objects():
    model = load_model("tiny")
    assert model.class_names == tuple(CLASS_NAMES)
    assert evaluate(model, ShapesDataset(200, split="test"), "voc").mean > 0.85


def test_the_samples_have_the_bytes_that_the_command_writes(tmp_path):
    write_voc(tmp_path, {"train": 0, "val": 0, "test": 6}, size=192)
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    samples = ROOT / "data" / "samples"
    assert made == sorted(path.relative_to(samples) for path in samples.rglob("*") if path.is_file())
    for path in made:
        assert (tmp_path / path).read_bytes() == (samples / path).read_bytes(), path


@pytest.mark.parametrize("page", ["README.md", "data/README.md"])
def test_every_link_of_the_pages_leads_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert links or page != "README.md"
    for link in links:
        assert ((ROOT / page).parent / link).exists(), link


def test_every_command_of_the_map_exists():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    modules = re.findall(r"`((?:kernels\.reference|model|training|inference)\.\w+)`", text)
    assert len(modules) > 10
    for name in modules:
        place = ROOT / "numpyssd" / name.replace(".", "/")
        assert place.with_suffix(".py").exists() or (place / "__main__.py").exists(), name
