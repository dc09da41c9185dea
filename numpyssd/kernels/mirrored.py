"""Arrays that outlive a step, wherever they lie: weights, momenta, running averages.

On the processor there is one place, and nothing here costs anything. A graphics card has memory of its own: kernels
need an array there, everybody else wants NumPy. So each array is in one of both places, and who asks for it in the
other moves it: a training run moves each weight once at its beginning, and back for each checkpoint.
"""

from collections import UserDict

from numpyssd import kernels


class HeldArrays(UserDict):
    """Arrays by name: ``held[name]`` is a NumPy array, ``held.active(name)`` lies where ``kernels.active`` computes."""

    def __getitem__(self, name):
        self.data[name] = kernels.active.to_host(self.data[name])
        return self.data[name]

    def active(self, name):
        """Return the array for the kernels; what they change in it, ``held[name]`` shows."""
        self.data[name] = kernels.active.to_device(self.data[name])
        return self.data[name]


def active(parameter, what):
    """Return ``value`` or ``grad`` of a parameter for the kernels; a plain object with both has them where they are."""
    return parameter.held.active(what) if hasattr(parameter, "held") else getattr(parameter, what)
