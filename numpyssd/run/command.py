"""How every command ends: 0; 2 and one line ``error: ...`` for what its user can mend; 130 after Ctrl-C."""

import argparse
import os
import shlex
import shutil
import sys
import warnings
from pathlib import Path

from numpyssd import kernels
from numpyssd.errors import InputError

MOST_PROBLEMS = 50  # listed; --check lists all


def run(main, argv=None):
    """Call ``main(argv)`` and exit the process with its code; a traceback is only ever a bug of ours."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal without the letters of a class name is no reason to stop
            stream.reconfigure(errors="backslashreplace")
    warnings.filterwarnings("ignore", module="PIL")  # of large pictures and odd EXIF blocks, which we deal with
    try:
        code = main(argv)
    except InputError as reason:
        _list_problems(getattr(reason, "problems", ()))
        print(f"error: {' '.join(str(reason).splitlines())}", file=sys.stderr)  # the name of a file may have two lines
        code = 2
    except KeyboardInterrupt:
        print("stopped by Ctrl-C", file=sys.stderr)
        code = 130
    except BrokenPipeError:  # the reader of our output went away, as `| head` does
        sys.stderr.close()
        code = 0
    sys.exit(code)


def _list_problems(problems):
    """Write the defects that stop a command to standard error, if they are several; the last line names the first."""
    if len(problems) > 1:
        print(f"{len(problems)} defects in the data (behind each, what --bad-data skip does):", file=sys.stderr)
        for problem in problems[:MOST_PROBLEMS]:
            print(f"  {' '.join(str(problem).splitlines())}", file=sys.stderr)
        if len(problems) > MOST_PROBLEMS:
            rest = (
                f"  … and {len(problems) - MOST_PROBLEMS} more; python -m numpyssd.explore --data ROOT --check has all"
            )
            print(rest, file=sys.stderr)


def python():
    """Return how to call this very Python from here: ``python``, or its path, such as .venv/bin/python."""
    found = shutil.which("python")
    if found and Path(found).parent == Path(sys.executable).parent:
        return "python"
    inside = os.path.relpath(sys.executable)
    return shlex.quote(sys.executable if inside.startswith("..") else inside)


def parser(module, description, examples):
    """Return an argument parser for ``python -m numpyssd.<module>`` whose help ends with examples to copy."""
    return argparse.ArgumentParser(
        prog=f"python -m numpyssd.{module}",
        description=description,
        epilog="examples:\n" + "\n".join(f"  {line}" for line in examples),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def add_data_policy(arguments, default="error"):
    """Add ``--bad-data``, which every command that computes with data has."""
    arguments.add_argument(
        "--bad-data",
        choices=["error", "skip"],
        default=default,
        help="stop with a list of the data's defects, or leave out what is bad (default: error)",
    )


def add_machine_options(arguments):
    """Add ``--threads`` and ``--backend``, which every command that runs the network has."""
    arguments.add_argument("--threads", type=positive(int), metavar="N", help="threads to use (default: every core)")
    arguments.add_argument("--backend", choices=["reference", "cpu", "cuda"], help="kernels to use (default: cpu)")


def apply_machine_options(options):
    """Choose the backend and the number of threads. Raises InputError if the backend cannot run here."""
    if options.threads:
        os.environ["NUMPYSSD_THREADS"] = str(options.threads)
    try:
        backend = kernels.use(options.backend) if options.backend else kernels.active
    except (ValueError, ImportError) as reason:
        raise InputError(f"{reason}") from None
    if options.threads and backend.__name__.endswith(".cpu"):
        from numpyssd.kernels.cpu import threads

        threads.set_threads(options.threads)
    elif options.threads:  # the reference computes with NumPy's BLAS
        from threadpoolctl import threadpool_limits

        threadpool_limits(options.threads)
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
