"""Which splits are taken where none is named, and what is said of it."""

import pytest

from numpyssd.datasets.splits.choice import choose_for_evaluation, choose_for_training, choose_to_look_at
from numpyssd.datasets.splits.names import AUTO, NONE
from numpyssd.errors import InputError


@pytest.fixture
def folder(tmp_path):
    """Return a function that makes the lists of splits of a folder in VOC's layout; nothing else is looked at."""

    def make(*splits):
        for name in ("JPEGImages", "Annotations", *(["ImageSets/Main"] if splits else [])):
            (tmp_path / name).mkdir(parents=True, exist_ok=True)
        for split in splits:
            (tmp_path / f"ImageSets/Main/{split}.txt").write_text("a\n")
        return tmp_path

    return make


@pytest.mark.parametrize(
    ("splits", "given", "chosen", "said"),
    [
        (("train", "val", "test"), (None, None), ("train", "val"), None),
        (("train", "val"), ("train", None), ("train", "val"), None),
        (("train", "valid", "test"), (None, None), ("train", "valid"), "--val-split valid"),
        (("train", "validation"), (None, None), ("train", "validation"), "--val-split validation"),
        (("train", "dev"), (None, None), ("train", "dev"), "--val-split dev"),
        (("train", "val", "valid"), (None, None), ("train", "val"), None),
        (("train",), (None, None), (AUTO, AUTO), "--split train --val-split none"),
        (("default",), (None, None), (AUTO, AUTO), "--val-split none"),
        (("train",), (None, NONE), ("train", NONE), None),
        (("train",), ("train", None), ("train", AUTO), "--val-split none"),
        (("train", "test"), (None, None), ("train", AUTO), "--val-split none"),
        (("trainval", "test"), (None, None), ("trainval", AUTO), "--val-split none"),
        (("train", "val", "trainval"), ("trainval", None), ("trainval", AUTO), "--val-split none"),
        (("train", "val"), ("val", None), ("val", AUTO), "--val-split none"),
        (("train", "val"), ("train", "tset"), ("train", "tset"), None),
        (("train", "val"), (AUTO, None), (AUTO, AUTO), None),
        (("train", "val"), (AUTO, NONE), (AUTO, NONE), None),
        ((), (None, None), (AUTO, AUTO), "has no splits"),
        ((), (None, NONE), (AUTO, NONE), "has no splits"),
        ((), ("train", "val"), (AUTO, AUTO), "has no splits"),
        ((), ("all", NONE), ("all", NONE), None),
    ],
)
def test_what_training_takes(folder, splits, given, chosen, said):
    choice = choose_for_training(folder(*splits), *given)
    assert choice[:2] == chosen
    assert said in choice.why if said else choice.why is None


@pytest.mark.parametrize("splits", [("test",), ("one", "two")])
def test_nothing_to_train_on_names_the_splits_and_the_remedy(folder, splits):
    with pytest.raises(
        InputError, match=f"no split 'train'; the splits there are: {', '.join(splits)}; .*--split auto"
    ):
        choose_for_training(folder(*splits), None, None)


def test_an_automatic_split_has_validation_images_of_its_own(folder):
    with pytest.raises(InputError, match="leave out --val-split val"):
        choose_for_training(folder("train", "val"), AUTO, "val")


def test_what_is_measured(folder):
    assert choose_for_evaluation(folder("train", "valid"), "train") == ("train", None)
    split, said = choose_for_evaluation(folder(), None)
    assert (split, "'valid' is measured" in said, "a little too good" in said) == ("valid", True, True)
    assert choose_for_evaluation(folder("testing"), None) == ("testing", None)
    assert choose_for_evaluation(folder("test"), None) == ("test", None)


def test_nothing_to_measure(folder):
    with pytest.raises(InputError, match="no split 'test'; the splits there are: train; name one with --split"):
        choose_for_evaluation(folder("train"), None)


def test_what_explore_shows(folder):
    assert choose_to_look_at(folder(), None) == "train"
    assert choose_to_look_at(folder("one", "two"), None) == "one"
    assert choose_to_look_at(folder("train", "test"), None) == "train"
    assert choose_to_look_at(folder(), "val") == "val"
