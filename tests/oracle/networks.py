"""SSD in PyTorch as amdegroot's ssd.pytorch lays it out, for 300 and 512 pixels, with random weights."""

import torch
from torch import nn
from torch.nn import functional

BASE = (64, 64, "M", 128, 128, "M", 256, 256, 256, "C", 512, 512, 512, "M", 512, 512, 512)
BOXES = {300: (4, 6, 6, 6, 4, 4), 512: (4, 6, 6, 6, 6, 4, 4)}
EXTRAS = {  # out, kernel, stride, padding
    300: [(256, 1, 1, 0), (512, 3, 2, 1), (128, 1, 1, 0), (256, 3, 2, 1)] + [(128, 1, 1, 0), (256, 3, 1, 0)] * 2,
    512: [(256, 1, 1, 0), (512, 3, 2, 1)] + [(128, 1, 1, 0), (256, 3, 2, 1)] * 3 + [(128, 1, 1, 0), (256, 4, 1, 1)],
}


class L2Norm(nn.Module):
    def __init__(self, channels, eps=1e-10):
        super().__init__()
        self.weight, self.eps = nn.Parameter(20 + torch.randn(channels)), eps

    def forward(self, x):
        return x / (x.pow(2).sum(1, keepdim=True).sqrt() + self.eps) * self.weight[:, None, None]


class Plain(nn.Module):
    """divisor: of all channels. The names of its state_dict are amdegroot's."""

    def __init__(self, size=300, num_classes=21, divisor=1, eps=1e-10, seed=0):
        super().__init__()
        torch.manual_seed(seed)
        layers, channels = [], 3
        for width in BASE:
            if isinstance(width, str):
                layers.append(nn.MaxPool2d(2, 2, ceil_mode=width == "C"))
            else:
                layers += [nn.Conv2d(channels, width // divisor, 3, padding=1), nn.ReLU()]
                channels = width // divisor
        wide = 1024 // divisor
        layers += [nn.MaxPool2d(3, 1, 1), nn.Conv2d(channels, wide, 3, padding=6, dilation=6), nn.ReLU()]
        layers += [nn.Conv2d(wide, wide, 1), nn.ReLU()]
        self.vgg, self.L2Norm = nn.ModuleList(layers), L2Norm(channels, eps)
        sources, channels, extras = [channels, wide], wide, []
        for width, kernel, stride, padding in EXTRAS[size]:
            extras.append(nn.Conv2d(channels, width // divisor, kernel, stride, padding))
            channels = width // divisor
        self.extras = nn.ModuleList(extras)
        sources += [layer.out_channels for layer in extras[1::2]]
        pairs = list(zip(sources, BOXES[size]))
        self.loc = nn.ModuleList(nn.Conv2d(c, 4 * boxes, 3, padding=1) for c, boxes in pairs)
        self.conf = nn.ModuleList(nn.Conv2d(c, num_classes * boxes, 3, padding=1) for c, boxes in pairs)
        self.num_classes = num_classes
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight)
                nn.init.normal_(layer.bias, std=0.1)

    def features(self, x):
        """Return conv4_3 (not normalized) and conv7."""
        for i, layer in enumerate(self.vgg):
            x = layer(x)
            if i == 22:
                conv4_3 = x
        return conv4_3, x

    @torch.no_grad()
    def forward(self, x):
        """Return loc (N, K, 4) and conf (N, K, C) as arrays, for a tensor (N, 3, S, S)."""
        conv4_3, x = self.features(x)
        sources = [self.L2Norm(conv4_3), x]
        for i, layer in enumerate(self.extras):
            x = functional.relu(layer(x))
            if i % 2 == 1:
                sources.append(x)

        def together(heads, values):
            maps = [head(source).permute(0, 2, 3, 1) for head, source in zip(heads, sources)]
            return torch.cat([m.reshape(len(m), -1, values) for m in maps], dim=1).numpy()

        return together(self.loc, 4), together(self.conf, self.num_classes)
