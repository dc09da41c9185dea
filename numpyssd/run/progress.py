"""What is shown while training runs: a bar on a terminal, a plain line now and then anywhere else."""

import sys
import time

from tqdm import tqdm

from numpyssd.detector import Losses

LINE_SECONDS = 10  # between two plain lines


class Progress:
    """Shows the loss and its parts, the positives, the images per second and the time left.

    Where standard output is no terminal it prints lines that a log file or a pipe can live with.
    minutes: of the whole run, if they are limited.
    """

    def __init__(self, first, iterations, batch_size, minutes=None):
        self.iterations, self.batch_size, self.minutes = iterations, batch_size, minutes
        self.bar = tqdm(initial=first, total=iterations, unit="it", dynamic_ncols=True) if sys.stdout.isatty() else None
        self.started = self.shown = time.monotonic()
        self.done = 0

    def update(self, iteration: int, losses: Losses, fraction: float):
        """Show that so many iterations are done, the last one with these losses; fraction: of the whole run."""
        self.done += 1
        seconds = time.monotonic() - self.started
        speed = self.done * self.batch_size / max(seconds, 1e-9)
        text = (
            f"loss {losses.total:6.3f} (loc {losses.loc:6.3f}, conf {losses.conf:6.3f})  "
            f"positives {losses.positives:4d}  {speed:5.1f} images/s"
        )
        if self.bar is not None:
            self.bar.set_postfix_str(text, refresh=False)
            self.bar.update()
        elif time.monotonic() - self.shown > LINE_SECONDS or iteration == self.iterations:
            self.shown = time.monotonic()
            self.say(f"{iteration:6d} of {self.iterations}  {text}  {self.left(fraction, seconds)}".rstrip())

    def left(self, fraction, seconds):
        """Return the time left in words, from the fraction of the run done since it started or resumed."""
        if self.done < 5 or not fraction:
            return ""
        left = seconds / self.done * (self.iterations * (1 - fraction))
        if self.minutes:
            left = min(left, self.minutes * 60 * (1 - fraction))
        return f"{left / 60:.0f} min left" if left > 90 else f"{left:.0f} s left"

    def say(self, line):
        """Print a line without breaking the bar."""
        if self.bar is not None:
            self.bar.write(line)
        else:
            print(line, flush=True)

    def close(self):
        """Leave the bar as it stands."""
        if self.bar is not None:
            self.bar.close()
