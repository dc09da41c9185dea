"""Recognize the format and the source of a file of weights, by its contents and never by its name, and read it."""

import zipfile
from dataclasses import fields, replace
from pathlib import Path

from numpyssd.config import Config, NetworkConfig
from numpyssd.errors import InputError, refuse_pipe
from numpyssd.weights import other_kinds
from numpyssd.weights.built_in import is_published, weights_path
from numpyssd.weights.contents import FileContents
from numpyssd.weights.formats import caffemodel, npz, pth, safetensors
from numpyssd.weights.formats.archive import open_archive, read_arrays
from numpyssd.weights.formats.errors import damaged, unreadable
from numpyssd.weights.formats.state_dict import StateDict, choose
from numpyssd.weights.sources import amdegroot, caffe, chainercv, torchvision_ssd, torchvision_vgg
from numpyssd.weights.stored_config import check_config, check_network, config_from_dict, network_fields

INPUT_RULE = ("mean", "pixel_scale", "resize")  # fields of a Config
OWN = "numpyssd"  # the source of our own files
NETWORKS = (  # with named tensors in PyTorch's layout: the names that tell them, and the function that reads them
    (torchvision_ssd.RECOGNIZED_BY, torchvision_ssd.translate),
    (amdegroot.RECOGNIZED_BY, amdegroot.translate),
    (torchvision_vgg.RECOGNIZED_BY, torchvision_vgg.translate),
    (amdegroot.BASE_RECOGNIZED_BY, amdegroot.translate_base),
)
PROTOBUF_STARTS = (b"\n", b"\x12", b"\x1a", b"\xa2\x06")  # a NetParameter's name, layers, input, layer


def read(path: Path | str) -> FileContents:
    """Return the contents of a file of any supported format, or of weights by name, built in or published.

    Raises InputError, naming the file, for any other file.
    """
    known, path = is_published(path), weights_path(path)
    try:
        found = _read(path)
        if known:
            found = replace(found, names_are_guessed=False)
        if found.config is not None:
            check_config(found.config)
        return found
    except InputError:
        raise
    except Exception as reason:  # NumPy raises almost anything for a made-up array
        raise damaged(path, reason, "weights of a known format") from None


def _read(path):
    try:
        refuse_pipe(path)
        if path.is_dir():
            other_kinds.refuse_folder(path)
        with open(path, "rb") as file:
            if zipfile.is_zipfile(file):
                return _archive(path)
            if safetensors.begins_like_one(file):
                return _safetensors(path)
            other_kinds.refuse_beginning(path, file)
            file.seek(0)
            beginning = file.read(8)
    except OSError as reason:
        raise unreadable(path, reason) from None
    if beginning.startswith(b"\x80"):
        return _pytorch(path)
    if beginning.startswith(PROTOBUF_STARTS):
        return _caffe(path)
    if beginning.startswith(b"PK"):
        return read_own(path)  # which says how it is damaged
    raise other_kinds.unknown(path)


def read_own(path: Path) -> FileContents:
    """Return the contents of a file that ``npz.save`` wrote."""
    description, arrays = npz.read(path)
    detector = str(description.get("detector", Config.detector))
    try:
        values = description["config"]
        config = config_from_dict(values) if detector == Config.detector else None
        input_rule = _input_rule(values)
    except Exception as reason:  # the description comes from a file and may be anything
        raise InputError(f"{path} describes a network that this version cannot build ({reason}); train again") from None
    names, origins = description.get("class_names"), {name: (name, array.shape) for name, array in arrays.items()}
    return FileContents(
        OWN, arrays, input_rule, origins, {}, config, tuple(names) if names else None,
        description.get("score_thresholds"), detector=detector, other_config=None if config else values,
    )  # fmt: skip


def _input_rule(values):
    """Return the fields INPUT_RULE of a config in a file. Raises ValueError unless a network can have them."""
    names = {field.name for field in fields(NetworkConfig)}
    network = NetworkConfig(**{name: value for name, value in network_fields(values).items() if name in names})
    check_network(network)
    return {name: getattr(network, name) for name in INPUT_RULE}


def stored_input_rule(path: Path | str) -> dict:
    """Return the fields INPUT_RULE of the config in a checkpoint of our own, or {} if it has none."""
    try:
        return _input_rule(npz.read_description(path)["config"])
    except Exception:  # the error is told when the weights are read
        return {}


def _archive(path):
    try:
        with open_archive(path) as archive:
            names = set(archive.namelist())
    except Exception:
        return read_own(path)
    if any(name.endswith(("/data.pkl", "/constants.pkl")) for name in names):
        return _pytorch(path)
    if f"{npz.DESCRIPTION}.npy" not in names:
        other_kinds.refuse_archive(path, names)
    if f"{npz.DESCRIPTION}.npy" in names or not any(name.endswith("W.npy") for name in names):
        return read_own(path)
    try:
        found = read_arrays(path)
    except Exception as reason:
        raise damaged(path, reason, "NumPy's") from None
    for inside in ("", "extractor/"):
        if all(f"{inside}{name}" in found for name in chainercv.RECOGNIZED_BY):
            return chainercv.translate(found, path)
    raise _unknown(path, found, "ChainerCV's SSD (extractor/conv1_1/W, ...)")


def _pytorch(path):
    return _named(pth.read_state_dict(path, [names for names, _ in NETWORKS]), path)


def _safetensors(path):
    tensors = safetensors.read(path)
    chosen = choose(tensors, [names for names, _ in NETWORKS]) or StateDict({})
    pth.check_sharing(chosen.tensors, path)
    return _named(chosen, path)


def _named(chosen, path):
    """Return the contents of the state_dict of one of NETWORKS."""
    for names, translate in NETWORKS:
        if all(name in chosen.tensors for name in names):
            contents = translate(chosen.tensors, path)
            beside = {name: tuple(tensor.shape) for name, tensor in chosen.others.items()}
            return replace(contents, unused=contents.unused | beside, notes=contents.notes + chosen.notes)
    known = "torchvision's SSD (backbone.features.0.weight, ...) or VGG-16 (features.0.weight, ...), "
    known += "amdegroot's SSD (vgg.0.weight, ..., L2Norm.weight) or base network (0.weight, ..., 33.weight)"
    raise _unknown(path, chosen.tensors, known)


def _caffe(path):
    layers, prior_boxes = caffemodel.read(path)
    found = caffe.named(layers)
    if not all(name in found for name in caffe.RECOGNIZED_BY):
        raise _unknown(path, layers, "Caffe's SSD or VGG-16 (conv1_1, ...)")
    return caffe.translate(found, path, prior_boxes)


def _unknown(path, names, expected):
    first = ", ".join(name[:60] for name in list(names)[:5]) or "nothing"
    return InputError(
        f"{path} holds weights of no network that is known: {first}; expected {expected}{other_kinds.about_parts(path)}"
    )
