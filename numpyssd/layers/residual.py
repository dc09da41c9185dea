"""The addition that residual networks are made of (He et al., 2016)."""

from numpyssd import kernels
from numpyssd.layers.sequential import Sequential


class Residual(Sequential):
    """What its parts make of x, plus x itself; or plus ``shortcut(x)``, a layer, where the parts change the shape."""

    def __init__(self, name, parts, shortcut=None):
        super().__init__(parts)
        self.name, self.shortcut = name, shortcut

    def forward(self, x):
        """Return the sum of both ways."""
        return kernels.active.add(super().forward(x), self.shortcut.forward(x) if self.shortcut else x)

    def backward(self, dout):
        """Return dx, the sum of what comes back on both ways."""
        beside = self.shortcut.backward(dout) if self.shortcut else dout
        return kernels.active.add(super().backward(dout), beside)

    def infer(self, x):
        """Return the sum of both ways; nothing is remembered."""
        return kernels.active.add(super().infer(x), self.shortcut.infer(x) if self.shortcut else x)

    def parameters(self):
        """Return the parameters of all parts, then those of the shortcut."""
        return {**super().parameters(), **(self.shortcut.parameters() if self.shortcut else {})}

    def layers(self):
        """Return the layers of all parts in order, then those of the shortcut."""
        return [*super().layers(), *(self.shortcut.layers() if self.shortcut else [])]

    def steps(self):
        """Return a list of itself: its layers do not follow one another."""
        return [self]
