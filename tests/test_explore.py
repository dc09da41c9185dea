import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from numpyssd import explore, weights
from numpyssd.boxes import cxcywh_to_xyxy
from numpyssd.config import SSD300, TINY
from numpyssd.datasets.annotated_images import AnnotatedImages
from numpyssd.datasets.dataset import Annotation
from numpyssd.datasets.shapes import ShapesDataset, example, write_voc
from numpyssd.drawing import COLORS
from numpyssd.errors import InputError
from numpyssd.images.preprocess import normalize
from numpyssd.model.default_boxes import default_boxes
from numpyssd.model.ssd import SSD
from numpyssd.reports import data_figures as explore_data
from numpyssd.reports import network_figures as explore_network
from numpyssd.softmax import log_softmax

DATA_FIGURES = {"images.png", "sizes.png", "matches.png", "augmentation.png", "negatives.png"}


@pytest.fixture(scope="module")
def voc(tmp_path_factory):
    root = tmp_path_factory.mktemp("voc")
    write_voc(root, {"train": 4, "val": 2}, size=64)
    return root


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "best.npz"
    names = ("ellipse", "ring", "rectangle", "triangle", "cross")
    weights.save(SSD(TINY), path, names, iteration=640, validation_map=0.6171)
    return path


def patches(ax, role):
    """Return the rectangles drawn in the color of a role."""
    from matplotlib.colors import to_rgb

    color = to_rgb(COLORS[role])
    return [p for p in ax.patches if np.allclose(p.get_edgecolor()[:3], color) and not p.get_fill()]


class Data(AnnotatedImages):
    """A data set of one gray image for each list of boxes."""

    def __init__(self, *boxes, size=(64, 48)):
        image = np.full((size[1], size[0], 3), 128, np.uint8)
        counts = [np.arange(len(b)) for b in boxes]
        objects = [Annotation.of(b, n % 2 + 1, difficult=n == 0) for b, n in zip(boxes, counts)]
        super().__init__(("cat", "dog"), [image] * len(boxes), objects)


# ---- the command -----------------------------------------------------------------------------------------------------


def test_data_is_described_and_drawn(voc, tmp_path, capsys):
    assert explore.main(["--data", str(voc), "--preset", "tiny", "--out", str(tmp_path / "new" / "out")]) == 0
    written = {path.name for path in (tmp_path / "new" / "out").iterdir()}
    assert written == DATA_FIGURES | {"default_boxes.png"}
    text = capsys.readouterr().out
    assert text.startswith("4 images, ")  # the description, and of the right split
    assert "default boxes of tiny cover" in text
    for name in written:
        assert name in text
    assert "untrained" in text
    for name in written:
        with Image.open(tmp_path / "new" / "out" / name) as image:
            assert image.format == "PNG"
            assert np.asarray(image.convert("L")).std() > 5  # something is drawn


def test_weights_are_described_and_their_boxes_drawn(checkpoint, tmp_path, capsys):
    assert explore.main(["--weights", str(checkpoint), "--out", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    count = sum(p.value.size for p in SSD(TINY).parameters().values())
    for words in ("tiny", f"{count:,} parameters", "64 x 64", "5 and the background: ellipse, ring", "640 iterations"):
        assert words in text
    assert "validation mAP 0.617" in text
    assert [path.name for path in tmp_path.iterdir()] == ["default_boxes.png"]


def test_an_image_gets_default_boxes_of_the_preset(tmp_path, capsys):
    Image.new("L", (70, 40), 200).save(tmp_path / "gray.jpg")
    assert explore.main([str(tmp_path / "gray.jpg"), "--preset", "ssd300", "--out", str(tmp_path / "out")]) == 0
    assert "8732 default boxes in all" in capsys.readouterr().out
    assert (tmp_path / "out" / "default_boxes.png").exists()


def test_the_network_of_weights_takes_the_place_of_the_preset(voc, checkpoint, monkeypatch, tmp_path):
    seen = []

    def data_figures(dataset, config, model):
        seen.append((len(dataset), config.name, model))
        return []

    monkeypatch.setattr(explore_data, "data_figures", data_figures)
    explore.main(["--data", str(voc), "--split", "val", "--weights", str(checkpoint), "--out", str(tmp_path)])
    assert seen[0][:2] == (2, "tiny")
    assert isinstance(seen[0][2], SSD)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--data", "no/such/folder"], "folder is not a folder"),
        (["--weights", "none.npz"], "none.npz does not exist"),
        (["none.jpg"], "none.jpg does not exist"),
    ],
)
def test_a_wrong_name_is_one_sentence(arguments, words, tmp_path):
    with pytest.raises(InputError, match=words):
        explore.main([*arguments, "--out", str(tmp_path)])


def test_a_split_that_is_not_there_names_those_that_are(voc, tmp_path):
    with pytest.raises(InputError, match="train, val"):
        explore.main(["--data", str(voc), "--split", "test", "--out", str(tmp_path)])


def test_an_output_folder_that_is_a_file(tmp_path, checkpoint):
    (tmp_path / "out").touch()
    with pytest.raises(InputError, match="--out"):
        explore.main(["--weights", str(checkpoint), "--out", str(tmp_path / "out")])


def test_exit_codes_of_the_process(tmp_path):
    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "numpyssd.explore", *arguments], capture_output=True, text=True, check=False
        )

    helped = run("--help")
    assert helped.returncode == 0
    assert "examples:\n  python -m numpyssd.explore --data" in helped.stdout
    failed = run("--weights", str(tmp_path / "none.npz"))
    assert failed.returncode == 2
    assert failed.stderr.startswith("error: ")
    assert failed.stderr.count("\n") == 1
    assert run().returncode == 2  # nothing to look at


# ---- what a checkpoint is --------------------------------------------------------------------------------------------


def test_a_checkpoint_in_the_middle_of_training(tmp_path):
    model = SSD(TINY)
    state = {"iteration": 70, "seconds": 90.0, "best_map": 0.25, "best_iteration": 60}
    weights.save(model, tmp_path / "last.npz", ("a", "b", "c", "d", "e"), state=state)
    text = explore_network.describe_weights(tmp_path / "last.npz", weights.load_model(tmp_path / "last.npz"))
    assert "trained: 70 iterations, 1.5 min, validation mAP 0.250 at best" in text


def test_a_checkpoint_that_tells_nothing(tmp_path):
    weights.save(SSD(replace(TINY, width=0.5)), tmp_path / "w.npz")
    model = weights.load_model(tmp_path / "w.npz")
    text = explore_network.describe_weights(tmp_path / "w.npz", model)
    assert "trained: unknown" in text
    assert "width 0.5" in text
    assert "class 1, class 2" in text
    model.class_names = tuple(f"name number {i}" for i in range(500))
    assert max(map(len, explore_network.describe_weights(tmp_path / "w.npz", model).splitlines())) < 280


@pytest.mark.parametrize("config", [TINY, SSD300])
def test_the_table_counts_the_default_boxes_of_each_map(config):
    lines = explore_network.feature_map_table(config)
    rows = [line.split() for line in lines[1:-1]]
    assert [row[0] for row in rows] == [m.name for m in config.feature_maps]
    assert sum(int(row[4]) for row in rows) == len(default_boxes(config)) == int(lines[-1].split()[0])


# ---- the images ----------------------------------------------------------------------------------------------------


def test_contact_sheet_shows_every_object_of_images_from_first_to_last():
    data = Data(*[[[1, 1, 20, 20]] * (i % 3) for i in range(40)])
    figure = explore_data.contact_sheet(data)
    chosen = [round(i * 39 / 11) for i in range(12)]
    assert [len(patches(ax, "ground truth")) for ax in figure.axes] == [i % 3 for i in chosen]
    assert figure.axes[0].get_title().startswith("image 0: 0 objects")
    assert figure.axes[-1].get_title().startswith("image 39: 0 objects")
    texts = [text.get_text() for text in figure.axes[chosen.index(32)].texts]
    assert texts == [" cat (difficult) ", " dog "]


@pytest.mark.parametrize("count", [1, 5])
def test_contact_sheet_of_few_images(count):
    figure = explore_data.contact_sheet(Data(*[[]] * count, size=(30, 90)))
    assert sum(bool(ax.images) for ax in figure.axes) == count
    figure.draw_without_rendering()


def test_a_crowd_is_drawn_without_names():
    figure = explore_data.contact_sheet(Data([[1, 1, 20, 20]] * 30))
    assert len(patches(figure.axes[0], "ground truth")) == 30
    assert len(figure.axes[0].texts) == 0


def test_typical_image_has_a_middling_number_of_objects():
    box = [1, 1, 9, 9]
    assert explore_data.typical_image(Data([], [box], [box] * 9, [box] * 2, [])) == 3
    assert explore_data.typical_image(Data([], [])) is None


def test_images_without_any_object_are_shown_and_nothing_is_matched():
    names = [name for name, _, _ in explore_data.data_figures(Data([], []), TINY)]
    assert names == ["images.png", "sizes.png"]


def test_matches_of_the_smallest_a_middling_and_the_largest_object():
    image = np.zeros((64, 64, 3), np.uint8)
    boxes = np.array([[0, 0, 60, 60], [5, 5, 15, 15], [20, 20, 45, 45], [30, 30, 50, 50.0]])
    figure = explore_data.matching_figure(image, boxes, TINY)
    titles = [ax.get_title() for ax in figure.axes if ax.get_title()]
    assert [title[:8] for title in titles] == ["object 1", "object 2", "object 0"]
    assert sum(bool(ax.get_title()) for ax in explore_data.matching_figure(image, boxes[:1], TINY).axes) == 1


def test_boxes_go_with_an_image_that_is_warped_to_a_square():
    figures = {name: figure for name, _, figure in explore_data.data_figures(Data([[32, 12, 64, 36]]), TINY)}
    for name in ("matches.png", "negatives.png"):
        box = patches(figures[name].axes[0], "ground truth")[0]
        drawn = (box.get_x(), box.get_y(), box.get_width(), box.get_height())
        assert drawn == pytest.approx((32, 16, 32, 32))  # of 64; the image was 64 x 48


def test_negatives_never_cover_a_positive_and_are_the_hardest(monkeypatch):
    monkeypatch.setattr(explore_data, "MAX_NEGATIVES", 7)
    image, boxes, labels, _ = example(64)
    model = SSD(TINY)
    figure = explore_data.negatives_figure(image, boxes / 64, labels, TINY, model)
    left = figure.axes[0]
    positives, negatives = patches(left, "positive"), patches(left, "negative")
    assert len(patches(left, "ground truth")) == len(boxes)
    assert len(negatives) == 7
    corners = np.round(cxcywh_to_xyxy(default_boxes(TINY)) * 64, 2)

    def rows(found):
        drawn = np.array([(p.get_x(), p.get_y(), p.get_x() + p.get_width(), p.get_y() + p.get_height()) for p in found])
        return {int(np.abs(corners - box).max(axis=1).argmin()) for box in drawn}

    assert not rows(positives) & rows(negatives)
    loss = -log_softmax(model.forward(normalize(image[None], TINY))[1][0])[:, 0]
    loss[list(rows(positives))] = -1
    assert rows(negatives) == set(np.argsort(-loss)[: len(negatives)].tolist())
    assert "of these weights" in left.get_title()


def test_negatives_of_classes_that_the_preset_does_not_have():
    image, boxes, _, _ = example(64)
    labels = np.full(len(boxes), 60)
    assert "untrained" in explore_data.negatives_figure(image, boxes / 64, labels, TINY).axes[0].get_title()


def test_data_figures_work_on_the_built_in_set_too():
    figures = list(explore_data.data_figures(ShapesDataset(2, 64), TINY))
    assert {name for name, _, _ in figures} == DATA_FIGURES
    assert all(text and figure.axes for _, text, figure in figures)
