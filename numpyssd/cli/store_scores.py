"""``--store-scores``: the best score of each class goes into the file of the weights, where ``detect`` finds it."""

from pathlib import Path

from numpyssd.cli.measured import scores_in_words
from numpyssd.errors import InputError
from numpyssd.inference.evaluation.measurement import Measurement
from numpyssd.weights.formats.npz import store_score_thresholds
from numpyssd.weights.recognize import OWN, read


def check_storing(path: Path | str):
    """Raise InputError unless score thresholds can be stored in the weights at ``path``, which were loaded."""
    if not Path(path).is_file():
        raise InputError(
            f"--store-scores writes into the file of the weights, and {path} is a name; give a file of your own"
        )
    source = read(path).source
    if source != OWN:
        raise InputError(
            f"--store-scores writes into files of numpyssd, and {path} is {source}; detect with --score instead"
        )


def store_scores(path, measured: Measurement, split: str) -> str:
    """Write the best scores into the file of the weights, and return what was done, in words.

    Raises InputError if it is not a file of ours.
    """
    if not measured.best:
        return f"{scores_in_words(measured, split)}; {path} stays as it was"
    store_score_thresholds(path, [found.score for found in measured.best.values()])
    return f"{scores_in_words(measured, split)}; stored in {path}"
