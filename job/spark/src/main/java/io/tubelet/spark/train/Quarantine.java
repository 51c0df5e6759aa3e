package io.tubelet.spark.train;

import io.tubelet.spark.data.Quarantined;
import io.tubelet.spark.files.Failure.BudgetException;
import io.tubelet.spark.files.Failure.StateException;
import io.tubelet.spark.files.Json;
import java.io.IOException;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * {@code quarantine.json}, next to the events of a training that reads videos: those that gave
 * nothing. Such a video is skipped in every epoch, and counts once.
 *
 * @param videos asked for
 * @param budget share of them, 0 to 1, that may give nothing
 * @param sources those that gave nothing so far
 */
public record Quarantine(int videos, double budget, List<Quarantined> sources)
    implements Serializable {
  /** Of a training that reads a store, where nothing can be missing. */
  public static final Quarantine NONE = new Quarantine(0, 1, List.of());

  public Quarantine {
    sources = List.copyOf(sources);
  }

  private static String file(String training) {
    return training + "/quarantine.json";
  }

  /** What a training has written; empty if it reads a store. */
  public static Optional<Quarantine> read(RunFolder folder, String training) {
    return Json.read(folder.hadoop(), folder.file(file(training)), Quarantine.class);
  }

  void write(RunFolder folder, String training) throws IOException {
    if (videos > 0) {
      Json.write(folder.hadoop(), folder.file(file(training)), this);
    }
  }

  Quarantine and(List<Quarantined> more) {
    Map<String, Quarantined> distinct = new LinkedHashMap<>();
    Stream.concat(sources.stream(), more.stream())
        .forEach(source -> distinct.putIfAbsent(source.source(), source));
    return new Quarantine(videos, budget, List.copyOf(distinct.values()));
  }

  /**
   * Ends a training that too little is left of.
   *
   * @throws BudgetException after writing the file
   */
  void requireBudget(RunFolder folder, String training) {
    int broken = sources.size();
    if (broken > budget * videos || (broken > 0 && broken == videos)) {
      try {
        write(folder, training);
      } catch (IOException e) {
        throw new StateException("cannot write the quarantine: " + e.getMessage(), e);
      }
      throw new BudgetException(
          "%d of %d videos gave no clip while training, data.failure-budget allows %.0f %%; the last: %s: %s"
              .formatted(
                  broken,
                  videos,
                  100 * budget,
                  sources.get(broken - 1).reason(),
                  sources.get(broken - 1).detail()));
    }
  }
}
