"""The folder of a run: one run at a time, no other run overwritten, and no remains of one that was killed."""

import contextlib
import os
import re

from numpyssd.errors import InputError
from numpyssd.run.gradient_report import forget_report
from numpyssd.run.lock import alone_in

VALIDATION = "validation.json"  # what the best weights do on the validation images, for the report
# What a run writes appears under its own name when it is whole; until then it is NAME.tmp or NAME.PROCESS.tmp.
REMAINS = re.compile(
    r"(last|best)\.npz\.\d+\.tmp|((log|gradients|split)\.csv|(config|validation)\.json|report\.html|\w+\.png)\.tmp"
)


@contextlib.contextmanager
def run_folder(options):
    """Make the folder options.out ready for a run, and keep other runs out of it until the context ends.

    Raises InputError if it cannot be made or written, if another process trains in it, if another run's results would
    be overwritten, or if there is nothing to resume.
    """
    out, last = options.out, options.out / "last.npz"
    if options.resume and not last.exists():
        raise InputError(f"{last} does not exist, so there is nothing to resume; leave out --resume")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as reason:
        raise InputError(f"the folder {out} cannot be made ({reason.strerror}); choose another --out") from None
    if not os.access(out, os.W_OK | os.X_OK):
        raise InputError(f"the folder {out} cannot be written; change its permissions, or choose another --out")
    with alone_in(out):
        if last.exists() and not options.resume and not options.tiny:
            raise InputError(f"{out} holds an earlier run; add --resume to go on with it, or choose another --out")
        remove_remains(out)
        if not options.resume:
            forget_report(out)
            (out / VALIDATION).unlink(missing_ok=True)
        yield


def remove_remains(folder):
    """Remove the files that a killed run was just writing; what they were to replace is there, whole."""
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        if REMAINS.fullmatch(name):
            with contextlib.suppress(OSError):
                os.unlink(folder / name)
