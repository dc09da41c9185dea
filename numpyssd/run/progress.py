"""What is shown while training runs: a bar on a terminal, a plain line now and then anywhere else."""

import sys
import time

from tqdm import tqdm

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

    def update(self, iteration, loss, parts, share):
        """Show one more iteration; share is how much of the whole run is done, by iterations or by time."""
        self.done += 1
        seconds = time.monotonic() - self.started
        speed = self.done * self.batch_size / max(seconds, 1e-9)
        text = (
            f"loss {loss:6.3f} (loc {parts.loc:6.3f}, conf {parts.conf:6.3f})  "
            f"positives {parts.positives:4d}  {speed:5.1f} images/s"
        )
        if self.bar is not None:
            self.bar.set_postfix_str(text, refresh=False)
            self.bar.update()
        elif time.monotonic() - self.shown > LINE_SECONDS or iteration + 1 == self.iterations:
            self.shown = time.monotonic()
            self.say(f"{iteration + 1:6d} of {self.iterations}  {text}  {self.left(share, seconds)}".rstrip())

    def left(self, share, seconds):
        """Return the time left in words, from the share of the run done since it started or resumed."""
        if self.done < 5 or not share:
            return ""
        left = seconds / self.done * (self.iterations * (1 - share))
        if self.minutes:
            left = min(left, self.minutes * 60 * (1 - share))
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
