"""Files of other projects, written by the names and layouts of ssd300 and ssd512, become the network they came from."""

from dataclasses import replace

import numpy as np
import pytest
from third_party_files import layer, prior_box, write_caffe, write_pth
from third_party_networks import (
    CONVOLUTIONS,
    NARROW,
    as_amdegroot,
    as_caffe,
    as_torchvision,
    outside,
    random_model,
    write,
)

from numpyssd import weights
from numpyssd.config import SSD300, SSD300_COCO, SSD512
from numpyssd.datasets.class_names import COCO_NAMES, VOC_NAMES
from numpyssd.errors import InputError
from numpyssd.images.preprocess import normalize
from numpyssd.model.default_boxes import default_boxes
from numpyssd.model.ssd import SSD
from numpyssd.weights.sources import amdegroot
from numpyssd.weights.sources.class_names import class_names, coco_by_number


@pytest.fixture(scope="module")
def model300():
    return random_model(replace(SSD300, width=NARROW))


@pytest.fixture(scope="module")
def model512():
    return random_model(replace(SSD512, width=NARROW))


WHOLE = {  # what each project does otherwise than Caffe
    "chainercv": {"resize": "float", "whole_pixels": False},
    "amdegroot": {"resize": "opencv", "whole_pixels": False, "clip_mode": "cxcywh"},
    "torchvision": {
        "resize": "float", "whole_pixels": False, "clip_mode": "size", "clip_before_nms": True, "size_limit": 62.5,
        "mean": (122.99925, 116.9991, 103.9992),
    },
    "caffe": {"resize": "opencv"},
}  # fmt: skip


def equal(model, other):
    theirs = {name: parameter.value for name, parameter in other.parameters().items()}
    ours = {name: parameter.value for name, parameter in model.parameters().items()}
    assert list(theirs) == list(ours)
    for name, value in ours.items():
        np.testing.assert_array_equal(theirs[name], value, err_msg=name)


# ---- whole networks --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", WHOLE)
def test_a_whole_ssd300(tmp_path, model300, kind):
    path = write(kind, model300, tmp_path / "weights.bin")  # the name tells nothing
    found = weights.load_model(path)
    equal(model300, found)
    preset = SSD300_COCO if kind == "torchvision" else SSD300
    assert found.config.mean == pytest.approx(WHOLE[kind].get("mean", (123, 117, 104)))
    of_the_arrays = {name: getattr(found.config, name) for name in ("base_blocks", "base_tail", "extra_layers", "mean")}
    assert found.config == replace(preset, num_classes=21, **{**WHOLE[kind], **of_the_arrays})
    assert found.config.base_blocks == ((8, 8), (8, 8), (8, 8, 8), (8, 8, 8), (8, 8, 8))
    assert found.config.base_tail == (16, 16)
    assert found.class_names == VOC_NAMES
    x = np.random.default_rng(1).normal(0, 50, (1, 300, 300, 3)).astype(np.float32)
    for ours, theirs in zip(model300.infer(x), found.infer(x)):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("kind", ["chainercv", "amdegroot", "caffe"])
def test_a_whole_ssd512(tmp_path, model512, kind):
    found = weights.load_model(write(kind, model512, tmp_path / "weights.bin"))
    equal(model512, found)
    assert found.config.feature_maps == SSD512.feature_maps
    assert (found.config.image_size, found.config.whole_pixels) == (512, kind == "caffe")


def shapes_of_amdegroot():
    """Names and shapes of the published file, typed in from its model's printout."""
    shapes = {"L2Norm.weight": (512,)}

    def convolution(name, given, taken, side):
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (given, taken, side, side), (given,)

    channels = 3
    for place, given in zip(
        (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28, 31, 33),
        (64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024),
    ):
        convolution(f"vgg.{place}", given, channels, 1 if place == 33 else 3)
        channels = given
    for place, given in enumerate((256, 512, 128, 256, 128, 256, 128, 256)):
        convolution(f"extras.{place}", given, channels, 1 if place % 2 == 0 else 3)
        channels = given
    for place, (taken, boxes) in enumerate([(512, 4), (1024, 6), (512, 6), (256, 6), (256, 4), (256, 4)]):
        convolution(f"loc.{place}", boxes * 4, taken, 3)
        convolution(f"conf.{place}", boxes * 21, taken, 3)
    return shapes


def test_full_width_is_the_preset_itself():
    """From shapes alone, with arrays that hold nothing."""
    empty = {name: np.broadcast_to(np.float32(0), shape) for name, shape in shapes_of_amdegroot().items()}
    config = amdegroot.translate(empty, "a.pth").config
    assert config == replace(SSD300, resize="opencv", whole_pixels=False, clip_mode="cxcywh")


def test_the_number_of_classes_names_them_and_chooses_the_default_boxes(tmp_path):
    for count, names, maps in (
        (81, COCO_NAMES, SSD300_COCO.feature_maps),
        (91, coco_by_number(), SSD300_COCO.feature_maps),
        (4, ("class 1", "class 2", "class 3"), SSD300.feature_maps),
    ):
        model = random_model(replace(SSD300, width=NARROW, num_classes=count))
        found = weights.load_model(write("amdegroot", model, tmp_path / "a.pth"))
        assert (found.class_names, found.config.feature_maps) == (names, maps)
        assert weights.load_model(write("torchvision", model, tmp_path / "b.pth")).config.feature_maps == (
            SSD300_COCO.feature_maps
        )


def test_names():
    # Labels of torchvision's meta["categories"] and of Caffe's labelmaps.
    assert (VOC_NAMES[0], VOC_NAMES[14], VOC_NAMES[19], len(VOC_NAMES)) == ("aeroplane", "person", "tvmonitor", 20)
    names = COCO_NAMES
    found = names[0], names[11], names[79], len(names), len(set(names))
    assert found == ("person", "stop sign", "toothbrush", 80, 80)
    names = ("background", *coco_by_number())
    assert (names[1], names[12], names[13], names[44], names[62], names[90]) == (
        "person", "N/A 12", "stop sign", "bottle", "chair", "toothbrush",
    )  # fmt: skip
    assert len(names) == 91
    assert len(set(names)) == 91  # a data set must be able to tell them apart
    assert class_names(201)[79:81] == ("toothbrush", "class 81")
    assert len(class_names(201)) == 200


def test_caffes_own_prior_boxes_win(tmp_path, model300):
    """A file of 21 classes with COCO's sizes: the file knows."""
    path = write("caffe", model300, tmp_path / "a.caffemodel")
    sources = ["conv4_3_norm", "fc7", "conv6_2", "conv7_2", "conv8_2", "conv9_2"]
    sizes = [(row.scale_px, row.next_scale_px) for row in SSD300_COCO.feature_maps]
    extra = b"".join(layer(f"{s}_mbox_priorbox", [], more=prior_box(*size)) for s, size in zip(sources, sizes))
    path.write_bytes(path.read_bytes() + extra)
    found = weights.load_model(path)
    np.testing.assert_array_equal(default_boxes(found.config), default_boxes(SSD300_COCO))
    exact = write("caffe", model300, tmp_path / "b.caffemodel")
    sizes = [(row.scale_px, row.next_scale_px) for row in SSD300.feature_maps]
    extra = b"".join(layer(f"{s}_mbox_priorbox", [], more=prior_box(*size)) for s, size in zip(sources, sizes))
    exact.write_bytes(exact.read_bytes() + extra)
    assert weights.load_model(exact).config.feature_maps == SSD300.feature_maps


# ---- base networks ---------------------------------------------------------------------------------------------------


def classifier(channels=8, outputs=64, seed=3):
    """fc6 and fc7 of a VGG-16 whose conv5_3 has so many channels, as torchvision has them."""
    rng = np.random.default_rng(seed)
    shapes = (outputs, channels * 49), (outputs,), (outputs, outputs), (outputs,)
    names = "classifier.0.weight", "classifier.0.bias", "classifier.3.weight", "classifier.3.bias"
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in zip(names, shapes)}


def base_arrays(model):
    """The base network's part of ``outside``."""
    base = (*CONVOLUTIONS, "conv6", "conv7")
    return {name: value for name, value in outside(model).items() if name.rsplit(".", 1)[0] in base}


def as_plain_vgg(model):
    places = dict(zip(CONVOLUTIONS, (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)))
    values = {n: v for n, v in base_arrays(model).items() if n.split(".")[0] in places}
    return {f"features.{places[n.split('.')[0]]}.{n.split('.')[1]}": value for n, value in values.items()}


BASES = ("amdegroot", "chainercv", "caffe", "torchvision")


def write_base(kind, model, path):
    values = base_arrays(model)
    if kind == "amdegroot":
        places = dict(zip(CONVOLUTIONS, (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28))) | {"conv6": 31, "conv7": 33}
        write_pth(path, {f"{places[n.split('.')[0]]}.{n.split('.')[1]}": v for n, v in values.items()})
    elif kind == "chainercv":
        ends = {"weight": "W", "bias": "b"}
        np.savez(path.open("wb"), **{f"{n.split('.')[0]}/{ends[n.split('.')[1]]}": v for n, v in values.items()})
    elif kind == "caffe":
        layers = {k: v for k, v in as_caffe(model).items() if k in (*CONVOLUTIONS, "fc6", "fc7")}
        write_caffe(path, layers, old=True, old_shape=True)
    else:
        write_pth(path, {**as_plain_vgg(model), **classifier(), "classifier.6.weight": np.ones((10, 64), np.float32)})
    return path


@pytest.mark.parametrize("kind", BASES)
def test_a_base_network_goes_into_a_model_and_is_no_model(tmp_path, model300, kind):
    path = write_base(kind, model300, tmp_path / "base.bin")
    with pytest.raises(InputError, match=r"base\.bin is .*: a base network, .* --preset ssd300 --weights"):
        weights.load_model(path)
    other = random_model(replace(SSD300, width=NARROW, resize="average"), seed=5)
    fresh = {name: parameter.value.copy() for name, parameter in other.parameters().items()}
    report = weights.load(other, path)
    expected = base_arrays(model300)
    assert sorted(report.loaded) == sorted(expected)
    assert sorted(report.reinitialized) == sorted(set(fresh) - set(expected))
    for name, value in ((n, p.value) for n, p in other.parameters().items()):
        if name not in expected:
            np.testing.assert_array_equal(value, fresh[name])
        elif kind != "torchvision":
            np.testing.assert_array_equal(value, model300.parameters()[name].value)
    assert other.config.resize == "average"  # a base network was trained on crops; how to resize is not its business
    if kind == "torchvision":
        assert "classifier.6.weight" in report.skipped
        assert "classifier.6.weight" in str(report)
        assert "10x64" in str(report)


def test_torchvisions_base_sees_what_it_was_trained_on(tmp_path, model300):
    """RGB / 255 less the mean, by the deviation of each channel: the first convolution gives the same activations."""
    other = random_model(replace(SSD300, width=NARROW), seed=5)
    weights.load(other, write_base("torchvision", model300, tmp_path / "base.pth"))
    image = np.random.default_rng(0).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    theirs = ((image / 255 - (0.485, 0.456, 0.406)) / (0.229, 0.224, 0.225)).astype(np.float32)
    expected = model300.stages[0].layers()[0].infer(theirs[None])
    found = other.stages[0].layers()[0].infer(normalize(image, other.config)[None])
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())
    assert 0.9 < np.abs(normalize(image, other.config)).max() / np.abs(theirs).max() < 1.1  # and about as large


def test_fc6_and_fc7_are_subsampled(tmp_path, model300):
    """conv6 is every third row and column of the 7 x 7, and every fourth output; by loops."""
    other, full = random_model(replace(SSD300, width=NARROW), seed=5), classifier()
    report = weights.load(other, write_base("torchvision", model300, tmp_path / "base.pth"))
    assert "fc6 and fc7 subsampled" in str(report)
    parameters = other.parameters()
    six, seven = full["classifier.0.weight"].reshape(64, 8, 7, 7), full["classifier.3.weight"]
    for out in range(16):
        for channel in range(8):
            for i in range(3):
                for j in range(3):
                    value = parameters["conv6.weight"].value[i, j, channel, out]
                    assert value == six[4 * out, channel, 3 * i, 3 * j]
        for channel in range(16):
            assert parameters["conv7.weight"].value[0, 0, channel, out] == seven[4 * out, 4 * channel]
        assert parameters["conv6.bias"].value[out] == full["classifier.0.bias"][4 * out]
        assert parameters["conv7.bias"].value[out] == full["classifier.3.bias"][4 * out]


def test_caffes_unreduced_base_is_subsampled_too(tmp_path, model300):
    layers = {k: v for k, v in as_caffe(model300).items() if k in CONVOLUTIONS}
    parts = list(classifier().values())
    path = write_caffe(
        tmp_path / "a.caffemodel", {**layers, "fc6": parts[:2], "fc7": parts[2:]}, old=True, old_shape=True
    )
    by_caffe, by_torchvision = (random_model(replace(SSD300, width=NARROW), seed=5) for _ in range(2))
    weights.load(by_caffe, path)
    weights.load(by_torchvision, write_base("torchvision", model300, tmp_path / "base.pth"))
    for name in ("conv6.weight", "conv6.bias", "conv7.weight", "conv7.bias"):
        np.testing.assert_array_equal(by_caffe.parameters()[name].value, by_torchvision.parameters()[name].value)


def test_the_features_that_torchvisions_ssd_begins_with(tmp_path, model300):
    """Caffe's network under torchvision's names, with NaN for a classifier: another input rule, and no conv6."""
    full = {name: np.full_like(value, np.nan) for name, value in classifier().items()}
    path = write_pth(tmp_path / "features.pth", {**as_plain_vgg(model300), **full})
    other = random_model(replace(SSD300, width=NARROW), seed=5)
    report = weights.load(other, path)
    assert (other.config.mean, other.config.pixel_scale) == ((123, 117, 104), 1)
    assert "its classifier holds no numbers" in str(report)
    assert "conv6.weight" in report.reinitialized
    np.testing.assert_array_equal(
        other.parameters()["conv1_1.weight"].value, model300.parameters()["conv1_1.weight"].value
    )
    without = random_model(replace(SSD300, width=NARROW), seed=5)
    report = weights.load(without, write_pth(tmp_path / "a.pth", as_plain_vgg(model300)))
    assert "conv6.weight" in report.reinitialized
    assert without.config.mean == pytest.approx((123.675, 116.28, 103.53))


# ---- into a model of another make ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", WHOLE)
def test_another_number_of_classes_leaves_the_conf_predictors_and_brings_the_input_rule(tmp_path, model300, kind):
    other = SSD(replace(SSD300, width=NARROW, num_classes=5), seed=8)
    before = {name: parameter.value.copy() for name, parameter in other.parameters().items()}
    report = weights.load(other, write(kind, model300, tmp_path / "weights.bin"))
    conf = [name for name in before if name.startswith("conf.")]
    assert report.reinitialized == report.skipped == conf
    for name, parameter in other.parameters().items():
        expected = before[name] if name in conf else model300.parameters()[name].value
        np.testing.assert_array_equal(parameter.value, expected)
    assert other.config.resize == WHOLE[kind]["resize"]
    assert other.config.mean == pytest.approx(WHOLE[kind].get("mean", (123, 117, 104)))
    assert (other.config.num_classes, other.config.clip_mode) == (5, "none")  # its default boxes stay its own
    other_boxes = kind in ("torchvision", "amdegroot")  # COCO's sizes; clipped
    assert ("were trained for other default boxes" in str(report)) == other_boxes
    weights.save(other, tmp_path / "fine.npz", class_names=("a", "b", "c", "d"))
    assert weights.load_model(tmp_path / "fine.npz").config == other.config
    third = SSD(replace(SSD300, width=NARROW), seed=9)
    weights.load(third, tmp_path / "fine.npz")  # our own file brings the rule on
    assert (third.config.mean, third.config.resize) == (other.config.mean, other.config.resize)


def test_the_report_is_a_table_of_shapes(tmp_path, model300):
    other = SSD(replace(SSD300, width=NARROW, num_classes=5), seed=8)
    found = as_amdegroot(model300) | {"priors": np.ones((8732, 4), np.float32)}
    lines = str(weights.load(other, write_pth(tmp_path / "a.pth", found))).splitlines()
    rows = {line.split()[0]: line.split()[1:] for line in lines}
    assert lines[0] == "it is amdegroot's SSD300, 21 classes"
    assert rows["conv1_2"] == ["vgg.2", "8x8x3x3,", "8", "3x3x8x8,", "8", "loaded"]
    assert rows["conv4_3_norm"] == ["L2Norm", "8", "8", "loaded"]
    assert rows["conf.0"] == ["84x8x3x3,", "84", "3x3x8x20,", "20", "re-initialized"]
    assert rows["priors"] == ["8732x4", "-", "skipped"]
    assert (
        "note: images are now preprocessed as for the file's network: RGB less (123, 117, 104); resized as OpenCV does"
        in lines
    )
    assert [line.split(":")[0] for line in lines[-3:]] == ["loaded", "skipped", "re-initialized"]
    assert len({len(line) for line in lines[2:30]}) == 1  # columns


def test_a_network_of_another_width(tmp_path, model300):
    """The biases of its predictors would fit, which is no reason to go on."""
    path = write("amdegroot", model300, tmp_path / "a.pth")
    said = r"a\.pth has no layer that fits the network ssd300; its first are conv1_1.weight 3x3x3x8, .* preset"
    with pytest.raises(InputError, match=said):
        weights.load(SSD(replace(SSD300, width=0.25)), path)


# ---- what is refused -------------------------------------------------------------------------------------------------


def refused(path, said):
    for attempt in (weights.load_model, lambda path: weights.load(SSD(replace(SSD300, width=NARROW)), path)):
        with pytest.raises(InputError, match=said) as caught:
            attempt(path)
        assert str(caught.value).startswith(str(path))
        assert "\n" not in str(caught.value)


def test_a_file_of_another_network_names_its_keys_and_what_was_expected(tmp_path):
    path = tmp_path / "a.bin"
    array = np.ones((4, 3, 3, 3), np.float32)
    write_pth(path, {"layer1.0.conv1.weight": array, "fc.bias": array[0, 0, 0]})
    refused(path, r"no network that is known: layer1.0.conv1.weight, fc.bias; expected torchvision's SSD .*amdegroot's")
    write_caffe(path, {"conv1": [array], "res2a": [array]})
    refused(path, r"no network that is known: conv1, res2a; expected Caffe's SSD or VGG-16 \(conv1_1")
    np.savez(path.open("wb"), **{"head/W": array, "head/b": array})
    refused(path, r"no network that is known: head/W, head/b; expected ChainerCV's SSD \(extractor/conv1_1/W")
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + b"\0" * 99)
    refused(path, "is a file of Keras")
    path.write_text("layer { name: 'conv1_1' }")
    refused(path, "is not a numpyssd checkpoint, or is damaged; of others these are read: ChainerCV's .npz")


@pytest.mark.parametrize("lost", ["vgg.12.weight", "vgg.33.bias", "extras.5.bias", "loc.3.bias", "conf.5.weight"])
def test_a_file_that_lacks_an_array(tmp_path, model300, lost):
    found = as_amdegroot(model300)
    del found[lost]
    refused(write_pth(tmp_path / "a.pth", found), f"lacks {lost}")


def test_shapes_that_make_no_network(tmp_path, model300):
    def changed(name, change):
        found = as_amdegroot(model300)
        found[name] = np.ascontiguousarray(change(found[name]))
        return write_pth(tmp_path / "a.pth", found)

    refused(changed("vgg.5.weight", lambda a: a[:, :3]), "conv2_1 takes 3 channels, but the layer before it gives 8")
    refused(changed("vgg.5.weight", lambda a: a[:, :, 0, 0]), "vgg.5.weight with the shape")
    refused(changed("loc.1.weight", lambda a: a[:, :3]), "loc.1 does not take the 16 channels")
    refused(changed("loc.1.bias", lambda a: a[:16]), r"has \[4, 4, 6, 6, 4, 4\] default boxes in a cell")
    refused(changed("conf.2.bias", lambda a: a[:-1]), "default boxes in a cell")
    with pytest.raises(InputError, match=r"lacks conv2_1.bias or has it in another shape"):
        weights.load_model(changed("vgg.5.bias", lambda a: a[:3]))
    with pytest.raises(InputError, match=r"lacks conv2_1.weight or has it in another shape"):
        weights.load_model(changed("vgg.5.weight", lambda a: a.astype(np.int64)))
    refused(changed("vgg.5.weight", lambda a: a * np.nan), "holds weights that are not finite, first in conv2_1.weight")


def test_halves_and_doubles_are_fine(tmp_path, model300):
    found = {n: a.astype(np.float16 if "conf" in n else np.float64) for n, a in as_amdegroot(model300).items()}
    model = weights.load_model(write_pth(tmp_path / "a.pth", found))
    value = model.parameters()["conf.0.weight"].value
    assert value.dtype == np.float32
    expected = model300.parameters()["conf.0.weight"].value.astype(np.float16)
    np.testing.assert_array_equal(value, expected)
    np.testing.assert_array_equal(model.parameters()["loc.0.bias"].value, model300.parameters()["loc.0.bias"].value)


def test_torchvisions_larger_ssd_is_refused(tmp_path, model300):
    found = as_torchvision(model300) | {"head.regression_head.module_list.6.weight": np.ones((16, 8, 3, 3), np.float32)}
    refused(write_pth(tmp_path / "a.pth", found), "is torchvision's SSD of more than 300 pixels")
