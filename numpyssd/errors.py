"""The one error a user can cause: a sentence that names the file and the remedy, never a traceback."""


class InputError(ValueError):
    """Something in a file or an argument that its owner can mend; the message is one sentence that says how.

    Every command turns it into the line ``error: <message>`` on standard error and exit code 2.
    """
