"""Every reader, fed with damaged files for some seconds: InputError or a result, in little time and little memory.

NUMPYSSD_FUZZ_SECONDS sets how long each reader is fed (default: 4), NUMPYSSD_FUZZ_SEED where the damage begins.
"""

import io
import json
import os
import time
import tracemalloc
import warnings
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from short_run import THIN
from third_party_files import write_pth
from third_party_networks import NARROW, as_amdegroot, random_model, write
from trust.mutation import mutated, mutated_entry, mutated_values, zipped

from numpyssd import train, weights
from numpyssd.config import SSD300
from numpyssd.datasets.coco import COCODataset
from numpyssd.datasets.labelme import LabelMeDataset
from numpyssd.datasets.voc.annotation import check_box, read_annotation
from numpyssd.datasets.yolo import YOLODataset
from numpyssd.errors import InputError
from numpyssd.inference.detect import detect
from numpyssd.model.default_boxes import default_boxes
from numpyssd.model.ssd import SSD
from numpyssd.run.checkpoint import load_checkpoint, save_checkpoint
from numpyssd.run.log import COLUMNS, Log, read_log
from numpyssd.run.settings import write_settings
from numpyssd.run.setup import make_recipe
from numpyssd.run.state import State
from numpyssd.training.optimizer import SGD

SECONDS = float(os.environ.get("NUMPYSSD_FUZZ_SECONDS", "4"))
SEED = int(os.environ.get("NUMPYSSD_FUZZ_SEED", "0"))
MEMORY, TIMES = 24 << 20, 40  # bytes, and times the length of the file, that a reader may take
SLOWEST = 10  # seconds for one file
LEAST_FILES = 30  # however slow the machine is


def feed(read, path, damage):
    """Write ``damage(rng)`` to the path and read it, again and again, and see that what comes of it is in order."""
    refused = passed = most = 0
    started = time.monotonic()
    while time.monotonic() - started < SECONDS or refused + passed < LEAST_FILES:
        number = SEED + refused + passed
        data = damage(np.random.default_rng(number))
        path.write_bytes(data)
        tracemalloc.start()
        try:
            began = time.monotonic()
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", RuntimeWarning)
                    read(path)
                passed += 1
            except InputError as reason:
                if "\n" in str(reason):
                    raise AssertionError(f"seed {number}: {reason!r}") from reason
                refused += 1
            except BaseException as reason:
                raise AssertionError(f"seed {number}: {type(reason).__name__}: {reason}") from reason
            taken = tracemalloc.get_traced_memory()[1]
            assert taken < MEMORY + TIMES * len(data), f"seed {number}: {taken} bytes for a file of {len(data)}"
            assert time.monotonic() - began < SLOWEST, f"seed {number}"
            most = max(most, taken)
        finally:
            tracemalloc.stop()
    print(f"{passed + refused} files, {refused} refused, at most {most / 2**20:.1f} MiB")
    assert refused > 0


# ---- weights ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    path = tmp_path_factory.mktemp("own") / "last.npz"
    model = SSD(THIN, seed=1)
    model.class_names = ("a", "b", "c", "d", "e")
    state = State(iteration=3, seconds=1.5, best_map=0.5, best_iteration=2, evaluations=1)
    save_checkpoint(path, model, SGD(model.parameters(), 0.1), state)
    load(path)  # compiles
    return path.read_bytes()


@pytest.fixture(scope="module")
def third_party(tmp_path_factory):
    path = tmp_path_factory.mktemp("third_party") / "weights"
    model = random_model(replace(SSD300, width=NARROW))
    files = {kind: write(kind, model, path).read_bytes() for kind in ("chainercv", "torchvision", "caffe")}
    return files | {"older": write_pth(path, as_amdegroot(model), older=True).read_bytes()}


def load(path):
    model = weights.load_model(path)
    default_boxes(model.config)
    if model.config.image_size == THIN.image_size:
        list(detect(model, [np.zeros((40, 60, 3), np.uint8)]))
    return model


def both(path):
    """Load a file as detect and train --weights do."""
    for attempt in (load, lambda path: weights.load(SSD(THIN), path)):
        try:
            attempt(path)
        except InputError as reason:
            refusal = reason
        else:
            refusal = None
    if refusal:
        raise refusal


def entries_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def odd_description(entries, rng):
    """Return the bytes of our own file with other values in its description."""
    text = mutated_values(json.loads(str(np.load(io.BytesIO(entries["description.npy"])))), rng)
    memory = io.BytesIO()
    np.save(memory, np.array(json.dumps(text)))
    return zipped({**entries, "description.npy": memory.getvalue()})


def resumed(path):
    model = SSD(THIN)
    load_checkpoint(path, model, SGD(model.parameters(), 0.1))


@pytest.mark.parametrize("read", [both, resumed])
@pytest.mark.parametrize("way", ["bytes", "entries", "description"])
def test_our_own_npz(own, tmp_path, way, read):
    damage = {
        "bytes": lambda rng: mutated(own, rng),
        "entries": lambda rng: mutated_entry(own, rng),
        "description": lambda rng: odd_description(entries_of(own), rng),
    }[way]
    feed(read, tmp_path / "a.npz", damage)


@pytest.mark.parametrize("kind", ["chainercv", "torchvision"])
def test_archives_of_others(third_party, tmp_path, kind):
    part = "data.pkl" if kind == "torchvision" else None

    def damage(rng):
        return mutated(third_party[kind], rng) if rng.random() < 0.2 else mutated_entry(third_party[kind], rng, part)

    feed(both, tmp_path / "a.bin", damage)


@pytest.mark.parametrize("kind", ["caffe", "older"])
def test_files_of_others_without_checksums(third_party, tmp_path, kind):
    feed(both, tmp_path / "a.bin", lambda rng: mutated(third_party[kind], rng))


def test_noise(tmp_path):
    archive = zipped({"archive/data.pkl": b"\x80\x02}."})
    beginnings = (b"PK\x03\x04", b"\x80\x02", b"\n", b"\x12", b"\x89HDF\r\n\x1a\n", b"", archive)

    def damage(rng):
        return beginnings[rng.integers(len(beginnings))] + rng.bytes(int(2 ** rng.uniform(0, 12)))

    feed(both, tmp_path / "a.bin", damage)


# ---- data and settings -----------------------------------------------------------------------------------------------

XML = """<annotation><folder>a</folder><filename>a.jpg</filename><size><width>60</width><height>40</height>
<depth>3</depth></size><object><name>caf\u00e9</name><pose>Left</pose><truncated>0</truncated><difficult>1</difficult>
<bndbox><xmin>3</xmin><ymin>4.5</ymin><xmax>30</xmax><ymax>33</ymax></bndbox><part><name>head</name><bndbox><xmin>3</xmin><ymin>4</ymin><xmax>9
</xmax><ymax>9</ymax></bndbox></part></object><object><name>b</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>60</xmax>
<ymax>40</ymax></bndbox></object></annotation>""".encode()


def read_xml(path):
    for item in read_annotation(path).objects:
        check_box(item.corners, 60, 40)


def test_xml(tmp_path):
    feed(read_xml, tmp_path / "a.xml", lambda rng: mutated(XML, rng))


COCO = {
    "images": [{"id": i, "file_name": f"{i}.png", "width": 60, "height": 40} for i in (1, 2)],
    "annotations": [
        {
            "id": n,
            "image_id": 1 + n % 2,
            "category_id": 1 + n % 3,
            "bbox": [n, 2, 20, 10],
            "area": 200,
            "iscrowd": n % 2,
        }
        for n in range(4)
    ],
    "categories": [{"id": i, "name": name} for i, name in enumerate("abc", start=1)],
}


def test_coco_json(tmp_path):
    for i in (1, 2):
        Image.new("RGB", (60, 40)).save(tmp_path / f"{i}.png")

    def read(path):
        dataset = COCODataset(path, tmp_path)
        for i in range(len(dataset)):
            assert np.isfinite(dataset[i][1]).all()

    def damage(rng):
        if rng.random() < 0.3:
            return mutated(json.dumps(COCO).encode(), rng)
        return json.dumps(mutated_values(COCO, rng)).encode()

    feed(read, tmp_path / "a.json", damage)


ROWS = b"0 0.5 0.5 0.2 0.4\n1 .1 .2 .3 .2 .2 .6\n0 .1 .2 .3 .2 .3 .6 .1 .6\n1 0.5 0.5 0.2 0.4 0.97\n"
YAML = b"path: ../set\ntrain: images\nval:\n- images\nkpt_shape: [2, 3]\nnc: 2\nnames:\n  0: nut\n  1: 'caf\\u00e9'\n"


@pytest.mark.parametrize("name", ["labels/a.txt", "data.yaml", "train.txt"])
def test_yolo(tmp_path, name):
    contents = {"labels/a.txt": ROWS, "data.yaml": YAML, "train.txt": b"data/images/a.png\n./images/a.png\n"}
    for folder in ("images", "labels"):
        (tmp_path / folder).mkdir()
    Image.new("RGB", (60, 40)).save(tmp_path / "images/a.png")
    for other, content in contents.items():
        (tmp_path / other).write_bytes(content)

    def read(path):
        dataset = YOLODataset(tmp_path)
        assert np.isfinite(dataset[0][1]).all()

    feed(read, tmp_path / name, lambda rng: mutated(contents[name], rng))


LABELME = {
    "version": "6.3.1", "flags": {"done": True}, "imagePath": "a.png", "imageData": None, "imageHeight": 40,
    "imageWidth": 60,
    "shapes": [
        {"label": label, "points": [[4, 6.5], [24, 30]], "shape_type": kind, "group_id": group, "flags": {}}
        for label, kind, group in (("a", "rectangle", None), ("b", "circle", 3), ("b", "mask", 3), ("x", "line", 3))
    ],
}  # fmt: skip


def test_labelme(tmp_path):
    Image.new("RGB", (60, 40)).save(tmp_path / "a.png")

    def read(path):
        dataset = LabelMeDataset(tmp_path, bad_data="skip", missing_labels="negative")
        assert np.isfinite(dataset[0][1]).all()

    def damage(rng):
        if rng.random() < 0.3:
            return mutated(json.dumps(LABELME).encode(), rng)
        return json.dumps(mutated_values(LABELME, rng)).encode()

    feed(read, tmp_path / "a.json", damage)


def test_the_settings_of_a_run(tmp_path):
    settings = {**vars(train.parse(["--tiny", "--iterations", "3"])), "out": "x", "class_names": ["a"], "iterations": 3}
    settings |= {"recipe": {"batch_size": 2, "lr": 0.1, "warm_up": 2, "micro_batch": None, "clip_gradient": 1.5}}
    write_settings(tmp_path, settings | {"network": {"width": 0.25}})
    whole = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))

    def read(path):
        try:
            options = train.parse(["--out", str(path.parent), "--resume"])
            assert options.out == path.parent
            make_recipe(options)
        except SystemExit as stopped:  # what argparse says of options that are missing
            raise (InputError if stopped.code == 2 else AssertionError)("options are missing") from None

    def damage(rng):
        if rng.random() < 0.3:
            return mutated(json.dumps(whole).encode(), rng)
        return json.dumps(mutated_values(whole, rng)).encode()

    feed(read, tmp_path / "config.json", damage)


def test_the_log_of_a_run(tmp_path):
    rows = "".join(f"{i},{i / 3},{i},0.01,2.5,1,1.5,30,90,4,20,\n" for i in range(1, 40, 3))
    text = ",".join(COLUMNS) + "\n" + rows

    def read(path):
        read_log(path)
        Log(path, 20).close()
        if len(read_log(path)["loss"]) < 7:
            raise InputError("some rows are gone")

    feed(read, tmp_path / "log.csv", lambda rng: mutated(text.encode(), rng))
