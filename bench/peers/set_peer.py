"""A folder of pictures through a network, as PyTorch's DataLoader or FiftyOne's apply_model does it: verdicts only, printed as JSON.

    python bench/peers/set_peer.py --folder pictures --network resnet50 --runner loader
    python bench/peers/set_peer.py --folder pictures --network resnet50 --runner fiftyone     # needs requirements-fiftyone.txt

The caller measures this process and its children. To keep the start of FiftyOne's database out of the result, the same folder is
measured with few pictures and with many: the difference is what a picture costs.
"""

import argparse
import json
import os
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that wait sleep: in favor of PyTorch

import numpy as np
import torch

import harness  # noqa: F401  puts test/reference on the path
from classifiers import network

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def read_pillow(path: Path):
    from PIL import Image

    return Image.open(path).convert("RGB")


def imagenet_prepared(picture) -> torch.Tensor:
    from torchvision import transforms

    steps = (transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), transforms.Normalize(MEAN, STD))
    return transforms.Compose(steps)(picture)


def imagenet(path: Path) -> torch.Tensor:
    return imagenet_prepared(read_pillow(path))


def fsbi_prepared(picture: np.ndarray) -> torch.Tensor:
    """The whole picture, as --detector none takes it."""
    import cv2
    from preprocess import SIDE, wavelet_blend

    cv2.setNumThreads(1)  # workers of a loader are processes
    small = cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    return torch.from_numpy(np.ascontiguousarray(wavelet_blend(small).tensor[0]))


def fsbi(path: Path) -> torch.Tensor:
    from preprocess import read_rgb

    return fsbi_prepared(read_rgb(path))


class Pictures(torch.utils.data.Dataset):
    def __init__(self, paths: list[Path], prepare) -> None:
        self.paths, self.prepare = paths, prepare

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, at: int) -> torch.Tensor:
        return self.prepare(self.paths[at])


def with_loader(options: argparse.Namespace, paths: list[Path]) -> list[int]:
    if options.network == "b5":
        import models

        model, prepare = models.b5(), fsbi
    else:
        model, prepare = network("resnet50"), imagenet
    loader = torch.utils.data.DataLoader(Pictures(paths, prepare), batch_size=options.batch, num_workers=options.workers)
    with torch.inference_mode():
        return [int(label) for batch in loader for label in model(batch).argmax(dim=1)]


def with_fiftyone(options: argparse.Namespace, paths: list[Path]) -> list[str]:
    import fiftyone
    from fiftyone.utils.torch import TorchImageModel, TorchImageModelConfig

    fiftyone.config.show_progress_bars = False
    config = TorchImageModelConfig(
        {
            "entrypoint_fcn": network,
            "entrypoint_args": {"name": "resnet50"},
            "output_processor_cls": "fiftyone.utils.torch.ClassifierOutputProcessor",
            "labels_string": ",".join(str(index) for index in range(1000)),
            "image_min_dim": 224,
            "image_size": [224, 224],
            "image_mean": list(MEAN),
            "image_std": list(STD),
        }
    )
    dataset = fiftyone.Dataset()
    dataset.add_samples([fiftyone.Sample(filepath=str(path)) for path in paths])
    dataset.apply_model(
        TorchImageModel(config), label_field="verdict", batch_size=options.batch, num_workers=options.workers
    )
    labels = [verdict.label for verdict in dataset.values("verdict")]
    dataset.delete()
    return labels


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--network", choices=("b5", "resnet50"), default="resnet50")
    parser.add_argument("--runner", choices=("loader", "fiftyone"), default="loader")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    run = {"loader": with_loader, "fiftyone": with_fiftyone}[options.runner]
    verdicts = run(options, sorted(options.folder.iterdir()))
    print(json.dumps({"verdicts": verdicts}))
