"""How peers are compared: first whether they compute the same, then how long they take, in alternating rounds."""

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from benchmarks import table
from benchmarks.machine import MatrixProduct, describe
from benchmarks.peers import Job
from benchmarks.worker import PeerError, Worker
from numpyssd.cli.command import positive
from numpyssd.errors import InputError
from numpyssd.kernels.cpu.runtime.cores import default_threads
from numpyssd.run.recipes import PRESETS

TOLERANCE = 1e-3  # bfloat16 in the place of float32 is found out by it


def options(name, description, batch_sizes, argv=None):
    """Parse the command line that both benchmarks share."""
    presets = [preset for preset, config in PRESETS.items() if not config.batch_norm]
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=description)
    count = {"type": positive(int), "metavar": "N"}
    shown = " ".join(map(str, batch_sizes))
    parser.add_argument("--batch-size", nargs="+", default=batch_sizes, help=f"one or more (default: {shown})", **count)
    parser.add_argument("--rounds", default=9, help="each peer once in each round (default: %(default)s)", **count)
    parser.add_argument("--threads", default=default_threads(), help="of each peer (default: %(default)s)", **count)
    parser.add_argument("--preset", choices=presets, default="ssd300", help="the network (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results"), metavar="DIR", help="for the results")
    return parser.parse_args(argv)


def compare(name, title, peers, difference, flops, settings, tolerance=lambda array: TOLERANCE, notes=()):
    """Compare peers for each batch size, print, and write name.json, name.md and name.png into settings.out.

    peers: classes as in peers.py, ours first. difference: function of two arrays, zero if they are equal. flops: of one
    image. tolerance: function from the name of an array to the largest difference. notes: lines for the heading.
    Raises InputError if numpyssd itself or what prepares the peers fails.
    """
    results = {
        "title": f"{title} of {settings.preset}",
        "machine": describe(),
        "threads": settings.threads,
        "rounds": settings.rounds,
        "gflop_per_picture": flops / 1e9,
        "notes": list(notes),
        "batches": [],
    }
    print(table.heading(results), flush=True)
    for batch_size in settings.batch_size:
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            job = Job(PRESETS[settings.preset], batch_size, settings.threads, Path(folder))
            workers, errors, left_out = start(peers, difference, tolerance, job, stack)
            for peer, reason in left_out.items():
                print(f"batch {batch_size}: {peer} is left out: {reason}", flush=True)
            for peer, error in list(errors.items())[1:]:  # ours is the first
                print(f"batch {batch_size}: {peer} differs from numpyssd by {error:.1e} at most", flush=True)
            seconds, memory = rounds(workers, settings.rounds)
        rate = MatrixProduct.flops / 1e9 / table.median(seconds.pop(MatrixProduct.name))
        batch = {"batch_size": batch_size, "sgemm_gflops": rate, "left_out": left_out}
        batch["rows"] = table.rows(seconds, memory, errors, batch_size * flops / 1e9)
        results["batches"].append(batch)
        print(table.markdown(batch), flush=True)
    table.save(results, settings.out, name)
    return 0


def start(peers, difference, tolerance, job, stack):
    """Start and check the peers; return {name: worker}, with sgemm's, {name: difference}, and {name: why it is not}.

    The difference is that of the array that differs most. A peer that cannot be loaded or differs is left out; it is
    never left unsaid.
    """
    try:
        Worker(_Prepared, job).close()
    except PeerError as reason:
        remedy = "pip install -r requirements-benchmark.txt brings what it needs"
        raise InputError(f"the network cannot be written for the peers ({reason}); {remedy}") from None
    workers, errors, left_out, ours = {}, {}, {}, None
    for make in peers:
        try:
            worker = Worker(make, job)
            stack.callback(worker.close)
            path = job.folder / "outputs.npz"
            worker.ask("outputs", path)
            with np.load(path) as arrays:
                outputs = dict(arrays)
            path.unlink()
            ours = outputs if ours is None else ours
            errors[make.name] = check(outputs, ours, difference, tolerance)
            workers[make.name] = worker
        except PeerError as reason:
            if ours is None:
                raise InputError(f"{make.name} cannot run: {reason}") from None
            left_out[make.name] = str(reason)
    workers[MatrixProduct.name] = Worker(MatrixProduct, job)
    stack.callback(workers[MatrixProduct.name].close)
    return workers, errors, left_out


class _Prepared:
    """Not a peer: it writes in its own process what the peers load, and ends."""

    def __init__(self, job):
        from benchmarks.network import prepare

        prepare(job)


def check(arrays, ours, difference, tolerance):
    """Return the largest difference between two dictionaries of arrays. Raises PeerError if one is above tolerance."""
    if arrays.keys() != ours.keys():
        raise PeerError(f"its arrays are not ours: {sorted(arrays.keys() ^ ours.keys())[0]} for one")
    found = {
        name: difference(array, ours[name]) if array.shape == ours[name].shape else float("inf")
        for name, array in arrays.items()
    }
    # How far each is beyond what is allowed; what is no number comes first.
    worst = max(found, key=lambda name: float("inf") if np.isnan(found[name]) else found[name] / tolerance(name))
    if not found[worst] <= tolerance(worst):
        raise PeerError(f"{worst} differs from numpyssd by {found[worst]:.1e}, more than {tolerance(worst):g}")
    return max(found.values())


def rounds(workers, count):
    """Return {name: seconds of each round} and {name: peak memory in bytes}; a first round warms up."""
    seconds = {name: [] for name in workers}
    for _ in range(count + 1):
        for name, worker in workers.items():
            try:
                seconds[name].append(worker.ask("run"))
            except PeerError as reason:
                raise InputError(f"{name} failed while it was timed: {reason}") from None
    memory = {name: worker.ask("memory") for name, worker in workers.items()}
    return {name: values[1:] for name, values in seconds.items()}, memory
