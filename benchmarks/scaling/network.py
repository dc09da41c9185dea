"""Several machines imitated on one: network namespaces of Linux, joined by a bridge, with cards of so many Gb/s.

Each namespace has a card of its own, whose rate and delay ``tc`` limits in both directions, and a name of its own, so
that MPI and numpyssd take it for a machine and send nothing through shared memory. All of them share the processors:
it shows how long bytes are on their way, whether the algorithm keeps the cards busy, and that nothing hangs; it does
not show how computing and sending go together, nor what a real card and its driver take. Needs root. A kernel without
netem gets limits without a delay.
"""

import contextlib
import functools
import stat
import subprocess
from pathlib import Path

from numpyssd.errors import InputError

PREFIX, NET = "numpyssd", "10.77.0"
DELAY = "25us"  # of each card, so 50 between two machines
TICKS = 100  # of the kernel's clock in a second, at least
# What Hydra calls in the place of ssh: its options, the host, and the command, each an argument.
LAUNCHER = f"""#!/bin/sh
while [ "${{1#-}}" != "$1" ]; do shift; done
number=$((${{1##*.}} - 1)); shift
exec ip netns exec {PREFIX}$number unshare --uts sh -c "hostname machine$number; exec $*"
"""


def run(*command):
    """Run a command of the system. Raises InputError with what it says."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise InputError(f"{' '.join(command)}: {done.stderr.strip()}; machines cannot be imitated here")


def limit(command: tuple, gigabits: float):
    """Limit what goes through a card; command: the start of the command that does it."""
    rate = f"{gigabits:g}gbit"
    if delays():
        run(*command, "netem", "delay", DELAY, "rate", rate, "limit", "20000")
    else:
        burst = max(1 << 18, int(gigabits * 1e9 / 8 / TICKS))  # bytes; what passes between two ticks of the kernel
        run(*command, "tbf", "rate", rate, "burst", str(burst), "latency", "50ms")


@functools.cache
def delays() -> bool:
    """Return whether the kernel has netem, which can delay: tried on a bridge of its own."""
    run("ip", "link", "add", f"{PREFIX}try", "type", "bridge")
    try:
        run("tc", "qdisc", "add", "dev", f"{PREFIX}try", "root", "netem", "delay", DELAY)
    except InputError:
        return False
    finally:
        run("ip", "link", "del", f"{PREFIX}try")
    return True


@contextlib.contextmanager
def network(machines: int, gigabits: float, folder: Path):
    """Make the namespaces while the context is open; folder: for a script. Raises InputError where that is not allowed.

    What it gives is a function from mpiexec, and how many ranks each machine has, to the start of a command line.
    """
    script = folder / "launcher"
    script.write_text(LAUNCHER, encoding="utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    made = []
    try:
        run("ip", "link", "add", PREFIX, "type", "bridge")
        made.append(("ip", "link", "del", PREFIX))
        run("ip", "link", "set", PREFIX, "up")
        for n in range(machines):
            name, card, plug = f"{PREFIX}{n}", f"{PREFIX}c{n}", f"{PREFIX}p{n}"
            inside = ("ip", "netns", "exec", name)
            run("ip", "netns", "add", name)
            made.append(("ip", "netns", "del", name))
            run("ip", "link", "add", card, "type", "veth", "peer", "name", plug)
            made.append(("ip", "link", "del", plug))  # and the card, which outlasts its namespace
            run("ip", "link", "set", card, "netns", name, "name", "eth0")
            run("ip", "link", "set", plug, "master", PREFIX, "up")
            run(*inside, "ip", "address", "add", f"{NET}.{n + 1}/24", "dev", "eth0")
            run(*inside, "ip", "link", "set", "eth0", "up")
            run(*inside, "ip", "link", "set", "lo", "up")
            limit((*inside, "tc", "qdisc", "add", "dev", "eth0", "root"), gigabits)  # what it sends
            limit(("tc", "qdisc", "add", "dev", plug, "root"), gigabits)  # what it receives

        def start(mpiexec, ranks):
            hosts = ",".join(f"{NET}.{n + 1}:{ranks}" for n in range(machines))
            variables = ["env", "HYDRA_IFACE=eth0", "UCX_NET_DEVICES=eth0", "UCX_TLS=tcp,self"]
            options = ["-launcher", "ssh", "-launcher-exec", str(script), "-hosts", hosts, "-n", str(ranks * machines)]
            return ["ip", "netns", "exec", f"{PREFIX}0", *variables, str(mpiexec), *options]

        yield start
    finally:
        for command in reversed(made):
            subprocess.run(command, capture_output=True)
