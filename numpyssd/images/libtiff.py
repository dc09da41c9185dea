"""libtiff's own messages, kept from standard error: for one broken TIFF it may print a hundred lines of them."""

import os
import threading
from contextlib import contextmanager

_ONE_AT_A_TIME = threading.Lock()  # standard error belongs to the whole process


@contextmanager
def silenced():
    """Send what is written to standard error nowhere, also by code in C, which Pillow gives no other way to stop.

    Other threads are silenced too, for the milliseconds that it takes to decode an image.
    """
    with _ONE_AT_A_TIME:
        try:
            kept = os.dup(2)
        except OSError:  # closed
            kept = None
        try:
            if kept is not None:
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, 2)
                os.close(nowhere)
            yield
        finally:
            if kept is not None:
                os.dup2(kept, 2)
                os.close(kept)
