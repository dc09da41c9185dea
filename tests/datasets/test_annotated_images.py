"""AnnotatedImages, and its progress bar: on a terminal, nothing elsewhere, nothing for what is done at once."""

import io
import json
import sys

import pytest
from PIL import Image

from numpyssd.datasets import annotated_images as module
from numpyssd.datasets.coco import COCODataset
from numpyssd.datasets.loading import load_dataset
from numpyssd.datasets.shapes import main as make_shapes


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("kind", "delay", "shown"), [(Terminal, 0, True), (Terminal, 60, False), (io.StringIO, 0, False)]
)
def test_a_bar_shows_on_a_terminal_after_a_while(monkeypatch, kind, delay, shown):
    monkeypatch.setattr(sys, "stderr", kind())
    monkeypatch.setattr(module, "BAR_DELAY", delay)
    assert list(module.with_progress_bar({"a": 1, "b": 2}.items(), "looking")) == [("a", 1), ("b", 2)]
    assert ("looking" in sys.stderr.getvalue()) == shown


def test_loading_a_data_set_shows_one(monkeypatch, tmp_path):
    make_shapes(["--out", str(tmp_path), "--train", "3", "--val", "0", "--test", "0"])
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(module, "BAR_DELAY", 0)
    assert len(load_dataset(tmp_path, "train")) == 3
    assert "checking the split train" in sys.stderr.getvalue()


def test_loading_a_coco_file_shows_one(monkeypatch, tmp_path):
    images = [{"id": 1, "file_name": "a.png", "width": 20, "height": 10}]
    boxes = [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 5, 5], "area": 25, "iscrowd": 0}]
    content = {"images": images, "annotations": boxes, "categories": [{"id": 1, "name": "cat"}]}
    (tmp_path / "some.json").write_text(json.dumps(content))
    Image.new("RGB", (20, 10)).save(tmp_path / "a.png")
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(module, "BAR_DELAY", 0)
    assert len(COCODataset(tmp_path / "some.json", tmp_path)) == 1
    assert "checking the images of some.json" in sys.stderr.getvalue()
