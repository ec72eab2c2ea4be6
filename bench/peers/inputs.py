"""The network's input from the image and box of the options; without PyTorch, so that the onnxruntime floor does not load it."""

import argparse

import numpy as np

import harness
from preprocess import crop_face, read_rgb, wavelet_blend


def network_input(options: argparse.Namespace) -> np.ndarray:
    """(1, 3, 380, 380) float32."""
    return wavelet_blend(crop_face(read_rgb(options.image), harness.box_of(options))).tensor
