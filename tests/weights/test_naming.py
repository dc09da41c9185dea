"""The names of classes: those in a file, those that a user gives, and what is said where they are guessed."""

import json
from dataclasses import replace

import numpy as np
import pytest
from third_party_files import write_pth
from third_party_networks import NARROW, as_amdegroot, random_model, write

from numpyssd import weights
from numpyssd.cli import show_weights
from numpyssd.config import SSD300
from numpyssd.datasets.voc.writer import annotation_xml, png_bytes
from numpyssd.detect import main as detect
from numpyssd.errors import InputError
from numpyssd.evaluate import main as evaluate
from numpyssd.weights.naming import given_names, guess


def network(folder, classes, kind="amdegroot"):
    """Write a network with so many classes, background included, whose scores are low."""
    model = random_model(replace(SSD300, width=NARROW, num_classes=classes))
    for parameter in model.parameters().values():
        parameter.value *= 0.05
    return write(kind, model, folder / f"own{classes}.{kind}")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    return {classes: network(folder, classes) for classes in (3, 21)}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Images of bolts and nuts."""
    root = tmp_path_factory.mktemp("data")
    for part in ("Annotations", "JPEGImages", "ImageSets/Main"):
        (root / part).mkdir(parents=True)
    image = np.random.default_rng(0).integers(0, 255, (40, 60, 3), dtype=np.uint8)
    for stem, name in (("a", "bolt"), ("b", "nut")):
        (root / f"JPEGImages/{stem}.png").write_bytes(png_bytes(image))
        xml = annotation_xml(f"{stem}.png", (60, 40), [[1, 2, 30, 35]], [name], [False], [False])
        (root / f"Annotations/{stem}.xml").write_text(xml)
    (root / "ImageSets/Main/test.txt").write_text("a\nb\n")
    return root


def test_names_on_the_command_line_and_in_a_file(tmp_path):
    assert given_names("bolt, nut") == ("bolt", "nut")
    (tmp_path / "labels.txt").write_bytes("\ufeffbolt\r\nMutter, groß\r\n\r\n".encode())
    assert given_names(str(tmp_path / "labels.txt")) == ("bolt", "Mutter, groß")
    (tmp_path / "labels.txt").write_bytes("bolt\r\nMutter, groß\r\n".encode("utf-16"))
    assert given_names(str(tmp_path / "labels.txt")) == ("bolt", "Mutter, groß")
    for text, said in (("bolt,", "name 2 .* is empty"), ("", "name 1"), ("a,b,a", "'a' is twice")):
        with pytest.raises(InputError, match=said):
            given_names(text)
    (tmp_path / "labels.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read as a list of class names"):
        given_names(str(tmp_path / "labels.txt"))


@pytest.mark.parametrize("given", [("bolt", "nut"), ("background", "bolt", "nut"), ("__background__", "bolt", "nut")])
def test_given_names_are_those_of_the_model(files, given):
    model = weights.load_model(files[3], given)
    assert (model.class_names, model.names_are_guessed) == (("bolt", "nut"), False)
    assert weights.load_model(files[3]).class_names == ("class 1", "class 2")
    assert weights.load_model(files[3]).names_are_guessed


def test_as_many_names_as_classes(files):
    for given in (("bolt",), ("bolt", "nut", "screw"), ("a", "background", "b")):
        with pytest.raises(InputError, match=rf"{len(given)} class names are given for .*own3\.amdegroot.* 2 classes"):
            weights.load_model(files[3], given)


def test_our_own_files_name_their_classes_and_can_be_named_anew(tmp_path):
    assert not weights.load_model("tiny").names_are_guessed
    assert weights.load_model("tiny", "abcde").class_names == tuple("abcde")


def test_what_a_guess_says():
    assert "20 are taken to be VOC's; if they are others, name them with --class-names" in guess(("x",) * 20)
    assert "taken to be COCO's" in guess(("x",) * 80)
    assert "names no classes; name its 2 in the order of their labels with --class-names" in guess(("x",) * 2)


@pytest.mark.parametrize("policy", ["error", "skip"])
def test_evaluate_tells_that_the_file_names_no_classes(files, data, policy):
    common = ["--data", str(data), "--bad-data", policy]
    with pytest.raises(InputError, match=r"own3.* names no classes; it has 2; name them .* --class-names FIRST,SECOND"):
        evaluate(["--weights", str(files[3]), *common])
    with pytest.raises(InputError) as caught:
        evaluate(["--weights", str(files[21]), *common])
    assert "its 20 are taken to be VOC's, and the data have others (class 'bolt' is not one of" in str(caught.value)
    assert "--class-names FIRST,SECOND" in str(caught.value)


def test_evaluate_with_names(files, data, capsys):
    assert evaluate(["--weights", str(files[3]), "--data", str(data), "--class-names", "bolt,nut", "--json"]) == 0
    said = capsys.readouterr()
    assert set(json.loads(said.out)["per_class"]) == {"bolt", "nut"}
    assert "class" not in said.err


def test_detect_says_once_that_names_are_guessed(files, data, tmp_path, capsys):
    image, out = str(data / "JPEGImages/a.png"), ["--json", "--score", "0", "--out", str(tmp_path)]
    assert detect([image, "--weights", str(files[21]), *out]) == 0
    said = capsys.readouterr()
    assert said.err.count("20 are taken to be VOC's; if they are others, name them with --class-names") == 1
    assert json.loads(said.out)["detections"]
    assert detect([image, "--weights", str(files[3]), "--class-names", "bolt,nut", *out]) == 0
    said = capsys.readouterr()
    assert "note" not in said.err
    assert {one["label"] for one in json.loads(said.out)["detections"]} <= {"bolt", "nut"}


def test_the_choice_of_an_average_is_told_where_detections_are_made(files, data, tmp_path, capsys):
    arrays = as_amdegroot(weights.load_model(files[3]))
    first, second = ({f"{name}.{key}": array for key, array in arrays.items()} for name in ("net", "ema"))
    path = write_pth(tmp_path / "two.pth", first | second)
    command = [str(data / "JPEGImages/a.png"), "--weights", str(path), "--out", str(tmp_path), "--class-names", "a,b"]
    assert detect(command) == 0
    assert "note: the file holds these weights 2 times; taken: ema, the average" in capsys.readouterr().err


def test_conf_predictors_of_other_classes_are_told(tmp_path):
    model = random_model(replace(SSD300, width=NARROW, num_classes=3))
    for names, said in ((("bolt", "nut"), False), (("screw", "nut"), True), (None, False)):
        model.class_names = ("bolt", "nut")
        weights.save(model, tmp_path / "a.npz")
        model.class_names = names
        report = str(weights.load(model, tmp_path / "a.npz"))
        assert ("the conf predictors were trained for other classes: bolt, nut" in report) == said


def test_weights_shows_a_guess_and_saves_names(files, tmp_path, capsys):
    assert show_weights.main([str(files[21])]) == 0
    assert "note: the file names no classes; 20 are taken to be VOC's" in capsys.readouterr().out
    target = tmp_path / "own.npz"
    with pytest.raises(InputError, match="names no classes; name its 2"):
        show_weights.main([str(files[3]), "--save", str(target)])
    with pytest.raises(InputError, match="would replace the file that is read"):
        show_weights.main([str(files[3]), "--save", str(files[3])])
    assert show_weights.main([str(files[3]), "--class-names", "bolt,nut", "--save", str(target)]) == 0
    assert "classes: bolt, nut" in capsys.readouterr().out
    saved, loaded = weights.load_model(target), weights.load_model(files[3])
    assert (saved.class_names, saved.names_are_guessed) == (("bolt", "nut"), False)
    assert saved.config == loaded.config
    for name, parameter in loaded.parameters().items():
        np.testing.assert_array_equal(saved.parameters()[name].value, parameter.value)
