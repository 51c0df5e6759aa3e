package io.tubelet.report;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** All that a report tells about a run. A part that a run has not come to yet is absent. */
public record RunReport(Cover cover, List<Part> parts) {

  /** What the run is, and how to run it again; {@code when} in UTC. Blank texts are omitted. */
  public record Cover(
      String title,
      Instant when,
      String summary,
      String command,
      List<Fact> environment,
      List<Fact> cost) {

    /** Whether there is anything on how it was run. */
    public boolean reproducible() {
      return !command.isBlank() || !environment.isEmpty() || !cost.isEmpty();
    }
  }

  public record Fact(String name, String value) {}

  /** A report with a cover only, to be completed by {@link #with}. */
  public static RunReport of(Cover cover) {
    return new RunReport(cover, List.of());
  }

  public RunReport with(Part part) {
    return new RunReport(cover, Stream.concat(parts.stream(), Stream.of(part)).toList());
  }

  public RunReport ledBy(Part part) {
    return new RunReport(cover, Stream.concat(Stream.of(part), parts.stream()).toList());
  }

  /** The first part of a kind, if the run has come to it. */
  public <P extends Part> Optional<P> part(Class<P> kind) {
    return parts.stream().filter(kind::isInstance).map(kind::cast).findFirst();
  }
}
