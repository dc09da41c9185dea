"""What a run needs on every rank, from rank 0: it alone reads and checks data, weights and checkpoints.

So the other ranks need no shared disk but for the photographs themselves.
"""

import os
from dataclasses import replace

from numpyssd.console import counted
from numpyssd.detector import Detector
from numpyssd.detectors import new_detector
from numpyssd.errors import InputError
from numpyssd.layers import BatchNorm
from numpyssd.ranks.processors import refuse_unlike
from numpyssd.ranks.route import follow_one_another
from numpyssd.ranks.share import share_of_run

CACHE_BYTES = 1 << 30  # of decoded images, of all ranks of a machine together; what one process keeps


def prepare(ranks, backend, options):
    """Give this rank its threads, and say what slows the ranks down. Raises InputError if they cannot compute alike."""
    wire = getattr(options, "wire", None)
    if ranks.size == 1:
        if wire:
            raise InputError("--wire is for several ranks, which mpiexec starts (docs/mpi.md); leave it out")
        return
    if backend.ON_DEVICE:
        raise InputError(f"several ranks train with --backend cpu or reference; {backend.NAME} trains in one process")
    refuse_unlike(ranks, backend)
    if not options.threads and "NUMPYSSD_THREADS" not in os.environ:
        backend.set_threads(ranks.threads(backend.thread_count()))
    ranks.wire = wire or ranks.wire
    for sentence in notes(ranks):
        print(sentence)


def notes(ranks) -> list[str]:
    """Return sentences about what somebody who started these ranks may not have meant."""
    found, machines = [], ranks.machines
    if ranks.wire == "bfloat16" and len(machines) > 1:
        found.append("gradients travel in bfloat16: the network will not be, to the bit, that of one process")
    elif ranks.wire == "bfloat16":
        found.append("all ranks are on one machine, where --wire bfloat16 changes nothing")
    if not follow_one_another(machines):
        found.append("the ranks of a machine do not follow one another, so gradients cross the network more often")
    for here in machines:
        processors = {processor for rank in here for processor in ranks.places[rank].processors}
        if processors and len(here) > len(processors):
            host = ranks.places[here[0]].host
            found.append(f"{host}: {len(here)} ranks share {counted(len(processors), 'processor')}; start fewer")
    return found


def share_batches(ranks, recipe, model, resumed: bool = False):
    """Divide the batches of a recipe among the ranks; return the recipe with the size of the parts in it.

    With this size one process, or another number of ranks, does the same. Raises InputError if they cannot be divided.
    """
    if ranks.size == 1:
        return recipe
    normalized = any(isinstance(layer, BatchNorm) for layer, _ in model.running_statistics().values())
    ranks.divide(share_of_run(recipe, ranks.size, normalized, resumed))
    return replace(recipe, micro_batch=ranks.share.micro_batch())


def batch_options(ranks) -> dict:
    """Return the options of training.batches.Batches for a rank: its rows, and its part of the memory for images."""
    if ranks.size == 1:
        return {}
    return {"rows": ranks.share.rows(ranks.rank), "cache_bytes": CACHE_BYTES // len(ranks.neighbors())}


def detector_of_first(ranks, make, seed: int, recipe) -> Detector:
    """Return on every rank the detector that ``make()`` returns on rank 0, with its weights and its classes."""
    detector = make() if ranks.first else None
    if ranks.size == 1:
        return detector
    model = detector.model if ranks.first else None
    config, names = ranks.from_first(lambda: (model.config, model.class_names))
    if not ranks.first:
        detector = new_detector(config, seed, recipe.matching, recipe.loss)
        detector.model.class_names = names
    share_model(ranks, detector.model)
    return detector


def share_model(ranks, model):
    """Give every rank the weights and the running averages of rank 0."""
    for parameter in model.parameters().values():
        ranks.broadcast_array(parameter.value)
    for layer, key in model.running_statistics().values():
        ranks.broadcast_array(layer.running[key])


def share_optimizer(ranks, optimizer):
    """Give every rank the momenta, and the average of the weights if there is one, of rank 0."""
    for velocity in optimizer.velocity.values():
        ranks.broadcast_array(velocity)
    if hasattr(optimizer, "average"):
        optimizer.steps = ranks.from_first(lambda: optimizer.steps)
        for array in optimizer.average.arrays.values():
            ranks.broadcast_array(array)
