#!/usr/bin/env python3
"""A PyTorch checkpoint (.pth) as a safetensors file that `tubelet import` reads.

    python3 pth_to_safetensors.py checkpoint.pth model.safetensors

Needs PyTorch only. Names and values stay as they are (16-bit floats become float32). Official checkpoints keep
their tensors under "model" or "module"; whatever else is in the file (optimiser, arguments) is left out. Only
tensors are unpickled where PyTorch is new enough to promise that (1.13): others may run code from the file.
"""
import json
import struct
import sys

import torch


def tensors(path):
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        sys.exit(f"{path}: {error}\nIf you trust the file, load and save its 'model' with torch.save first.")
    for key in ("model", "module", "state_dict"):
        if isinstance(content.get(key), dict):
            content = content[key]
            break
    return {name: value for name, value in content.items() if torch.is_tensor(value)}


def write(path, state):
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for name, value in state.items():
        size = 4 * value.numel()
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for value in state.values():
            out.write(value.to(torch.float32).contiguous().numpy().tobytes())


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    state = tensors(sys.argv[1])
    write(sys.argv[2], state)
    print(f"{sys.argv[2]}: {len(state)} tensors, {sum(v.numel() for v in state.values()):,} values")
