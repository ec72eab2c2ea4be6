"""RetinaFace as the reference runs it: full-size image, priors, decode, threshold 0.7, NMS 0.4 (pipeline facts, B)."""

import numpy as np
import torch
from retinaface.box_utils import decode, decode_landm
from retinaface.prior_box import priorbox
from torch import nn
from torchvision.ops import nms

MEAN = np.array([0.485, 0.456, 0.406], np.float32)
STD = np.array([0.229, 0.224, 0.225], np.float32)
VARIANCES = [0.1, 0.2]
THRESHOLD = 0.7


def detector_input(rgb: np.ndarray) -> torch.Tensor:
    """(1, 3, height, width), normalized as for ImageNet."""
    return torch.from_numpy(((rgb.astype(np.float32) / 255 - MEAN) / STD).transpose(2, 0, 1))[None]


def detect(model: nn.Module, rgb: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Boxes (4,) and landmarks (5, 2) in pixels, best score first."""
    height, width = rgb.shape[:2]
    device = next(model.parameters()).device
    tensor = detector_input(rgb).to(device)
    with torch.inference_mode():
        locations, classes, landmarks = model(tensor)
        priors = priorbox([[16, 32], [64, 128], [256, 512]], [8, 16, 32], False, (height, width)).to(device)
        scores = torch.softmax(classes, -1)[0, :, 1]
        boxes = decode(locations[0], priors, VARIANCES) * torch.tensor([width, height] * 2, device=device)
        points = decode_landm(landmarks[0], priors, VARIANCES) * torch.tensor([width, height] * 5, device=device)
        kept = torch.where(scores > THRESHOLD)[0]
        kept = kept[nms(boxes[kept], scores[kept], 0.4)]
    return [
        (box, spots.reshape(5, 2)) for box, spots in zip(boxes[kept].cpu().numpy().round(2), points[kept].cpu().numpy().round(2))
    ]
