"""How training scales: steps on the ranks that this machine has, beside a model, and what the model says of more.

    python -m benchmarks.scaling [--preset ssd300] [--rounds 5] [--out benchmarks/results]
    python -m benchmarks.scaling --beside           # two ranks beside one process only, for many rounds
    python -m benchmarks.scaling --network          # sums between imitated machines, as root: see network.py

It needs MPI (requirements-mpi.txt), and the machine for itself. Each row is a process, or as many as ranks, of its own;
they take turns, so that whatever slows the machine down slows down all. Times are medians.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from statistics import median

from benchmarks.machine import describe
from benchmarks.scaling.model import Parts, computing, fitted, sum_in_machine
from benchmarks.scaling.network import DELAY, delays, network
from benchmarks.scaling.table import beside_markdown, markdown, network_markdown
from numpyssd.cli import command
from numpyssd.errors import InputError
from numpyssd.kernels.cpu.runtime.cores import default_threads
from numpyssd.run.recipes import PRESETS

ROOT = Path(__file__).resolve().parents[2]
MPIEXEC = Path(sys.executable).with_name("mpiexec")
IMAGES = (1, 2, 4, 8)  # of a part, for the line of the model
STEPS = 2  # timed in each process
LOOPBACK = {"HYDRA_IFACE": "lo", "UCX_NET_DEVICES": "lo", "FI_TCP_IFACE": "lo"}
SUMS = [(2, 1), (2, 2), (4, 1), (4, 2), (8, 1)]  # imitated machines, and ranks on each


class Row(dict):
    """A way to compute steps: ranks, threads of each, images of a batch, and of a part (0: one part on each rank)."""

    def __init__(self, ranks, threads, images, micro=0):
        super().__init__(ranks=ranks, threads=threads, images=images, micro=micro)

    def key(self):
        """Return its name in the results."""
        return "{ranks} ranks, {threads} threads, {images} images, {micro}".format(**self)


def rows(cores: int, batches: tuple[int, ...] = (4, 8)) -> dict[str, list[Row]]:
    """Return what is measured: for the model, weak and strong scaling, and one process beside two ranks."""
    counts = [count for count in (1, 2, 4, 8, 16, 32, 64) if count <= cores]
    alone = [Row(1, threads, images) for threads in sorted({1, cores}) for images in IMAGES]
    weak = [Row(ranks, 1, 4 * ranks) for ranks in counts]
    strong = [Row(ranks, 1, 4 * cores) for ranks in counts]
    beside = [Row(1, cores, images, micro) for images in batches for micro in (0, images // 2)] if cores > 1 else []
    beside += [Row(2, cores // 2, images) for images in batches] if cores > 1 else []
    return {"alone": alone, "weak": weak, "strong": strong, "beside": beside}


def ask(start, *arguments, environment=None):
    """Return the line of JSON that a worker prints."""
    done = subprocess.run(
        [*start, sys.executable, "-m", *map(str, arguments)], cwd=ROOT, env={**os.environ, **(environment or {})},
        capture_output=True, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise InputError(f"a worker has failed: {last}")
    return json.loads(done.stdout.splitlines()[-1])


def measure(row: Row, preset: str) -> dict:
    """Return what the steps of a row took."""
    start = [str(MPIEXEC), "-n", str(row["ranks"])] if row["ranks"] > 1 else []
    worker = "benchmarks.scaling.worker", preset, row["images"], row["micro"], row["threads"], STEPS
    return ask(start, *worker, environment=LOOPBACK)


def measure_all(preset: str, rounds: int, groups: dict[str, list[Row]]) -> tuple[dict, int]:
    """Return for each row its steps, by key, and the bytes of the gradient."""
    everything = {row.key(): row for some in groups.values() for row in some}
    found, gradient = defaultdict(list), 0
    for n in range(rounds):
        for key, row in everything.items():
            answer = measure(row, preset)
            found[key] += answer["steps"]
            gradient = answer["gradient"]
            print(f"round {n + 1}: {key}: {median(step['step'] for step in answer['steps']):.3f} s", flush=True)
    return found, gradient


def summed_up(steps: list[dict]) -> dict:
    """Return the medians of the steps of a row, and the shortest and the longest step."""
    found = {name: median(step[name] for step in steps) for name in ("step", "sum", "waited")}
    times = [step["step"] for step in steps]
    return found | {"least": min(times), "most": max(times), "sent": steps[0]["sent"]}


def parts_of(results: dict, gradient: int, cores: int) -> dict[int, Parts]:
    """Return the Parts for ranks of one thread, and of all."""
    two = results.get(Row(2, 1, 8).key(), {"sum": 0.0})["sum"]
    found = {}
    for threads in sorted({1, cores}):
        seconds = {images: results[Row(1, threads, images).key()]["step"] for images in IMAGES}
        found[threads] = Parts(threads, *fitted(seconds), gradient, two)
    return found


def with_predictions(some: list[Row], results: dict, parts: Parts) -> list[dict]:
    """Return rows of one thread with what was measured and what the model says."""
    found = []
    for row in some:
        step = computing(parts, row["images"] / row["ranks"]) + sum_in_machine(parts, row["ranks"])
        found.append({**row, **results[row.key()], "predicted": step})
    return found


def time_sums(preset: str, gigabits: list[float], times: int) -> list[dict]:
    """Return the times of the sums between imitated machines."""
    found = []
    for rate in gigabits:
        for wire in ("float32", "bfloat16"):
            for machines, each in SUMS:
                with tempfile.TemporaryDirectory() as folder, network(machines, rate, Path(folder)) as start:
                    answer = ask(start(MPIEXEC, each), "benchmarks.scaling.sum_worker", preset, wire, times)
                row = {"gigabits": rate, "wire": wire, "machines": machines, "ranks": each, **answer}
                found.append(row)
                print(
                    f"{machines} machines of {each} at {rate:g} Gb/s, {wire}: {median(row['seconds']):.3f} s",
                    flush=True,
                )
    return found


def main(argv=None):
    """Measure, and write the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__.split("\n")[0])
    parser.add_argument("--preset", choices=list(PRESETS), default="ssd300", help="the network (default: %(default)s)")
    parser.add_argument("--rounds", type=command.positive(int), default=3, metavar="N", help="default: %(default)s")
    parser.add_argument("--beside", action="store_true", help="time two ranks beside one process only")
    parser.add_argument(
        "--batches", nargs="+", type=command.positive(int), default=[4, 8], help="of --beside: default 4 8"
    )
    parser.add_argument("--network", action="store_true", help="time sums between imitated machines instead")
    parser.add_argument("--gigabits", nargs="+", type=command.positive(float), default=[1, 10], help="default: 1 10")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/results", metavar="DIR")
    options = parser.parse_args(argv)
    if not MPIEXEC.exists():
        raise InputError(f"{MPIEXEC} does not exist; pip install -r requirements-mpi.txt brings it")
    name = "scaling_network" if options.network else "scaling_beside" if options.beside else "scaling"
    cores = default_threads()
    results = {"machine": describe(), "preset": options.preset}
    if options.network:
        results["delay"] = DELAY if delays() else "none"
        results["sums"] = time_sums(options.preset, options.gigabits, 2 * options.rounds)
        results["gradient"] = results["sums"][0]["gradient"]
        text = network_markdown(results)
    elif options.beside:
        some = rows(cores, tuple(options.batches))["beside"]
        steps, _ = measure_all(options.preset, options.rounds, {"beside": some})
        results |= {"cores": cores, "beside": [{**row, **summed_up(steps[row.key()])} for row in some]}
        text = beside_markdown(results)
    else:
        groups = rows(cores)
        steps, gradient = measure_all(options.preset, options.rounds, groups)
        of_rows = {key: summed_up(some) for key, some in steps.items()}
        parts = parts_of(of_rows, gradient, cores)
        results |= {"cores": cores, "parts": {n: part._asdict() for n, part in parts.items()}}
        results |= {kind: with_predictions(groups[kind], of_rows, parts[1]) for kind in ("weak", "strong")}
        results["beside"] = [{**row, **of_rows[row.key()]} for row in groups["beside"]]
        text = markdown(results, parts)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / f"{name}.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    (options.out / f"{name}.md").write_text(text, encoding="utf-8")
    print(f"\n{text}")
    return 0


if __name__ == "__main__":
    command.run(main)
