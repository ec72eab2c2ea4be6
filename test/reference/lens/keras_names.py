"""Writes test/golden/lens/keras.json.gz: layer names of every network of keras.applications, and what its preprocess_input does to a picture."""

import gzip
import json
import os
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import keras  # noqa: E402
import numpy as np  # noqa: E402
from golden_io import GOLDEN, made_with  # noqa: E402
from keras.applications.imagenet_utils import preprocess_input  # noqa: E402

NETWORKS = {
    "resnet": "ResNet50 ResNet101", "resnet_v2": "ResNet50V2 ResNet101V2", "vgg16": "VGG16", "vgg19": "VGG19", "xception": "Xception",
    "mobilenet": "MobileNet", "mobilenet_v2": "MobileNetV2", "mobilenet_v3": "MobileNetV3Small MobileNetV3Large", "densenet": "DenseNet121 DenseNet201",
    "inception_v3": "InceptionV3", "inception_resnet_v2": "InceptionResNetV2", 
    "efficientnet": "EfficientNetB0 EfficientNetB3", "efficientnet_v2": "EfficientNetV2B0 EfficientNetV2S", "convnext": "ConvNeXtTiny",
}  # fmt: skip


def main() -> None:
    picture = np.arange(48, dtype=np.float32).reshape(1, 4, 4, 3) * 5
    modes = {mode: preprocess_input(picture.copy(), mode=mode) for mode in ("caffe", "tf", "torch")} | {"inside": picture}
    found = []
    for module, names in NETWORKS.items():
        package = getattr(keras.applications, module)
        prepared = package.preprocess_input(picture.copy())
        [mode] = [mode for mode, values in modes.items() if np.allclose(values, prepared, atol=1e-5)]
        for name in names.split():
            layers = [layer.name for layer in getattr(keras.applications, name)(weights=None).layers]
            found.append({"name": name, "mode": mode, "layers": layers})
    text = json.dumps({"madeWith": made_with("keras"), "networks": found}, separators=(",", ":"))
    (GOLDEN / "lens" / "keras.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(len(found), [(row["name"], row["mode"]) for row in found])


if __name__ == "__main__":
    main()
