"""Where make check-arm cannot run, it ends with one sentence. The check itself: make check-arm."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "arm" / "environment.sh"
HOST = {"dpkg": "echo amd64", "dpkg-deb": "exit 1"}


@pytest.mark.skipif(os.name == "nt", reason="a shell script, of Debian's make check-arm")
@pytest.mark.parametrize(
    ("programs", "reason"),
    [
        ({}, "it needs Debian's apt-get"),
        ({"apt-get": "exit 1", "dpkg": "echo arm64"}, "it needs Debian's dpkg-deb"),
        (HOST | {"apt-get": "exit 1", "dpkg": "echo arm64"}, "this processor is an Arm: make test runs the same tests"),
        (HOST | {"apt-get": "echo no network; exit 1"}, "could not be fetched; arm/apt/log says why"),
    ],
    ids=["no Debian", "no dpkg-deb", "on Arm", "no network"],
)
def test_one_sentence_says_why_it_is_left_out(programs, reason, tmp_path):
    for name in ("sh", "mkdir", "cat", "id", "grep"):
        (tmp_path / name).symlink_to(shutil.which(name))
    for name, line in programs.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{line}\n")
        (tmp_path / name).chmod(0o755)
    command = ["sh", str(SCRIPT), "arm", "pip"]
    run = subprocess.run(command, cwd=tmp_path, env={"PATH": str(tmp_path)}, capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("make check-arm is left out: ")
    assert run.stderr.count("\n") == 1
    assert reason in run.stderr
    if "fetched" in reason:
        assert (tmp_path / "arm/apt/log").read_text() == "no network\nno network\n"
