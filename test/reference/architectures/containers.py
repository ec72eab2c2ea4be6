"""Saves a state dict as real files, and takes the tensors out of them again so that the rest can be committed."""

import gzip
import hashlib
import json
import pathlib
import struct

import numpy as np
import safetensors.torch
import torch

# (file name, how training scripts wrap the state dict, how it is written)
CONTAINERS = {
    "zip.pth": lambda state, path: torch.save({"model": prefixed(state, "net."), "epoch": 7}, path),
    "legacy.tar": lambda state, path: torch.save(
        {"state_dict": prefixed(state, "module."), "epoch": 7}, path, _use_new_zipfile_serialization=False
    ),
    "bare.safetensors": lambda state, path: safetensors.torch.save_file(state, path),
}


def prefixed(state: dict, prefix: str) -> dict:
    return {prefix + name: tensor for name, tensor in state.items()}


def write_container(kind: str, state: dict, path: pathlib.Path) -> None:
    CONTAINERS[kind](state, str(path))


def skeleton(path: pathlib.Path, state: dict) -> bytes:
    """
    The file without its tensors, gzipped: a little-endian uint32 length, that many bytes of JSON, the remaining bytes of
    the file. The JSON says how to put it together again: {"sha256", "parts": [length of literal bytes, tensor name, ...]}.
    """
    content = path.read_bytes()
    spots = []
    for name, tensor in state.items():
        payload = tensor.numpy().tobytes()
        if len(payload) < 16 or not np.any(np.frombuffer(payload, np.uint8)):
            continue
        start = content.find(payload)
        if start < 0:
            raise ValueError(f"{path}: the bytes of {name} are not in one piece")
        spots.append((start, len(payload), name))
    parts, literals, position = [], [], 0
    for start, length, name in sorted(spots):
        parts += [start - position, name]
        literals.append(content[position:start])
        position = start + length
    parts.append(len(content) - position)
    literals.append(content[position:])
    header = json.dumps({"sha256": hashlib.sha256(content).hexdigest(), "parts": parts}, separators=(",", ":")).encode()
    return gzip.compress(struct.pack("<I", len(header)) + header + b"".join(literals), 9, mtime=0)
