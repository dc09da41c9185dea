"""Data whose classes are not those of the network: fewer, more, in another order, or written in another way."""

import json
from dataclasses import replace

import pytest
from short_run import THIN

from numpyssd import evaluate, kernels, weights
from numpyssd.cli.other_classes import unknown_classes, why_stopped
from numpyssd.datasets.class_names import unknown_class
from numpyssd.datasets.issues import Issue
from numpyssd.datasets.shapes import CLASS_NAMES, write_voc
from numpyssd.errors import InputError
from numpyssd.model.ssd import SSD


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("data")
    write_voc(root, {"test": 6})
    return root


@pytest.fixture
def evaluated(data, tmp_path, capsys):
    """Return a function that evaluates a network of some classes: what it prints, and on standard error."""

    def run(names, *arguments):
        path = tmp_path / "weights.npz"
        weights.save(SSD(replace(THIN, num_classes=len(names) + 1), seed=1), path, names)
        with kernels.using("cpu"):
            evaluate.main(["--weights", str(path), "--data", str(data), "--bootstrap", "0", "--json", *arguments])
        out, err = capsys.readouterr()
        return json.loads(out), err

    return run


def test_fewer_classes_in_the_data_are_left_out_of_the_mean(evaluated):
    answer, err = evaluated((*CLASS_NAMES, "zebra"))
    assert answer["left_out"] == ["zebra"]
    assert err == ""


def test_another_order_is_no_matter(evaluated):
    answer, err = evaluated(CLASS_NAMES[::-1])
    assert list(answer["per_class"]) == list(CLASS_NAMES[::-1])
    assert err == ""


def test_more_classes_are_named_once_and_can_be_left_out(evaluated):
    with pytest.raises(InputError) as caught:
        evaluated(CLASS_NAMES[:3])
    assert str(caught.value).endswith(
        "weights.npz does not know: triangle (3 objects), ring (2 objects); it knows cross, ellipse, rectangle; leave "
        "out what it does not know with --bad-data skip, or name its classes as the data do with --class-names"
    )
    answer, err = evaluated(CLASS_NAMES[:3], "--bad-data", "skip")
    assert set(answer["per_class"]) == set(CLASS_NAMES[:3])
    assert err == (
        "note: 5 objects of classes that the network does not know were left out: triangle (3 objects), ring (2 "
        "objects); a box that it finds there counts as wrong\n"
    )


def test_other_capitals_are_told_with_the_option_that_helps(evaluated):
    names = [name.capitalize() for name in CLASS_NAMES]
    option = "--class-names cross,ellipse,rectangle,ring,triangle"
    with pytest.raises(InputError, match=f"they differ only in how they are written: add {option}$"):
        evaluated(names)
    answer, _ = evaluated(names, *option.split())
    assert set(answer["per_class"]) == set(CLASS_NAMES)


def issue(name, known=("traffic light", "car")):
    return Issue("a.xml", unknown_class(name, known))


def test_the_sentences():
    spelled = why_stopped([issue("Traffic_Light"), issue("CAR")], ("traffic light", "car"), "w.npz")
    assert spelled.endswith("add --class-names Traffic_Light,CAR")
    some = why_stopped([issue("CAR")], ("traffic light", "car"), "w.npz")
    assert some.endswith('add --class-names "traffic light,CAR"')
    assert why_stopped([issue("bus"), Issue("b.xml", "the box has zero size")], ("car",), "w.npz") is None
    assert why_stopped([], ("car",), "w.npz") is None
    many = why_stopped([issue(f"class {n}") for n in range(12)], ("car",), "w.npz")
    assert "class 7 (1 object) and 4 more; it knows car" in many
    assert unknown_classes([issue("it's"), issue('a "b"')]) == {"it's": 1, 'a "b"': 1}
