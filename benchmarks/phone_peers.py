"""The forward pass in the two engines made for phones, which are fast on computers too: ncnn and MNN.

Both convolve by Winograd, as numpyssd does. Each has its own converter, a program that runs once before anything is
timed, and is told to compute and store in float32, whatever the processor has besides. ncnn's gets the traced module of
PyTorch: of the ONNX file it silently leaves out over what the L2 normalization sums.
"""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np

from benchmarks.peers import Numpyssd


class Ncnn(Numpyssd):
    """ncnn, without the smaller numbers that it would store and multiply where it can."""

    name = "ncnn"

    def __init__(self, job):
        import ncnn

        folder = Path(importlib.util.find_spec("pnnx").submodule_search_locations[0])
        shape = ",".join(map(str, job.planes().shape))
        convert(job, [folder / "pnnx", "traced.pt", f"inputshape=[{shape}]", "fp16=0"])
        self.network = ncnn.Net()
        options = self.network.opt
        options.num_threads = job.threads
        for name in dir(options):
            if name.startswith(("use_fp16", "use_bf16", "use_int8")):
                setattr(options, name, False)
        for load, end in ((self.network.load_param, "param"), (self.network.load_model, "bin")):
            if load(str(job.folder / f"traced.ncnn.{end}")) != 0:
                raise RuntimeError(f"it cannot load traced.ncnn.{end}")
        self.x = ncnn.Mat(job.planes(), batch_index=0).clone()

    def run(self):
        """Return loc and conf."""
        with self.network.create_extractor() as extractor:
            extractor.input("in0", self.x)
            return [np.array(extractor.extract(name)[1].numpy(batch_index=0)) for name in ("out0", "out1")]


class Mnn(Numpyssd):
    """MNN with the precision "high", which is float32."""

    name = "MNN"

    def __init__(self, job):
        import MNN.expr
        import MNN.nn

        program, model = Path(sys.executable).with_name("mnnconvert"), job.folder / "network.mnn"
        source = ["-f", "ONNX", "--modelFile", job.folder / "network.onnx"]
        convert(job, [program, *source, "--MNNModel", model, "--bizCode", "numpyssd"])
        how = {"backend": "CPU", "precision": "high", "numThread": job.threads}
        manager = MNN.nn.create_runtime_manager((how,))
        self.network = MNN.nn.load_module_from_file(str(model), ["x"], ["loc", "conf"], runtime_manager=manager)
        self.x = MNN.expr.const(job.planes(), list(job.planes().shape), MNN.expr.NCHW)

    def run(self):
        """Return loc and conf."""
        return [np.array(found.read()) for found in self.network.forward([self.x])]


def convert(job, command):
    """Run a converter in the folder of a job. Raises RuntimeError with its last line if it fails."""
    done = subprocess.run([str(word) for word in command], cwd=job.folder, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise RuntimeError(f"{Path(command[0]).name} ended with {done.returncode}: {''.join(last)}")
