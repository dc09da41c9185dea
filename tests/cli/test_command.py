import argparse
import os
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from numpyssd import kernels
from numpyssd.cli import command
from numpyssd.errors import InputError
from numpyssd.kernels.cpu.runtime import threads


def exit_code(main):
    with pytest.raises(SystemExit) as stopped:
        command.run(main, ["argument"])
    return stopped.value.code


def raising(error):
    def main(argv):
        raise error

    return main


def test_the_code_of_main_is_the_code_of_the_process():
    assert exit_code(lambda argv: 0) == 0
    assert exit_code(lambda argv: 2) == 2
    assert exit_code(lambda argv: len(argv)) == 1  # main gets the arguments


def test_what_a_user_can_mend_is_one_line_and_code_2(capsys):
    assert exit_code(raising(InputError("x.jpg is empty; copy it again"))) == 2
    written = capsys.readouterr()
    assert written.err == "error: x.jpg is empty; copy it again\n"
    assert written.out == ""


def test_a_name_that_no_file_can_have_is_one_sentence(capsys):
    assert exit_code(lambda argv: os.stat("a" * 5000)) == 2
    assert capsys.readouterr().err.startswith(f"error: {'a' * 60}… is too long for the name of a file; check")


def test_ctrl_c_is_code_130(capsys):
    assert exit_code(raising(KeyboardInterrupt())) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_a_bug_of_ours_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        command.run(raising(ZeroDivisionError()), [])
    with pytest.raises(ValueError, match="boxes must"):  # InputError is a ValueError, but not the other way round
        command.run(raising(ValueError("boxes must have shape")), [])


def test_a_reader_that_goes_away_is_no_error():
    script = "from numpyssd.cli import command\ncommand.run(lambda argv: [print(i) for i in range(50_000)] and 0)"
    writer = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert writer.stdout.readline().strip() == b"0"
    writer.stdout.close()
    assert writer.stderr.read() == b""
    assert writer.wait(60) == 0
    writer.stderr.close()


def test_a_reader_that_goes_away_is_no_error_on_windows_either(capsys, monkeypatch):
    """There a pipe without a reader gives EINVAL, at each try to write."""

    def gone(*arguments, **options):
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(command, "print", gone, raising=False)
    assert exit_code(lambda argv: gone()) == 0
    assert capsys.readouterr() == ("", "")


FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")


def shell(lines, redirection):
    script = f"from numpyssd.cli import command\ndef main(argv):\n    {lines}\ncommand.run(main)"
    line = f"{shlex.quote(sys.executable)} -c {shlex.quote(script)} {redirection}"
    result = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=60)
    return result.returncode, result.stdout, result.stderr


@needs_full
@pytest.mark.parametrize("lines", ["print('x', flush=True)", "print('x')", "print('x'); return 0"])
def test_a_full_disk_under_what_is_printed_is_one_sentence(lines):
    sentence = (
        "error: what this prints cannot be written (No space left on device); free some space or send it elsewhere"
    )
    assert shell(lines, f"> {FULL}") == (2, "", f"{sentence}\n")
    assert shell(lines, f"> {FULL} 2>&1") == (2, "", "")
    assert shell("raise command.InputError('x')", f"2> {FULL}") == (2, "", "")


def test_memory_that_is_not_enough_is_one_sentence(capsys):
    def main(argv):
        np.empty(1 << 57)

    assert exit_code(main) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: there is not enough memory (Unable to allocate 1.00 EiB")
    assert said.endswith("--micro-batch, another --preset, or smaller images\n")
    assert said.count("\n") == 1
    assert exit_code(raising(MemoryError())) == 2
    assert capsys.readouterr().err.startswith("error: there is not enough memory; try")


def test_another_oserror_is_not_taken_for_one_of_the_output():
    with pytest.raises(PermissionError):
        command.run(raising(PermissionError(13, "not allowed", "x.npz")), [])


@pytest.mark.skipif(os.name == "nt", reason="cmd closes no streams")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_streams_are_no_reason_to_stop(closed):
    assert shell("import sys; print('x'); print('y', file=sys.stderr); return 7", closed)[0] == 7


def test_the_help_ends_with_examples_as_they_are_typed(capsys):
    parser = command.parser("detect", "Find objects.", ["python -m numpyssd.detect a.jpg", "second line"])
    with pytest.raises(SystemExit) as stopped:
        parser.parse_args(["--help"])
    assert stopped.value.code == 0
    text = capsys.readouterr().out
    assert text.startswith("usage: python -m numpyssd.detect")
    assert text.endswith("examples:\n  python -m numpyssd.detect a.jpg\n  second line\n")


@pytest.mark.parametrize("text", ["0", "-3", "inf", "nan", "many", ""])
def test_numbers_that_must_be_positive(text):
    with pytest.raises((argparse.ArgumentTypeError, ValueError)):
        command.positive(float)(text)


def test_positive_keeps_the_kind():
    assert command.positive(int)("3") == 3
    assert command.positive(float)("0.5") == 0.5
    with pytest.raises(ValueError, match="invalid literal"):
        command.positive(int)("2.5")


@pytest.fixture
def machine(monkeypatch):
    """Parse the machine options, and leave backend, threads and environment as they were."""
    monkeypatch.setenv("NUMPYSSD_THREADS", "1")

    def parse(*arguments):
        parser = argparse.ArgumentParser()
        command.add_machine_options(parser)
        return parser.parse_args(arguments)

    with kernels.using("reference"):
        yield parse


def test_the_backend_is_chosen_once_for_everything(machine):
    assert command.apply_machine_options(machine("--backend", "cpu")).__name__ == "numpyssd.kernels.cpu"
    assert kernels.active.__name__ == "numpyssd.kernels.cpu"
    command.apply_machine_options(machine("--backend", "reference"))
    assert command.apply_machine_options(machine()).__name__ == "numpyssd.kernels.reference"  # nothing said: as it is


def test_a_backend_that_cannot_run_says_so_and_none_takes_its_place(machine, monkeypatch):
    def use(name):
        raise ImportError(f"{name} needs a GPU")

    monkeypatch.setattr(kernels, "use", use)
    with pytest.raises(InputError, match="cuda needs a GPU"):
        command.apply_machine_options(machine("--backend", "cuda"))
    with pytest.raises(SystemExit):
        machine("--backend", "abacus")


def test_threads_reach_the_kernels(machine, monkeypatch):
    from numpyssd.kernels import cpu

    asked = []
    monkeypatch.setattr(cpu, "set_threads", asked.append)
    command.apply_machine_options(machine("--backend", "cpu", "--threads", "2"))
    assert asked == [2]
    assert os.environ["NUMPYSSD_THREADS"] == "2"
    command.apply_machine_options(machine("--backend", "cpu"))
    assert asked == [2]
    with pytest.raises(SystemExit):
        machine("--threads", "0")


@pytest.mark.parametrize("text", ["abc", "0", "10000"])
def test_a_wrong_number_of_threads_is_one_sentence_at_the_start(text, machine, monkeypatch, capsys):
    monkeypatch.setattr(threads, "_state", {"team": None})
    monkeypatch.setenv("NUMPYSSD_THREADS", text)
    options = machine("--backend", "cpu")
    assert exit_code(lambda argv: command.apply_machine_options(options)) == 2
    sentence = f"error: NUMPYSSD_THREADS must be a whole number from 1 to 1024, not {text}\n"
    assert capsys.readouterr().err == sentence
    options = machine("--backend", "cpu", "--threads", "1025")
    assert exit_code(lambda argv: command.apply_machine_options(options)) == 2
    assert capsys.readouterr().err == "error: threads must be a whole number from 1 to 1024, not 1025\n"


def test_options_need_no_more_than_the_two():
    assert command.apply_machine_options(SimpleNamespace(threads=None, backend=None)) is kernels.active


def test_a_terminal_without_the_letters_is_no_reason_to_stop():
    script = "from numpyssd.cli import command\ncommand.run(lambda argv: print('na\\xefve \\u2026'))"
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, env=environment, timeout=60)
    assert (result.returncode, result.stdout.strip(), result.stderr) == (0, b"na\\xefve \\u2026", b"")
