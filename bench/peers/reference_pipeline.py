"""What users would write instead: one image to a report folder with PyTorch hooks, one backward pass and OpenCV.

Reimplemented from the pipeline's formulas, to be as fast as it can be: one forward and one backward pass for all layers, OpenCV's
own color maps and PNG writer, no pixel loops.
"""

import json
import shutil
import tempfile
from pathlib import Path

import cv2
import numpy as np
import torch

import harness
import models
from heatmap import colored, bilinear, heat_of_map, heat_of_vector, levels, min_max, overlay, square_of
from network import reported_layers
from pipeline_golden import LANDMARKS, mask_of, to_bytes
from preprocess import crop_face, crop_rectangle, read_rgb, wavelet_blend

PACKAGES = ("torch", "efficientnet_pytorch", "retinaface_pytorch", "opencv-python-headless", "PyWavelets", "numpy")


class Pictures:
    """Writes PNG files below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def save(self, relative: str, rgb: np.ndarray) -> None:
        path = self.folder / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = rgb if rgb.ndim == 2 else rgb[:, :, ::-1]
        if not cv2.imwrite(str(path), pixels):
            raise OSError(f"cannot write {path}")


def hook_layers(model) -> tuple[dict, dict]:
    """Activations and gradients by layer name, filled on every forward and backward pass."""
    activations, gradients = {}, {}

    def remember(name):
        def hook(_module, _inputs, output):
            activations[name] = output.detach()
            output.register_hook(lambda gradient: gradients.__setitem__(name, gradient.detach()))

        return hook

    for name, module in reported_layers(model).items():
        module.register_forward_hook(remember(name))
    return activations, gradients


def layer_pictures(
    crop: np.ndarray, activation: torch.Tensor, gradient: torch.Tensor
) -> tuple[np.ndarray, np.ndarray, dict]:
    """activation.png, overlay.png and stats.json of one layer."""
    if activation.dim() == 4:
        weights = gradient.mean(dim=(2, 3), keepdim=True)
        raw = (weights * activation).sum(dim=1)[0].cpu().numpy()
        heat = heat_of_map(raw)["heat"]
        mean = activation[0].mean(dim=0).cpu().numpy()
    else:
        raw = (activation * gradient)[0].cpu().numpy()
        heat = heat_of_vector(raw)["heat"]
        mean = square_of(activation[0].cpu().numpy())
    shown = colored(levels(bilinear(min_max(mean), crop.shape[:2])), cv2.COLORMAP_VIRIDIS)
    stats = {
        "activation_shape": list(activation.shape),
        "gradient_shape": list(gradient.shape),
        "cam": {"min": float(raw.min()), "max": float(raw.max()), "mean": float(raw.mean()), "std": float(raw.std())},
    }
    return shown, overlay(crop, heat), stats


def make(options):
    """Loads both networks once; the returned run goes from image file to report folder."""
    models.use_threads(options)
    classifier = models.b5().to(options.device)
    if options.gradients == "needed":
        classifier.requires_grad_(False)
    detector = models.retinaface().to(options.device) if options.detector == "retinaface" else None
    activations, gradients = hook_layers(classifier)
    box = None if options.box == "detected" else harness.box_of(options)
    if box is None and detector is None:
        raise SystemExit("--box detected needs --detector retinaface")

    def run(steps: harness.Steps) -> torch.Tensor:
        folder = Path(tempfile.mkdtemp(prefix="reference-report-"))
        try:
            return report(steps, Pictures(folder))
        finally:
            shutil.rmtree(folder)

    def report(steps: harness.Steps, pictures: Pictures) -> torch.Tensor:
        with steps.time("read"):
            rgb = read_rgb(options.image)
        if detector is not None:
            from detect import detect

            with steps.time("detect"):
                faces = detect(detector, rgb)
                faces.sort(key=lambda face: -np.prod(face[0][2:] - face[0][:2]))
            steps.facts["faces"] = [box.tolist() for box, _ in faces]
        chosen = (box, LANDMARKS) if box is not None else (tuple(faces[0][0].tolist()), faces[0][1].tolist())
        with steps.time("preprocess"):
            crop = crop_face(rgb, chosen[0])
            blend = wavelet_blend(crop)
        with steps.time("explain"):
            tensor = torch.from_numpy(blend.tensor).to(options.device).requires_grad_(options.gradients == "needed")
            classifier.zero_grad()
            logits = classifier(tensor)[0]
            logits[options.target].backward()
            models.finish(options)
        with steps.time("pictures"):
            save_inputs(pictures, rgb, chosen, crop, blend)
            for name in reported_layers(classifier):
                shown, heat, stats = layer_pictures(crop, activations[name], gradients[name])
                pictures.save(f"steps/c_layers/{name}/image/activation.png", shown)
                pictures.save(f"steps/c_layers/{name}/heatmap/overlay.png", heat)
                (pictures.folder / f"steps/c_layers/{name}/stats.json").write_text(json.dumps(stats))
        with steps.time("text"):
            values = logits.detach().cpu()
            result = {"logits": values.tolist(), "probabilities": torch.softmax(values, 0).tolist()}
            (pictures.folder / "classifier.json").write_text(json.dumps(result))
            rows = [f"{name} | {tuple(activations[name].shape)}" for name in activations]
            (pictures.folder / "report.md").write_text("\n".join(["# Inference Report", *rows, json.dumps(result)]))
        return values

    def save_inputs(pictures: Pictures, rgb: np.ndarray, face, crop: np.ndarray, blend) -> None:
        box, landmarks = face
        marked = rgb.copy()
        x0, y0, x1, y1 = (int(v) for v in box)
        cv2.rectangle(marked, (x0, y0), (x1, y1), (0, 255, 0), 2)
        for x, y in landmarks:
            cv2.circle(marked, (int(x), int(y)), 2, (255, 0, 0), -1)
        pictures.save("steps/a_input/original.png", rgb)
        pictures.save("steps/a_input/retinaface_overlay.png", marked)
        pictures.save("steps/b_preprocess/cropped_face.png", crop)
        rectangle = crop_rectangle(box, rgb.shape[1], rgb.shape[0])
        pictures.save("steps/b_preprocess/mask.png", mask_of(landmarks, rectangle))
        planes = to_bytes(blend.blended)
        pictures.save("steps/b_preprocess/dwt_processed.png", planes.transpose(1, 2, 0))
        for plane, color in zip(to_bytes(blend.resized), ("red", "green", "blue")):
            pictures.save(f"steps/b_preprocess/dwt_{color}.png", plane)

    return run


if __name__ == "__main__":
    options = harness.parser(__doc__)
    options.add_argument("--detector", choices=("retinaface", "none"), default="retinaface")
    options.add_argument(
        "--gradients",
        choices=("all", "needed"),
        default="all",
        help="all: backward() fills the weights' gradients too, as in most scripts; needed: activations only",
    )
    harness.main("reference pipeline", PACKAGES, options.parse_args(), make)
