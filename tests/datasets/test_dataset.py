"""The contract of a data set, and that a new label format is a function that parses files into lists."""

import csv
import pickle
from collections import defaultdict

import numpy as np
import pytest
from PIL import Image
from short_run import batches_for, short_run

from numpyssd.config import TINY
from numpyssd.datasets.analysis.summary import summarize
from numpyssd.datasets.annotated_images import AnnotatedImages
from numpyssd.datasets.dataset import Annotation, Sample
from numpyssd.datasets.issues import Issue
from numpyssd.datasets.shapes import ShapesDataset
from numpyssd.run.log import read_log


@pytest.fixture
def sample():
    boxes = np.float32([[0, 0, 4, 2], [1, 1, 3, 3]])
    return Sample(np.zeros((20, 30, 3), np.uint8), boxes, np.array([1, 2]), np.array([False, True]))


def test_a_sample_unpacks_to_four(sample):
    image, boxes, labels, difficult = sample
    assert len(sample) == 4
    assert image is sample.image
    assert (boxes is sample[1], labels is sample[2], difficult is sample[3]) == (True, True, True)
    assert (sample.crowd.tolist(), sample.area.tolist()) == ([False, False], [8, 4])
    assert (sample.crowd.dtype, sample.area.dtype) == (bool, np.float64)


def test_samples_are_equal_if_all_six_fields_are(sample):
    assert sample == Sample(*(array.copy() for array in sample))
    assert sample == pickle.loads(pickle.dumps(sample))
    for changes in ({"crowd": [True, False]}, {"area": [8, 5]}, {"labels": np.array([1, 1])}):
        assert sample != sample._replace(**changes)
    assert sample != tuple(sample)
    known = sample._replace(crowd=[True, False], area=[1, 2])
    assert pickle.loads(pickle.dumps(known)) == known
    assert known._replace(labels=sample.labels) == known  # crowd and area are kept
    assert repr(known) == "Sample(image of 30 x 20 pixels, 2 objects, 1 difficult, 1 crowds)"


def test_an_annotation_of_lists_has_every_column():
    objects = Annotation.of([[0, 0, 4, 2]], [3])
    kinds = [(column.shape, column.dtype) for column in objects]
    assert kinds == [((1, 4), np.float64), ((1,), np.int64), *[((1,), bool)] * 3, ((1,), np.float64)]
    assert objects.area.tolist() == [8]
    assert [len(column) for column in Annotation.of([], [])] == [0] * 6
    boxes, labels, difficult, truncated = objects[:4]  # as before there were crowd and area
    assert not difficult.any()
    assert not truncated.any()


# ---- a format of our own ---------------------------------------------------------------------------------------------


def read_csv(path, class_names):
    """Return the data set of a table with the columns file, class, x1, y1, x2, y2."""
    objects, issues = defaultdict(list), []
    with open(path, newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            if row["class"] not in class_names:
                issues.append(Issue(path, f"unknown class {row['class']!r}", "the row is left out", number))
                continue
            box = [float(row[name]) for name in ("x1", "y1", "x2", "y2")]
            objects[path.parent / row["file"]].append((box, class_names.index(row["class"]) + 1))
    annotations = [Annotation.of(*zip(*rows)) for rows in objects.values()]
    return AnnotatedImages(class_names, list(objects), annotations, issues=issues)


@pytest.fixture
def table(tmp_path):
    shapes, lines = ShapesDataset(6), ["file,class,x1,y1,x2,y2"]
    for i, (image, boxes, labels, _) in enumerate(shapes):
        Image.fromarray(image).save(tmp_path / f"{i}.png")
        for box, label in zip(boxes, labels):
            lines.append(",".join([f"{i}.png", shapes.class_names[label - 1], *map(str, box)]))
    path = tmp_path / "boxes.csv"
    path.write_text("\n".join([*lines, "0.png,cow,1,2,3,4"]))
    return path


def test_a_new_format_is_a_function_that_parses(table):
    shapes = ShapesDataset(6)
    dataset = read_csv(table, shapes.class_names)
    assert (len(dataset), dataset.class_names) == (6, shapes.class_names)
    for i in range(6):
        assert dataset[i] == shapes[i]._replace(difficult=np.zeros(len(shapes[i].labels), bool))
        assert dataset.image_size(i) == (64, 64)
        assert dataset.image_path(i) == table.parent / f"{i}.png"
        assert dataset.image_name(i) == f"{i}.png"
    assert [str(issue) for issue in dataset.issues] == [
        f"{table}, object {len(table.read_text().splitlines()) - 2} (counted from 0): unknown class 'cow'; "
        "the row is left out"
    ]
    assert "issues: 1" in summarize(dataset, TINY)


def test_it_gives_the_batches_of_the_same_data_and_trains(table, tmp_path):
    shapes = ShapesDataset(6)
    dataset = read_csv(table, shapes.class_names)
    ours, theirs = (batches_for(images, TINY, 3).batch(4) for images in (dataset, shapes))
    for a, b in zip((ours.images, *ours.targets), (theirs.images, *theirs.targets), strict=True):
        np.testing.assert_array_equal(a, b)
    short_run(tmp_path, dataset=dataset, iterations=1).run()
    assert np.isfinite(read_log(tmp_path / "log.csv")["loss"]).all()


def test_what_an_object_returns_may_be_changed(table):
    dataset = read_csv(table, ShapesDataset.class_names)
    dataset.annotation(0).boxes[:] = -1
    dataset[0].boxes[:] = -1
    assert (dataset.annotation(0).boxes >= 0).all()


def test_lists_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="2 images, 1 annotations and 2 sizes"):
        AnnotatedImages(("a",), [np.zeros((4, 4, 3), np.uint8)] * 2, [Annotation.of([], [])])
    with pytest.raises(ValueError, match="class_names must differ"):
        AnnotatedImages(("a", "a"), [], [])
