"""What is different on Windows, for tests on another system: names that it lacks, and files that nobody may replace."""

import contextlib
import importlib
import os
import sys

# What Python has on Linux or macOS and not on Windows, by its documentation ("Availability: Unix").
MODULES = ("fcntl", "grp", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty")
NAMES = {
    "signal": (
        "SIGALRM", "SIGBUS", "SIGCHLD", "SIGCONT", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGPROF", "SIGQUIT", "SIGSTOP",
        "SIGTSTP", "SIGUSR1", "SIGUSR2", "SIGVTALRM", "SIGWINCH", "SIGXCPU", "SIGXFSZ", "alarm", "pause",
        "pthread_kill", "pthread_sigmask", "setitimer", "sigwait",
    ),
    "os": (
        "WNOHANG", "chown", "confstr", "ctermid", "fchown", "fork", "forkpty", "getegid", "geteuid", "getgid",
        "getgroups", "getloadavg", "getpgid", "getpgrp", "getpriority", "getresuid", "getsid", "getuid", "killpg",
        "lockf", "mkfifo", "mknod", "nice", "openpty", "pathconf", "posix_fadvise", "posix_fallocate", "posix_spawn",
        "pread", "pwrite", "sched_getaffinity", "sched_setaffinity", "sched_yield", "setgid", "setpgid", "setpriority",
        "setsid", "setuid", "statvfs", "sync", "sysconf", "uname", "wait", "wait3", "wait4", "O_NONBLOCK", "O_CLOEXEC",
        "SCHED_OTHER", "EX_OK",
    ),
    "mmap": ("MAP_ANON", "MAP_ANONYMOUS", "MAP_PRIVATE", "MAP_SHARED", "MADV_HUGEPAGE", "PROT_READ", "PROT_WRITE"),
    "select": ("epoll", "kqueue", "poll"),
    "socket": ("AF_UNIX", "socketpair"),
    "time": ("clock_gettime", "pthread_getcpuclockid", "tzset"),
}  # fmt: skip


def take_away():
    """Take away from this process what Windows lacks. Nothing brings it back, so this is for a child process.

    Packages of others know Windows, and choose what to do by sys.platform; so import them first.
    """
    for module, names in NAMES.items():
        for name in names:
            with contextlib.suppress(AttributeError):  # another system has not all of them
                delattr(importlib.import_module(module), name)
    if hasattr(os, "process_cpu_count"):  # Python 3.13: it asks sched_getaffinity, and where there is none, it is this
        os.process_cpu_count = os.cpu_count
    for module in MODULES:
        sys.modules[module] = None  # an import of it raises ImportError


def held(code, *names):
    """Return the error of Windows for a file that another program holds; code: of the system, None from open()."""
    error = PermissionError(13, "Access is denied", *names)
    error.winerror = code
    return error


def refusing_replace(times, code=32, replace=os.replace):
    """Return an os.replace that raises that error so many times, and then replaces."""
    left = [times]

    def act(source, target):
        left[0] -= 1
        if left[0] >= 0:
            raise held(code, str(source), None, str(target))
        replace(source, target)

    return act
