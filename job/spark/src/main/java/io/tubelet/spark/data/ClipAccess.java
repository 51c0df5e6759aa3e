package io.tubelet.spark.data;

import io.tubelet.clip.Frames;
import java.io.Serializable;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Clips as tasks of a training read them: from a store, or from the videos themselves. Small to
 * ship with every task.
 */
public interface ClipAccess extends Serializable {

  /** The row behind a sample index. */
  ClipRow clip(int index);

  /** A reader for one thread of a task. */
  Clips open();

  /** Reads clips. Used by one thread at a time; must be closed. */
  @FunctionalInterface
  interface Clips extends AutoCloseable {

    /**
     * The frames of a clip at the stored size, the same whenever it is asked for in this epoch.
     * They are lent: the next reading may overwrite them.
     *
     * @param refused takes the reason where there are none
     * @throws io.tubelet.spark.files.Failure.StateException if a store is damaged
     */
    Optional<Frames> read(ClipRow clip, long epoch, Consumer<Quarantined> refused);

    @Override
    default void close() {}
  }
}
