"""How other implementations give each object a default box of its own: the argument ``rule`` of ``match``.

| rule        | who                                                | effect                                           |
| ----------- | -------------------------------------------------- | ------------------------------------------------ |
| "bipartite" | Caffe, ChainerCV, ssd_keras, GluonCV               | the pair of largest IoU first: matching.py       |
| "argmax"    | amdegroot, lufficc, qfgaohao, NVIDIA, torchvision, | each object its best default box, whoever else   |
|             | sgrvinod                                           | wants it: of two the last one gets it, and the   |
|             |                                                    | other may be left with none; an object that      |
|             |                                                    | overlaps nothing is forced upon default box 0    |
| "threshold" | balancap (whose IoU must be above the threshold)   | none: objects that no default box fits are never |
|             |                                                    | learned                                          |

Objects without area match nothing under any rule. How often the rules differ: benchmarks/differences.py.
"""

import numpy as np

RULES = ("bipartite", "argmax", "threshold")


def check_rule(rule):
    """Raise ValueError unless it is one of RULES."""
    if rule not in RULES:
        raise ValueError(f"rule must be one of {', '.join(map(repr, RULES))}, not {rule!r}")


def own_by_another_rule(rule, overlaps, areas):
    """Return for each object its own default box by "argmax" or "threshold", or -1: (M,) int64.

    overlaps: (M, K) IoU, areas: (M,) of the objects.
    """
    if rule == "argmax":
        return np.where(areas > 0, overlaps.argmax(axis=1), -1)  # (M,)
    return np.full(len(overlaps), -1)  # (M,)
