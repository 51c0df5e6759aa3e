package io.tubelet.spark.evaluate;

import io.tubelet.clip.FrameOrder;
import io.tubelet.detect.Box;
import io.tubelet.detect.FrameMap;
import io.tubelet.detect.KeyFrame;
import io.tubelet.detect.KeyFrame.Detection;
import io.tubelet.detect.KeyFrame.Person;
import io.tubelet.spark.data.ClipRow;
import io.tubelet.spark.train.ClipTransform.Boxed;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * Asks a detector about all boxes of a store's key frames, and takes AVA's frame mAP.
 *
 * @param actions AVA's id of each of the network's classes; 0: one that does not count
 * @param batch key frames at once
 * @param frames which of a clip are shown
 */
public record DetectJob(List<Integer> actions, int batch, FrameOrder frames)
    implements Serializable {
  private static final long SEED = 0;

  /**
   * What a key frame's boxes got.
   *
   * @param probabilities {@code [boxes, classes]}
   */
  public record Scored(KeyFrame at, List<Box> boxes, float[] probabilities)
      implements Serializable {}

  /** In the store's order. */
  public List<Scored> score(Inference detector) {
    List<ClipRow> clips = detector.store().clips();
    return detector.map(clips, 0, "key frames", clips.size(), this::ask).stream()
        .flatMap(List::stream)
        .toList();
  }

  private List<Scored> ask(Inference.Task task, List<ClipRow> clips) throws IOException {
    List<Scored> scored = new ArrayList<>();
    task.each(
        clips,
        batch,
        new Inference.View(0, 1, frames),
        task.engine()::predict,
        (clip, scores) -> {
          scored.add(of(clip, scores));
          task.done().add(1);
        });
    return scored;
  }

  private Scored of(ClipRow clip, float[] scores) {
    int comma = clip.id().lastIndexOf(',');
    KeyFrame at =
        new KeyFrame(
            clip.id().substring(0, comma), Integer.parseInt(clip.id().substring(comma + 1)));
    List<Box> boxes = Boxed.of(clip.label()).stream().map(Boxed::box).toList();
    float[] probabilities = new float[boxes.size() * actions.size()];
    for (int i = 0; i < probabilities.length; i++) {
      probabilities[i] = (float) (1 / (1 + Math.exp(-scores[i])));
    }
    return new Scored(at, boxes, probabilities);
  }

  /** What was found, of one class. */
  public Stream<Detection> detections(Scored scored, int row) {
    return IntStream.range(0, scored.boxes.size())
        .mapToObj(
            box ->
                new Detection(
                    scored.at,
                    scored.boxes.get(box),
                    actions.get(row),
                    scored.probabilities[box * actions.size() + row]));
  }

  /** The network's classes that count. */
  public int[] rows() {
    return IntStream.range(0, actions.size()).filter(row -> actions.get(row) > 0).toArray();
  }

  /** A task a class. */
  public FrameMap map(JavaSparkContext spark, List<Scored> scored, List<Person> truth) {
    List<String> films =
        FrameMap.films(truth, scored.stream().filter(one -> !one.boxes.isEmpty()).map(Scored::at));
    List<Integer> rows = IntStream.of(rows()).boxed().toList();
    Broadcast<List<Scored>> all = spark.broadcast(new ArrayList<>(scored));
    Broadcast<List<Person>> persons = spark.broadcast(new ArrayList<>(truth));
    spark.setJobDescription("frame mAP of %d classes".formatted(rows.size()));
    return FrameMap.of(
        spark
            .parallelize(rows, Math.max(1, rows.size()))
            .map(
                row ->
                    FrameMap.of(
                        actions.get(row),
                        persons.value(),
                        all.value().stream().flatMap(one -> detections(one, row)).toList(),
                        films,
                        SEED))
            .collect());
  }
}
