"""How every command ends: 0; 2 and one line ``error: ...`` for what its user can fix; 130 after Ctrl-C."""

import argparse
import contextlib
import errno
import logging
import os
import sys
import warnings

from numpyssd import kernels, shell
from numpyssd.console import make_output_safe
from numpyssd.errors import InputError

MEMORY = "try a smaller --batch-size, --micro-batch, another --preset, or smaller images"
WITH_PLACE = warnings.formatwarning
AT_EXIT = []  # functions to call with the exit code, when all has been said
MAX_ISSUES = 50  # listed; --check lists all


def run(main, argv=None):
    """Call ``main(argv)`` and exit the process with its code; a traceback is only ever a bug of ours."""
    _prepare_streams()
    _prepare_warnings()
    try:
        code = main(argv)
        sys.stdout.flush()
    except InputError as reason:
        _list_issues(reason.issues)
        _say(f"error: {shell.as_started(' '.join(str(reason).splitlines()))}")  # the name of a file may have two lines
        code = 2
    except KeyboardInterrupt:
        _say("stopped by Ctrl-C")
        code = 130
    except MemoryError as reason:
        _say(f"error: there is not enough memory{f' ({reason})' if str(reason) else ''}; {MEMORY}")
        code = 2
    except BrokenPipeError:  # the reader of our output went away, as `| head` does
        code = 0
    except OSError as reason:
        is_name = reason.errno == errno.ENAMETOOLONG
        if not is_name and _can_print():
            raise
        code = 0 if reason.errno == errno.EINVAL else 2  # 0: that reader again, on Windows
        if is_name:
            _say(f"error: {str(reason.filename)[:60]}… is too long for the name of a file; check what was given")
        elif code:
            _say(f"error: what this prints cannot be written ({reason.strerror}); free some space or send it elsewhere")
    _let_go(sys.stdout)
    _let_go(sys.stderr)
    for act in AT_EXIT:
        act(code)
    sys.exit(code)


def _prepare_streams():
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed before we began
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    make_output_safe()  # a terminal without the letters of a class name is no reason to stop


def _prepare_warnings():
    warnings.filterwarnings("ignore", module="PIL")  # of large images and odd EXIF blocks, which we deal with
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # without a home it tells of its temporary folder
    warnings.formatwarning = _one_line


def _one_line(message, category, *place):
    """Return the text of a warning: one that is meant for the user needs no file and line."""
    return f"warning: {message}\n" if category is UserWarning else WITH_PLACE(message, category, *place)


def _say(line):
    with contextlib.suppress(OSError):  # of a full disk, say: the code still tells
        print(line, file=sys.stderr, flush=True)


def _can_print():
    try:
        print(flush=True)
    except OSError:
        return False
    return True


def _let_go(stream):
    """Write what is left to write, or else nothing more: Python itself would complain of it at the exit."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _list_issues(issues):
    """Write the issues that stop a command to standard error, if they are several; the last line names the first."""
    if len(issues) > 1:
        _say(f"{len(issues)} issues in the data (behind each, what --bad-data skip does):")
        for issue in issues[:MAX_ISSUES]:
            _say(f"  {' '.join(str(issue).splitlines())}")
        if len(issues) > MAX_ISSUES:
            rest = len(issues) - MAX_ISSUES
            more = shell.as_started("python -m numpyssd.explore --data ROOT --check has all")
            _say(f"  … and {rest} more; {more}")


def parser(module, description, examples):
    """Return an argument parser for ``python -m numpyssd.<module>`` whose help ends with examples to copy."""
    return argparse.ArgumentParser(
        prog=shell.as_started(f"python -m numpyssd.{module}"),
        description=description,
        epilog="examples:\n" + "\n".join(f"  {shell.as_started(line)}" for line in examples),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def add_data_policy(arguments, default="error"):
    """Add ``--bad-data`` and ``--missing-labels``, which every command that computes with data has."""
    add_missing_labels(arguments, default)
    arguments.add_argument(
        "--bad-data",
        choices=["error", "skip"],
        default=default,
        help="stop with a list of the issues of the data, or leave out what is bad (default: error)",
    )


def add_missing_labels(arguments, default="error"):
    """Add ``--missing-labels``, which every command that reads data has."""
    arguments.add_argument(
        "--missing-labels",
        choices=["error", "negative"],
        default=default,
        help="negative: an image without a label file holds no object, as many tools mean it (default: error)",
    )


def add_detection_options(arguments):
    """Add ``--max-detections`` and ``--one-label``, which every command that detects has."""
    arguments.add_argument(
        "--max-detections", type=positive(int), metavar="N",
        help="how many detections of an image stay, best first (default: 200, as in Caffe)",
    )  # fmt: skip
    arguments.add_argument(
        "--one-label", action="store_true", help="suppress across classes too, so that no object gets two labels"
    )


def detection_options(options) -> dict:
    """Return the options of ``detector.detect`` that were given; a detector need not know the others."""
    given = {"one_label": options.one_label, "max_detections": options.max_detections}
    return {name: value for name, value in given.items() if value}


def add_machine_options(arguments):
    """Add ``--threads`` and ``--backend``, which every command that runs the network has."""
    text = "threads to use (default: NUMPYSSD_THREADS, or one for each fast core)"
    arguments.add_argument("--threads", type=positive(int), metavar="N", help=text)
    arguments.add_argument("--backend", choices=["reference", "cpu", "cuda"], help="kernels to use (default: cpu)")


def apply_machine_options(options):
    """Choose the backend and the number of threads. Raises InputError if either cannot be had here."""
    if options.threads:
        os.environ["NUMPYSSD_THREADS"] = str(options.threads)
    try:
        backend = kernels.use(options.backend) if options.backend else kernels.active
    except (ValueError, ImportError) as reason:
        raise InputError(f"{reason}") from None
    if options.threads:
        backend.set_threads(options.threads)
    backend.thread_count()  # so that NUMPYSSD_THREADS is looked at now
    return backend


def positive(kind, zero=False):
    """Return an argparse type: a number of that kind that is greater than zero, or zero too if that is allowed."""

    def parse(text):
        value = kind(text)
        if not (0 < value < float("inf") or zero and value == 0):
            raise argparse.ArgumentTypeError(f"{text} must be {'0 or more' if zero else 'greater than 0'}")
        return value

    parse.__name__ = kind.__name__
    return parse
