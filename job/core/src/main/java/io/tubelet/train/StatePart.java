package io.tubelet.train;

import java.io.Serializable;
import java.util.Locale;

/**
 * One value for every weight of the network: a part of a run's state.
 *
 * @param replica whose they are; {@link #SHARED} for all replicas
 */
public record StatePart(Kind kind, int replica) implements Serializable {
  public static final int SHARED = -1;

  public static final StatePart WEIGHTS = new StatePart(Kind.WEIGHTS, SHARED);
  public static final StatePart FIRST_MOMENT = new StatePart(Kind.FIRST_MOMENT, SHARED);
  public static final StatePart SECOND_MOMENT = new StatePart(Kind.SECOND_MOMENT, SHARED);
  public static final StatePart OUTER_MOMENTUM = new StatePart(Kind.OUTER_MOMENTUM, SHARED);

  public enum Kind {
    WEIGHTS,
    FIRST_MOMENT,
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
