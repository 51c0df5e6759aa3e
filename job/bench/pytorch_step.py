"""The same training step in PyTorch: Hugging Face's VideoMAEForPreTraining, bf16 autocast, torch.compile.

Prints one JSON object with the keys of the verb bench: clips_per_second, step_gflops, gemm_gflops (the product of the
step's precision, as wide as bench's), step_to_gemm, and peak_bytes of the device.
"""
import argparse
import json
import time

import torch
from transformers import VideoMAEConfig, VideoMAEForPreTraining

# width, depth, heads of encoder and decoder, as io.tubelet.model.ModelSize has them
SIZES = {
    "s": ((384, 12, 6), (192, 4, 3)),
    "b": ((768, 12, 12), (384, 4, 6)),
    "l": ((1024, 24, 16), (512, 12, 8)),
    "h": ((1280, 32, 16), (640, 12, 8)),
}
FRAMES, SIDE, TUBELET, PATCH = 16, 224, 2, 16
TOKENS, VALUES = FRAMES // TUBELET * (SIDE // PATCH) ** 2, TUBELET * PATCH * PATCH * 3
HIDDEN_OF_FRAME = int(0.9 * (SIDE // PATCH) ** 2)
VISIBLE = FRAMES // TUBELET * ((SIDE // PATCH) ** 2 - HIDDEN_OF_FRAME)


def network(size):
    (dim, depth, heads), (decoder_dim, decoder_depth, decoder_heads) = SIZES[size]
    return VideoMAEForPreTraining(
        VideoMAEConfig(
            image_size=SIDE, patch_size=PATCH, num_frames=FRAMES, tubelet_size=TUBELET,
            hidden_size=dim, num_hidden_layers=depth, num_attention_heads=heads, intermediate_size=4 * dim,
            decoder_hidden_size=decoder_dim, decoder_num_hidden_layers=decoder_depth,
            decoder_num_attention_heads=decoder_heads, decoder_intermediate_size=4 * decoder_dim,
            layer_norm_eps=1e-6, norm_pix_loss=True, attn_implementation="sdpa"))


def gflops_of_clip(size):
    """By the papers' count, as io.tubelet.bench.Yardstick: 69.2 for s, 212.6 for b."""
    def blocks(dim, depth, tokens):
        return depth * (tokens * dim * 12 * dim + 2 * tokens * tokens * dim)

    (dim, depth, _), (decoder_dim, decoder_depth, _) = SIZES[size]
    products = (TOKENS * VALUES * dim + blocks(dim, depth, VISIBLE) + VISIBLE * dim * decoder_dim
                + blocks(decoder_dim, decoder_depth, TOKENS) + (TOKENS - VISIBLE) * decoder_dim * VALUES)
    return 6e-9 * products


def mask(batch, device):
    """The same places of every frame are hidden (1): [batch, tokens]."""
    places = torch.rand(batch, (SIDE // PATCH) ** 2, device=device).argsort(1) < HIDDEN_OF_FRAME
    return places.repeat(1, FRAMES // TUBELET)


def wait(device):
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def seconds(body, device, rounds):
    best = float("inf")
    for _ in range(rounds):
        wait(device)
        start = time.perf_counter()
        body()
        wait(device)
        best = min(best, time.perf_counter() - start)
    return best


def gemm_gflops(device, dtype, rounds):
    side = 8192 if device.type == "cuda" else 2048
    a, b = (torch.rand(side, side, device=device).to(dtype) for _ in range(2))
    out = a @ b
    return 2e-9 * side**3 / seconds(lambda: torch.mm(a, b, out=out), device, rounds)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=SIZES, default="b")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="bf16")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--eager", action="store_true", help="without torch.compile")
    options = parser.parse_args()

    device = torch.device(options.device)
    dtype = {"fp32": torch.float32, "bf16": torch.bfloat16}[options.precision]
    torch.manual_seed(1)
    model = network(options.size).to(device).train()
    step_of = model if options.eager else torch.compile(model)
    optimizer = torch.optim.AdamW(model.parameters(), 1e-4, (0.9, 0.95), weight_decay=0.05, fused=True)
    clips = torch.randint(0, 256, (options.batch, FRAMES, 3, SIDE, SIDE), dtype=torch.uint8).to(device)
    mean = torch.tensor([0.485, 0.456, 0.406], device=device).view(3, 1, 1)
    std = torch.tensor([0.229, 0.224, 0.225], device=device).view(3, 1, 1)
    hidden = mask(options.batch, device)

    def step():
        optimizer.zero_grad(set_to_none=True)
        pixels = (clips.float() / 255 - mean) / std  # bench's engine starts from bytes too
        with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
            loss = step_of(pixels, bool_masked_pos=hidden).loss
        loss.backward()
        optimizer.step()
        return loss.item()

    for _ in range(3):
        step()
    rate = options.batch / seconds(step, device, options.rounds)
    gemm = gemm_gflops(device, dtype, options.rounds)
    gflops = gflops_of_clip(options.size) * rate
    print(json.dumps({
        "kind": "steps", "engine": "pytorch " + torch.__version__, "device": str(device),
        "precision": options.precision.upper(), "model": options.size + " pretraining", "batch": options.batch,
        "compiled": not options.eager, "gemm_gflops": gemm, "step_gflops": gflops, "step_to_gemm": gflops / gemm,
        "clips_per_second": rate,
        "peak_bytes": torch.cuda.max_memory_allocated(device) if device.type == "cuda" else None}))


if __name__ == "__main__":
    main()
