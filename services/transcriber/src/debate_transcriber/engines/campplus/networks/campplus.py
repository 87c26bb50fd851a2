"""CAM++ (Wang et al., 2023, arXiv:2303.00332): frames of a recording, and a voice from frames.

The network of 3D-Speaker (Apache-2.0) in two halves, so that a frame is computed once however many
voices it is looked at for: `frames`, and `vectors` from their mean and deviation over whatever
frames a voice is heard in. Normalisations are folded into the convolutions before them.
"""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn.functional import avg_pool1d, conv1d, conv2d

BLOCKS = ((12, 1), (24, 2), (16, 2))  # layers and dilation of the dense blocks
STRIDE = 2  # features of 10 ms to a frame of 20 ms
SEGMENT = 100  # frames that a layer's context is averaged over, beside all of them
WIDTH, SIZE = 512, 192  # numbers of a frame, of a vector
EPSILON = 1e-5

Weights = Mapping[str, Tensor]


class CamPlusPlus:
    """The network over its weights, on the device that they are on."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.folded: dict[str, tuple[Tensor, Tensor]] = {}

    def frames(self, features: Tensor) -> Tensor:
        """[rows, features, 80], each row's mean taken off, to [rows, frames, 512]."""
        x = self._read_spectrum(features)
        weight, bias = self._folded("xvector.tdnn.linear", "xvector.tdnn.nonlinear.batchnorm")
        x = conv1d(x, weight, bias, stride=STRIDE, padding=2).relu_()
        for block, (layers, dilation) in enumerate(BLOCKS, 1):
            for layer in range(1, layers + 1):
                more = self._dense(x, f"xvector.block{block}.tdnnd{layer}", dilation)
                x = torch.cat([x, more], 1)
            x = self._normalised(x, f"xvector.transit{block}.nonlinear.batchnorm")
            x = conv1d(x, self.weights[f"xvector.transit{block}.linear.weight"])
        return self._normalised(x, "xvector.out_nonlinear.batchnorm").transpose(1, 2)

    def vectors(self, means: Tensor, deviations: Tensor) -> Tensor:
        """Mean and deviation of a voice's frames, [rows, 512] each, to [rows, 192]."""
        weight, bias = self._folded("xvector.dense.linear", "xvector.dense.nonlinear.batchnorm")
        return conv1d(torch.cat([means, deviations], 1)[..., None], weight, bias)[..., 0]

    def _read_spectrum(self, features: Tensor) -> Tensor:
        """Two-dimensional layers: [rows, features, 80] to [rows, channels, features]."""
        x = features.transpose(1, 2)[:, None].contiguous(memory_format=torch.channels_last)
        x = conv2d(x, *self._folded("head.conv1", "head.bn1"), padding=1).relu_()
        for layer in (1, 2):
            for i, stride in ((0, 2), (1, 1)):
                x = self._residual(x, f"head.layer{layer}.{i}", stride)
        weight, bias = self._folded("head.conv2", "head.bn2")
        x = conv2d(x, weight, bias, stride=(2, 1), padding=1).relu_()
        return x.contiguous().flatten(1, 2)

    def _residual(self, x: Tensor, name: str, stride: int) -> Tensor:
        weight, bias = self._folded(f"{name}.conv1", f"{name}.bn1")
        y = conv2d(x, weight, bias, stride=(stride, 1), padding=1).relu_()
        y = conv2d(y, *self._folded(f"{name}.conv2", f"{name}.bn2"), padding=1)
        if stride > 1:
            weight, bias = self._folded(f"{name}.shortcut.0", f"{name}.shortcut.1")
            x = conv2d(x, weight, bias, stride=(stride, 1))
        return y.add_(x).relu_()

    def _dense(self, x: Tensor, name: str, dilation: int) -> Tensor:
        """A layer whose output is weighed by the context: all frames, and those of its segment."""
        x = self._normalised(x, f"{name}.nonlinear1.batchnorm")
        x = conv1d(x, *self._folded(f"{name}.linear1", f"{name}.nonlinear2.batchnorm")).relu_()
        local = self.weights[f"{name}.cam_layer.linear_local.weight"]
        segments = avg_pool1d(x, SEGMENT, SEGMENT, ceil_mode=True)
        context = x.mean(-1, keepdim=True) + segments
        context = self._plain(context, f"{name}.cam_layer.linear1").relu_()
        gate = self._plain(context, f"{name}.cam_layer.linear2").sigmoid_()
        gate = gate.repeat_interleave(SEGMENT, -1)[..., : x.shape[-1]]
        return conv1d(x, local, padding=dilation, dilation=dilation) * gate

    def _plain(self, x: Tensor, name: str) -> Tensor:
        return conv1d(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def _normalised(self, x: Tensor, norm: str) -> Tensor:
        if norm not in self.folded:
            gain, shift = self._gain_and_shift(norm)
            self.folded[norm] = gain[:, None], shift[:, None]
        gain, shift = self.folded[norm]
        return torch.addcmul(shift, x, gain).relu_()

    def _folded(self, convolution: str, norm: str) -> tuple[Tensor, Tensor]:
        """Weight and bias of a convolution and the normalisation after it, as one convolution."""
        if convolution not in self.folded:
            gain, shift = self._gain_and_shift(norm)
            weight = self.weights[f"{convolution}.weight"]
            weight = weight * gain.reshape(-1, *[1] * (weight.ndim - 1))
            if weight.ndim == 4:
                weight = weight.contiguous(memory_format=torch.channels_last)
            self.folded[convolution] = weight, shift
        return self.folded[convolution]

    def _gain_and_shift(self, norm: str) -> tuple[Tensor, Tensor]:
        mean = self.weights[f"{norm}.running_mean"]
        deviation = (self.weights[f"{norm}.running_var"] + EPSILON).sqrt()
        gain = self.weights.get(f"{norm}.weight", torch.ones_like(mean)) / deviation
        return gain, self.weights.get(f"{norm}.bias", torch.zeros_like(mean)) - mean * gain
