"""Checkpoints as training programs write them with torch itself: the weights are found, and nothing else is made."""

import argparse
import collections
import datetime
import enum
import functools
import pathlib
from dataclasses import replace

import numpy as np
import pytest
import torch
from third_party_networks import NARROW, as_torchvision, random_model

from numpyssd.config import SSD300
from numpyssd.errors import InputError
from numpyssd.weights import recognize


class Phase(enum.Enum):
    """A class of the training program, which nobody else has."""

    TRAINING = 1


class Loss(torch.nn.Module):
    """A module without weights, which is saved whole beside them."""


class Own(torch.Tensor):
    """A subclass, as a training program may have it."""


@pytest.fixture(scope="module")
def arrays():
    return as_torchvision(random_model(replace(SSD300, width=NARROW, num_classes=4)))


@pytest.fixture
def network(arrays):
    """A torch module whose parameters have torchvision's names."""
    root = torch.nn.Module()
    for name, array in arrays.items():
        *parts, last = name.split(".")
        module = root
        for part in parts:
            if part not in dict(module.named_children()):
                module.add_module(part, torch.nn.Module())
            module = getattr(module, part)
        module.register_parameter(last, torch.nn.Parameter(torch.from_numpy(array.copy())))
    return root


def check(path, arrays, dtype=None):
    found = recognize.read(path)
    assert len(found.arrays) == len(arrays) == 71
    for name, (theirs, _) in found.origins.items():
        array = torch.from_numpy(arrays[theirs]).to(dtype).to(torch.float64).numpy() if dtype else arrays[theirs]
        array = array.transpose(2, 3, 1, 0) if name.endswith(".weight") else array
        np.testing.assert_array_equal(np.asarray(found.arrays[name]), array, err_msg=name)
    return found


OLD = {"_use_new_zipfile_serialization": False}
WAYS = pytest.mark.parametrize("how", [{}, OLD, {"pickle_protocol": 4}, {"pickle_protocol": 5}])


@WAYS
def test_the_checkpoint_of_torchvisions_trainer(tmp_path, network, arrays, how):
    """The keys and objects of references/detection/train.py, after a step."""
    optimizer = torch.optim.SGD(network.parameters(), 0.002, momentum=0.9, weight_decay=5e-4)
    for parameter in network.parameters():
        parameter.grad = torch.zeros_like(parameter)
    schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[16, 22], gamma=0.1)
    checkpoint = {
        "model": network.state_dict(), "optimizer": optimizer.state_dict(), "lr_scheduler": schedule.state_dict(),
        "args": argparse.Namespace(model="ssd300_vgg16", data_path=pathlib.Path("/d")), "epoch": 25,
        "scaler": torch.amp.GradScaler("cpu").state_dict(),
    }  # fmt: skip
    torch.save(checkpoint, tmp_path / "model_25.pth", **how)
    found = check(tmp_path / "model_25.pth", arrays)
    assert found.notes == ()


@WAYS
@pytest.mark.parametrize(
    "beside",
    [
        np.float64(0.71), np.arange(5), np.array([{}], object), np.dtype("f4"), torch.device("cpu"), torch.float16,
        torch.Size([1, 2]), pathlib.PurePosixPath("runs/a"), {"bolt", "nut"}, frozenset("ab"),
        collections.defaultdict(list, a=[1]), collections.Counter("abc"), collections.deque([1], 3), Phase.TRAINING,
        {Phase.TRAINING: 1, None: 2, (3, 4): 5}, functools.partial(print, 1, end=""), datetime.datetime(2024, 1, 2),
        slice(1), range(3), 1 + 2j, b"bytes", bytearray(b"more"), print, dict, Loss(), torch.get_rng_state(),
        torch.zeros(2, dtype=torch.complex64), torch.eye(3).to_sparse(), torch.ones(3).to(torch.float8_e4m3fn),
        torch.ones(3).untyped_storage(),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_whatever_is_beside_the_weights(tmp_path, network, arrays, beside, how):
    for order in (1, -1):
        items = [("model", network.state_dict()), ("beside", beside)][::order]
        torch.save(dict(items), tmp_path / "a.pth", **how)
        check(tmp_path / "a.pth", arrays)


@pytest.mark.parametrize("how", [{}, OLD])
def test_what_torch_itself_puts_before_names(tmp_path, network, arrays, how):
    averaged = torch.optim.swa_utils.AveragedModel(network)
    wrapped = {
        "parallel": torch.nn.DataParallel(network), "compiled": torch.compile(network), "averaged": averaged,
        "both": torch.nn.DataParallel(torch.compile(network)), "inside": torch.nn.ModuleDict({"model": network}),
    }  # fmt: skip
    for name, module in wrapped.items():
        torch.save(module.state_dict(), tmp_path / f"{name}.pth", **how)
        check(tmp_path / f"{name}.pth", arrays)
    torch.save({"model": {}, "model_ema": averaged.state_dict(), "epoch": 3}, tmp_path / "ema.pth", **how)
    assert "n_averaged" in check(tmp_path / "ema.pth", arrays).unused


@pytest.mark.parametrize("how", [{}, OLD])
def test_tensors_of_every_make(tmp_path, network, arrays, how):
    state = network.state_dict()
    parameters = dict(network.named_parameters())
    for parameter in parameters.values():
        parameter.tag = "an attribute"  # so that another function makes it
    kinds = {
        "parameters": parameters,
        "channels_last": {
            n: t.to(memory_format=torch.channels_last) if t.ndim == 4 else t for n, t in state.items()
        },
        "subclass": {name: tensor.as_subclass(Own) for name, tensor in state.items()},
    }  # fmt: skip
    for name, tensors in kinds.items():
        torch.save(tensors, tmp_path / f"{name}.pth", **how)
        check(tmp_path / f"{name}.pth", arrays)
    for dtype in (torch.float16, torch.bfloat16, torch.float64):
        torch.save({name: tensor.to(dtype) for name, tensor in state.items()}, tmp_path / "a.pth", **how)
        check(tmp_path / "a.pth", arrays, dtype)


@pytest.mark.filterwarnings("ignore:.*torch.jit.*is deprecated")
@pytest.mark.parametrize("how", [{}, OLD])
def test_what_has_no_weights_by_name(tmp_path, how):
    whole = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3))
    for content in (whole, {"model": whole, "epoch": 3}):
        torch.save(content, tmp_path / "a.pth", **how)
        with pytest.raises(InputError, match="a whole object, a 'torch.nn.modules.container.Sequential'"):
            recognize.read(tmp_path / "a.pth")
    torch.jit.script(whole).save(str(tmp_path / "a.pt"))
    with pytest.raises(InputError, match="is a TorchScript program, not weights"):
        recognize.read(tmp_path / "a.pt")
