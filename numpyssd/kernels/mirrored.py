"""Arrays that outlive a training step, wherever they lie: weights, momenta, moving averages.

A GPU has memory of its own: kernels need an array there, and everybody else wants NumPy. So each array is mirrored on
the device: it lies in one of the two places, and whoever asks for it in the other place moves it. A training run
uploads each weight once, at its beginning, and downloads it for each checkpoint. On the CPU there is one place only,
and nothing is copied.
"""

from collections import UserDict

from numpyssd import kernels


class MirroredArrays(UserDict):
    """Arrays by name: ``mirrored[name]`` is a NumPy array, ``mirrored.active(name)`` is one of ``kernels.active``."""

    def __getitem__(self, name):
        self.data[name] = kernels.active.to_host(self.data[name])
        return self.data[name]

    def active(self, name):
        """Return the array for the kernels; ``mirrored[name]`` shows what they change in it."""
        self.data[name] = kernels.active.to_device(self.data[name])
        return self.data[name]


def active(parameter, what):
    """Return ``value`` or ``grad`` of a parameter for the kernels; a plain object with both has them where they are."""
    return parameter.mirrored.active(what) if hasattr(parameter, "mirrored") else getattr(parameter, what)
