"""Files that the real programs write: the same outputs through the whole preprocessing, and the same detections."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
import torchvision
from oracle.networks import Plain
from third_party_files import layer, write_caffe

from numpyssd import weights
from numpyssd.config import SSD300
from numpyssd.datasets.class_names import VOC_NAMES
from numpyssd.errors import InputError
from numpyssd.images.preprocess import preprocess
from numpyssd.inference.detect import detect, detection_options
from numpyssd.inference.postprocess import postprocess
from numpyssd.model.default_boxes import default_boxes
from numpyssd.model.ssd import SSD
from numpyssd.weights.formats import pth


@pytest.fixture(scope="module")
def image():
    """Smooth shapes with some noise, RGB, of no particular size."""
    rng = np.random.default_rng(0)
    smooth = cv2.resize(rng.integers(0, 256, (9, 12, 3), dtype=np.uint8), (500, 375), interpolation=cv2.INTER_CUBIC)
    return np.clip(smooth + rng.normal(0, 12, smooth.shape), 0, 255).astype(np.uint8)


def agree(found, expected, tolerance=1e-4):
    """Loc and conf, each to 1e-4 of its largest value."""
    for name, ours, theirs in zip(("loc", "conf"), found, expected):
        assert ours.shape == theirs.shape
        assert np.abs(ours - theirs).max() < tolerance * np.abs(theirs).max(), name


def tensor(image):
    """(H, W, 3) -> (1, 3, H, W) float32."""
    return torch.from_numpy(np.ascontiguousarray(image, dtype=np.float32)).permute(2, 0, 1)[None]


# ---- torchvision -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ssd300_vgg16():
    torch.manual_seed(1)
    network = torchvision.models.detection.ssd300_vgg16(weights=None, weights_backbone=None).eval()
    for head in (network.head.classification_head, network.head.regression_head):
        for convolution in head.module_list:
            torch.nn.init.normal_(convolution.bias)
            convolution.weight.data *= 0.3  # not so sure of itself: many classes over the threshold
    network.backbone.scale_weight.data += torch.randn(512)
    return network


@pytest.mark.parametrize("older", [False, True])
@pytest.mark.parametrize("protocol", [2, 4])
def test_what_pytorch_writes_is_read(tmp_path, older, protocol):
    torch.manual_seed(0)
    tensors = {
        "a": torch.randn(4, 3, 2), "half": torch.randn(10).half(), "b": torch.randn(3, 3).bfloat16(),
        "turned": torch.randn(4, 6).t(), "part": torch.randn(100)[10:20:2], "n": torch.tensor(5),
        "parameter": torch.nn.Parameter(torch.ones(2)), "double": torch.randn(3, dtype=torch.float64),
        "empty": torch.zeros(0, 3), "bool": torch.tensor([True, False]),
    }  # fmt: skip
    path, run = tmp_path / "a.pth", torch.nn.BatchNorm2d(4)
    optimizer = torch.optim.SGD(run.parameters(), lr=0.1, momentum=0.9)
    options = {"_use_new_zipfile_serialization": not older, "pickle_protocol": protocol}
    for whole in (tensors, {"epoch": 3, "state_dict": tensors, "optimizer": optimizer.state_dict()}):
        torch.save(whole, path, **options)
        found = pth.read(path)
        assert list(found) == list(tensors)
        for name, value in tensors.items():
            value = value.detach().float() if value.dtype == torch.bfloat16 else value.detach()
            np.testing.assert_array_equal(np.asarray(found[name]), value.numpy())
    torch.save(run.state_dict(), path, **options)  # with attributes
    assert list(pth.read(path)) == ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
    torch.save(run, path, **options)
    with pytest.raises(InputError, match=r"holds a whole object, a 'torch\.nn\.modules\.batchnorm\.BatchNorm2d'"):
        pth.read(path)


def test_torchvisions_ssd300(tmp_path, ssd300_vgg16, image):
    torch.save(ssd300_vgg16.state_dict(), tmp_path / "new.pth")
    model = weights.load_model(tmp_path / "new.pth")
    torch.save(ssd300_vgg16.state_dict(), tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    new = pth.read(tmp_path / "new.pth")
    for name, array in pth.read(tmp_path / "old.pth").items():
        np.testing.assert_array_equal(np.asarray(array), np.asarray(new[name]))
    categories = torchvision.models.detection.SSD300_VGG16_Weights.COCO_V1.meta["categories"]
    assert [n if not n.startswith("N/A ") else "N/A" for n in model.class_names] == categories[1:]
    assert model.config.num_classes == 91

    with torch.no_grad():
        images, _ = ssd300_vgg16.transform([tensor(image)[0] / 255])
        features = list(ssd300_vgg16.backbone(images.tensors).values())
        outputs = ssd300_vgg16.head(features)
        (anchors,) = ssd300_vgg16.anchor_generator(images, features)
    loc, conf = model.infer(preprocess(image, model.config))
    agree((loc, conf), (outputs["bbox_regression"].numpy(), outputs["cls_logits"].numpy()))

    anchors = torchvision.ops.box_convert(anchors, "xyxy", "cxcywh").numpy() / 300
    boxes_of_model = default_boxes(model.config)
    np.testing.assert_allclose(boxes_of_model, anchors, atol=2e-6)

    # The same outputs into both: the same detections.
    same = {"bbox_regression": torch.from_numpy(loc), "cls_logits": torch.from_numpy(conf)}
    corners = torchvision.ops.box_convert(torch.from_numpy(anchors) * 300, "cxcywh", "xyxy")
    with torch.no_grad():
        (expected,) = ssd300_vgg16.postprocess_detections(same, [corners], [(300, 300)])
    boxes, labels, scores = postprocess(loc[0], conf[0], boxes_of_model, **detection_options(model.config))
    assert len(scores) == len(expected["scores"]) == 200
    np.testing.assert_allclose(scores, expected["scores"].numpy(), rtol=1e-4)
    np.testing.assert_array_equal(labels, expected["labels"].numpy())
    np.testing.assert_allclose(boxes * 300, expected["boxes"].numpy(), atol=1e-2)
    as_caffe = postprocess(loc[0], conf[0], boxes_of_model)
    assert len(as_caffe[2]) != len(scores) or (as_caffe[2] != scores).any()  # so the two options matter here

    # And from the image to the detections, in its pixels.
    with torch.no_grad():
        (whole,) = ssd300_vgg16([tensor(image)[0] / 255])
    boxes, labels, scores = next(detect(model, [image]))
    found = {(int(label), *np.rint(box).astype(int)) for label, box in zip(labels, boxes)}
    wanted = {(int(n), *np.rint(box).astype(int)) for n, box in zip(whole["labels"].numpy(), whole["boxes"].numpy())}
    assert len(found & wanted) > 0.9 * len(wanted)  # a coordinate on the edge of rounding may fall either way
    np.testing.assert_allclose(np.sort(scores)[::-1], whole["scores"].numpy(), rtol=2e-2)


class Vgg(torch.nn.Module):
    """torchvision's VGG-16 with a smaller classifier than the 480 MB of the real one."""

    def __init__(self, outputs=64):
        super().__init__()
        torch.manual_seed(3)
        self.features = torchvision.models.vgg16(weights=None).features
        linear, others = torch.nn.Linear, (torch.nn.ReLU(), torch.nn.Dropout())
        self.classifier = torch.nn.Sequential(linear(25088, outputs), *others, linear(outputs, outputs), *others)


def test_torchvisions_vgg16_gives_the_same_activations(tmp_path, image):
    network = Vgg()
    torch.save(network.state_dict(), tmp_path / "vgg16.pth")
    model = SSD(replace(SSD300, base_tail=(16, 16), resize="float"))
    report = weights.load(model, tmp_path / "vgg16.pth")
    assert len(report.loaded) == 30
    mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    pixels = (tensor(image) / 255 - mean[:, None, None]) / deviation[:, None, None]
    pixels = torch.nn.functional.interpolate(pixels, size=(300, 300), mode="bilinear", align_corners=False)
    network.features[16].ceil_mode = True
    with torch.no_grad():
        conv4_3 = network.features[:23](pixels)
        conv5_3 = network.features[23:30](conv4_3)
        pooled = torch.nn.functional.max_pool2d(conv5_3, 3, 1, 1)
        fc6, fc7 = network.classifier[0], network.classifier[3]
        weight = fc6.weight.reshape(64, 512, 7, 7)[::4, :, ::3, ::3]
        conv6 = torch.nn.functional.conv2d(pooled, weight, fc6.bias[::4], padding=6, dilation=6).relu()
        conv7 = torch.nn.functional.conv2d(conv6, fc7.weight[::4, ::4, None, None], fc7.bias[::4]).relu()
    x = preprocess(image, model.config)
    for stage, expected in zip(model.stages[:2], (conv4_3, conv7)):
        x = stage.infer(x)
        expected = expected.permute(0, 2, 3, 1).numpy()
        assert np.abs(x - expected).max() < 1e-4 * np.abs(expected).max()


# ---- amdegroot -------------------------------------------------------------------------------------------------------


def seen_by_amdegroot(image, size):
    """BaseTransform and the flip behind it: OpenCV's BGR, resized as bytes, less the mean, and then RGB."""
    bgr = cv2.resize(image[:, :, ::-1], (size, size)).astype(np.float32)
    bgr -= np.float32((104, 117, 123))
    return tensor(bgr[:, :, (2, 1, 0)])


@pytest.mark.parametrize("older", [False, True])
def test_amdegroots_ssd300(tmp_path, image, older):
    network = Plain(divisor=1 if older else 4)
    parallel = {f"module.{name}": value for name, value in network.state_dict().items()}
    torch.save(
        parallel if older else network.state_dict(), tmp_path / "a.pth", _use_new_zipfile_serialization=not older
    )
    model = weights.load_model(tmp_path / "a.pth")
    assert (model.class_names, model.config.clip_mode) == (VOC_NAMES, "cxcywh")
    if older:  # at full width it is the preset
        assert replace(model.config, resize="average", clip_mode="none", whole_pixels=True) == SSD300
    agree(model.infer(preprocess(image, model.config)), network(seen_by_amdegroot(image, 300)))


def test_amdegroots_base_network(tmp_path, image):
    network = Plain(divisor=4)
    torch.save(
        {name[4:]: v for name, v in network.state_dict().items() if name.startswith("vgg.")}, tmp_path / "vgg.pth"
    )
    model = SSD(replace(SSD300, width=0.25, resize="opencv"))
    assert len(weights.load(model, tmp_path / "vgg.pth").loaded) == 30
    x = preprocess(image, model.config)
    with torch.no_grad():
        expected = network.features(seen_by_amdegroot(image, 300))
    for stage, feature in zip(model.stages[:2], expected):
        x = stage.infer(x)
        feature = feature.permute(0, 2, 3, 1).numpy()
        assert np.abs(x - feature).max() < 1e-4 * np.abs(feature).max()


# ---- ChainerCV and Caffe: their layouts, and PyTorch for their arithmetic --------------------------------------------

PLACES = (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)
NAMES = [f"conv{b}_{i}" for b, n in ((1, 2), (2, 2), (3, 3), (4, 3), (5, 3)) for i in range(1, n + 1)]


def renamed(network, vgg, tail, extra, head, norm):
    """The arrays of a Plain by names that the functions and tables given make of its own."""
    found = {}
    for name, value in network.state_dict().items():
        kind, *rest = name.split(".")
        part = rest[-1]
        if kind == "vgg":
            place = int(rest[0])
            found[vgg(NAMES[PLACES.index(place)]) if place in PLACES else tail[place], part] = value.numpy()
        elif kind == "extras":
            found[extra(int(rest[0]) // 2, int(rest[0]) % 2 + 1), part] = value.numpy()
        elif kind == "L2Norm":
            found[norm, part] = value.numpy()
        else:
            found[head(kind, int(rest[0])), part] = value.numpy()
    return found


@pytest.mark.parametrize("size", [300, 512])
def test_chainercv(tmp_path, image, size):
    network = Plain(size, divisor=8, eps=1e-5, seed=size)
    found = renamed(
        network, lambda name: f"extractor/{name}", {31: "extractor/conv6", 33: "extractor/conv7"},
        lambda k, i: f"extractor/conv{8 + k}_{i}", lambda kind, i: f"multibox/{kind}/{i}", "extractor/norm4",
    )  # fmt: skip
    ends = {"weight": "W", "bias": "b"}
    arrays = {
        f"{layer_name}/{'scale' if 'norm4' in layer_name else ends[part]}": value
        for (layer_name, part), value in found.items()
    }
    np.savez(tmp_path / "a.npz", **arrays)
    model = weights.load_model(tmp_path / "a.npz")
    # SSD._prepare: floats, channels first, resized by OpenCV, less the mean.
    pixels = image.transpose(2, 0, 1).astype(np.float32)
    pixels = cv2.resize(pixels.transpose(1, 2, 0), (size, size)).transpose(2, 0, 1)
    pixels = pixels - np.float32((123, 117, 104))[:, None, None]
    loc, conf = network(torch.from_numpy(np.ascontiguousarray(pixels))[None])  # loc is (dy, dx, dh, dw), as it reads it
    agree(model.infer(preprocess(image, model.config)), (loc[..., [1, 0, 3, 2]], conf))
    assert model.config.image_size == size


@pytest.mark.parametrize("size", [300, 512])
@pytest.mark.parametrize("old", [False, True])
def test_caffe(tmp_path, image, size, old):
    network = Plain(size, divisor=8, seed=size + 1)
    sources = ["conv4_3_norm", "fc7", "conv6_2", "conv7_2", "conv8_2", "conv9_2", "conv10_2"]
    found = renamed(
        network, str, {31: "fc6", 33: "fc7"}, lambda k, i: f"conv{6 + k}_{i}",
        lambda kind, i: f"{sources[i]}_mbox_{kind}", "conv4_3_norm",
    )  # fmt: skip
    layers = {}
    for (layer_name, _), value in found.items():
        layers.setdefault(layer_name, []).append(value)
    path = write_caffe(tmp_path / "a.caffemodel", layers, old=old, old_shape=old, packed=not old, diff=not old)
    path.write_bytes(path.read_bytes() + layer("mbox_loss", []))
    model = weights.load_model(path)
    # The network sees blue first, less (104, 117, 123).
    bgr = cv2.resize(image[:, :, ::-1], (size, size)).astype(np.float32) - np.float32((104, 117, 123))
    agree(model.infer(preprocess(image, model.config)), network(tensor(bgr)))
    assert (model.config.image_size, model.config.whole_pixels) == (size, True)
