"""The automatic split of a data set without any: made, found again, written down, and said in a sentence."""

from collections.abc import Sequence
from pathlib import Path

from numpyssd.console import counted
from numpyssd.datasets.crowds import count_crowds, crowd_warning
from numpyssd.datasets.dataset import Dataset
from numpyssd.datasets.splits.assignment import PARTS, assign, stem
from numpyssd.datasets.splits.groups import group
from numpyssd.datasets.splits.part import Part
from numpyssd.datasets.splits.record import IN_DATA, Entry, Record, digest, read, write


class AutomaticSplit:
    """A data set in parts: 80 % train, 10 % val, 10 % test, near-duplicates in the same one.

    - whole: all images; roots: the folders that they are in.
    - known: the parts of a run, which count before those that a folder's own numpyssd_split.csv says.
    - parts: ("train", "val") holds images out for validation alone; the folder's own file is then left alone.
    - only_known: images that ``known`` has not are left out, so that a run goes on with the same images.

    ``places`` holds the part of each image of whole, None for one that is left out.
    """

    def __init__(
        self,
        whole: Dataset,
        roots: Sequence[Path],
        known: Record | None = None,
        parts: Sequence[str] = PARTS,
        only_known: bool = False,
    ):
        self.whole, self.roots, self.parts, self.run = whole, list(roots), tuple(parts), known or Record()
        paths = [whole.image_path(i) for i in range(len(whole))]
        self._of_root = [next((k for k, root in enumerate(roots) if _is_below(path, root)), 0) for path in paths]
        self.images = [_below(path, roots[k]) for path, k in zip(paths, self._of_root)]
        self.digests = [digest(path) for path in paths]
        own = [read(root / IN_DATA) if set(parts) == set(PARTS) else Record() for root in roots]
        self.folders = own
        before = [
            self.run.part(image, code) or own[k].part(image, code)
            for image, code, k in zip(self.images, self.digests, self._of_root)
        ]
        before = [part if part in (*parts, None) else "train" for part in before]
        self.new = before.count(None)
        self.alike = self.groups = self.apart = 0
        self.places = before if only_known or not self.new else self._assigned(paths, before)

    def _assigned(self, paths, before):
        """Return the part of each image, old or new."""
        order = sorted(range(len(paths)), key=lambda i: (stem(paths[i].name), self.images[i], self.digests[i]))
        found, pairs = group([paths[i] for i in order], [self.digests[i] for i in order])
        groups = [[order[k] for k in members] for members in found]
        together = [members for members in groups if len(members) > 1]
        self.groups, self.alike = len(together), sum(map(len, together))
        annotations = [self.whole.annotation(i) for i in range(len(paths))]
        labels = [set(one.labels[~one.crowd].tolist()) for one in annotations]
        places = assign([path.name for path in paths], groups, labels, before, self.parts)
        self.apart = len({order[k] for pair in pairs if places[order[pair[0]]] != places[order[pair[1]]] for k in pair})
        return places

    def part(self, *names: str, training: bool = False) -> Part:
        """Return the images of one part or of several, as a data set; for training without COCO's crowds."""
        indices = [i for i, place in enumerate(self.places) if place in names]
        part = Part(self.whole, indices, crowds=not training)
        if training:
            roots = ",".join(map(str, self.roots))
            part.issues += crowd_warning(roots, count_crowds(Part(self.whole, indices)))
        return part

    def knows_content(self) -> bool:
        """Return whether the record of a run is of these images, and not of others with the same names."""
        return any(map(self.run.part_of_content, self.digests))

    def counts(self) -> dict[str, int]:
        """Return how many images each part has."""
        return {part: self.places.count(part) for part in self.parts}

    def record(self) -> Record:
        """Return the record of this split, with what that of the run had before."""
        return self.run.with_entries(self._entries(range(len(self.roots))))

    def _entries(self, of_roots):
        columns = zip(self.places, self.images, self.digests, self._of_root)
        return [Entry(part, image, code) for part, image, code, k in columns if part and k in of_roots]

    def write_to_folders(self) -> tuple[list[Path], list[Path]]:
        """Write numpyssd_split.csv into each folder of the data; return the files, and those that cannot be written."""
        written, refused = [], []
        for k, root in enumerate(self.roots):
            path, record = root / IN_DATA, self.folders[k].with_entries(self._entries([k]))
            try:
                if record.entries != self.folders[k].entries:
                    write(path, record)
                written.append(path)
            except OSError:  # of another user, or a disk that may only be read
                refused.append(path)
        return written, refused

    def in_words(self) -> str:
        """Return how many images are in each part and how they came there."""
        counts = self.counts()
        images = counted(counts["train"], "image")
        texts = [f"{images} to train on", f"{counts['val']} to choose the best weights by (val)"]
        texts += [f"{counts['test']} kept for evaluate (test)"] if "test" in counts else []
        text = f"{', '.join(texts[:-1])} and {texts[-1]}"
        if self.new and self.new < len(self.places):
            text += f"; {self.new} new, the others where they were"
        if not self.new and 0 in counts.values() and any(own.entries for own in self.folders):
            text += f"; so says {IN_DATA}, which you may remove to divide them anew"
        if self.groups:
            text += f"; {self.alike} images that look alike stay together ({counted(self.groups, 'group')})"
        if self.apart:
            text += f"; {self.apart} look like an image of another part, so figures may be too good"
        return text


def _is_below(path, root):
    return Path(root) in path.parents


def _below(path, root):
    return path.relative_to(root).as_posix() if _is_below(path, root) else path.name
