"""Computes a network from an exported folder and compares it with a golden file.

    python3 read_export.py EXPORT FIXTURE

Knows the safetensors format and VideoMAE's function from their publications alone; uses nothing but Python's own
library. Prints the largest absolute difference of the outputs.
"""
import json
import math
import struct
import sys
from operator import mul

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
EPSILON = 1e-6


def safetensors(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header, data = json.loads(file.read(length)), file.read()
    meta, tensors = header.pop("__metadata__", {}), {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        if entry["dtype"] == "U8":
            tensors[name] = list(data[start:end])
        else:
            code, size = {"F32": ("f", 4), "F64": ("d", 8)}[entry["dtype"]]
            tensors[name] = list(struct.unpack("<%d%s" % ((end - start) // size, code), data[start:end]))
    return meta, tensors


def dense(rows, weight, bias):
    width = len(rows[0])
    columns = [weight[i:i + width] for i in range(0, len(weight), width)]
    bias = bias or [0.0] * len(columns)
    return [[sum(map(mul, row, w)) + b for w, b in zip(columns, bias)] for row in rows]


def norm(rows, weight, bias):
    out = []
    for row in rows:
        mean = sum(row) / len(row)
        scale = 1 / math.sqrt(sum((x - mean) ** 2 for x in row) / len(row) + EPSILON)
        out.append([(x - mean) * scale * w + b for x, w, b in zip(row, weight, bias)])
    return out


def attention(query, key, value, heads):
    size = len(query[0]) // heads
    out = [[] for _ in query]
    for head in range(heads):
        part = slice(head * size, (head + 1) * size)
        keys, values = [k[part] for k in key], list(zip(*[v[part] for v in value]))
        for n, q in enumerate(query):
            q = [x * size ** -0.5 for x in q[part]]
            scores = [sum(map(mul, q, k)) for k in keys]
            top = max(scores)
            weights = [math.exp(s - top) for s in scores]
            total = sum(weights)
            out[n] += [sum(map(mul, weights, v)) / total for v in values]
    return out


def gelu(x):
    return 0.5 * x * (1 + math.erf(x / math.sqrt(2)))


def add(a, b):
    return [[x + y for x, y in zip(p, q)] for p, q in zip(a, b)]


def block(x, t, name, heads):
    def linear(rows, layer, bias=".bias"):
        return dense(rows, t[name + layer + ".weight"], t.get(name + layer + bias))

    y = norm(x, t[name + ".layernorm_before.weight"], t[name + ".layernorm_before.bias"])
    inner = ".attention.attention."
    query = dense(y, t[name + inner + "query.weight"], t[name + inner + "q_bias"])
    key = dense(y, t[name + inner + "key.weight"], None)
    value = dense(y, t[name + inner + "value.weight"], t[name + inner + "v_bias"])
    x = add(x, linear(attention(query, key, value, heads), ".attention.output.dense"))
    y = norm(x, t[name + ".layernorm_after.weight"], t[name + ".layernorm_after.bias"])
    hidden = [[gelu(v) for v in row] for row in linear(y, ".intermediate.dense")]
    return add(x, linear(hidden, ".output.dense"))


def positions(tokens, dim):
    angle = lambda n, j: n / 10000 ** (2 * (j // 2) / dim)
    return [[(math.cos if j % 2 else math.sin)(angle(n, j)) for j in range(dim)] for n in tokens]


def cubes(clip, c, tokens):
    """Rows of a Conv3d kernel's order: channel, frame, row, column."""
    time, patch, side = c["tubelet_size"], c["patch_size"], c["image_size"]
    grid, rows = side // patch, []
    for n in tokens:
        t, y, x = n // (grid * grid), n // grid % grid, n % grid
        rows.append([
            (clip[(((t * time + p0) * side + y * patch + p1) * side + x * patch + p2) * 3 + ch] / 255 - MEAN[ch]) / STD[ch]
            for ch in range(3) for p0 in range(time) for p1 in range(patch) for p2 in range(patch)])
    return rows


def encode(clip, c, t, tokens):
    name = "videomae.embeddings.patch_embeddings.projection"
    x = dense(cubes(clip, c, tokens), t[name + ".weight"], t[name + ".bias"])
    x = add(x, positions(tokens, c["hidden_size"]))
    for i in range(c["num_hidden_layers"]):
        x = block(x, t, "videomae.encoder.layer.%d" % i, c["num_attention_heads"])
    return x


def reconstruct(clip, c, t, hidden):
    seen = [n for n, h in enumerate(hidden) if not h]
    rest = [n for n, h in enumerate(hidden) if h]
    x = norm(encode(clip, c, t, seen), t["videomae.layernorm.weight"], t["videomae.layernorm.bias"])
    x = dense(x, t["encoder_to_decoder.weight"], None) + [t["mask_token"]] * len(rest)
    x = add(x, positions(seen + rest, c["decoder_hidden_size"]))
    for i in range(c["decoder_num_hidden_layers"]):
        x = block(x, t, "decoder.decoder_layers.%d" % i, c["decoder_num_attention_heads"])
    x = norm(x[len(seen):], t["decoder.norm.weight"], t["decoder.norm.bias"])
    return dense(x, t["decoder.head.weight"], t["decoder.head.bias"])


def classify(clip, c, t, tokens):
    x = encode(clip, c, t, range(tokens))
    mean = [sum(column) / len(x) for column in zip(*x)]
    pooled = norm([mean], t["fc_norm.weight"], t["fc_norm.bias"])
    return dense(pooled, t["classifier.weight"], t["classifier.bias"])


def main(export, fixture):
    with open(export + "/config.json") as file:
        c = json.load(file)
    _, t = safetensors(export + "/model.safetensors")
    _, golden = safetensors(fixture)
    pretraining = c["architectures"] == ["VideoMAEForPreTraining"]
    want = golden["step0.prediction" if pretraining else "logits"]
    size = c["num_frames"] * c["image_size"] ** 2 * 3
    tokens = c["num_frames"] // c["tubelet_size"] * (c["image_size"] // c["patch_size"]) ** 2
    got = []
    for i in range(len(golden["input.clip"]) // size):
        clip = golden["input.clip"][i * size:(i + 1) * size]
        if pretraining:
            rows = reconstruct(clip, c, t, golden["step0.mask"][i * tokens:(i + 1) * tokens])
        else:
            rows = classify(clip, c, t, tokens)
        got += [v for row in rows for v in row]
    assert len(got) == len(want), (len(got), len(want))
    print(max(abs(a - b) for a, b in zip(got, want)))


main(*sys.argv[1:])
