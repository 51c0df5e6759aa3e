package io.tubelet.spark.stage;

import io.tubelet.detect.Box;
import io.tubelet.detect.FrameMap;
import io.tubelet.report.Gallery;
import io.tubelet.report.Part;
import io.tubelet.report.Part.Tables;
import io.tubelet.report.Part.Tables.Table;
import io.tubelet.report.picture.NumberText;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.data.ClipReader;
import io.tubelet.spark.data.ClipRow;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.stage.DetectStage.Detected;
import io.tubelet.spark.stage.DetectStage.Shown;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What detectors have found, for the report. */
record DetectReport(Run run) {

  /** Evaluations by what the page calls the model, in its order. */
  Map<String, Detected> all() {
    return ReportResults.byTitle(DetectStage::named, name -> Detected.read(run.folder(), name));
  }

  /** A sentence each, of films as they are. */
  String summary() {
    return all().entrySet().stream()
        .filter(e -> ReportResults.TITLES.contains(e.getKey()))
        .map(e -> e.getValue().sentence("Detection, " + e.getKey()))
        .collect(Collectors.joining(". "));
  }

  /** None before the first evaluation. */
  List<Part> parts() {
    Map<String, Detected> all = all();
    return all.isEmpty()
        ? List.of()
        : List.of(tables(all), gallery(all.values().iterator().next()));
  }

  private static Tables tables(Map<String, Detected> all) {
    List<List<String>> models = new ArrayList<>();
    all.forEach(
        (title, found) ->
            models.add(
                List.of(
                    title,
                    ReportResults.percent(found.map()),
                    ReportResults.percent(found.interval().low()),
                    ReportResults.percent(found.interval().high()),
                    NumberText.count(found.boxes()),
                    NumberText.count(found.keyFrames()),
                    NumberText.count(found.quarantined()))));
    List<List<String>> classes = new ArrayList<>();
    Detected first = all.values().iterator().next();
    first
        .perClass()
        .forEach(
            (name, of) ->
                classes.add(
                    Stream.concat(
                            Stream.of(name, NumberText.count(of.truths())),
                            all.values().stream().map(found -> precision(found, name)))
                        .toList()));
    return new Tables(
        "Detection",
        "Frame mAP at an IoU of 0.5, by AVA's rules; the interval is over films. A key frame that"
            + " could not be read is not asked about, and what is done there is missed.",
        List.of(
            new Table(
                "Models",
                List.of("Model", "mAP, %", "95 % from", "to", "Boxes", "Key frames", "Quarantined"),
                models),
            new Table(
                "Average precision of each class, %",
                Stream.concat(Stream.of("Class", "Annotated"), all.keySet().stream()).toList(),
                classes)));
  }

  private static String precision(Detected found, String name) {
    FrameMap.OfClass one = found.perClass().get(name);
    return one == null ? "–" : ReportResults.percent(one.precision());
  }

  private Gallery gallery(Detected found) {
    List<Gallery.Clip> clips = new ArrayList<>();
    CubeStore store = CubeStore.open(run.session(), DetectData.root(run, Role.TEST));
    Map<String, ClipRow> rows =
        store.clips().stream().collect(Collectors.toMap(ClipRow::id, Function.identity()));
    try (ClipReader reader = store.reader(run.hadoop())) {
      for (Shown shown : found.shown()) {
        if (rows.containsKey(shown.clip())) {
          String label =
              "%s: %s; taken for %s"
                  .formatted(shown.clip(), names(shown.annotated()), names(shown.asked()));
          clips.add(
              Gallery.keyFrame(
                  label,
                  reader.read(rows.get(shown.clip())),
                  boxes(shown.annotated()),
                  boxes(shown.asked())));
        }
      }
    }
    return Gallery.keyFrames(clips);
  }

  private static String names(List<Shown.Named> boxes) {
    return boxes.stream().map(Shown.Named::text).collect(Collectors.joining(" | "));
  }

  private static List<Box> boxes(List<Shown.Named> boxes) {
    return boxes.stream().map(Shown.Named::box).toList();
  }
}
