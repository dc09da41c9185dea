"""What the transformed weights of convolutions, which are kept between images, cost in memory and bring in time.

    python -m benchmarks.kept_weights [--rounds 15]

SSD300 detects in one image after the other, in two processes by turns: one keeps them as always, the other makes them
anew for each image. Printed are the medians of the seconds, and the peak of each process.
"""

import argparse
from dataclasses import dataclass
from statistics import median

import numpy as np

from benchmarks.worker import Worker
from numpyssd.cli import command


@dataclass(frozen=True)
class Job:
    """What a worker needs to know."""

    threads: int
    keep: bool


class Peer:
    """SSD300 in one process."""

    def __init__(self, job):
        from numpyssd import kernels
        from numpyssd.config import SSD300
        from numpyssd.model.ssd import SSD

        self.kernels, self.keep, self.model = kernels.active, job.keep, SSD(SSD300)
        self.kernels.set_threads(job.threads)
        self.image = np.random.default_rng(0).uniform(-120, 130, (1, 300, 300, 3)).astype(np.float32)

    def run(self):
        """Detect in the image, up to loc and conf."""
        if not self.keep:
            self.kernels.clear_weight_cache()
        self.model.infer(self.image)


def main(argv=None):
    """Take turns, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=command.positive(int), default=15)
    parser.add_argument("--threads", type=command.positive(int), default=2)
    options = parser.parse_args(argv)
    workers = {name: Worker(Peer, Job(options.threads, keep)) for name, keep in (("kept", True), ("made anew", False))}
    seconds = {name: [] for name in workers}
    for count in range(options.rounds + 1):
        for name, worker in workers.items():
            took = worker.ask("run")
            if count:  # the first compiles
                seconds[name].append(took)
    for name, worker in workers.items():
        print(f"{name:>10}: {median(seconds[name]):.3f} s, {worker.ask('memory') / 2**20:.0f} MiB")
        worker.close()


if __name__ == "__main__":
    command.run(main)
