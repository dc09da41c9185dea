"""``detect`` in a video or a camera: frame by frame, read and written by other threads while the network computes."""

import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from pathlib import Path

import numpy as np
from tqdm import tqdm

from numpyssd.cli.inputs import is_camera, output_names
from numpyssd.cli.lines import json_line
from numpyssd.console import counted, printable
from numpyssd.errors import InputError
from numpyssd.reports.annotate import annotate
from numpyssd.video.camera import Camera, open_camera
from numpyssd.video.read import VideoReader
from numpyssd.video.write import VideoWriter

VIDEO = ".mp4"  # the suffix of what is written for each video
LINE_SECONDS = 10  # between two lines where standard error is no terminal


def detect_in_videos(class_names, sources: list[str], out: Path, find, options) -> list[InputError]:
    """Detect in videos and cameras, one after the other; return the errors of those that could not be done."""
    names = output_names([Path(source.replace(":", "-")) for source in sources], out, (VIDEO,))
    errors = []
    for source, name in zip(sources, names):

        def show(frame, found, source=source):
            start = {"video": source, "frame": frame.number, "time": round(float(frame.time), 6)}
            print(json_line(start, frame.image, found, class_names), flush=True)

        target = out / (name + VIDEO)
        reason = detect_video(source, target, find, class_names, show if options.json else None, options.frames)
        errors += [reason] if reason is not None else []
    return errors


def detect_video(source: str, target: Path, find: Callable, class_names, show=None, most=None) -> InputError | None:
    """Detect in a video file or in "camera:0", write it with its boxes, and return the error that ended it, or None.

    - target: the MP4 that is written, with the size and the times of the frames as they were;
    - find: a function that returns boxes (D, 4) xyxy in pixels, labels (D,), scores (D,) of an image;
    - show: is called with each Frame and what was found in it; without it a line about the whole video is printed;
    - most: stop after so many frames.

    Whatever ends it, Ctrl-C too, the file is closed, so that what is in it plays. No more than four frames are in
    memory at a time.
    """
    try:
        video = Camera(open_camera(source), source) if is_camera(source) else VideoReader(Path(source))
    except InputError as reason:
        return reason
    tally, output = Tally(source, class_names, most or video.frame_count), Output(video, target, class_names)
    error = None
    try:
        frames = pipeline(islice(video.frames(), most), find, output.write)
        with video, closing(output), closing(tally), closing(frames):  # from the last on, so that the threads end first
            for frame, found in frames:
                tally.add(found)
                if show is not None:
                    show(frame, found)
    except InputError as reason:
        error = reason
    finally:
        if tally.frames and show is None:
            print(f"{tally.text()}{skipped(video)} -> {target}{output.sound}", flush=True)
        elif skipped(video):
            print(f"{source}{skipped(video)}", file=sys.stderr)
    return error


def pipeline(frames: Iterator, find: Callable, write: Callable) -> Generator:
    """Yield each frame and what ``find`` finds in its image, in order, once ``write`` has begun with the one before.

    One thread reads the next frame, and another writes the last one, while this one computes.
    """
    with ThreadPoolExecutor(2, thread_name_prefix="frames") as threads:
        upcoming, writing = threads.submit(next, frames, None), None
        while (frame := upcoming.result()) is not None:
            upcoming = threads.submit(next, frames, None)
            found = find(frame.image)
            if writing is not None:
                writing.result()
            writing = threads.submit(write, frame, found)
            yield frame, found
        if writing is not None:
            writing.result()


class Output:
    """The annotated video. It is made with the first frame, which tells the size."""

    def __init__(self, video, target: Path, class_names):
        self.video, self.target, self.class_names, self.writer, self.sound = video, target, class_names, None, ""
        self.packets = deque()  # of the sound: the thread that reads puts them here, the one that writes takes them
        if video.audio is not None:
            video.on_audio = self.packets.append

    def write(self, frame, found):
        """Write a frame with its boxes."""
        if self.writer is None:
            size = frame.image.shape[1::-1]
            self.writer = VideoWriter(self.target, size, self.video.rate, self.video.audio)
            self.sound = f", {self.writer.sound}" if self.writer.sound else ""
        self._write_sound()
        annotated = annotate(frame.image, *found, self.class_names, enlarge=False)
        self.writer.add(np.asarray(annotated), frame.time)

    def close(self):
        """Close the file."""
        if self.writer is not None:
            with self.writer:
                self._write_sound()

    def _write_sound(self):
        while self.packets:
            self.writer.add_audio(self.packets.popleft(), self.video.start)


class Tally:
    """Counts what was found, and shows how far it is: a bar on a terminal, elsewhere a line now and then."""

    def __init__(self, source, class_names, total=None):
        self.source, self.class_names, self.total = source, class_names, total
        self.frames, self.frames_with, self.started = 0, Counter(), time.monotonic()
        self.shown, self.bar = self.started, None
        if sys.stderr.isatty():
            self.bar = tqdm(total=total, unit="frame", desc=Path(source).name, dynamic_ncols=True)

    def add(self, found):
        """Count a frame and what was found in it: boxes, labels, scores."""
        self.frames += 1
        self.frames_with.update({self.class_names[label - 1] for label in found[1]})
        if self.bar is not None:
            self.bar.update()
        elif time.monotonic() - self.shown > LINE_SECONDS:
            self.shown = time.monotonic()
            of = f" of {self.total}" if self.total else ""
            print(f"{self.source}: {self.frames}{of} frames", file=sys.stderr, flush=True)

    def close(self):
        """Leave the bar as it stands."""
        if self.bar is not None:
            self.bar.close()

    def text(self) -> str:
        """Return a short text about the whole video: in how many frames each class was found."""
        found = ", ".join(f"{printable(name)} in {count}" for name, count in self.frames_with.most_common(4))
        more = ", …" if len(self.frames_with) > 4 else ""
        milliseconds = 1000 * (time.monotonic() - self.started) / self.frames
        frames = counted(self.frames, "frame")
        return f"{self.source}: {frames}, {found or 'nothing found'}{more} ({milliseconds:.0f} ms a frame)"


def skipped(video) -> str:
    """Return a text about the frames of a camera that came while the network was busy; a file has none."""
    if not video.skipped:
        return ""
    return f", {video.skipped} more came while the network was busy and were skipped"
