"""The one error a user can cause: a sentence that names the file and the remedy, never a traceback."""

from collections.abc import Sequence

from numpyssd.console import printable


class InputError(ValueError):
    """Something in a file or an argument that its owner can fix; the message is one sentence that says how.

    Every command turns it into the line ``error: <message>`` on standard error and exit code 2. Whatever it quotes, it
    is one line.
    """

    issues: Sequence = ()  # what is wrong with the data, where that is the reason: see datasets.issues.BadData

    def __str__(self):
        return printable(super().__str__())  # a file may call an object whatever it likes: a new line, say


def refuse_pipe(path):
    """Raise InputError for a pipe or a device, which would be waited for without an end; a missing path is none."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise InputError(f"{path} is no plain file; save it to disk first")
