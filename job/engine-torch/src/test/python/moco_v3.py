"""Writes moco-v3.safetensors: loss and gradients of one step of MoCo v3 (arXiv 2104.02057), by PyTorch's own modules and autograd
in fp64, independent of this job's code. Needs PyTorch alone:

    python3 src/test/python/moco_v3.py src/test/resources/moco-v3.safetensors
"""
import copy
import json
import math
import struct
import sys

import torch
from torch import nn

FRAMES, HEIGHT, WIDTH, TUBELET, PATCH = 4, 8, 12, 2, 4
DIM, DEPTH, HEADS, MLP, HIDDEN, OUT = 12, 2, 3, 24, 10, 6
CLIPS, TEMPERATURE = 4, 0.2
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(DIM, eps=1e-6), nn.LayerNorm(DIM, eps=1e-6)
        self.attention = nn.MultiheadAttention(DIM, HEADS, batch_first=True)
        self.mlp = nn.Sequential(nn.Linear(DIM, MLP), nn.GELU(), nn.Linear(MLP, DIM))

    def forward(self, x):
        y = self.norm1(x)
        x = x + self.attention(y, y, y, need_weights=False)[0]
        return x + self.mlp(self.norm2(x))


def mlp(*widths):
    layers = []
    for i in range(len(widths) - 1):
        last = i == len(widths) - 2
        layers += [nn.Linear(widths[i], widths[i + 1], bias=False), nn.BatchNorm1d(widths[i + 1], affine=not last)]
        layers += [] if last else [nn.ReLU()]
    return nn.Sequential(*layers)


def sinusoid(tokens):
    place = torch.arange(tokens, dtype=torch.float64)[:, None]
    rate = torch.exp(-math.log(10000.0) * torch.arange(0, DIM, 2, dtype=torch.float64) / DIM)
    table = torch.zeros(tokens, DIM, dtype=torch.float64)
    table[:, 0::2], table[:, 1::2] = torch.sin(place * rate), torch.cos(place * rate)
    return table


class Base(nn.Module):
    """Encoder, mean over tokens and projector."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv3d(3, DIM, (TUBELET, PATCH, PATCH), (TUBELET, PATCH, PATCH))
        self.blocks = nn.Sequential(*(Block() for _ in range(DEPTH)))
        self.norm = nn.LayerNorm(DIM, eps=1e-6)
        self.projector = mlp(DIM, HIDDEN, HIDDEN, OUT)

    def forward(self, clips):
        pixels = (clips.double() / 255 - torch.tensor(MEAN).double()) / torch.tensor(STD).double()
        tokens = self.patches(pixels.permute(0, 4, 1, 2, 3)).flatten(2).transpose(1, 2)
        return self.projector(self.norm(self.blocks(tokens + sinusoid(tokens.shape[1]))).mean(1))


def contrast(q, k):
    q, k = nn.functional.normalize(q, dim=1), nn.functional.normalize(k, dim=1)
    return nn.functional.cross_entropy(q @ k.T / TEMPERATURE, torch.arange(len(q))) * 2 * TEMPERATURE


def named(base, values):
    """Hugging Face's names, and for projector and predictor the published code's, of the tensors `values` finds in modules."""
    patches = "videomae.embeddings.patch_embeddings.projection."
    pairs = {patches + "weight": values(base.patches.weight), patches + "bias": values(base.patches.bias)}
    for i, block in enumerate(base.blocks):
        name = f"videomae.encoder.layer.{i}."
        weights, biases = values(block.attention.in_proj_weight).chunk(3), values(block.attention.in_proj_bias).chunk(3)
        for part, weight in zip(("query", "key", "value"), weights):
            pairs[f"{name}attention.attention.{part}.weight"] = weight
        pairs[name + "attention.attention.q_bias"], pairs[name + "attention.attention.v_bias"] = biases[0], biases[2]
        modules = {"layernorm_before": block.norm1, "layernorm_after": block.norm2, "intermediate.dense": block.mlp[0],
                   "attention.output.dense": block.attention.out_proj, "output.dense": block.mlp[2]}
        for part, module in modules.items():
            pairs.update({f"{name}{part}.{k}": values(p) for k, p in module.named_parameters()})
    pairs.update({"videomae.layernorm." + k: values(p) for k, p in base.norm.named_parameters()})
    pairs.update({"projector." + k: values(p) for k, p in base.projector.named_parameters()})
    return pairs


def write(path, tensors):
    kinds = {torch.float32: "F32", torch.float64: "F64", torch.uint8: "U8"}
    header, data = {}, b""
    for name, tensor in tensors.items():
        raw = tensor.contiguous().numpy().tobytes()
        header[name] = {"dtype": kinds[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def main():
    torch.manual_seed(3)
    base, predictor = Base(), mlp(OUT, HIDDEN, OUT)
    for module in (base, predictor):
        for parameter in module.parameters():
            parameter.data += 0.2 * torch.randn_like(parameter)
    for block in base.blocks:
        block.attention.in_proj_bias.data[DIM : 2 * DIM] = 0  # keys have none
    momentum = copy.deepcopy(base)
    for parameter in momentum.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    for block in momentum.blocks:
        block.attention.in_proj_bias.data[DIM : 2 * DIM] = 0
    base, predictor, momentum = base.double(), predictor.double(), momentum.double()
    clips = torch.randint(0, 256, (2 * CLIPS, FRAMES, HEIGHT, WIDTH, 3), dtype=torch.uint8)
    x1, x2 = clips[0::2], clips[1::2]
    q1, q2 = predictor(base(x1)), predictor(base(x2))
    with torch.no_grad():
        k1, k2 = momentum(x1), momentum(x2)
    loss = contrast(q1, k2) + contrast(q2, k1)
    loss.backward()
    value, gradient = lambda p: p.detach().float(), lambda p: p.grad.float()
    tensors = {"clips": clips, "loss": loss.detach().view(1)}
    tensors.update({"weight." + k: v for k, v in named(base, value).items()})
    tensors.update({"weight.predictor." + k: value(p) for k, p in predictor.named_parameters()})
    tensors.update({"weight.momentum." + k: v for k, v in named(momentum, value).items()})
    tensors.update({"gradient." + k: v for k, v in named(base, gradient).items()})
    tensors.update({"gradient.predictor." + k: gradient(p) for k, p in predictor.named_parameters()})
    write(sys.argv[1], tensors)
    print(f"loss {loss.item():.6f}")


main()
