"""How many threads a run has by default, on machines that are written into a folder or answered by a false library."""

import ctypes
import math
import os
import struct
import subprocess
import sys
from types import SimpleNamespace

import pytest

from numpyssd.kernels.cpu.runtime import cores


def linux(folder, siblings, capacities=None, performance=None):
    """Write the files of /sys for a machine; siblings: the list of a core's processors, for each processor."""
    system = folder / "sys/devices/system/cpu"
    for cpu, text in enumerate(siblings):
        (system / f"cpu{cpu}/topology").mkdir(parents=True)
        (system / f"cpu{cpu}/topology/thread_siblings_list").write_text(f"{text}\n")
        if capacities:
            (system / f"cpu{cpu}/cpu_capacity").write_text(f"{capacities[cpu]}\n")
    if performance:
        for name, text in zip(("cpu_core", "cpu_atom"), performance):
            (folder / "sys/devices" / name).mkdir()
            (folder / "sys/devices" / name / "cpus").write_text(f"{text}\n")
    return folder


def alone(count):
    return [str(cpu) for cpu in range(count)]


def pairs(count):
    return [f"{cpu - cpu % 2}-{cpu - cpu % 2 + 1}" for cpu in range(2 * count)]


I5_12500H = [*pairs(4), *(str(cpu) for cpu in range(8, 16))]  # 4 cores with two processors each, and 8 atoms
MACHINES = {
    "Raspberry Pi 5": (alone(4), [1024] * 4, None, (4, 0)),
    "RK3588": (alone(8), [414] * 4 + [1024] * 4, None, (4, 4)),  # 4 Cortex-A55, 4 A76
    "Snapdragon 865": (alone(8), [284] * 4 + [871] * 3 + [1024], None, (4, 4)),  # 4 A55, 3 A77 and a faster A77
    "Intel of the 12th generation": (I5_12500H, None, ("0-7", "8-15"), (4, 8)),
    "the same, with a newer kernel": (I5_12500H, [1024] * 8 + [640] * 8, ("0-7", "8-15"), (4, 8)),
    "a server": (["0,4", "1,5", "2,6", "3,7"] * 2, None, None, (4, 0)),
    "a virtual machine": (alone(2), None, None, (2, 0)),
}


@pytest.mark.parametrize("name", MACHINES)
def test_cores_of_linux(name, tmp_path):
    *machine, expected = MACHINES[name]
    assert cores._linux_cores(linux(tmp_path, *machine), range(len(machine[0]))) == expected


def test_only_what_the_process_may_use_counts(tmp_path):
    hybrid = linux(tmp_path, I5_12500H, None, ("0-7", "8-15"))
    assert cores._linux_cores(hybrid, range(8, 16)) == (8, 0)  # atoms alone are no slower than one another
    assert cores._linux_cores(hybrid, {0, 1, 9}) == (1, 1)
    assert cores._linux_cores(hybrid, {1, 2}) == (2, 0)  # a processor of two cores each
    little = linux(tmp_path / "arm", alone(8), [414] * 4 + [1024] * 4)
    assert cores._linux_cores(little, range(4)) == (4, 0)


def test_linux_that_tells_nothing_has_as_many_cores_as_processors(tmp_path):
    assert cores._linux_cores(tmp_path, range(6)) == (6, 0)
    (tmp_path / "sys/devices/system/cpu/cpu0").mkdir(parents=True)
    (tmp_path / "sys/devices/system/cpu/cpu0/cpu_capacity").write_text("1024\n")  # and the others nothing
    assert cores._linux_cores(tmp_path, range(6)) == (6, 0)


def test_slow_cores_count_where_there_are_far_more_of_them():
    assert cores._worth_using(4, 4) == 4
    assert cores._worth_using(4, 8) == 4
    assert cores._worth_using(2, 8) == 10  # the small laptops of Intel's
    assert cores._worth_using(8, 0) == 8


class Mac:
    """A library with sysctlbyname, which knows the values of one Mac."""

    def __init__(self, **values):
        self.values = {f"hw.{name.replace('_', '.')}": value for name, value in values.items()}

    def sysctlbyname(self, name, value, size, new, new_size):
        assert (new, new_size.value) == (None, 0)
        found = self.values.get(name.decode())
        if found is None:
            return -1
        data = found.encode() + b"\0" if isinstance(found, str) else struct.pack("=i", found)
        ctypes.memmove(value, data, len(data))
        size._obj.value = len(data)
        return 0


def apple(*levels):
    """Return a Mac with levels (name, cores), the fastest first."""
    values = {"nperflevels": len(levels), "physicalcpu": sum(count for _, count in levels)}
    for i, (name, count) in enumerate(levels):
        values |= {f"perflevel{i}_name": name, f"perflevel{i}_physicalcpu": count}
    return Mac(**values)


MACS = {
    "M1": (apple(("Performance", 4), ("Efficiency", 4)), (4, 4)),
    "M2 Pro": (apple(("Performance", 8), ("Efficiency", 4)), (8, 4)),
    "M5": (apple(("Super", 4), ("Efficiency", 6)), (4, 6)),
    "M5 Pro": (apple(("Super", 6), ("Performance", 12)), (18, 0)),
    "levels without names": (Mac(nperflevels=2, perflevel0_physicalcpu=4, perflevel1_physicalcpu=4), (4, 4)),
    "Intel": (Mac(physicalcpu=6), (6, 0)),
    "one that tells nothing": (Mac(), (0, 0)),
}


@pytest.mark.parametrize("name", MACS)
def test_cores_of_a_mac(name):
    mac, expected = MACS[name]
    assert cores._mac_cores(mac) == expected


class Windows:
    """kernel32, which knows (EfficiencyClass, mask of processors, group) of each core, and the process's affinity."""

    def __init__(self, *records, affinity=None):
        self.records, self.affinity = records, affinity
        # SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX of a core in 64-bit Windows, field by field as winnt.h has it.
        self.data = b"".join(
            struct.pack("<II BB20s H QH6s", 0, 48, bin(mask).count("1") > 1, kind, b"", 1, mask, group, b"")
            for kind, mask, group in records
        )

    def GetLogicalProcessorInformationEx(self, relation, records, size):
        assert relation == 0
        enough = size._obj.value >= len(self.data)
        size._obj.value = len(self.data)
        if records is not None and enough:
            ctypes.memmove(records, self.data, len(self.data))
        return int(records is not None and enough)

    def GetProcessAffinityMask(self, process, own, all_processors):
        assert process.value == ctypes.c_void_p(-1).value
        everything = sum(mask for _, mask, _ in self.records)
        own._obj.value = everything if self.affinity is None else self.affinity
        all_processors._obj.value = everything
        return 1


def core(kind, first, count=1, group=0):
    return kind, (2**count - 1) << first, group


# What an i5-1235U answered: official-stockfish/fishtest, issue 2450.
I5_1235U = [core(1, 0, 2), core(1, 2, 2), *(core(0, cpu) for cpu in range(4, 12))]
I5_1240P = [*(core(1, 2 * i, 2) for i in range(4)), *(core(0, cpu) for cpu in range(8, 16))]
WINDOWS = {
    "a laptop with two fast cores": (Windows(*I5_1235U), (2, 8)),
    "a laptop with four": (Windows(*I5_1240P), (4, 8)),
    "a desktop": (Windows(*(core(0, 2 * i, 2) for i in range(8))), (8, 0)),
    "kept to the slow cores": (Windows(*I5_1240P, affinity=0xFF00), (8, 0)),
    "kept to one processor": (Windows(*I5_1240P, affinity=0b100), (1, 0)),
    "128 processors in two groups": (Windows(*(core(0, i, 1, g) for g in (0, 1) for i in range(64))), (128, 0)),
}


@pytest.mark.parametrize("name", WINDOWS)
def test_cores_of_windows(name):
    windows, expected = WINDOWS[name]
    assert len(windows.data) == 48 * len(windows.records)
    assert cores._windows_cores(windows) == expected


def quota(folder, groups, **files):
    (folder / "proc/self").mkdir(parents=True)
    (folder / "proc/self/cgroup").write_text(groups)
    for name, text in files.items():
        path = folder / "sys/fs/cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")
    return cores.cpu_quota(folder)


V1 = "4:memory:/a\n2:cpu,cpuacct:/docker/b\n1:name=systemd:/\n"
QUOTAS = {
    "no container": ("0::/user.slice\n", {"user.slice/cpu.max": "max 100000"}, math.inf),
    "docker --cpus 1.5": ("0::/\n", {"cpu.max": "150000 100000"}, 1.5),
    "the group above is stricter": ("0::/a/b\n", {"a/cpu.max": "200000 100000", "a/b/cpu.max": "max 100000"}, 2),
    "version 1": (V1, {"cpu/cpu.cfs_quota_us": "400000", "cpu/cpu.cfs_period_us": "100000"}, 4),
    "version 1 without": (V1, {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, math.inf),
    "a quota of another group": (
        "3:cpuset:/a\n",
        {"cpu/a/cpu.cfs_quota_us": "1", "cpu/a/cpu.cfs_period_us": "1"},
        math.inf,
    ),
    "a quota of memory alone": ("4:memory:/a\n", {"cpu.max": "100000 100000"}, math.inf),
}


@pytest.mark.parametrize("name", QUOTAS)
def test_quota_of_a_container(name, tmp_path):
    groups, files, expected = QUOTAS[name]
    assert quota(tmp_path, groups, **files) == expected


def test_without_groups_there_is_no_quota(tmp_path):
    assert cores.cpu_quota(tmp_path) == math.inf


@pytest.fixture
def machine(monkeypatch):
    """Return default_threads of a process that may use 8 processors; ``found`` returns (fast, slow) cores."""

    def threads(found, limit=math.inf, platform="linux"):
        name = {"linux": "_linux_cores", "darwin": "_mac_cores", "win32": "_windows_cores"}[platform]
        monkeypatch.setattr(cores, "_processors", lambda: 8)
        monkeypatch.setattr(cores, "sys", SimpleNamespace(platform=platform))
        monkeypatch.setattr(cores, "cpu_quota", lambda: limit)
        monkeypatch.setattr(cores, name, found)
        return cores.default_threads()

    return threads


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_default_threads(machine, platform):
    assert machine(lambda: (4, 4), platform=platform) == 4
    assert machine(lambda: (2, 6), platform=platform) == 8
    assert machine(lambda: (4, 0), 1.5, platform) == 2  # the second thread uses the half
    assert machine(lambda: (4, 0), 0.5, platform) == 1
    assert machine(lambda: (64, 0), platform=platform) == 8  # never more than the process may use


def failing(error):
    def found():
        raise error

    return found


@pytest.mark.parametrize("error", [OSError("no file"), ValueError("0-x"), struct.error("short"), AttributeError("old")])
def test_where_the_system_does_not_tell_every_processor_counts(machine, error):
    assert machine(failing(error)) == 8
    assert machine(lambda: (0, 0)) == 8


@pytest.mark.parametrize("text", ["0-x", "0-7-", "\xff", "-"])
def test_files_that_say_nonsense_stop_nobody(text, tmp_path, machine):
    hybrid = linux(tmp_path, I5_12500H, None, ("0-7", "8-15"))
    read = cores._linux_cores
    assert machine(lambda: read(hybrid, range(8))) == 4
    (hybrid / "sys/devices/cpu_core/cpus").write_text(text, encoding="latin-1")
    assert machine(lambda: read(hybrid, range(8))) == 8


def test_windows_that_does_not_answer():
    windows = Windows(core(0, 0))
    windows.GetLogicalProcessorInformationEx = lambda *arguments: 0
    with pytest.raises(OSError, match="does not tell"):
        cores._windows_cores(windows)


def test_records_may_be_longer():
    windows = Windows(*I5_1240P)
    records = (windows.data[at : at + 48] for at in range(0, len(windows.data), 48))
    windows.data = b"".join(record[:4] + struct.pack("<I", 64) + record[8:] + bytes(16) for record in records)
    assert cores._windows_cores(windows) == (4, 8)


def test_records_without_a_length_have_an_end():
    windows = Windows(core(0, 0), core(0, 1), affinity=0)
    windows.data = bytes(96)
    assert cores._windows_cores(windows) == (2, 0)


def test_this_machine():
    assert 1 <= cores.default_threads() <= (os.cpu_count() or 1)


COUNT = "from numpyssd.kernels.cpu.runtime.cores import default_threads; print(default_threads())"


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no affinity")
def test_the_affinity_of_a_process_holds():
    one = min(os.sched_getaffinity(0))
    code = f"import os; os.sched_setaffinity(0, {{{one}}}); {COUNT}"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (result.stdout, result.stderr) == ("1\n", "")


@pytest.mark.skipif(sys.version_info < (3, 13), reason="PYTHON_CPU_COUNT is of Python 3.13")
def test_python_can_be_told_to_use_fewer():
    environment = {**os.environ, "PYTHON_CPU_COUNT": "1"}
    result = subprocess.run([sys.executable, "-c", COUNT], capture_output=True, text=True, env=environment, timeout=60)
    assert (result.stdout, result.stderr) == ("1\n", "")
