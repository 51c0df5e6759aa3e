package io.tubelet.engine;

import java.io.Serializable;

/**
 * Where and how an engine computes; changes speed and rounding, never the function.
 *
 * @param device the device
 * @param precision arithmetic of matrix products
 * @param threads processor threads it may use; 0, until the task runs: its cores
 * @param passes how a step uses memory
 */
public record Placement(Device device, Precision precision, int threads, Passes passes)
    implements Serializable {
  /** fp32 on one processor thread. */
  public static final Placement ONE_THREAD = new Placement(Device.CPU, Precision.FP32, 1);

  /** With steps in whole passes. */
  public Placement(Device device, Precision precision, int threads) {
    this(device, precision, threads, Passes.WHOLE);
  }

  /** The same in another precision. */
  public Placement in(Precision other) {
    return new Placement(device, other, threads, passes);
  }
}
