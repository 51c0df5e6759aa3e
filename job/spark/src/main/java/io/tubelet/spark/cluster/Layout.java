package io.tubelet.spark.cluster;

/** How decoding and training share the machines of a cluster. */
public enum Layout {
  /**
   * The same executors decode, with all their cores, and train, with one GPU a task; slots are cut
   * by task-level profiles. Excludes dynamic allocation.
   */
  ONE_FLEET,
  /**
   * Executors without GPUs decode; executors with GPUs come for training and go again. Needs
   * dynamic allocation.
   */
  TWO_FLEETS,
  /** One application decodes, another one trains; each has the executors that it asks Spark for. */
  TWO_APPLICATIONS
}
