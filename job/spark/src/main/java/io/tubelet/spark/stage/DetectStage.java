package io.tubelet.spark.stage;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tubelet.clip.FrameOrder;
import io.tubelet.detect.Box;
import io.tubelet.detect.FrameMap;
import io.tubelet.detect.KeyFrame;
import io.tubelet.evaluate.Accuracy.Interval;
import io.tubelet.model.Parameters;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.evaluate.DetectJob;
import io.tubelet.spark.evaluate.DetectJob.Scored;
import io.tubelet.spark.files.DurableFile;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.files.Json;
import io.tubelet.spark.stage.DetectStage.Shown.Named;
import io.tubelet.spark.train.RunFolder;
import io.tubelet.spark.train.TrainingRun.Validation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.fs.Path;

/**
 * {@code detect}: stores of clips around key frames; a network that tells what people in given
 * boxes do, from the weights that a fine-tuning would start from; its frame mAP.
 */
final class DetectStage implements Stage {
  private static final String DETECTION = "detection";

  /** Key frames that are shown, and classes of a box that are named there. */
  private static final int SHOWN = 8;

  private static final int NAMED = 3;
  private static final Comparator<Named> LEFT_TO_RIGHT =
      Comparator.comparingDouble(named -> named.box().x1());

  /**
   * {@code evaluation/NAME.json}; next to it is {@code NAME.csv}, which AVA's evaluator reads.
   *
   * @param digest SHA-256 over what decides it: weights, store and boxes
   * @param keyFrames that were asked about
   * @param quarantined rows that cannot be meant, and key frames that could not be read: what
   *     people do there is missed
   * @param map the mean over classes of the average precision, in [0, 1]
   * @param interval of it, over films
   * @param perClass by name
   * @param shown a few key frames, for pictures
   */
  record Detected(
      String digest,
      String checkpoint,
      int keyFrames,
      int boxes,
      int quarantined,
      double map,
      Interval interval,
      Map<String, FrameMap.OfClass> perClass,
      List<Shown> shown) {

    static Optional<Detected> read(RunFolder folder, String name) {
      return Json.read(folder.hadoop(), file(folder, name, ".json"), Detected.class);
    }

    private static Path file(RunFolder folder, String name, String ending) {
      return folder.file("evaluation/" + name + ending);
    }

    /** One line for people. */
    String sentence(String name) {
      return ("%s: frame mAP %.1f %% (95 %%: %.1f to %.1f) of %d boxes in %d key frames (%d"
              + " quarantined)")
          .formatted(
              name,
              100 * map,
              100 * interval.low(),
              100 * interval.high(),
              boxes,
              keyFrames,
              quarantined);
    }
  }

  /** A key frame's annotated boxes and those asked about, from left to right. */
  record Shown(String clip, List<Named> annotated, List<Named> asked) {
    record Named(Box box, String text) {}
  }

  /** The training that detects from a fine-tuning's first weights. */
  static String named(String model) {
    return model.equals(FinetuneStage.PRETRAINED) ? DETECTION : DETECTION + "-" + model;
  }

  @Override
  public Outcome run(Run run) throws IOException, InterruptedException {
    JobConfig config = run.config();
    if (!config.detect().on()) {
      throw new DataException("nothing to detect: set detect.train.source");
    }
    DetectData train = DetectData.read(run, Role.TRAIN);
    DetectData test = DetectData.read(run, Role.TEST);
    Outcome made = Stage.each(List.of(train, test), DetectData::prepare);
    List<String> models = FinetuneStage.models(config.finetune());
    Outcome trained = made.and(Stage.each(models, model -> train(run, model, train)));
    return trained.status() == Outcome.Status.INTERRUPTED
        ? trained
        : trained.and(Stage.each(models, model -> evaluate(run, named(model), test)));
  }

  private static Outcome train(Run run, String model, DetectData data)
      throws IOException, InterruptedException {
    JobConfig.Finetuning settings = run.config().finetune();
    CubeStore store = data.store(false);
    Labels labels =
        FinetuneStage.requireLearnable(run.config(), store.root().toString(), data.labels());
    String digest = store.manifest().digest() + DigestUtils.sha256Hex(data.boxes().toString());
    return new TrainingStage(
            run,
            named(model),
            TrainingData.of(store, digest, labels),
            settings.training(),
            run.config().model().spec().detector(labels.size()),
            0,
            model.equals(FinetuneStage.PRETRAINED) ? settings.from() : "",
            Validation.NONE)
        .train(layout -> FinetuneStage.first(run, layout, labels, model)::get);
  }

  /** As it is, and as the controls want it. */
  private static Outcome evaluate(Run run, String training, DetectData data)
      throws IOException, InterruptedException {
    Path checkpoint = run.trained(training).orElseThrow();
    Run.Trained trained = run.read(checkpoint, run.config().model().spec()::detector);
    return Stage.each(
        EvaluateStage.frames(run.config()),
        order -> evaluate(run, EvaluateStage.named(training, order), trained, data, order));
  }

  private static Outcome evaluate(
      Run run, String name, Run.Trained trained, DetectData data, FrameOrder frames)
      throws IOException {
    CubeStore store = data.store(frames == FrameOrder.SHUFFLED);
    Labels labels = trained.labels();
    Parameters weights = trained.weights();
    String decides = store.manifest().digest() + data.boxes() + data.persons() + data.classes();
    String shown = frames == FrameOrder.AS_IS ? "" : frames.toString();
    String digest = DigestUtils.sha256Hex(weights.digest() + decides + shown);
    Optional<Detected> before =
        Detected.read(run.folder(), name).filter(one -> one.digest().equals(digest));
    if (before.isPresent()) {
      return Outcome.alreadyDone(before.get().sentence(name));
    }
    Map<String, Integer> ids = new LinkedHashMap<>();
    data.classes().forEach((id, label) -> ids.put(label, id));
    DetectJob job =
        new DetectJob(
            labels.names().stream().map(label -> ids.getOrDefault(label, 0)).toList(),
            run.config().evaluate().batch(),
            frames == FrameOrder.SINGLE ? frames : FrameOrder.AS_IS);
    List<Scored> scored = job.score(run.inference("evaluate " + name, weights, store));
    FrameMap map = job.map(run.spark("frame mAP of " + name), scored, data.persons());
    Map<String, FrameMap.OfClass> perClass = new LinkedHashMap<>();
    map.classes().forEach(one -> perClass.put(data.classes().get(one.action()), one));
    Detected detected =
        new Detected(
            digest,
            trained.checkpoint().toString(),
            scored.size(),
            scored.stream().mapToInt(one -> one.boxes().size()).sum(),
            store.quarantined().size(),
            map.mean(),
            map.interval(),
            perClass,
            shown(data, labels.names(), scored));
    write(run, name, job, scored);
    Json.write(run.hadoop(), Detected.file(run.folder(), name, ".json"), detected);
    return Outcome.done(detected.sentence(name));
  }

  /** Key frames at equal distances. */
  private static List<Shown> shown(DetectData data, List<String> labels, List<Scored> scored) {
    return IntStream.range(0, Math.min(SHOWN, scored.size()))
        .mapToObj(i -> scored.get(i * scored.size() / Math.min(SHOWN, scored.size())))
        .map(one -> new Shown(one.at().toString(), annotated(data, one.at()), asked(one, labels)))
        .toList();
  }

  private static List<Named> annotated(DetectData data, KeyFrame at) {
    return data.persons().stream()
        .filter(person -> person.at().equals(at))
        .map(
            person ->
                new Named(
                    person.box(),
                    person.actions().stream()
                        .map(data.classes()::get)
                        .collect(Collectors.joining(", "))))
        .sorted(LEFT_TO_RIGHT)
        .toList();
  }

  /** With the classes that are more probable than not. */
  private static List<Named> asked(Scored scored, List<String> labels) {
    List<Named> asked = new ArrayList<>();
    for (int box = 0; box < scored.boxes().size(); box++) {
      int from = box * labels.size();
      String text =
          IntStream.range(0, labels.size())
              .boxed()
              .sorted(Comparator.comparingDouble(k -> -scored.probabilities()[from + k]))
              .limit(NAMED)
              .filter(k -> scored.probabilities()[from + k] > 0.5)
              .map(k -> "%s %.2f".formatted(labels.get(k), scored.probabilities()[from + k]))
              .collect(Collectors.joining(", "));
      asked.add(new Named(scored.boxes().get(box), text.isEmpty() ? "nothing" : text));
    }
    asked.sort(LEFT_TO_RIGHT);
    return asked;
  }

  /** AVA's file of results. */
  private static void write(Run run, String name, DetectJob job, List<Scored> scored)
      throws IOException {
    int[] rows = job.rows();
    DurableFile.write(
        run.hadoop(),
        Detected.file(run.folder(), name, ".csv"),
        out -> {
          for (Scored one : scored) {
            StringBuilder lines = new StringBuilder();
            for (int row : rows) {
              job.detections(one, row).forEach(found -> lines.append(found.csv()));
            }
            out.write(lines.toString().getBytes(UTF_8));
          }
        });
  }
}
