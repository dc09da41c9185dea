"""Which part an image goes to: by its name alone, whatever else is there, and no part of a small set is empty."""

from collections import Counter

import pytest

from numpyssd.datasets.splits.assignment import PARTS, assign, hash_of, stem


def parts_of(names, labels=None, known=None, groups=None, **options):
    labels = labels or [{1}] * len(names)
    groups = groups or [[i] for i in range(len(names))]
    return assign(names, groups, labels, known or [None] * len(names), **options)


def names_of(count, text="IMG_{:04}.jpg"):
    return [text.format(i) for i in range(count)]


def test_the_hash_is_the_same_on_every_machine_and_in_every_version():
    assert hash_of("IMG_0001.jpg") == 0x6A17D39F6B7F / 2**48  # printf img_0001 | sha256sum | cut -c1-12
    assert hash_of("IMG_0002.jpg") != hash_of("IMG_0001.jpg")


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("Photo.JPG", "photo.png"),  # converted, or from a camera with capital endings
        ("cafe\u0301.jpg", "caf\u00e9.jpg"),  # accents as macOS writes them
        ("a_jpg.rf.0123abc.jpg", "a_jpg.rf.ffff.jpg"),  # two copies that Roboflow augmented, or two exports
    ],
)
def test_names_that_mean_the_same_image(name, same):
    assert hash_of(name) == hash_of(same)


def test_names_without_an_ending():
    assert [stem(name) for name in ("README", ".jpg", "a.b.jpg")] == ["readme", ".jpg", "a.b"]


def test_eighty_ten_ten():
    counts = Counter(parts_of(names_of(2000)))
    assert counts["train"] == pytest.approx(1600, abs=60)
    assert counts["val"] == pytest.approx(200, abs=45)
    assert counts["test"] == pytest.approx(200, abs=45)


def test_an_image_that_is_added_moves_no_other_even_without_a_record():
    names = names_of(400)
    before = dict(zip(names[::2], parts_of(names[::2])))
    after = dict(zip(names, parts_of(names)))
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("count", [3, 4, 5, 10, 20, 40])
@pytest.mark.parametrize("text", ["a{}.jpg", "IMG_{:04}.jpg", "{}.png", "frame{:06}.jpg"])
def test_no_part_of_a_small_set_is_empty_and_most_is_trained_on(count, text):
    counts = Counter(parts_of(names_of(count, text)))
    assert set(counts) == set(PARTS)
    assert counts["train"] >= count // 2


def test_one_image_is_trained_on_and_of_two_one_is_val():
    assert parts_of(["a.jpg"]) == ["train"]
    for names in (["a.jpg", "b.jpg"], ["x.jpg", "y.jpg"], ["1.jpg", "2.jpg"], ["p.png", "q.png"]):
        assert sorted(parts_of(names)) == ["train", "val"]


def test_every_part_has_objects_if_only_few_images_have_any():
    names = names_of(200)
    for with_objects in (range(3), range(50, 53), range(7, 200, 60)):
        labels = [{1} if i in with_objects else set() for i in range(200)]
        found = parts_of(names, labels)
        assert {found[i] for i in with_objects} == set(PARTS)


def test_the_only_objects_of_a_class_are_moved_out_of_train_last():
    tried = 0
    for text in ("a{}.jpg", "IMG_{:04}.jpg", "{}.png", "z{}.jpg", "frame{:06}.jpg"):
        names = names_of(8, text)
        plain = parts_of(names)
        moved = [i for i in range(8) if plain[i] != "train" and hash_of(names[i]) < 0.8]
        for rare in moved[:1]:
            labels = [{1, 2} if i == rare else {1} for i in range(8)]
            found = parts_of(names, labels)
            assert found[rare] == "train"
            assert set(found) == set(PARTS)
            tried += 1
    assert tried >= 3


def test_a_group_stays_together_and_goes_where_its_known_images_are():
    names = names_of(60)
    groups = [[0, 1, 2], *[[i] for i in range(3, 60)]]
    found = parts_of(names, groups=groups)
    assert len({found[i] for i in (0, 1, 2)}) == 1
    for part in PARTS:
        known = [part if i == 1 else None for i in range(60)]
        found = parts_of(names, groups=groups, known=known)
        assert [found[i] for i in (0, 1, 2)] == [part] * 3


def test_what_is_known_never_moves_even_where_a_part_stays_empty():
    names = names_of(6)
    assert parts_of(names, known=["train"] * 6) == ["train"] * 6
    grown = parts_of(names_of(9), known=["train"] * 6 + [None] * 3)
    assert grown[:6] == ["train"] * 6
    assert {"val", "test"} <= set(grown)  # of the new ones


def test_held_out_for_validation_alone():
    names = names_of(500)
    whole, held = parts_of(names), parts_of(names, parts=("train", "val"))
    assert set(held) == {"train", "val"}
    assert [part == "val" for part in held] == [part == "val" for part in whole]
