"""RetinaFace on MobileNet-0.25 in PyTorch, restated from the published structure of biubug6's two repositories.

Module names are those of their checkpoints. `slope` is 0.1 in Pytorch_Retinaface and 0 (plain ReLU) in
Face-Detector-1MB-with-landmark; the pyramid's module and the heads are those of retinaface_pytorch with 64 channels.
"""

import torch
from torch import nn
from torch.nn import functional as F


def conv(inputs: int, outputs: int, kernel: int, stride: int, slope: float | None, groups: int = 1) -> list[nn.Module]:
    layers = [
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    return layers if slope is None else [*layers, nn.LeakyReLU(slope)]


def separable(inputs: int, outputs: int, stride: int, slope: float) -> nn.Sequential:
    return nn.Sequential(*conv(inputs, inputs, 3, stride, slope, inputs), *conv(inputs, outputs, 1, 1, slope))


class Body(nn.Module):
    def __init__(self, slope: float):
        super().__init__()
        first = nn.Sequential(*conv(3, 8, 3, 2, slope))
        rest = [(8, 16, 1), (16, 32, 2), (32, 32, 1), (32, 64, 2), (64, 64, 1)]
        self.stage1 = nn.Sequential(first, *[separable(*each, slope) for each in rest])
        self.stage2 = nn.Sequential(separable(64, 128, 2, slope), *[separable(128, 128, 1, slope) for _ in range(5)])
        self.stage3 = nn.Sequential(separable(128, 256, 2, slope), separable(256, 256, 1, slope))

    def forward(self, x):
        fine = self.stage1(x)
        middle = self.stage2(fine)
        return fine, middle, self.stage3(middle)


class Pyramid(nn.Module):
    def __init__(self, inputs: tuple, channels: int, slope: float):
        super().__init__()
        for index, each in enumerate(inputs, 1):
            setattr(self, f"output{index}", nn.Sequential(*conv(each, channels, 1, 1, slope)))
        self.merge1 = nn.Sequential(*conv(channels, channels, 3, 1, slope))
        self.merge2 = nn.Sequential(*conv(channels, channels, 3, 1, slope))

    def forward(self, features):
        fine, middle, coarse = self.output1(features[0]), self.output2(features[1]), self.output3(features[2])
        middle = self.merge2(middle + F.interpolate(coarse, size=middle.shape[2:], mode="nearest"))
        fine = self.merge1(fine + F.interpolate(middle, size=fine.shape[2:], mode="nearest"))
        return fine, middle, coarse


class Context(nn.Module):
    def __init__(self, channels: int, slope: float):
        super().__init__()
        quarter = channels // 4
        self.conv3X3 = nn.Sequential(*conv(channels, 2 * quarter, 3, 1, None))
        self.conv5X5_1 = nn.Sequential(*conv(channels, quarter, 3, 1, slope))
        self.conv5X5_2 = nn.Sequential(*conv(quarter, quarter, 3, 1, None))
        self.conv7X7_2 = nn.Sequential(*conv(quarter, quarter, 3, 1, slope))
        self.conv7x7_3 = nn.Sequential(*conv(quarter, quarter, 3, 1, None))

    def forward(self, x):
        shared = self.conv5X5_1(x)
        views = [self.conv3X3(x), self.conv5X5_2(shared), self.conv7x7_3(self.conv7X7_2(shared))]
        return F.relu(torch.cat(views, 1))


class Head(nn.Module):
    def __init__(self, channels: int, values: int):
        super().__init__()
        self.values = values
        self.conv1x1 = nn.Conv2d(channels, 2 * values, 1)

    def forward(self, x):
        return self.conv1x1(x).permute(0, 2, 3, 1).reshape(x.shape[0], -1, self.values)


class MobileNetRetinaFace(nn.Module):
    def __init__(self, slope: float):
        super().__init__()
        self.body = Body(slope)
        self.fpn = Pyramid((64, 128, 256), 64, slope)
        self.ssh1, self.ssh2, self.ssh3 = (Context(64, slope) for _ in range(3))
        self.BboxHead, self.ClassHead, self.LandmarkHead = (
            nn.ModuleList(Head(64, values) for _ in range(3)) for values in (4, 2, 10)
        )

    def forward(self, x):
        levels = [ssh(level) for ssh, level in zip((self.ssh1, self.ssh2, self.ssh3), self.fpn(self.body(x)))]
        heads = (self.BboxHead, self.ClassHead, self.LandmarkHead)
        return tuple(torch.cat([h(x) for h, x in zip(head, levels)], 1) for head in heads)
