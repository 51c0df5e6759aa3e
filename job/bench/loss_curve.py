"""A pretraining in plain PyTorch from a folder that LossCurveTest writes: prints the loss of every step, one a line.

    python3 loss_curve.py FOLDER

Written from the paper (arXiv 2203.12602) and the published hyper-parameters alone, for PyTorch 1.13 or newer. The folder has
run.json (sizes, rates), weights.safetensors (Hugging Face's names), clips.bin (uint8 [clips, time, height, width, 3]),
drawn.bin (int32 [steps, batch], clips of each step) and hidden.bin (uint8 [steps, batch, tokens], 1 = hidden).
"""
import json
import math
import struct
import sys
from pathlib import Path

import torch
from torch.nn import functional as F

MEAN, STD = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
EPSILON = 1e-6


def safetensors(path):
    data = path.read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        start, end = (8 + length + at for at in entry["data_offsets"])
        values = torch.frombuffer(bytearray(data[start:end]), dtype=torch.float32)
        tensors[name] = values.view(entry["shape"]).clone().requires_grad_()
    return tensors


def integers(path, dtype, *shape):
    return torch.frombuffer(bytearray(path.read_bytes()), dtype=dtype).view(*shape).long()


def cut(clips, run):
    """[batch, time, height, width, 3] -> [batch, tokens, frames of a cube, rows, columns, 3]."""
    batch, time, height, width, _ = clips.shape
    t, p = run["tubelet"], run["patch"]
    cubes = clips.view(batch, time // t, t, height // p, p, width // p, p, 3).permute(0, 1, 3, 5, 2, 4, 6, 7)
    return cubes.reshape(batch, -1, t, p, p, 3)


def positions(tokens, dim):
    angles = [[n / 10000 ** (2 * (j // 2) / dim) for j in range(dim)] for n in range(tokens)]
    return torch.tensor([[math.cos(a) if j % 2 else math.sin(a) for j, a in enumerate(row)] for row in angles])


def norm(x, w, name):
    return F.layer_norm(x, x.shape[-1:], w[name + ".weight"], w[name + ".bias"], EPSILON)


def dense(x, w, name):
    return F.linear(x, w[name + ".weight"], w.get(name + ".bias"))


def block(x, w, name, heads):
    batch, tokens, dim = x.shape
    y, inner = norm(x, w, name + ".layernorm_before"), name + ".attention.attention."

    def project(part, bias):
        out = F.linear(y, w[inner + part + ".weight"], w.get(inner + bias))
        return out.view(batch, tokens, heads, dim // heads).transpose(1, 2)

    query, key, value = project("query", "q_bias"), project("key", "none"), project("value", "v_bias")
    weights = (query @ key.transpose(2, 3) / math.sqrt(dim // heads)).softmax(-1)
    x = x + dense((weights @ value).transpose(1, 2).reshape(batch, tokens, dim), w, name + ".attention.output.dense")
    hidden = F.gelu(dense(norm(x, w, name + ".layernorm_after"), w, name + ".intermediate.dense"))
    return x + dense(hidden, w, name + ".output.dense")


def loss(w, run, clips, hidden, tables):
    cubes = cut(clips, run).float() / 255
    batch, tokens = cubes.shape[:2]
    kernel = w["videomae.embeddings.patch_embeddings.projection.weight"]
    pixels = ((cubes - MEAN) / STD).permute(0, 1, 5, 2, 3, 4).reshape(batch, tokens, -1)
    x = F.linear(pixels, kernel.flatten(1), w["videomae.embeddings.patch_embeddings.projection.bias"]) + tables[0]
    x = x[hidden == 0].view(batch, -1, x.shape[2])
    for i in range(run["encoder"]["depth"]):
        x = block(x, w, f"videomae.encoder.layer.{i}", run["encoder"]["heads"])
    x = dense(norm(x, w, "videomae.layernorm"), w, "encoder_to_decoder")
    places = tables[1].expand(batch, -1, -1)
    seen = x + places[hidden == 0].view(batch, -1, x.shape[2])
    x = torch.cat([seen, w["mask_token"] + places[hidden == 1].view(batch, -1, x.shape[2])], 1)
    for i in range(run["decoder"]["depth"]):
        x = block(x, w, f"decoder.decoder_layers.{i}", run["decoder"]["heads"])
    predicted = dense(norm(x[:, seen.shape[1]:], w, "decoder.norm"), w, "decoder.head")
    target = cubes[hidden == 1].flatten(1, 3)  # [hidden cubes, values of a channel, 3]
    target = (target - target.mean(1, True)) / (target.std(1, keepdim=True) + EPSILON)
    return F.mse_loss(predicted.flatten(0, 1), target.flatten(1))


def rate(run, step):
    peak, floor, warmup, steps = run["peak"], run["floor"], run["warmup"], run["steps"]
    if step < warmup:
        return peak * step / (warmup - 1)
    return floor + (peak - floor) * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup))) / 2


def main(folder):
    run = json.loads((folder / "run.json").read_text())
    w = safetensors(folder / "weights.safetensors")
    clips = integers(folder / "clips.bin", torch.uint8, -1, run["frames"], run["height"], run["width"], 3)
    drawn = integers(folder / "drawn.bin", torch.int32, run["steps"], -1)
    hidden = integers(folder / "hidden.bin", torch.uint8, run["steps"], drawn.shape[1], -1)
    tables = [positions(hidden.shape[2], run[part]["dim"]) for part in ("encoder", "decoder")]
    free = [v for name, v in w.items() if v.ndim == 1 or name == "mask_token"]
    decayed = [v for name, v in w.items() if not (v.ndim == 1 or name == "mask_token")]
    groups = [{"params": decayed, "weight_decay": 0.05}, {"params": free, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=0, betas=(0.9, 0.95), eps=1e-8)
    for step in range(run["steps"]):
        for group in optimizer.param_groups:
            group["lr"] = rate(run, step)
        value = loss(w, run, clips[drawn[step]], hidden[step], tables)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        print(value.item())


torch.set_num_threads(1)
main(Path(sys.argv[1]))
