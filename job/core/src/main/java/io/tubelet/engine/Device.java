package io.tubelet.engine;

import java.io.Serializable;

/**
 * Where an engine computes.
 *
 * @param kind CPU or CUDA
 * @param index which card; 0 for the CPU; -1 only in {@link #TASKS_CARD}
 */
public record Device(Kind kind, int index) implements Serializable {
  /** Kinds of devices. */
  public enum Kind {
    /** The processor. */
    CPU,
    /** An NVIDIA card. */
    CUDA
  }

  /** The processor. */
  public static final Device CPU = new Device(Kind.CPU, 0);

  /**
   * The NVIDIA card that the cluster gives a task: known once the task runs, and then replaced by
   * it. No engine is opened on this.
   */
  public static final Device TASKS_CARD = new Device(Kind.CUDA, -1);

  /** The NVIDIA card of this index. */
  public static Device cuda(int index) {
    return new Device(Kind.CUDA, index);
  }

  @Override
  public String toString() {
    return kind == Kind.CPU ? "cpu" : index < 0 ? "cuda" : "cuda:" + index;
  }
}
