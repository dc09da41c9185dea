"""Stop between two iterations: Ctrl-C, Ctrl-Break, SIGTERM and a terminal that closes (SIGHUP) only leave a note.

Windows has Ctrl-Break, but neither SIGHUP nor a SIGTERM that can be caught: there a window that closes ends the run.
"""

import signal
import threading

KEYS = ("SIGINT", "SIGBREAK")  # of a keyboard: pressed again, they stop at once
OTHERS = ("SIGTERM", "SIGHUP")  # Windows lacks SIGHUP, other systems lack SIGBREAK: what is there is caught


class Stopping:
    """While this context is open a signal to stop is remembered, and ``check()`` raises KeyboardInterrupt for it.

    So no step is ever cut in half, and what is saved then is what a run without the interruption had at that point. A
    second Ctrl-C or Ctrl-Break stops at once. Signals that are ignored, as SIGHUP is under nohup, stay ignored; in a
    thread other than the main one nothing changes.
    """

    def __init__(self):
        self.requested, self.handlers = None, {}

    def __enter__(self):
        if threading.current_thread() is threading.main_thread():
            for name in KEYS + OTHERS:
                number = getattr(signal, name, None)
                if number is not None and signal.getsignal(number) not in (signal.SIG_IGN, None):
                    self.handlers[number] = signal.signal(number, self._remember)
        return self

    def __exit__(self, *_):
        for number, handler in self.handlers.items():
            signal.signal(number, handler)

    def _remember(self, number, frame):
        if self.requested == number and number in (getattr(signal, name, None) for name in KEYS):
            raise KeyboardInterrupt
        self.requested = number

    def check(self):
        """Raise KeyboardInterrupt if a signal to stop has come."""
        if self.requested is not None:
            raise KeyboardInterrupt

    def watch(self, items):
        """Yield the items, and check before each."""
        for item in items:
            self.check()
            yield item
