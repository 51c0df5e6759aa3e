/**
 * Weights at rest: the safetensors format, and other people's names for our tensors (Hugging Face's
 * files and the official checkpoints). No file access. Read {@link io.tubelet.weights.Safetensors}
 * first; the layout of its bytes is there. May use {@code clip}, {@code model} and Jackson (the
 * cluster's own version).
 */
package io.tubelet.weights;
