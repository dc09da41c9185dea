"""How many threads a run has by default: one for each fast core that this process may use.

    cores       counted once, even where each of them offers two logical processors
    slow cores  left out, unless there are far more of them than fast ones
    limits      of the process (affinity) and of its container (a fraction of the processors' time) hold

Two threads on one core share its multiply-add units and the cache that a strip of work fills. So ONNX Runtime ("number
of physical CPU cores"), PyTorch and rten (issue 105) take one for each core too. A slow core that takes the last piece
of an operation holds up the fast ones: benchmarks/uneven_cores.py. Where the system does not tell, every logical
processor counts.
"""

import ctypes
import math
import os
import struct
import sys
from pathlib import Path

SLOW = 0.5  # of the fastest core's speed: slower cores hold the others up more than they help (uneven_cores.py)
MANY = 3  # times as many slow cores as fast ones: then they help, as 8 beside 2 do (uneven_cores.py)


def default_threads():
    """Return how many threads to use where nobody says."""
    processors = _processors()
    try:  # what an unusual system answers must stop nobody
        cores = {"darwin": _mac_cores, "win32": _windows_cores}.get(sys.platform, _linux_cores)()
        return math.ceil(min(processors, _worth_using(*cores) or processors, cpu_quota()))
    except Exception:
        return processors


def _processors():
    """Return how many logical processors this process may run on; since Python 3.13 PYTHON_CPU_COUNT may lower it."""
    if hasattr(os, "process_cpu_count"):
        return os.process_cpu_count() or 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _worth_using(fast, slow):
    """Return how many of these cores to use: the fast ones, and the slow ones too where there are MANY."""
    return fast + slow if slow >= MANY * fast else fast


def _mac_cores(system=None):
    """Return how many fast and slow cores a Mac has: all levels of performance but the one called "Efficiency".

    Level 0 is the fastest (sysctl.h of macOS 12). The newest Macs have several fast levels, "Super" and "Performance".
    Intel's have cores of one kind.
    """
    system = system or ctypes.CDLL(None)
    levels, count = {}, _sysctl(system, "hw.nperflevels", 1)
    for level in range(count):
        name = _sysctl(system, f"hw.perflevel{level}.name", b"Efficiency" if level else b"Performance")
        levels[name] = levels.get(name, 0) + _sysctl(system, f"hw.perflevel{level}.physicalcpu", 0)
    slow = levels.pop(b"Efficiency", 0)
    return sum(levels.values()) or _sysctl(system, "hw.physicalcpu", 0), slow


def _sysctl(system, name, default):
    """Return a value of the macOS kernel, of the type of ``default``: bytes or an int; the default if it has none."""
    value, size = ctypes.create_string_buffer(64), ctypes.c_size_t(64)
    if system.sysctlbyname(name.encode(), value, ctypes.byref(size), None, ctypes.c_size_t(0)) != 0:
        return default
    return value.value if isinstance(default, bytes) else int.from_bytes(value.raw[: size.value], sys.byteorder)


def _windows_cores(kernel32=None):
    """Return how many fast and slow cores Windows lets this process use: fast ones have the highest EfficiencyClass.

    Each record of GetLogicalProcessorInformationEx is a core. PROCESSOR_RELATIONSHIP in Microsoft's winnt.h: a higher
    class "has intrinsically greater performance".
    """
    kernel32 = kernel32 or ctypes.WinDLL("kernel32")
    size, cores, at = ctypes.c_uint32(0), [], 0
    kernel32.GetLogicalProcessorInformationEx(0, None, ctypes.byref(size))  # 0: RelationProcessorCore
    records = ctypes.create_string_buffer(size.value)
    if not kernel32.GetLogicalProcessorInformationEx(0, records, ctypes.byref(size)):
        raise OSError("Windows does not tell its cores")
    while at < size.value:
        length, kind, mask, group = struct.unpack_from("<4xIxB22xQH", records, at)
        cores.append((kind, mask, group))
        at += max(length, 48)  # the size of a record with one group, which a core has
    own, all_processors = ctypes.c_size_t(0), ctypes.c_size_t(0)
    myself = ctypes.c_void_p(-1)  # what GetCurrentProcess returns
    kernel32.GetProcessAffinityMask(myself, ctypes.byref(own), ctypes.byref(all_processors))
    if own.value and len({group for *_, group in cores}) == 1:  # over 64 processors there are groups, and no one mask
        cores = [core for core in cores if core[1] & own.value]
    kinds = [kind for kind, *_ in cores]
    fast = kinds.count(max(kinds))
    return fast, len(kinds) - fast


def _linux_cores(root=Path("/"), allowed=None):
    """Return how many fast and slow cores Linux lets this process use; ``allowed``: the processors of its affinity."""
    allowed = set(os.sched_getaffinity(0) if allowed is None else allowed)
    fast = _fast_processors(root / "sys/devices", allowed)
    places = {cpu: root / f"sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list" for cpu in allowed}
    core = {cpu: _text(place) or str(cpu) for cpu, place in places.items()}  # the processors of one core
    return len({core[cpu] for cpu in fast}), len({core[cpu] for cpu in allowed - fast})


def _fast_processors(devices, allowed):
    """Return those of the allowed processors that Linux calls cores (not atoms) of Intel's, or that are not SLOW."""
    fast = {cpu for cpu in _listed(_text(devices / "cpu_core/cpus")) if cpu in allowed}
    if fast:
        return fast
    capacity = {cpu: _text(devices / f"system/cpu/cpu{cpu}/cpu_capacity") for cpu in allowed}
    if not all(capacity.values()):  # only where cores differ does each kernel tell
        return allowed
    most = max(int(text) for text in capacity.values())
    return {cpu for cpu in allowed if int(capacity[cpu]) >= SLOW * most}


def _listed(text):
    """Return the numbers of a list as Linux writes it: ``0-3,8`` is 0, 1, 2, 3 and 8."""
    spans = [span.split("-") for span in text.split(",") if span]
    return [cpu for span in spans for cpu in range(int(span[0]), int(span[-1]) + 1)]


def cpu_quota(root=Path("/")):
    """Return how many processors' time Linux lets this process's container use, which may be a fraction, or infinity.

    ``docker --cpus 2`` sets such a quota; the affinity still has all processors of the machine. Version 2 of cgroups
    writes it to cpu.max, version 1 to two files. The smallest of the process's group and those above it holds.
    """
    quota = math.inf
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        folder = root / "sys/fs/cgroup" / ("cpu" if controllers else "")
        names = path.strip("/").split("/")
        for place in (folder.joinpath(*names[:depth]) for depth in range(len(names) + 1)):
            numbers = _text(place / "cpu.max").split()
            numbers = numbers or [_text(place / f"cpu.cfs_{name}_us") for name in ("quota", "period")]
            if numbers[0] not in ("", "max", "-1"):
                quota = min(quota, int(numbers[0]) / int(numbers[1]))
    return quota


def _text(path):
    """Return what is in a small file of the system, or nothing if it is not there."""
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return ""
