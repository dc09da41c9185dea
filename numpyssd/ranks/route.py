"""Who adds what: which ranks form a group, and which of them owns a piece of the gradients.

A group is a machine. Parts of a batch that follow one another lie on one machine if its ranks follow one another, as
mpiexec numbers them by itself; otherwise the sums of a machine would be none of the tree's branches, and all ranks are
one group, which costs a multiple of the traffic between machines.
"""

from numpyssd.training.by_halves import Span, whole_branches


def follow_one_another(machines: list[list[int]]) -> bool:
    """Return whether the ranks of each machine follow one another."""
    return all(ranks == list(range(ranks[0], ranks[-1] + 1)) for ranks in machines)


class Route:
    """The groups of ranks, and what each adds.

    - of_ranks: which parts each rank has, first .. last - 1 (share.Share).
    - machines: the ranks of each machine.
    """

    def __init__(self, of_ranks: list[Span], machines: list[list[int]]):
        self.of_ranks, self.all_parts = of_ranks, (0, of_ranks[-1][1])
        self.groups = machines if follow_one_another(machines) else [list(range(len(of_ranks)))]
        self.group_of = {rank: n for n, ranks in enumerate(self.groups) for rank in ranks}
        self.spans = [whole_branches(self.all_parts, own) for own in of_ranks]
        of_groups = [(of_ranks[ranks[0]][0], of_ranks[ranks[-1]][1]) for ranks in self.groups]
        self.group_spans = [whole_branches(self.all_parts, own) for own in of_groups]
        self.ways = len(self.groups) * max(map(len, self.groups))

    def neighbors(self, rank: int) -> list[int]:
        """Return the ranks of a rank's group, itself among them."""
        return self.groups[self.group_of[rank]]

    def adding_group(self, way: int) -> int:
        """Return the group that adds up the sums of all groups, of the pieces that go this way."""
        return way % len(self.groups)

    def owner(self, group: int, way: int) -> int:
        """Return the rank of a group that adds up its ranks' gradients, of the pieces that go this way."""
        ranks = self.groups[group]
        return ranks[way // len(self.groups) % len(ranks)]
