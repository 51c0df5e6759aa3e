package io.tubelet.spark.stage;

import io.tubelet.report.Cover.Fact;
import io.tubelet.spark.run.Event;
import io.tubelet.spark.run.EventLog;
import io.tubelet.spark.run.RunFolder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What trainings took, from their events; nothing is estimated. */
final class ReportCost {
  private ReportCost() {}

  /** A row a training. */
  static List<Fact> of(RunFolder folder) {
    List<Fact> facts = new ArrayList<>();
    for (String name :
        List.of(PretrainStage.NAME, FinetuneStage.PRETRAINED, FinetuneStage.SCRATCH)) {
      List<Event> events = EventLog.read(folder.hadoop(), folder.events(name));
      if (!events.isEmpty()) {
        facts.add(new Fact(name, sentence(events)));
      }
    }
    return facts;
  }

  /** Wall time of the rounds, in hours. */
  static double hours(List<Event> events) {
    return events.stream().mapToDouble(event -> event.seconds().total()).sum()
        / Duration.ofHours(1).toSeconds();
  }

  private static String sentence(List<Event> events) {
    double seconds = hours(events) * Duration.ofHours(1).toSeconds();
    double clips =
        events.stream()
            .mapToDouble(event -> event.clipsPerSecond() * event.seconds().total())
            .sum();
    double compute = events.stream().mapToDouble(event -> event.seconds().compute()).sum();
    return String.format(
        Locale.ROOT,
        "%,d rounds, %,d steps, %,.0f clips in %,.1f minutes of rounds (%,.1f clips/s); each replica"
            + " computed %.0f %% of that time",
        events.size(),
        events.get(events.size() - 1).step(),
        clips,
        seconds / Duration.ofMinutes(1).toSeconds(),
        clips / seconds,
        100 * compute / seconds);
  }
}
