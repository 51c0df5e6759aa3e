package io.tubelet.train;

import java.io.Serializable;

/**
 * How replicas become one network again. Those that average gradients are equal: they have no
 * moments of their own and no outer step of Nesterov's.
 */
public record AveragingRule(Of of, OuterStep outer, Moments moments, Wire wire)
    implements Serializable {
  /** Weights and moments are averaged, and that is all. */
  public static final AveragingRule PLAIN =
      new AveragingRule(Of.PARAMETERS, new OuterStep.Average(), Moments.AVERAGED, Wire.FP32);

  public enum Of {
    /** Every step's gradients, before the update: synchronous data parallelism, as published. */
    GRADIENTS,
    /** Weights, after some steps: local SGD. */
    PARAMETERS
  }

  /**
   * What gradients are between replicas; weights are always fp32. In bf16 each replica's is rounded
   * to the nearest (to even at a tie), and so is the mean; sums are in double all the same.
   */
  public enum Wire {
    FP32,
    BF16;

    /** Bytes of a value. */
    public int bytes() {
      return this == FP32 ? Float.BYTES : Short.BYTES;
    }
  }

  /** What becomes of the moments of AdamW at the end of a round. */
  public enum Moments {
    /** All replicas continue with the mean. */
    AVERAGED,
    /**
     * Each replica continues with its own, as in arXiv 2311.08105. They are part of the run's
     * state, so that a round is a function of it alone, wherever its replicas are computed.
     */
    LOCAL
  }
}
