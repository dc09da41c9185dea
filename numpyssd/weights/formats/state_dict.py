"""Find the weights in the file of a training run, in whatever dictionary they are, whatever is before their names.

Training programs save more than weights, each in its own way: torchvision ``{"model": ..., "model_ema": ...}``,
Lightning ``{"state_dict": {"model.vgg.0.weight": ...}}``, and torch.compile and DataParallel add words to each name.
"""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from numpyssd.weights.formats.pickle_objects import Empty, Tensor

WRAPPERS = ("state_dict", "model_state_dict", "model", "module", "net", "network", "weights", "params", "state")
AVERAGED = {"ema", "swa", "averaged", "average", "avg", "shadow"}  # words in the names of averages over training
ADDED = {"module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"}  # parts of names
CONTAINERS = (dict, list, tuple)
MAX_DEPTH, MAX_DICTIONARIES = 6, 10_000


class StateDict(NamedTuple):
    """The weights that were chosen of a file.

    - tensors: {name without what is before all names: Tensor};
    - others: likewise, those of the same dictionary that belong to something else;
    - notes: which were chosen, if there was a choice.
    """

    tensors: dict
    others: dict = {}
    notes: tuple = ()


class _Place(NamedTuple):
    keys: tuple  # the way to the dictionary
    prefix: str  # before each name
    tensors: dict

    def __str__(self):
        return ".".join([*self.keys, *filter(None, [self.prefix.removesuffix(".")])]) or "the file itself"

    def is_averaged(self):
        words = re.split("[^a-z]+", ".".join((*self.keys, self.prefix)).lower())
        return not AVERAGED.isdisjoint(words) or "n_averaged" in self.tensors  # torch.optim.swa_utils.AveragedModel

    def rank(self):
        """Return how far behind others it comes: an average over training is first, as in timm and torchvision."""
        named = [WRAPPERS.index(key) for key in self.keys if key in WRAPPERS]
        return not self.is_averaged(), min(named, default=len(WRAPPERS))


def choose(found, known: Sequence = ()) -> StateDict | None:
    """Return the weights in what a file holds, or None if there are no tensors in any dictionary.

    known: for each network a list of names that its weights have. The first network that is there is taken; if it is
    there several times, an average over training before all others, then by the order of WRAPPERS. If none is there,
    the dictionary with the most tensors is taken as it is.
    """
    dictionaries = list(_dictionaries(found))
    for names in known:
        places = [
            _Place(keys, prefix, tensors) for keys, tensors in dictionaries for prefix in _prefixes(tensors, names)
        ]
        if places:
            return _taken(sorted(places, key=_Place.rank))  # a stable order: of equals the first of the file
    return StateDict(max((tensors for _, tensors in dictionaries), key=len)) if dictionaries else None


def _taken(places):
    best, notes = places[0], ()
    if len(places) > 1:
        others = ", ".join(str(place)[:60] for place in places[1:4])
        why = ", the average over training" if best.is_averaged() and not places[1].is_averaged() else ""
        notes = (f"the file holds these weights {len(places)} times; taken: {str(best)[:60]}{why}; left: {others}",)
    inside, others = {}, {}
    for name, tensor in best.tensors.items():
        if name.startswith(best.prefix):
            inside[name.removeprefix(best.prefix)] = tensor
        else:
            others[name] = tensor
    return StateDict(inside, others, notes)


def _dictionaries(found) -> Iterator[tuple[tuple, dict]]:
    """Yield (keys, {name: Tensor}) for each dictionary with tensors in it, the outer ones first."""
    todo: deque[tuple[tuple, object]] = deque([((), found)])
    seen: set[int] = set()
    while todo and len(seen) < MAX_DICTIONARIES:
        keys, value = todo.popleft()
        if id(value) in seen or len(keys) > MAX_DEPTH or not isinstance(value, CONTAINERS):
            continue
        seen.add(id(value))
        if isinstance(value, dict):
            tensors = {name: one for name, one in value.items() if isinstance(name, str) and isinstance(one, Tensor)}
            if tensors:
                yield keys, _without_added(tensors)
        items = value.items() if isinstance(value, dict) else enumerate(value)
        todo.extend(((*keys, str(key)), one) for key, one in items if isinstance(one, CONTAINERS))


def _without_added(tensors):
    """Return the tensors by their names without the parts that DataParallel, torch.compile and others add."""
    renamed = {}
    for name, tensor in tensors.items():
        renamed[".".join(part for part in name.split(".") if part not in ADDED) or name] = tensor
    return renamed if len(renamed) == len(tensors) else tensors


def _prefixes(tensors, names):
    """Return what is before all of these names, for each place in a dictionary where all of them are."""
    first = names[0]
    starts = [name.removesuffix(first) for name in tensors if name == first or name.endswith(f".{first}")]
    return [start for start in starts if all(f"{start}{name}" in tensors for name in names)]


def described(found) -> str:
    """Return in words what a file holds that has no state_dict."""
    if isinstance(found, Empty):
        return f"a whole object, a {found.name[:100]!r}"
    if not isinstance(found, dict):
        return f"a {type(found).__name__}"
    for key, value in found.items():
        if isinstance(value, Empty) and (key in WRAPPERS or _Place((str(key),), "", {}).is_averaged()):
            return f"under {key!r} a whole object, a {value.name[:100]!r}"
    for key, value in [("", found), *found.items()]:
        empty = [one for one in value.values() if isinstance(one, Empty)] if isinstance(value, dict) else []
        if len(empty) > 1 and key in ("", *WRAPPERS):
            return f"values that are no plain tensors, the first of them a {empty[0].name[:100]!r}"
    return f"a dictionary of {', '.join(repr(name)[:60] for name in list(found)[:4]) or 'nothing'}"
