"""Stop between two iterations: Ctrl-C, SIGTERM and the closing of the terminal (SIGHUP) only leave a note."""

import signal
import threading


class Stopping:
    """While this context is open a signal to stop is remembered, and ``check()`` raises KeyboardInterrupt for it.

    So no step is ever cut in half, and what is saved then is what a run without the interruption had at that point. A
    second Ctrl-C stops at once. Signals that are ignored, as SIGHUP is under nohup, stay ignored; in a thread other
    than the main one nothing changes.
    """

    def __init__(self):
        self.requested, self.handlers = None, {}

    def __enter__(self):
        if threading.current_thread() is threading.main_thread():
            for name in ("SIGINT", "SIGTERM", "SIGHUP"):
                number = getattr(signal, name, None)  # Windows has no SIGHUP
                if number is not None and signal.getsignal(number) not in (signal.SIG_IGN, None):
                    self.handlers[number] = signal.signal(number, self._remember)
        return self

    def __exit__(self, *_):
        for number, handler in self.handlers.items():
            signal.signal(number, handler)

    def _remember(self, number, frame):
        if self.requested == signal.SIGINT == number:
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
