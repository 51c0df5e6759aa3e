package io.tubelet.engine;

/** The arithmetic of matrix products; weights, moments, losses and targets are fp32 always. */
public enum Precision {
  /** {@link #BF16} where the device has instructions for it, else {@link #FP32}. */
  AUTO,
  /** IEEE single precision. */
  FP32,
  /** fp32 storage, TF32 tensor cores where the card has them. */
  TF32,
  /** bfloat16 products with fp32 accumulation. */
  BF16
}
