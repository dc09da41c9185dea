"""Every kind of issue is planted in a sound folder, and must be named with what training does about it."""

import json
import os
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from voc_root import Root, xml

from numpyssd import explore
from numpyssd.datasets.checks.all_splits import check

RNG = np.random.default_rng(5)
GOOD = ("pin", (1, 1, 10, 10), "<difficult>0</difficult>")


def paint(root, stem, ending="png"):
    """Give an image pixels of its own, so that no two are alike."""
    path = root.path / "JPEGImages" / f"{stem}.{ending}"
    Image.fromarray(RNG.integers(0, 256, (20, 30, 3), dtype=np.uint8)).save(path)
    return path


@pytest.fixture
def root(tmp_path):
    """A folder without any issue: images a, b to train on, c to validate, d to test."""
    root = Root(tmp_path / "data")
    for stem, split in (("a", "train"), ("b", "train"), ("c", "val"), ("d", "test")):
        root.add(stem, [GOOD], split=split, file_name=f"{stem}.png")
        paint(root, stem)
    return root


def said(data, tmp_path, capsys):
    """Return the exit code of --check and its lines."""
    code = explore.main(["--data", str(data), "--check", "--out", str(tmp_path / "out")])
    lines = capsys.readouterr().out.splitlines()
    written = (tmp_path / "out" / "check.txt").read_text(encoding="utf-8").splitlines()
    assert set(lines) - set(written) <= {lines[-1], *(line for line in lines if "more like this" in line)}
    return code, lines


def test_what_training_takes_without_a_split_to_choose_by_is_said(root, tmp_path, capsys):
    (root.path / "ImageSets" / "Main" / "val.txt").unlink()
    code, lines = said(root.path, tmp_path, capsys)
    assert code == 0
    assert any("has no other split to choose the best weights by (--val-split none" in line for line in lines)
    (root.path / "ImageSets" / "Main" / "test.txt").unlink()
    _, lines = said(root.path, tmp_path, capsys)
    assert any("only the split 'train' (--split train --val-split none" in line for line in lines)


def test_a_sound_folder(root, tmp_path, capsys):
    code, lines = said(root.path, tmp_path, capsys)
    assert code == 0
    assert lines[:-1] == [
        "train: 2 images (0 without objects) and 2 objects can be used",
        "val: 1 image (0 without objects) and 1 object can be used",
        "test: 1 image (0 without objects) and 1 object can be used",
        "nothing here stops training",
    ]


def annotation(root, text):
    (root.path / "Annotations/b.xml").write_bytes(text if isinstance(text, bytes) else text.encode())


def objects(*corners, name="pin"):
    return lambda root: annotation(root, xml([GOOD, *((name, c, "<difficult>0</difficult>") for c in corners)]))


def image_bytes(change):
    path = "JPEGImages/b.png"
    return lambda root: (root.path / path).write_bytes(change((root.path / path).read_bytes()))


def damaged(content):
    middle = content.index(b"IDAT") + 400
    return content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :]


def bomb(content):
    """Return a PNG whose head claims 60000 x 60000 pixels."""
    head = b"IHDR" + struct.pack(">II", 60000, 60000) + content[24:29]
    return content[:12] + head + struct.pack(">I", zlib.crc32(head)) + content[33:]


def list_of(split, text):
    return lambda root: (root.path / f"ImageSets/Main/{split}.txt").write_bytes(text)


BOMB = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]><annotation><filename>&c;</filename></annotation>'
BOX, OBJECT, IMAGE = "; the box is left out", "; the object is left out", "; the image is left out"

# What is planted, and the line that names it: file, object, what is wrong, and what is done about it.
STOPS = {
    "zero-byte image": (image_bytes(lambda c: b""), rf"b\.png is empty \(0 bytes\).*{IMAGE}"),
    "truncated image": (image_bytes(lambda c: c[: len(c) // 2]), rf"b\.png is damaged or cut short.*{IMAGE}"),
    "damaged image": (image_bytes(damaged), rf"b\.png is damaged or cut short.*{IMAGE}"),
    "no image at all": (image_bytes(lambda c: b"I am a text"), rf"b\.png is not an image.*{IMAGE}"),
    "decompression bomb": (image_bytes(bomb), rf"b\.png claims more than 179 million pixels.*{IMAGE}"),
    "size unlike the file": (lambda r: annotation(r, xml([GOOD], (60, 40))),
                             rf"b\.xml: the XML says 60 x 40 .*{IMAGE}"),
    "width for height": (lambda r: annotation(r, xml([GOOD], (20, 30))), rf"b\.xml: the XML says 20 x 30 .*{IMAGE}"),
    "inverted": (objects((9, 9, 3, 12)), rf"b\.xml, object 1 .*, box \[9, 9, 3, 12\]: .* inverted.*{BOX}"),
    "zero size": (objects((4, 5, 4, 9)), rf"b\.xml, object 1 .*, box \[4, 5, 4, 9\]: .* zero size{BOX}"),
    "outside": (objects((40, 1, 50, 9)), rf"b\.xml, object 1 .* outside the image of 30 x 20 pixels.*{BOX}"),
    "over the edge": (objects((25, 1, 36, 9)),
                      r"b\.xml, object 1 .* reaches 6 pixels out .*; it is cut off at the edge"),
    "NaN": (objects(("nan", 1, 5, 9)), rf"b\.xml, object 1 .*, box \[nan, 1, 5, 9\]: .* not a number{BOX}"),
    "infinite": (objects((1, 1, "inf", 9)), rf"b\.xml, object 1 .*not a number{BOX}"),
    "a corner missing": (objects((1, 1, 5)),
                         rf"b\.xml, object 1 .*, box \[1, 1, 5, nothing\]: a corner is missing.*{BOX}"),
    "no bndbox": (lambda r: annotation(r, xml([GOOD]).replace("bndbox", "box")), rf"b\.xml, object 0 .*missing.*{BOX}"),
    "y before x": (objects((5, 22, 15, 28)), rf"b\.xml, object 1 .*fit as ymin, xmin, ymax, xmax\){BOX}"),
    "x, x, y, y": (objects((20, 28, 3, 19)), rf"b\.xml, object 1 .*fit as xmin, xmax, ymin, ymax\){BOX}"),
    "width and height": (objects((20, 12, 8, 6)), rf"b\.xml, object 1 .*fit as x, y, width, height .*{BOX}"),
    "fractions": (objects((0.1, 0.2, 0.5, 0.9)), rf"b\.xml, object 1 .*fractions of the width and height.*{BOX}"),
    "empty class": (objects((1, 1, 9, 9), name=""), rf"b\.xml, object 1 .*the object has no class.*{OBJECT}"),
    "background": (objects((1, 1, 9, 9), name="background"), rf"b\.xml, object 1 .*class 0 by itself{OBJECT}"),
    "broken XML": (lambda r: annotation(r, "<annotation>\n<object>"), rf"b\.xml, line 2: the XML is broken.*{IMAGE}"),
    "NUL bytes": (lambda r: annotation(r, b"<annotation>\0"), rf"b\.xml is not text .*NUL.*{IMAGE}"),
    "entity bomb": (lambda r: annotation(r, BOMB), rf"b\.xml, line 1: <!DOCTYPE is refused.*{IMAGE}"),
    "another tongue": (lambda r: annotation(r, "<coco/>"), rf"b\.xml is no VOC annotation.*{IMAGE}"),
    "image without XML": (lambda r: (r.path / "Annotations/b.xml").unlink(), rf"b\.xml does not exist.*{IMAGE}"),
    "XML without image": (lambda r: (r.path / "JPEGImages/b.png").unlink(), rf"b has no image .*{IMAGE}"),
    "overlap": (list_of("val", b"c\na\n"), r"1 of the 2 images of the split 'val' is in 'train' too \(a\.png\).*"),
    "empty split": (list_of("val", b"\n"), r"val\.txt lists no image; .*; training stops always"),
    "nothing left": (list_of("val", b"x\n"),
                     r"none of the 1 images .*'val'.*x\.xml does not exist.*; training stops.*"),
    "a list that is no text": (list_of("val", b"\xe9"),
                               r"val\.txt is not text in UTF-8; .*; training stops always"),
}  # fmt: skip


@pytest.mark.parametrize("name", STOPS)
def test_what_stops_training_is_named(root, tmp_path, capsys, name):
    plant, words = STOPS[name]
    plant(root)
    code, lines = said(root.path, tmp_path, capsys)
    assert code == 2
    named = [line for line in lines if re.search(rf"{words}$", line)]
    assert len(named) == 1, lines
    above = next(line for line in reversed(lines[: lines.index(named[0])]) if re.match(r"  \w", line))
    assert above.startswith("  issues (training stops for these")
    of_train = next(k for k, line in enumerate(lines) if line.startswith("val") or "'val'" in line or "val.txt" in line)
    assert not any("left out of the class names" in line for line in lines[:of_train])  # named once, as what it is
    count = "2 issues" if name == "nothing left" else "1 issue"  # the file that is missing, and what that means
    assert f"training stops for {count}; fix" in lines[-2]
    assert name == "overlap" or not any("in no split" in line for line in lines)


def test_a_box_that_was_drawn_many_times_is_one_line_for_each_time(root, tmp_path, capsys):
    objects(*((1, 1, 10, 10 - k / 100) for k in range(29)))(root)
    said(root.path, tmp_path, capsys)
    assert (tmp_path / "out" / "check.txt").read_text(encoding="utf-8").count("are nearly the same") == 29


def test_a_split_of_which_nothing_is_left_has_all_its_issues_listed(root, tmp_path, capsys):
    for name in "ab":
        (root.path / f"JPEGImages/{name}.png").write_bytes(b"")
    code, lines = said(root.path, tmp_path, capsys)
    assert code == 2
    assert sum(line.endswith(f"{IMAGE[2:]}") and ".png is empty" in line for line in lines) == 2
    assert any("none of the 2 images" in line and line.endswith("training stops always") for line in lines)
    assert lines[-2].endswith(
        "training stops for 3 issues; fix the data: with --bad-data skip training still stops for 1"
    )


def test_skipping_is_offered_only_where_it_helps(root, tmp_path, capsys):
    list_of("val", b"\n")(root)
    _, lines = said(root.path, tmp_path, capsys)
    assert lines[-2] == "training stops for 1 issue; fix the data: with --bad-data skip training still stops for it"
    list_of("val", b"c\na\n")(root)
    _, lines = said(root.path, tmp_path, capsys)
    assert lines[-2] == "training stops for 1 issue; fix the data, or go on with --bad-data skip"


def change(old, new):
    return lambda root: annotation(root, xml([GOOD]).replace(old, new))


def twins(root):
    Image.open(root.path / "JPEGImages/a.png").save(root.path / "JPEGImages/b.png")
    (root.path / "JPEGImages/b.png").write_bytes((root.path / "JPEGImages/a.png").read_bytes())


def near_duplicate(root):
    pixels = np.asarray(Image.open(root.path / "JPEGImages/a.png")).copy()
    pixels[3:6, 3:6] ^= 15
    Image.fromarray(pixels).save(root.path / "JPEGImages/c.png")


def spaced(root):
    for stem in ("my photo 1", "k\u00e4fer \u732b"):
        root.add(stem, [GOOD])
        paint(root, stem)
    root.add("UPPER", [GOOD], image="{}.PNG", file_name="other.jpg")
    paint(root, "UPPER", "PNG")


PART = "<part><name>head</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></part><name>"
NOTES = {
    "fractions": (objects((1.5, 2, 8, 9)),
                  r"b\.xml: corners that are no whole pixels, object 1 .*; .*taken as they are"),
    "no size": (change("size>", "no>"), r"b\.xml: no <size>; the image's own size is taken.*"),
    "no filename": (change("filename>", "no>"),
                    r"b\.xml: no <filename>; the image is found by the name of the XML file"),
    "no difficult": (change("<difficult>0</difficult>", ""), r"b\.xml: no <difficult>, object 0 .*; taken for 0"),
    "Unspecified": (change("t>0</d", "t>Unspecified</d"),
                    r"b\.xml: <difficult> is 'Unspecified', object 0 .*; taken for 0"),
    "part boxes": (change("<name>", PART),
                   r"b\.xml: <part>s with boxes of their own, object 0 .*; they are no objects.*"),
    "duplicates": (twins,
                   r"a\.png: the same image as b\.png \(train\), byte for byte; .* each for an image of its own"),
    "near-duplicate": (near_duplicate,
                 r"a\.png: looks nearly like c\.png \(val; this one: train\).*; figures of one split may be.*"),
    "boxed twice": (objects((1, 1, 10, 11)),
                    r"b\.png: two boxes of class 'pin' are nearly the same: .* both are trained on"),
    "a line twice": (list_of("train", b"a\nb\na\n"), r"train\.txt: line 3 repeats 'a' of line 1; it is taken once"),
    "image in no split": (lambda r: paint(r, "new"), r"new\.png: an image without an XML file, and in no split; .*"),
    "image not listed": (list_of("train", b"a\n"), r"b\.png: an image in no split; training never sees it"),
    "XML in no split": (lambda r: (r.path / "Annotations/new.xml").write_text(xml([GOOD])),
                        r"new\.xml: an XML file without an image, and in no split; training never sees it"),
    "test in train": (list_of("test", b"a\nd\n"),
                      r"1 of the 2 images of the split 'test' is in 'train' too.*; training.*"),
    "class of another split": (lambda r: r.add("e", [("dog", (1, 1, 9, 9))], split="val"),
                               r"class 'dog' has no object in train, but 1 in val; no network can learn it"),
    "capitals": (objects((5, 5, 20, 19), name="Pin"),
                 r"the classes 'Pin' and 'pin' differ only in capitals or blanks; .*"),
    "broken, of no split": (lambda r: (r.path / "Annotations/new.xml").write_text("<a>"),
                            r"new\.xml, line 1: the XML is broken .*; left out of the class names"),
}  # fmt: skip


@pytest.mark.parametrize("name", NOTES)
def test_what_is_odd_is_named_and_does_not_stop(root, tmp_path, capsys, name):
    plant, words = NOTES[name]
    plant(root)
    code, lines = said(root.path, tmp_path, capsys)
    assert code == 0
    named = [line for line in lines if re.search(rf"{words}$", line)]
    assert named, lines
    above = next(line for line in reversed(lines[: lines.index(named[0])]) if re.match(r"  \w", line))
    assert above.startswith("  warnings (no reason to stop")


def test_names_of_any_kind_are_no_issue(root, tmp_path, capsys):
    spaced(root)
    code, lines = said(root.path, tmp_path, capsys)
    assert code == 0
    assert lines[0] == "train: 5 images (0 without objects) and 5 objects can be used"
    assert lines[-2] == "nothing here stops training"
    assert len(lines) == 5


def test_a_hundred_megabytes_are_not_read(root, tmp_path, capsys):
    with (root.path / "Annotations/b.xml").open("r+b") as file:
        file.truncate(100_000_000)  # takes no room on most file systems
    code, lines = said(root.path, tmp_path, capsys)
    assert code == 2
    assert any("b.xml has more than 10000000 bytes and is refused" in line for line in lines)


def test_many_of_a_kind_are_counted_on_the_screen_and_listed_in_the_file(root, tmp_path, capsys):
    for k in range(9):
        root.add(f"n{k}", [GOOD[:2]])
        paint(root, f"n{k}")
    code, lines = said(root.path, tmp_path, capsys)
    assert code == 0
    assert sum("no <difficult>" in line for line in lines) == 5 + 1
    assert "    … and 4 more like this: no <difficult>" in lines
    assert (tmp_path / "out/check.txt").read_text(encoding="utf-8").count("no <difficult>") == 9


def test_trainval_may_hold_train_and_val_but_not_test(root):
    (root.path / "ImageSets/Main/trainval.txt").write_text("a\nb\nc\n")
    (root.path / "ImageSets/Main/cat_train.txt").write_text("a 1\nb 1\n")
    (root.path / "ImageSets/Main/few_train.txt").write_text("a\n")  # a split of one's own, with such a name
    assert "few_train" in [checked.split for checked in check(root.path)]
    (root.path / "ImageSets/Main/few_train.txt").unlink()
    *splits, last = check(root.path)
    assert [checked.split for checked in splits] == ["train", "trainval", "val", "test"]
    assert last.issues == last.warnings == []
    (root.path / "ImageSets/Main/trainval.txt").write_text("a\nb\nc\nd\n")
    assert "'trainval'" in str(list(check(root.path))[-1].warnings[0])


def test_a_folder_without_splits_is_checked_as_a_whole(root, tmp_path, capsys):
    for split in ("train", "val", "test"):
        (root.path / f"ImageSets/Main/{split}.txt").unlink()
    (root.path / "Annotations/d.xml").unlink()
    code, lines = said(root.path, tmp_path, capsys)
    assert code == 0
    assert lines[0] == "all images: 3 images (0 without objects) and 3 objects can be used"
    assert any("1 of 4 images have no XML file; left out (or use --missing-labels negative)" in line for line in lines)
    assert any("data has no splits (--split all --val-split none trains on all of it)" in line for line in lines)
    (negative, together) = check(root.path, "negative")
    assert (negative.images, negative.empty, negative.issues) == (4, 1, [])
    assert not any("no split" in str(warning) and "d.png" in str(warning) for warning in together.warnings)


def test_images_listed_without_xml_are_negatives_if_that_is_asked_for(root, tmp_path, capsys):
    (root.path / "Annotations/b.xml").unlink()
    code, lines = said(root.path, tmp_path, capsys)
    assert code == 2
    assert any("b.xml does not exist; add it, or --missing-labels negative takes" in line for line in lines)
    options = ["--data", str(root.path), "--check", "--out", str(tmp_path / "out"), "--missing-labels", "negative"]
    assert explore.main(options) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "train: 2 images (1 without objects) and 1 object can be used"
    assert any("1 of 2 images have no XML file; taken for images without objects" in line for line in lines)


def test_files_in_folders_are_used_and_counted(root, tmp_path, capsys):
    """As CVAT exports them; images of the same name in two folders are two."""
    for folder in ("Annotations", "JPEGImages"):
        for day in ("day1", "day2"):
            (root.path / folder / "site A" / day).mkdir(parents=True)
    for day in ("day1", "day2"):
        root.add(f"site A/{day}/img", [("hole", (1, 1, 10, 10), "<difficult>0</difficult>")])
        paint(root, f"site A/{day}/img")
    paint(root, "site A/day2/unused")
    code, lines = said(root.path, tmp_path, capsys)
    assert code == 0
    assert lines[0] == "train: 4 images (0 without objects) and 4 objects can be used"
    unused = [line for line in lines if "in no split" in line]
    assert len(unused) == 1
    assert "unused.png: an image without an XML file, and in no split" in unused[0]


def test_classes_without_objects_are_noted(root, coco, tmp_path, capsys):
    path = coco / "annotations/instances_train.json"
    content = json.loads(path.read_text())
    content["categories"].append({"id": 7, "name": "washer"})
    path.write_text(json.dumps(content))
    code, lines = said(coco, tmp_path, capsys)
    assert code == 0
    assert any("class 'washer' has no object in any split; the network has outputs" in line for line in lines)
    for stem in "abcd":
        (root.path / f"Annotations/{stem}.xml").write_text(xml([("person", *GOOD[1:])]))
    code, lines = said(root.path, tmp_path, capsys)
    assert any("'person' is among VOC's 20 classes, so the network has all 20 of them" in line for line in lines)


# ---- COCO ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def coco(tmp_path):
    root = tmp_path / "coco"
    (root / "annotations").mkdir(parents=True)
    for split, numbers in (("train", (1, 2)), ("val", (3,))):
        (root / split).mkdir()
        for number in numbers:
            pixels = RNG.integers(0, 256, (20, 30, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(root / split / f"{number}.png")
        content = {
            "images": [{"id": n, "file_name": f"{n}.png", "width": 30, "height": 20} for n in numbers],
            "annotations": [{"id": 10 * n, "image_id": n, "category_id": 1, "bbox": [2, 3, 10, 5]} for n in numbers],
            "categories": [{"id": 1, "name": "pin"}],
        }
        (root / f"annotations/instances_{split}.json").write_text(json.dumps(content))
    return root


def test_a_sound_coco_folder(coco, tmp_path, capsys):
    code, lines = said(coco, tmp_path, capsys)
    assert code == 0
    assert lines[:2] == [
        "train: 2 images (0 without objects) and 2 objects can be used",
        "val: 1 image (0 without objects) and 1 object can be used",
    ]
    assert lines[2] == "nothing here stops training"


def add(**changes):
    """Return a function that adds an annotation with these changes."""
    entry = {"id": 99, "image_id": 1, "category_id": 1, "bbox": [2, 3, 10, 5]} | changes
    return lambda content, root: content["annotations"].append(entry)


def of_image(**changes):
    return lambda content, root: content["images"][1].update(changes)


COCO = {
    "negative": (add(bbox=[9, 9, -3, 4]), rf"annotation 99, box \[9, 9, -3, 4\]: .*negative width or height.*{BOX}"),
    "zero size": (add(bbox=[9, 9, 0, 4]), rf"annotation 99, box \[9, 9, 0, 4\]: the box has zero size{BOX}"),
    "outside": (add(bbox=[40, 9, 3, 4]), rf"annotation 99, .* outside the image of 30 x 20 pixels.*{BOX}"),
    "NaN": (add(bbox=[1, float("nan"), 3, 4]), rf"annotation 99, box \[1, nan, 3, 4\]: .*four finite numbers.*{BOX}"),
    "x1, y1, x2, y2": (add(bbox=[20, 3, 29, 19]),
                       r"annotation 99, .*\(it would fit as x1, y1, x2, y2\); it is cut off.*"),
    "fractions": (add(bbox=[0.1, 0.2, 0.5, 0.5]), rf"annotation 99, .*fractions of the width and height.*{BOX}"),
    "unknown class": (add(category_id=7), rf"annotation 99: there is no category with the id 7{BOX}"),
    "unknown image": (add(image_id=7), rf"annotation 99: there is no image with the id 7{BOX}"),
    "id twice": (add(id=10), rf"annotation 10: the id is there twice{BOX}"),
    "iscrowd": (add(iscrowd="no"), rf"annotation 99: 'iscrowd' must be 0 or 1, not 'no'{OBJECT}"),
    "no bbox": (lambda c, r: c["annotations"][0].pop("bbox"), rf"annotation 10: it has no key 'bbox'{BOX}"),
    "size": (of_image(width=20, height=30), rf"image 2 \(2\.png\): the JSON says 20 x 30 .*{IMAGE}"),
    "no file name": (lambda c, r: c["images"][1].pop("file_name"), rf"image 2: it has no key 'file_name'{IMAGE}"),
    "no image": (of_image(file_name="no.png"), rf"image 2: .*no\.png does not exist.*{IMAGE}"),
    "empty image": (lambda c, r: (r / "train/2.png").write_bytes(b""), rf"image 2: .*2\.png is empty.*{IMAGE}"),
    "background": (lambda c, r: c["categories"].append({"id": 0, "name": "background"}),
                   r"category 0: .*class 0 by itself.*"),
    "overlap": (of_image(file_name="../val/3.png"), r"1 of the 1 image of the split 'val' is in 'train' too.*"),
    "no images": (lambda c, r: c.update(images=[], annotations=[]), r"lists no image; .*; training stops always"),
}  # fmt: skip


@pytest.mark.parametrize("name", COCO)
def test_what_stops_training_on_coco_is_named(coco, tmp_path, capsys, name):
    plant, words = COCO[name]
    path = coco / "annotations/instances_train.json"
    content = json.loads(path.read_text())
    plant(content, coco)
    path.write_text(json.dumps(content))
    code, lines = said(coco, tmp_path, capsys)
    assert code == 2
    named = [line for line in lines if re.search(rf"{words}$", line)]
    assert len(named) == 1, lines
    assert "instances_train.json" in named[0] or name == "overlap"
    unused = name in ("no file name", "no image", "overlap")  # an image that is bad is not called unused too
    assert unused == any("2.png: an image in no split" in line for line in lines)


@pytest.mark.parametrize("folder", ["images/{}", "{}"])
def test_checking_looks_where_training_looks(coco, tmp_path, capsys, folder):
    for split in ("train", "val"):
        path = coco / f"annotations/instances_{split}.json"
        path.rename(coco / f"annotations/pets_{split}.json")
        (coco / folder.format("any")).parent.mkdir(exist_ok=True)
        (coco / split).rename(coco / folder.format(split))
    code, lines = said(coco, tmp_path, capsys)
    assert code == 0
    assert lines[:2] == [
        "train: 2 images (0 without objects) and 2 objects can be used",
        "val: 1 image (0 without objects) and 1 object can be used",
    ]
    assert lines[2] == "nothing here stops training"


def test_odd_things_of_coco_are_named_and_do_not_stop(coco, tmp_path, capsys):
    Image.new("RGB", (9, 9)).save(coco / "train/new.png")
    (coco / "val/3.png").write_bytes((coco / "train/1.png").read_bytes())
    code, lines = said(coco, tmp_path, capsys)
    assert code == 0
    assert any(re.search(r"new\.png: an image in no split; training never sees it$", line) for line in lines)
    words = r"1\.png: the same image as 3\.png \(val\), byte for byte; .* figures of one split may be too good$"
    assert any(re.search(words, line) for line in lines)


def test_json_that_is_none(coco, tmp_path, capsys):
    (coco / "annotations/instances_train.json").write_text('{"images": [')
    code, lines = said(coco, tmp_path, capsys)
    assert code == 2
    assert any("instances_train.json, line 1, column" in line and "broken" in line for line in lines)
    assert lines[-3].startswith("val: 1 image") or any(line.startswith("val: 1 image") for line in lines)


# ---- the command -----------------------------------------------------------------------------------------------------


def test_the_exit_code_of_the_process(root, tmp_path):
    command = [
        sys.executable,
        "-m",
        "numpyssd.explore",
        "--data",
        str(root.path),
        "--check",
        "--out",
        str(tmp_path / "o"),
    ]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    STOPS["zero size"][0](root)
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (2, "")
    assert ended.stdout.count("b.xml, object 1") == 1


def test_check_needs_data_and_a_place_for_its_file(root, tmp_path, capsys):
    with pytest.raises(SystemExit):
        explore.main(["--check", "--weights", "w.npz"])
    assert "--data" in capsys.readouterr().err


# ---- real photographs: the issues that their SOURCE.md lists --------------------------------------------------------

BCCD = Path(os.environ.get("NUMPYSSD_BCCD", Path(__file__).resolve().parents[3] / "../shared/data/bccd"))


@pytest.mark.skipif(not (BCCD / "Annotations").is_dir(), reason=f"{BCCD} is absent; set NUMPYSSD_BCCD")
def test_bccd(tmp_path, capsys):
    code, lines = said(BCCD, tmp_path, capsys)
    text = (tmp_path / "out/check.txt").read_text(encoding="utf-8")
    assert code == 2
    assert "training stops for 2 issues; fix" in lines[-2]
    for name, box in (
        ("00343.xml, object 3 ", "[181, 329, 181, 329]"),
        ("00338.xml, object 12 ", "[504, 337, 504, 337]"),
    ):
        assert re.search(rf"{name}.*{re.escape(box)}: the box has zero size; the box is left out", text)
    twice = re.findall(r"BloodImage_(\d+)\.jpg: two boxes of class 'RBC' are nearly the same", text)
    assert sorted(twice) == ["00013", "00020", "00100", "00104", "00251", "00284", "00331", "00403"]
    assert re.search(r"BloodImage_00037\.jpg: looks nearly like BloodImage_00038\.jpg", text) or re.search(
        r"BloodImage_00038\.jpg: looks nearly like BloodImage_00037\.jpg", text
    )
    assert text.count("looks nearly like") == 1
