package io.tubelet.train;

import io.tubelet.model.ParameterLayout;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;

/** A run's state, tensor by tensor: nobody who reads it needs all of it in memory. */
public interface StateView {
  /** Steps taken; the next step has this index. */
  long step();

  ParameterLayout layout();

  /** What the state consists of; the weights first. */
  List<StatePart> parts();

  /** The values of the i-th tensor of a part. Not to be written to. */
  float[] tensor(StatePart part, int index);

  /** Makes a state from its tensors as they are read. */
  interface StateBuilder<T> {
    /**
     * Takes the i-th tensor of a part. The array is the builder's from now on.
     *
     * @throws IllegalArgumentException if the builder depends on an order and this is not the next
     */
    void add(StatePart part, int index, float[] values);

    T build(long step);

    /** Gives up what was added. */
    default void discard() {}
  }

  /**
   * One value for every weight of the network: a part of a run's state.
   *
   * @param replica whose they are; {@link #SHARED} for all replicas
   */
  record StatePart(Kind kind, int replica) implements Serializable {
    public static final int SHARED = -1;

    public static final StatePart WEIGHTS = new StatePart(Kind.WEIGHTS, SHARED);

    public static final StatePart FIRST_MOMENT = new StatePart(Kind.FIRST_MOMENT, SHARED);

    public static final StatePart SECOND_MOMENT = new StatePart(Kind.SECOND_MOMENT, SHARED);

    public static final StatePart OUTER_MOMENTUM = new StatePart(Kind.OUTER_MOMENTUM, SHARED);

    public enum Kind {
      WEIGHTS,
      /** AdamW's running mean of gradients. */
      FIRST_MOMENT,
      /** AdamW's running mean of squared gradients. */
      SECOND_MOMENT,
      /** v of {@link OuterStep}. */
      OUTER_MOMENTUM
    }

    /** The prefix of a tensor's name in a file, e.g. {@code replica.3.first_moment.}. */
    public String prefix() {
      String what = kind == Kind.WEIGHTS ? "" : kind.name().toLowerCase(Locale.ROOT) + ".";
      return replica == SHARED ? what : "replica." + replica + "." + what;
    }
  }
}
