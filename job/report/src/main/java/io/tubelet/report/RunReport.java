package io.tubelet.report;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All that a report tells about a run. A part that a run has not come to yet is absent.
 *
 * @param cover what the run is
 * @param parts in the order to show them, each kind at most once
 */
public record RunReport(Cover cover, List<Part> parts) {

  /** Copies the list. */
  public RunReport {
    parts = List.copyOf(parts);
  }

  /** A report with a cover only, to be completed by {@link #with}. */
  public static RunReport of(Cover cover) {
    return new RunReport(cover, List.of());
  }

  /** This report and one more part behind the others. */
  public RunReport with(Part part) {
    return new RunReport(cover, Stream.concat(parts.stream(), Stream.of(part)).toList());
  }

  /** This report with a part before the others. */
  public RunReport ledBy(Part part) {
    return new RunReport(cover, Stream.concat(Stream.of(part), parts.stream()).toList());
  }

  /** The part of a kind, if the run has come to it. */
  public <P extends Part> Optional<P> part(Class<P> kind) {
    return parts.stream().filter(kind::isInstance).map(kind::cast).findFirst();
  }
}
