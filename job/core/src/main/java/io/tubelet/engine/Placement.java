package io.tubelet.engine;

import java.io.Serializable;

/**
 * Where and how an engine computes; changes speed and rounding, never the function.
 *
 * @param precision arithmetic of matrix products
 * @param threads processor threads it may use; 0, until the task runs: its cores
 */
public record Placement(Device device, Precision precision, int threads, MicroBatches microBatches)
    implements Serializable {
  public static final Placement ONE_THREAD = new Placement(Device.CPU, Precision.FP32, 1);

  public Placement(Device device, Precision precision, int threads) {
    this(device, precision, threads, MicroBatches.WHOLE);
  }

  public Placement in(Precision other) {
    return new Placement(device, other, threads, microBatches);
  }

  /** The arithmetic of matrix products; weights, moments, losses and targets are fp32 always. */
  public enum Precision {
    /** {@link #BF16} where the device has instructions for it, else {@link #FP32}. */
    AUTO,
    FP32,
    /** fp32 storage, TF32 tensor cores where the card has them. */
    TF32,
    /** bfloat16 products with fp32 accumulation. */
    BF16
  }

  /**
   * How the passes of a step use memory; changes rounding, never the function.
   *
   * @param microBatch most clips of one forward and backward pass; a larger minibatch is several
   *     passes whose gradients add up to the same step. 0: as many as fit the device well
   * @param activationCheckpointing whether blocks forget their activations and compute them again
   *     in the backward pass: a third more arithmetic for a fraction of the memory (arXiv
   *     1604.06174)
   */
  public record MicroBatches(int microBatch, boolean activationCheckpointing)
      implements Serializable {
    /** As suits the engine, with all activations kept. */
    public static final MicroBatches WHOLE = new MicroBatches(0, false);
  }

  /** The processor, with index 0, or a card; -1 only in {@link #TASKS_CARD}. */
  public record Device(Kind kind, int index) implements Serializable {
    public enum Kind {
      CPU,
      CUDA
    }

    public static final Device CPU = new Device(Kind.CPU, 0);

    /** The card that the cluster gives a task, by which it is replaced before an engine opens. */
    public static final Device TASKS_CARD = new Device(Kind.CUDA, -1);

    public static Device cuda(int index) {
      return new Device(Kind.CUDA, index);
    }

    @Override
    public String toString() {
      return kind == Kind.CPU ? "cpu" : index < 0 ? "cuda" : "cuda:" + index;
    }
  }
}
