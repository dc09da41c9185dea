import ast
import hashlib
import time
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

import numpyssd.datasets.shapes as package
from numpyssd.config import TINY
from numpyssd.datasets import shapes
from numpyssd.datasets.shapes import (
    FIRST_INDEX,
    ShapesDataset,
    draw_shapes,
    example,
    main,
    render,
    write_voc,
)
from numpyssd.datasets.shapes.background import draw_background
from numpyssd.datasets.shapes.outlines import CLASS_NAMES, Outline
from numpyssd.datasets.shapes.painting import TEXTURES, distinct_color, draw_object, texture
from numpyssd.datasets.voc import VOCDataset

# Our own output, typed in once: another number means that the set is no longer the same on every machine.
RENDERED = "acd4abd0c05b18137a55393f726544b35f77bd9b7f10541221885a525f9db6d3"
WRITTEN = "17178a2aad121a4d1c3f75c8c70a4a0b0403271f558dbbb5eff6a5aac69ef24c"
EXAMPLE = "cbc66435391c2c2aab515f1cd7a402ac6b4d1b31e661bb659b6a080919624fa2"


def digest(*arrays):
    return hashlib.sha256(b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)).hexdigest()


def folder_digest(root):
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(f.relative_to(root).as_posix().encode() + f.read_bytes() for f in files)).hexdigest()


def test_golden_bytes_of_an_image():
    assert digest(*render(0, 0)) == RENDERED
    image, boxes, labels, _ = example()
    assert digest(image, boxes, labels) == EXAMPLE


def test_golden_bytes_of_a_written_set(tmp_path):
    write_voc(tmp_path, {"train": 3, "val": 2, "test": 1}, size=48, seed=3)
    assert folder_digest(tmp_path) == WRITTEN


@pytest.mark.parametrize("module", ["outlines", "random_numbers", "scene", "background", "painting", "rendering"])
def test_only_arithmetic_that_is_the_same_everywhere(module):
    """No function whose last bit depends on the machine, no sum whose order does."""
    allowed = {"RandomState", "abs", "arange", "array", "ascontiguousarray", "bincount", "count_nonzero", "empty"}
    allowed |= {"float32", "float64", "floor", "int64", "maximum", "minimum", "uint8", "zeros", "random"}
    tree = ast.parse((Path(package.__path__[0]) / f"{module}.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        assert not isinstance(node, ast.Pow | ast.MatMult)
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "np":
            assert node.attr in allowed
        if isinstance(node, ast.Attribute):
            assert node.attr not in {"sum", "mean", "dot", "prod", "std", "randint", "normal", "uniform"}
        if isinstance(node, ast.ImportFrom) and node.module == "math":
            assert {name.name for name in node.names} <= {"floor", "sqrt"}


def test_an_image_depends_on_seed_and_index_alone():
    np.random.seed(5)  # noqa: NPY002
    first = [digest(*render(1, i)) for i in (4, 5)]
    assert [digest(*render(1, i)) for i in (5, 4)] == first[::-1]
    assert len({digest(render(seed, i)[0]) for seed in (0, 1) for i in range(5)}) == 10


def test_what_render_returns():
    for index in range(40):
        image, boxes, labels, difficult = render(0, index)
        count = len(boxes)
        assert 1 <= count <= 5
        assert (image.shape, image.dtype) == ((64, 64, 3), np.uint8)
        assert (boxes.shape, boxes.dtype) == ((count, 4), np.float32)
        assert (labels.shape, labels.dtype) == ((count,), np.int64)
        assert (difficult.shape, difficult.dtype) == ((count,), bool)
        assert boxes.min() >= 0
        assert boxes.max() <= 64
        assert (boxes == np.round(boxes)).all()
        assert (boxes[:, 2:] - boxes[:, :2] >= 5).all()
        assert labels.min() >= 1
        assert labels.max() <= len(CLASS_NAMES)


def test_another_size_is_the_same_scene():
    small, large = render(0, 7, 64), render(0, 7, 256)
    assert (small[2] == large[2]).all()
    assert (small[3] == large[3]).all()
    assert abs(small[1] - large[1] / 4).max() <= 0.7  # both are rounded
    shrunk = large[0].reshape(64, 4, 64, 4, 3).mean(axis=(1, 3))
    assert abs(small[0] - shrunk).mean() < 8


def test_boxes_hold_what_differs_from_the_background(monkeypatch):
    """Paint the same image without its objects: all that changes lies in the boxes and touches their sides."""
    with_objects = {i: render(2, i) for i in range(20)}
    monkeypatch.setattr("numpyssd.datasets.shapes.painting.blend", lambda *arguments: None)
    for i, (image, boxes, _, _) in with_objects.items():
        changed = (render(2, i)[0] != image).any(axis=2)
        ys, xs = np.nonzero(changed)
        assert abs(xs.min() - boxes[:, 0].min()) <= 1
        assert abs(ys.min() - boxes[:, 1].min()) <= 1
        assert abs(xs.max() + 1 - boxes[:, 2].max()) <= 1
        assert abs(ys.max() + 1 - boxes[:, 3].max()) <= 1


def test_colors_and_texture_do_not_tell_the_class():
    """The same random stream paints the same colors, whatever the outline is."""
    for seed in range(20):
        seen = set()
        for name in CLASS_NAMES:
            random = np.random.RandomState(seed)
            canvas = np.zeros((3, 40, 40), np.float32)
            color = draw_object(canvas, random, Outline(name, 0.5, 0.5, 0.3, 0.3, 1.0, 0.0), [(0.5, 0.5, 0.5)])
            seen.add((color, random.random_sample()))
        assert len(seen) == 1


def test_objects_are_brighter_than_the_main_color_of_the_background():
    mains, firsts = [], []
    for seed in range(60):
        random = np.random.RandomState(seed)
        canvas, main = draw_background(random, 40)
        mains.append(main)
        # Smooth noise of both signs, a few lines and small things do not carry it far away.
        assert abs(np.median(canvas, axis=(1, 2)) - main).max() < 0.12
        black, white = np.zeros((3, 40, 40), np.float32), np.ones((3, 40, 40), np.float32)
        for under in (black, white):
            outline = Outline(CLASS_NAMES[seed % 5], 0.5, 0.5, 0.3, 0.3, 1.0, 0.0)
            first = draw_object(under, np.random.RandomState(seed), outline, [main])
        firsts.append(first)
        whole = (black == white).all(axis=0)  # pixels that the object fills
        assert whole.sum() > 40
        assert black[:, whole].min() >= 0.5 - 1e-6  # whatever the texture is
        assert black[:, whole].max() <= 0.98 + 1e-6
    assert 0.04 <= np.min(mains) < 0.06 < 0.4 < np.max(mains) <= 0.42
    assert 0.5 <= np.min(firsts) < 0.6 < 0.95 < np.max(firsts) <= 0.98


def test_objects_stand_out_in_the_finished_image(monkeypatch):
    with_objects = {i: render(2, i)[0] for i in range(40)}
    monkeypatch.setattr("numpyssd.datasets.shapes.painting.blend", lambda *arguments: None)
    for i, image in with_objects.items():
        background = render(2, i)[0]
        changed = (background != image).any(axis=2)
        assert image[changed].mean() > background.mean() + 60  # of 255
        assert image[changed].mean() > background[changed].mean() + 60


def test_distinct_color_takes_the_farthest():
    random = np.random.RandomState(0)
    others = [(0.0, 0.0, 0.0), (1.0, 1.0, 1.0)]
    chosen = distinct_color(random, others, candidates=50)
    random = np.random.RandomState(0)
    candidates = 0.5 + 0.48 * random.random_sample((50, 3))
    distance = np.minimum(candidates.sum(axis=1), (1 - candidates).sum(axis=1))
    assert chosen == pytest.approx(candidates[distance.argmax()])


def test_textures():
    line = np.linspace(-4, 4, 800, endpoint=False, dtype=np.float32)
    x, y = np.meshgrid(line, line)
    fractions = {name: texture(name, x, y, 0.5, 200) for name in TEXTURES[1:]}
    for values in fractions.values():
        assert values.dtype == np.float32
        assert values.min() == 0
        assert values.max() == 1
    assert fractions["stripes"].mean() == pytest.approx(0.5, abs=0.02)
    assert (fractions["stripes"] == fractions["stripes"][0]).all()
    assert fractions["checks"].mean() == pytest.approx(0.5, abs=0.02)
    assert fractions["dots"].mean() == pytest.approx(0.1 * np.pi, abs=0.02)
    assert (np.diff(fractions["gradient"][0]) >= 0).all()
    with pytest.raises(ValueError, match="stripes"):
        texture("fur", x, y, 1, 1)


def test_example():
    image, boxes, labels, class_names = example()
    assert image.shape == (300, 300, 3)
    assert class_names == CLASS_NAMES
    sides = np.sort((boxes[:, 2:] - boxes[:, :2]).max(axis=1)) / 300
    assert sides[0] < 0.15
    assert 0.25 < sides[1] < 0.5
    assert sides[-1] > 0.5
    assert len(labels) == len(boxes) == 4
    low, high = np.maximum(boxes[1, :2], boxes[2, :2]), np.minimum(boxes[1, 2:], boxes[2, 2:])
    assert (low < high).all()  # these two overlap
    assert example(100)[0].shape == (100, 100, 3)


def test_dataset(monkeypatch):
    assert ShapesDataset(1)[0][0].shape == (shapes.SIZE, shapes.SIZE, 3)
    assert TINY.image_size == shapes.SIZE  # no image of a training is resized
    assert shapes.COUNTS == {"train": 3000, "val": 200, "test": 200}
    data = ShapesDataset(3, size=40, seed=9)
    assert len(data) == 3
    assert data.class_names == CLASS_NAMES
    assert [digest(*item) for item in data] == [digest(*render(9, i, 40)) for i in range(3)]
    assert digest(*data[-1]) == digest(*data[2])
    with pytest.raises(IndexError):
        data[3]
    assert data[1][0] is data[1][0]  # kept
    with pytest.raises(ValueError, match="read-only"):
        data[1][0][0] = 0
    for kept, item in zip(data.annotation(1), data[1][1:]):
        np.testing.assert_array_equal(kept, item)
    assert data.annotation(1)[0] is data.annotation(1)[0]
    assert data.image_size(1) == (40, 40)
    assert len(ShapesDataset(0)) == 0
    with pytest.raises(ValueError, match="split"):
        ShapesDataset(1, split="trian")
    with pytest.raises(ValueError, match="count"):
        ShapesDataset(-1)


def test_splits_are_disjoint():
    """By index: the last of train comes before the first of val, however long train is."""
    first = sorted(FIRST_INDEX.values())
    assert min(b - a for a, b in zip(first, first[1:])) >= 1_000_000
    assert digest(ShapesDataset(1, split="val")[0][0]) == digest(render(0, FIRST_INDEX["val"])[0])
    assert len({digest(ShapesDataset(1, split=split)[0][0]) for split in FIRST_INDEX}) == 3


def test_written_and_read_back_it_is_the_same_set(tmp_path):
    write_voc(tmp_path, {"train": 12, "test": 0}, size=64, seed=1)
    files, memory = VOCDataset(tmp_path, "train"), ShapesDataset(12, 64, 1)
    assert files.class_names == memory.class_names
    assert files.issues == []
    for i in range(12):
        assert digest(*files[i]) == digest(*memory[i])
        assert digest(*files.annotation(i)) == digest(*memory.annotation(i))
    assert (tmp_path / "ImageSets/Main/test.txt").read_text() == ""


@pytest.mark.parametrize("arguments", [(-1, 0, 64), (0, -1, 64), (0, 0, 8), (2**32, 0, 64)])
def test_wrong_arguments(arguments):
    with pytest.raises(ValueError, match="must be a whole number"):
        render(*arguments)


def test_speed():
    """3,000 images are made before a training of two minutes; 2 ms each on a quiet machine."""
    render(0, 0)
    best = 1.0
    for _ in range(5):
        start = time.process_time()
        for i in range(20):
            render(0, i)
        best = min(best, (time.process_time() - start) / 20)
    assert best < 0.008  # four times that, so that a busy machine does not fail


def test_command(tmp_path, capsys):
    counts = ["--train", "2", "--val", "1", "--test", "1"]
    assert main(["--out", str(tmp_path / "set"), *counts, "--size", "32", "--picture", str(tmp_path / "a.png")]) == 0
    assert (tmp_path / "a.png").stat().st_size > 10000
    assert len(VOCDataset(tmp_path / "set", "val")) == 1
    assert main([]) == 2
    assert "--out" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    assert main(["--out", str(tmp_path / "file"), *counts]) == 2
    assert capsys.readouterr().err.startswith("error: ")
    assert main(["--out", str(tmp_path / "b"), "--train", "-4"]) == 2
    assert "count" in capsys.readouterr().err


def test_figure():
    axes = Figure().subplots(1, 3)
    draw_shapes(axes, seed=0, first=5, size=48)
    for index, ax in enumerate(axes, start=5):
        assert len(ax.patches) == len(render(0, index)[1])
        assert len(ax.images) == 1
    assert shapes.__doc__
