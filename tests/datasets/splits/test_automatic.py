"""The automatic split of folders: the same after images came, names changed and folders moved."""

import json
import os
import shutil
from collections import Counter

import numpy as np
import pytest
from PIL import Image
from voc_root import xml

from numpyssd.datasets.layouts import has_split
from numpyssd.datasets.loading import hold_out, load_automatic, load_dataset
from numpyssd.datasets.splits.record import IN_DATA, read
from numpyssd.errors import InputError

BOX = ("cat", (2, 3, 20, 18))


def add(root, first, last, split=None, objects=(BOX,)):
    """Write images in VOC's layout, of noise so that none is like another; in the list of a split, or in none."""
    for folder in ("JPEGImages", "Annotations"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for k in range(first, last):
        pixels = np.random.default_rng(k).integers(0, 256, (20, 30), np.uint8)
        Image.fromarray(pixels).save(root / f"JPEGImages/img{k:03}.png")
        (root / f"Annotations/img{k:03}.xml").write_text(xml(objects, file_name=f"img{k:03}.png"))
    if split:
        (root / "ImageSets/Main").mkdir(parents=True, exist_ok=True)
        names = "".join(f"img{k:03}\n" for k in range(first, last))
        (root / f"ImageSets/Main/{split}.txt").write_text(names)
    return root


def places(split):
    return dict(zip(split.images, split.places))


@pytest.fixture
def folder(tmp_path):
    return add(tmp_path / "photos", 0, 30)


def test_a_folder_without_splits_has_train_val_and_test(folder):
    split = load_automatic(folder)
    assert split.counts() == Counter(split.places)
    for part in ("train", "val", "test"):
        data = load_dataset(folder, part)
        assert len(data) == split.counts()[part] > 0
        assert {split.places[split.images.index(f"JPEGImages/{path.name}")] for path in paths(data)} == {part}
        assert has_split(folder, part)
    assert len(load_dataset(folder, "valid")) == split.counts()["val"]
    assert len(load_dataset(folder, "trainval")) == split.counts()["train"] + split.counts()["val"]
    assert len(load_dataset(folder, "all")) == 30
    with pytest.raises(InputError, match="no split 'tset'; it is divided automatically into train, val and test"):
        load_dataset(folder, "tset")
    assert f"{split.counts()['train']} images to train on" in split.in_words()


def paths(data):
    return [data.image_path(i) for i in range(len(data))]


def test_added_images_move_none_and_a_moved_folder_is_the_same(folder, tmp_path):
    first = load_automatic(folder)
    assert first.write_to_folders() == ([folder / IN_DATA], [])
    before = places(first)
    add(folder, 30, 60)
    (folder / "JPEGImages/img001b.png").write_bytes((folder / "JPEGImages/img001.png").read_bytes())  # the same again
    shutil.copy(folder / "Annotations/img001.xml", folder / "Annotations/img001b.xml")
    second = load_automatic(folder)
    after = places(second)
    assert {image: after[image] for image in before} == before
    assert after["JPEGImages/img001b.png"] == before["JPEGImages/img001.png"]
    assert second.new == 30  # the copy is known by its bytes
    assert "30 new, the others where they were" in second.in_words()
    second.write_to_folders()
    moved = folder.rename(tmp_path / "elsewhere")
    third = load_automatic(moved)
    assert (places(third), third.new) == (after, 0)
    for kind, ending in (("JPEGImages", "png"), ("Annotations", "xml")):  # renamed within: known by its bytes
        (moved / kind / f"img002.{ending}").rename(moved / kind / f"other name.{ending}")
    assert places(load_automatic(moved))["JPEGImages/other name.png"] == after["JPEGImages/img002.png"]


def test_a_person_may_change_the_table(folder):
    split = load_automatic(folder)
    split.write_to_folders()
    path, image = folder / IN_DATA, next(name for name, part in places(split).items() if part == "train")
    path.write_text(path.read_text().replace(f"train,{image}", f"test,{image}"))
    assert places(load_automatic(folder))[image] == "test"
    path.write_text("part,image,sha256\nhere,a,b\n")
    with pytest.raises(InputError, match="numpyssd_split.csv, line 2"):
        load_automatic(folder)


def test_what_looks_alike_in_two_parts_is_counted(tmp_path):
    root = add(tmp_path / "photos", 0, 12)
    for k in range(1, 12):
        shutil.copy(root / "JPEGImages/img000.png", root / f"JPEGImages/img{k:03}.png")
    split = load_automatic(root)
    assert set(split.counts().values()) != {0}
    assert split.apart == 12  # all are the same image, and each part has some
    assert "12 look like an image of another part, so figures may be too good" in split.in_words()
    assert load_automatic(add(tmp_path / "others", 0, 12)).apart == 0


def test_a_folder_that_may_only_be_read_is_named(folder, monkeypatch):
    split = load_automatic(folder)

    def denied(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", denied)
    assert split.write_to_folders() == ([], [folder / IN_DATA])
    assert sorted(os.listdir(folder)) == ["Annotations", "JPEGImages"]


def test_of_a_folder_with_splits_all_images_are_divided_each_once(tmp_path):
    root = add(add(tmp_path / "voc", 0, 20, "train"), 20, 30, "test")
    (root / "ImageSets/Main/trainval.txt").write_text("".join(f"img{k:03}\n" for k in range(20)))
    split = load_automatic(root)
    assert len(split.places) == 30
    assert len(load_dataset(root, "auto")) == split.counts()["train"]
    assert len(load_dataset(root, "train")) == 20  # its own, unless told to
    plain = load_automatic(add(tmp_path / "plain", 0, 30))
    assert places(plain) == places(split)


def test_a_run_that_goes_on_leaves_new_images_out(folder):
    first = load_automatic(folder)
    add(folder, 30, 40)
    again = load_automatic(folder, known=first.record(), only_known=True)
    assert {image for image, part in places(again).items() if part is None} == {
        f"JPEGImages/img{k:03}.png" for k in range(30, 40)
    }
    assert paths(again.part("train")) == paths(first.part("train"))


def test_several_folders_are_divided_together(folder, tmp_path):
    other = add(tmp_path / "more", 30, 60)
    shutil.copy(folder / "JPEGImages/img000.png", other / "JPEGImages/img030.png")  # as in the first folder
    split = load_automatic(f"{folder},{other}")
    assert len(split.places) == 60
    assert places_of(split, folder)["JPEGImages/img000.png"] == places_of(split, other)["JPEGImages/img030.png"]
    assert split.write_to_folders()[0] == [folder / IN_DATA, other / IN_DATA]
    assert {entry.image for entry in read(other / IN_DATA).entries.values()} == {
        f"JPEGImages/img{k:03}.png" for k in range(30, 60)
    }
    alone = load_automatic(other)
    assert (places_of(alone, other), alone.new) == (places_of(split, other), 0)


def places_of(split, root):
    rows = zip(split.places, paths(split.whole))
    return {path.relative_to(root).as_posix(): part for part, path in rows if root in path.parents}


def test_a_folder_with_splits_and_one_without_are_one_sentence(folder, tmp_path):
    other = add(tmp_path / "voc", 0, 4, "train")
    with pytest.raises(InputError, match="photos has no splits, and another folder has; divide all .* --split auto"):
        load_dataset(f"{other},{folder}", "train")
    assert len(load_automatic(f"{other},{folder}").places) == 34


def test_a_list_of_all_images_is_found_by_its_name_and_is_no_split(tmp_path):
    root = add(tmp_path / "cvat", 0, 12, "every image")
    add(root, 12, 14)
    assert len(load_dataset(root, "every image")) == 12
    assert has_split(root, "every image")
    assert set(load_automatic(root).counts()) == {"train", "val", "test"}


def test_a_tenth_of_a_split_is_held_out(tmp_path):
    root = add(add(tmp_path / "voc", 0, 30, "train"), 30, 35, "test")
    whole, held = load_automatic(root), hold_out(root, "train")
    assert set(held.places) == {"train", "val"}
    assert len(held.places) == 30
    whole.write_to_folders()  # which says nothing of what is held out
    assert places(hold_out(root, "train")) == places(held)
    assert places(hold_out(root, "train", known=held.record(), only_known=True)) == places(held)


def test_crowds_are_left_out_of_training_alone(tmp_path):
    boxes = [{"bbox": [1, 1, 5 + n, 5], "iscrowd": n, "id": n, "image_id": 1, "category_id": 1} for n in range(2)]
    content = {"images": [{"id": 1, "file_name": "a.png"}], "categories": [{"id": 1, "name": "cat"}]}
    Image.new("RGB", (30, 20)).save(tmp_path / "a.png")
    (tmp_path / "annotations").mkdir()
    (tmp_path / "annotations/instances_default.json").write_text(json.dumps(content | {"annotations": boxes}))
    split = load_automatic(tmp_path)
    for training, count in ((True, 1), (False, 2)):
        part = split.part("train", training=training)
        assert (len(part.annotation(0).labels), len(part[0].boxes), len(part[0].area)) == (count, count, count)


def test_a_split_without_validation_names_the_file_that_says_so(tmp_path):
    add(tmp_path, 0, 8)
    split = load_automatic(tmp_path)
    assert IN_DATA not in split.in_words()
    (tmp_path / IN_DATA).write_text(
        "".join(f"train,{image},{code}\n" for image, code in zip(split.images, split.digests))
    )
    assert f"so says {IN_DATA}, which you may remove to divide them anew" in load_automatic(tmp_path).in_words()
