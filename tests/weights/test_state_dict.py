"""Weights in the files of training runs: wherever they are in it, and whatever is before their names.

The layouts are those of torchvision's references/detection/train.py, timm, Lightning, DeepSpeed and others; the same
files as torch itself writes them are read in tests/oracle/test_checkpoints.py.
"""

from dataclasses import replace

import numpy as np
import pytest
from third_party_files import call, dictionary, integer, of_array, sequence, text, write_older, write_zip
from third_party_networks import NARROW, as_amdegroot, as_torchvision, random_model

from numpyssd.config import SSD300
from numpyssd.errors import InputError
from numpyssd.weights import recognize


@pytest.fixture(scope="module")
def networks():
    """The names and arrays of a network, as torchvision and as amdegroot have them, and the same with 1 added."""
    model = random_model(replace(SSD300, width=NARROW, num_classes=4))
    plain, other = as_torchvision(model), as_amdegroot(model)
    return plain, {name: array + 1 for name, array in plain.items()}, other


def before(prefix, arrays):
    return {f"{prefix}{name}": array for name, array in arrays.items()}


class File:
    """Collects the arrays of a file, and writes it."""

    def __init__(self):
        self.storages = []

    def body(self, arrays):
        """The pickle of a dictionary of arrays."""
        first = len(self.storages)
        self.storages += arrays.values()
        return dictionary(**{name: of_array(str(first + i), array) for i, (name, array) in enumerate(arrays.items())})

    def read(self, path, body, write=write_zip):
        return recognize.read(write(path, body, self.storages))


def check(found, expected):
    """See that a file has the arrays of the network ``expected``."""
    assert len(found.arrays) == len(expected) == 71
    for name, (theirs, _) in found.origins.items():
        array = expected[theirs]
        array = array.transpose(2, 3, 1, 0) if name.endswith(".weight") else array
        np.testing.assert_array_equal(found.arrays[name], array, err_msg=name)


@pytest.mark.parametrize(
    "prefix",
    [
        "module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module.", "model.", "net.", "ema.", "detector.net.",
        "model.module._orig_mod.", "_fsdp_wrapped_module.", "ssd._forward_module.model.",
    ],
)  # fmt: skip
def test_whatever_is_before_the_names(tmp_path, networks, prefix):
    for arrays in networks[::2]:
        file = File()
        found = file.read(tmp_path / "a.pth", file.body(before(prefix, arrays)))
        check(found, arrays)
        assert (found.unused, len(found.notes)) == ({}, 0)


@pytest.mark.parametrize("part", ["_orig_mod", "module", "_checkpoint_wrapped_module"])
def test_a_part_of_the_network_that_was_wrapped_by_itself(tmp_path, networks, part):
    arrays = {name.replace("backbone.", f"backbone.{part}."): array for name, array in networks[0].items()}
    file = File()
    check(file.read(tmp_path / "a.pth", file.body(arrays)), networks[0])


@pytest.mark.parametrize("write", [write_zip, write_older])
@pytest.mark.parametrize(
    "keys",
    [
        ["model"], ["state_dict"], ["model_state_dict"], ["net"], ["ema"], ["model_ema"], ["weights"], ["params"],
        ["state"], ["module"], ["anything"], ["a", "b", "model", "state_dict"],
    ],
)  # fmt: skip
def test_whatever_dictionary_it_is_in(tmp_path, networks, keys, write):
    file = File()
    body = file.body(networks[0])
    for key in reversed(keys):
        body = dictionary(epoch=integer(3), **{key: body}, args=call("argparse", "Namespace"))
    check(file.read(tmp_path / "a.pth", body, write), networks[0])


def test_a_pair_of_weights_and_the_state_of_an_optimizer(tmp_path, networks):
    file = File()
    momentum = dictionary(state=file.body({"momentum_buffer": np.ones(9, np.float32)}))
    check(file.read(tmp_path / "a.pth", sequence(momentum, file.body(networks[0]))), networks[0])


@pytest.mark.parametrize(
    ("plain", "averaged"),
    [
        ("model", "model_ema"), ("state_dict", "state_dict_ema"), ("model", "ema"), ("net", "swa_model"),
        ("params", "params_ema"), ("model_state_dict", "averaged_model"), ("state_dict", "shadow"),
    ],
)  # fmt: skip
def test_an_average_over_training_is_taken_before_the_plain_weights_and_it_is_said(tmp_path, networks, plain, averaged):
    for order in (1, -1):
        file = File()
        bodies = [(plain, file.body(networks[0])), (averaged, file.body(networks[1]))]
        found = file.read(tmp_path / "a.pth", dictionary(**dict(bodies[::order])))
        check(found, networks[1])
        said = f"2 times; taken: {averaged}, the average over training; left: {plain}"
        assert found.notes == (f"the file holds these weights {said}",)


def test_an_averaged_model_of_torch_is_known_by_its_counter(tmp_path, networks):
    file = File()
    counted = {"n_averaged": np.array(100), **before("module.", networks[1])}
    body = dictionary(first=file.body(networks[0]), second=file.body(counted))
    found = file.read(tmp_path / "a.pth", body)
    check(found, networks[1])
    assert found.unused == {"n_averaged": ()}
    assert "taken: second, the average over training; left: first" in found.notes[0]


def test_two_copies_in_one_dictionary_and_what_is_beside_them(tmp_path, networks):
    """As a module of Lightning that keeps an average of its model."""
    file, beside = File(), {"criterion.scale": np.ones(3, np.float32)}
    arrays = before("model.", networks[0]) | before("ema_model.module.", networks[1]) | beside
    found = file.read(tmp_path / "a.ckpt", dictionary(state_dict=file.body(arrays)))
    check(found, networks[1])
    assert "taken: state_dict.ema_model, the average" in found.notes[0]
    assert len(found.unused) == 72
    assert "criterion.scale" in found.unused


def test_of_equals_the_first_is_taken_and_it_is_said(tmp_path, networks):
    file = File()
    body = dictionary(student=file.body(networks[0]), teacher=file.body(networks[1]))
    found = file.read(tmp_path / "a.pth", body)
    check(found, networks[0])
    assert found.notes == ("the file holds these weights 2 times; taken: student; left: teacher",)
    body = dictionary(other=file.body(networks[1]), model=file.body(networks[0]))
    check(file.read(tmp_path / "b.pth", body), networks[0])


def test_halves_and_the_upper_halves_of_floats(tmp_path, networks):
    file = File()
    halves = {name: array.astype(np.float16) for name, array in networks[0].items()}
    check(file.read(tmp_path / "a.pth", file.body(halves)), halves)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (call("torchvision.models.detection.ssd", "SSD"), "holds a whole object, a 'torchvision.models.detection.ssd"),
        (dictionary(model=call("mine", "Net")), "holds under 'model' a whole object, a 'mine.Net', and no weights"),
        (dictionary(ema=call("mine", "Net"), epoch=integer(1)), "holds under 'ema' a whole object, a 'mine.Net'"),
        (dictionary(model=call("ultralytics.nn.tasks", "DetectionModel")), "is a model of Ultralytics' YOLO"),
        (dictionary(model=call("models.yolo", "Model")), "is a model of Ultralytics' YOLO, another detector than SSD"),
        (
            dictionary(model=dictionary(a=call("numpy", "x"), b=call("numpy", "x"))),
            "holds no state_dict but values that are no plain tensors, the first of them a 'numpy.x'",
        ),
        (dictionary(args=call("argparse", "Namespace"), name=text("x")), "but a dictionary of 'args', 'name'; save"),
    ],
)
def test_an_empty_place_where_the_weights_should_be_is_told(tmp_path, body, said):
    for write in (write_zip, write_older):
        with pytest.raises(InputError) as caught:
            recognize.read(write(tmp_path / "a.pth", body, []))
        assert said in str(caught.value)


def test_one_part_of_several_is_told_by_its_name(tmp_path, networks):
    file = File()
    some = dict(list(networks[2].items())[5:])
    with pytest.raises(InputError, match="by its name it is one part of several: join them"):
        file.read(tmp_path / "pytorch_model-00001-of-00002.bin", file.body(some))
    del some["extras.3.weight"]
    with pytest.raises(InputError, match=r"no network that is known: .*, \.\.\.\)$|L2Norm.weight\) or base network"):
        file.read(tmp_path / "a.pth", file.body({"fc.weight": np.ones(3, np.float32)}))


def test_a_file_cannot_ask_for_time_by_nesting(tmp_path):
    body, file = dictionary(), File()
    for _ in range(1000):
        body = dictionary(model=body)
    deep = dictionary(model=body, list=b"](" + b"]" * 50_000 + b"e")
    with pytest.raises(InputError, match="holds no state_dict"):
        file.read(tmp_path / "a.pth", deep)
