"""The forward pass in each framework: float32, the same graph and parameters, the same number of threads.

A peer is made from a Job. ``run()`` makes one pass over the job's images, which lie ready in the layout that the
framework likes; ``outputs()`` makes one too and returns {"loc": (N, K, 4), "conf": (N, K, C)}. Each lives in a process
of its own (worker.py), and imports its framework only there.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from numpyssd import kernels
from numpyssd.config import Config
from numpyssd.model.ssd import SSD


class Job(NamedTuple):
    """What every peer of a comparison does: a network, drawn from a seed, on a batch, with some threads."""

    config: Config
    batch_size: int
    threads: int
    folder: Path  # holds network.pt and network.onnx, written by network.prepare
    seed: int = 0

    def images(self):
        """Return random images (N, S, S, 3) with the spread of real ones."""
        shape = (self.batch_size, self.config.image_size, self.config.image_size, 3)
        return np.random.default_rng(self.seed).standard_normal(shape, np.float32) * 50

    def planes(self):
        """Return the same images as (N, 3, S, S)."""
        return np.ascontiguousarray(self.images().transpose(0, 3, 1, 2))


def use_threads(job):
    """Make our kernels ready, with the job's number of threads."""
    cpu = kernels.use("cpu")
    from numpyssd.kernels.cpu.runtime import threads

    threads.set_threads(job.threads)
    cpu.warm_up()


class Numpyssd:
    """This project."""

    name = "numpyssd"

    def __init__(self, job):
        use_threads(job)
        self.model, self.x = SSD(job.config, job.seed), job.images()

    def run(self):
        """Return loc and conf."""
        return self.model.infer(self.x)

    def outputs(self):
        """Return loc and conf by name."""
        return dict(zip(("loc", "conf"), map(np.asarray, self.run())))


class PyTorch(Numpyssd):
    """PyTorch as it comes: eager, planes of channels."""

    name, channels_last = "PyTorch", False

    def __init__(self, job):
        self.torch = load_torch(job)
        layout = {"memory_format": self.torch.channels_last} if self.channels_last else {}
        self.network = self.torch.load(job.folder / "network.pt", weights_only=False).to(**layout)  # our own file
        self.x = self.torch.from_numpy(job.planes()).to(**layout)

    def run(self):
        """Return loc and conf."""
        with self.torch.inference_mode():
            return self.network(self.x)


class PyTorchChannelsLast(PyTorch):
    """PyTorch with the channels of a pixel side by side, which its documentation recommends for convolutions."""

    name, channels_last = "PyTorch channels_last", True


class PyTorchCompiled(PyTorchChannelsLast):
    """The same after torch.compile: inductor, with the weights frozen into the code."""

    name = "torch.compile"

    def __init__(self, job):
        super().__init__(job)
        import torch._inductor.config

        torch._inductor.config.freezing = True
        self.network = self.torch.compile(self.network.eval())
        self.run()  # compiles


def load_torch(job):
    """Import PyTorch with the job's number of threads and with true float32 products."""
    import torch

    torch.set_num_threads(job.threads)
    torch.set_num_interop_threads(1)
    torch.set_float32_matmul_precision("highest")
    return torch


class OnnxRuntime(Numpyssd):
    """ONNX Runtime on its processor provider, with all its optimizations of the graph."""

    name = "ONNX Runtime"

    def __init__(self, job):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = job.threads, 1
        path, providers = str(job.folder / "network.onnx"), ["CPUExecutionProvider"]
        self.session, self.x = onnxruntime.InferenceSession(path, options, providers=providers), job.planes()

    def run(self):
        """Return loc and conf."""
        return self.session.run(["loc", "conf"], {"x": self.x})


class OpenVino(Numpyssd):
    """OpenVINO on the processor, told to answer soon and, since it would take bfloat16 where it can, in float32."""

    name = "OpenVINO"

    def __init__(self, job):
        import openvino

        hints = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
        options = {"INFERENCE_NUM_THREADS": job.threads, **hints}
        compiled = openvino.Core().compile_model(job.folder / "network.onnx", "CPU", options)
        precision = compiled.get_property("INFERENCE_PRECISION_HINT")
        if precision != openvino.Type.f32:
            raise RuntimeError(f"it computes in {precision.get_type_name()} though told to use float32")
        self.request, self.x = compiled.create_infer_request(), job.planes()

    def run(self):
        """Return loc and conf."""
        found = self.request.infer({"x": self.x}, share_inputs=True, share_outputs=True)
        return found["loc"], found["conf"]


class OpenCV(Numpyssd):
    """OpenCV's dnn module."""

    name = "OpenCV dnn"

    def __init__(self, job):
        import cv2

        cv2.setNumThreads(job.threads)
        self.network, self.x = cv2.dnn.readNetFromONNX(str(job.folder / "network.onnx")), job.planes()

    def run(self):
        """Return loc and conf."""
        self.network.setInput(self.x, "x")
        return self.network.forward(["loc", "conf"])


PEERS = (Numpyssd, PyTorch, PyTorchChannelsLast, PyTorchCompiled, OnnxRuntime, OpenVino, OpenCV)
