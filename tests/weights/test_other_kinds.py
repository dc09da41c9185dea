"""Files of other kinds that are given as weights: the sentence says what they are, and what helps."""

import io
import struct
import tarfile
import zipfile

import numpy as np
import pytest

from numpyssd.errors import InputError
from numpyssd.weights import recognize

FILES = {  # the first bytes of real files
    "model.h5": (b"\x89HDF\r\n\x1a\n" + bytes(99), "a file of Keras"),
    "model.tflite": (b"\x1c\0\0\0TFL3" + bytes(64), "a network of TensorFlow Lite"),
    "frozen.pb": (b"\n\x14\n\x05image\x12\x0bPlaceholder" + bytes(64), "a graph of TensorFlow"),
    "long.pb": (b"\n\xb4\x01\n\x05image\x12\x05Const" + bytes(200), "a graph of TensorFlow"),
    "saved_model.pb": (b"\x08\x01\x12\xf0\x05\n" + bytes(64), "a SavedModel of TensorFlow"),
    "torch.onnx": (b"\x08\x07\x12\x07pytorch\x1a\x051.8.0:\x80", r"a network in ONNX .*give the weights that it was"),
    "bare.onnx": (b"\x08\x0a:\x80\x20", "a network in ONNX"),
    "yolov3.weights": (struct.pack("<3iQ", 0, 2, 5, 32013312) + bytes(400), "a file of Darknet"),
    "ssd.params": (struct.pack("<QQ", 0x112, 0) + bytes(99), "a file of MXNet"),
    "ssd.xml": (b'<?xml version="1.0"?>\n<net name="ssd" version="11">', "a network of OpenVINO"),
    "ssd.engine": (b"ftrt\0\0\0\0", "an engine of TensorRT"),
    "page.pth": (b"<!DOCTYPE html>\n<html><title>Sign in", "a web page that came in place of the file; fetch"),
    "pointer.pth": (b"version https://git-lfs.github.com/spec/v1\noid sha256:", "a pointer of Git LFS.*git lfs pull"),
    "index.json": (b'{"metadata": {}, "weight_map": {"a": "x-00001-of-00002.bin"}}', "the list of the parts of a file"),
    "ssd.pth.gz": (b"\x1f\x8b\x08" + bytes(30), "a packed file; unpack it first"),
    "ssd.7z": (b"7z\xbc\xaf\x27\x1c" + bytes(30), "a packed file; unpack it first"),
    "empty.pth": (b"", "empty; copy it anew"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_called_by_what_it_is(tmp_path, name):
    content, said = FILES[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=f"{name} is {said}") as caught:
        recognize.read(tmp_path / name)
    assert "\n" not in str(caught.value)
    (tmp_path / "other.bin").write_bytes(content)
    with pytest.raises(InputError, match=said):  # by its contents, not by its name
        recognize.read(tmp_path / "other.bin")


def archive(path, *names):
    with zipfile.ZipFile(path, "w") as file:
        for name in names:
            file.writestr(name, b"{}")
    return path


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (
            ["metadata.json", "config.json", "model.weights.h5"],
            "a file of Keras, which is not read; what is: ChainerCV",
        ),
        (["a/archive_format", "a/models/model.json", "a/data/sample_inputs/model.pt"], "a program of torch.export"),
        (["serialized_exported_program.json"], "a program of torch.export, not weights; save model.state_dict"),
        (["runs/best.pth", "readme.txt"], r"an archive \(zip\); unpack it first and give runs/best.pth"),
        (["a/data.pkl", "a/constants.pkl", "a/version"], "a TorchScript program, not weights"),
    ],
)
def test_an_archive_is_called_by_what_is_in_it(tmp_path, names, said):
    with pytest.raises(InputError, match=f"a.zip is {said}"):
        recognize.read(archive(tmp_path / "a.zip", *names))


def test_a_tar(tmp_path):
    with tarfile.open(tmp_path / "a.pth.tar", "w") as file:
        file.addfile(tarfile.TarInfo("a.pth"), io.BytesIO(b""))
    with pytest.raises(InputError, match=r"is an archive \(tar\); unpack it first"):
        recognize.read(tmp_path / "a.pth.tar")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("saved_model.pb", "a SavedModel of TensorFlow"),
        (".metadata", "a checkpoint in parts; join them with torch.distributed.checkpoint"),
        ("Manifest.json", "a network in Core ML"),
        ("model.safetensors", "a folder; give the file of weights in it, such as .*model.safetensors"),
    ],
)
def test_a_folder_is_called_by_what_is_in_it(tmp_path, name, said):
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(InputError, match=f" is {said}"):
        recognize.read(tmp_path)


@pytest.mark.parametrize("name", ["ssd.ckpt.data-00000-of-00001", "ssd.ckpt.index", "ssd.ckpt.meta"])
def test_part_of_a_checkpoint_of_tensorflow_is_known_by_its_name_alone(tmp_path, name):
    (tmp_path / name).write_bytes(np.random.default_rng(0).normal(size=99).astype("<f4").tobytes())
    with pytest.raises(InputError, match="is by its name part of a checkpoint of TensorFlow, which is not read"):
        recognize.read(tmp_path / name)
