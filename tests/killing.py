"""Child processes that train and are killed: forked, so that each needs no second to start, and never asked."""

import contextlib
import os
import signal
import time

import pytest

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")


def fork(work):
    """Call ``work()`` in a child process, which ends with code 0 or 1 and never comes back; return its number."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
            work()
        code = 0
    finally:
        os._exit(code)


def kill_after(child, seconds):
    """Kill a child after so many seconds; return whether it was killed, False if it had ended by then."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return _checked(status)
        time.sleep(0.0005)
    os.kill(child, signal.SIGKILL)
    return _checked(os.waitpid(child, 0)[1])


def wait(child):
    """Wait for a child; return whether it was killed."""
    return _checked(os.waitpid(child, 0)[1])


def _checked(status):
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, -signal.SIGKILL), f"the child ended with code {code}"
    return code == -signal.SIGKILL


def kill_myself(*_, **__):
    """End this process as if it had been killed just here."""
    os.kill(os.getpid(), signal.SIGKILL)
