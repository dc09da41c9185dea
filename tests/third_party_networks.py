"""Networks of ours as others lay them out, by their names and layouts: the other direction of numpyssd.weights."""

import numpy as np
from third_party_files import write_caffe, write_pth

from numpyssd.model.ssd import SSD

NARROW = 1 / 64  # of the channels; the least is 8


def random_model(config, seed=0):
    model = SSD(config, seed)
    rng = np.random.default_rng(seed)
    for parameter in model.parameters().values():
        parameter.value[...] = rng.normal(size=parameter.value.shape)
    return model


def outside(model):
    """The parameters as everybody else has them: convolutions (out, in, rows, columns)."""
    values = {name: parameter.value for name, parameter in model.parameters().items()}
    return {n: np.ascontiguousarray(v.transpose(3, 2, 0, 1)) if v.ndim == 4 else v.copy() for n, v in values.items()}


CONVOLUTIONS = (
    "conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1", "conv3_2", "conv3_3", "conv4_1", "conv4_2", "conv4_3",
    "conv5_1", "conv5_2", "conv5_3",
)  # fmt: skip


def as_chainercv(model):
    """Names and the order (y, x, h, w) typed in from ChainerCV's links."""
    found = {}
    for name, value in outside(model).items():
        layer_name, part = name.rsplit(".", 1)
        head, _, i = layer_name.partition(".")
        if head in ("loc", "conf"):
            if head == "loc":
                value = value[[4 * (k // 4) + (1, 0, 3, 2)[k % 4] for k in range(len(value))]]
            found[f"multibox/{head}/{i}/{'W' if part == 'weight' else 'b'}"] = value
        elif part == "scale":
            found["extractor/norm4/scale"] = value
        else:
            found[f"extractor/{layer_name}/{'W' if part == 'weight' else 'b'}"] = value
    return found


def as_amdegroot(model):
    places = dict(zip(CONVOLUTIONS, (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28))) | {"conv6": 31, "conv7": 33}
    found = {}
    for name, value in outside(model).items():
        layer_name, part = name.rsplit(".", 1)
        if layer_name in places:
            found[f"vgg.{places[layer_name]}.{part}"] = value
        elif layer_name == "conv4_3_norm":
            found["L2Norm.weight"] = value
        elif layer_name.startswith("conv") and "_" in layer_name:
            pair, which = layer_name[4:].split("_")
            found[f"extras.{2 * (int(pair) - 8) + int(which) - 1}.{part}"] = value
        else:
            found[name] = value
    return found


TORCHVISION_EXTRAS = {
    "conv5_1": "0.1", "conv5_2": "0.3", "conv5_3": "0.5", "conv6": "0.7.1", "conv7": "0.7.3", "conv8_1": "1.0",
    "conv8_2": "1.2", "conv9_1": "2.0", "conv9_2": "2.2", "conv10_1": "3.0", "conv10_2": "3.2", "conv11_1": "4.0",
    "conv11_2": "4.2",
}  # fmt: skip


def as_torchvision(model):
    places = dict(zip(CONVOLUTIONS[:10], (0, 2, 5, 7, 10, 12, 14, 17, 19, 21)))
    heads = {"loc": "regression_head", "conf": "classification_head"}
    found = {}
    for name, value in outside(model).items():
        layer_name, part = name.rsplit(".", 1)
        head, _, i = layer_name.partition(".")
        if layer_name in places:
            found[f"backbone.features.{places[layer_name]}.{part}"] = value
        elif layer_name in TORCHVISION_EXTRAS:
            found[f"backbone.extra.{TORCHVISION_EXTRAS[layer_name]}.{part}"] = value
        elif head in heads:
            found[f"head.{heads[head]}.module_list.{i}.{part}"] = value
        else:
            found["backbone.scale_weight"] = value
    return found


def as_caffe(model):
    sources = ["conv4_3_norm", "fc7", "conv6_2", "conv7_2", "conv8_2", "conv9_2", "conv10_2"]
    layers = {}
    for name, value in outside(model).items():
        layer_name, _ = name.rsplit(".", 1)
        head, _, i = layer_name.partition(".")
        if head in ("loc", "conf"):
            layer_name = f"{sources[int(i)]}_mbox_{head}"
        elif layer_name in ("conv6", "conv7"):
            layer_name = layer_name.replace("conv", "fc")
        elif layer_name.startswith("conv") and layer_name[4:].split("_")[0] in ("8", "9", "10", "11", "12"):
            number, which = layer_name[4:].split("_")
            layer_name = f"conv{int(number) - 2}_{which}"
        if name == "conv1_1.weight":
            value = np.ascontiguousarray(value[:, [2, 1, 0]])  # blue, green, red
        layers.setdefault(layer_name, []).append(value)
    return layers


def write(kind, model, path):
    if kind == "chainercv":
        np.savez(path.open("wb"), **as_chainercv(model))
    elif kind == "caffe":
        write_caffe(path, as_caffe(model))
    else:
        write_pth(path, {"amdegroot": as_amdegroot, "torchvision": as_torchvision}[kind](model))
    return path
