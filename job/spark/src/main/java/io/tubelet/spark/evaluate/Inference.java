package io.tubelet.spark.evaluate;

import io.tubelet.augment.Augmentation;
import io.tubelet.augment.Crop;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.FrameOrder;
import io.tubelet.clip.Frames;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine;
import io.tubelet.masking.Masking;
import io.tubelet.masking.Masking.NoMasking;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameters;
import io.tubelet.spark.cluster.ProgressLine;
import io.tubelet.spark.cluster.Slots;
import io.tubelet.spark.data.ClipAccess;
import io.tubelet.spark.data.ClipReader;
import io.tubelet.spark.data.ClipRow;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.train.ClipTransform;
import io.tubelet.spark.train.EnginePool;
import io.tubelet.train.TrainState;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.LongAccumulator;

/**
 * A network that is not trained, and the clips that it is shown: a Spark job in which each task
 * borrows an engine with the weights and reads clips of the store.
 */
public record Inference(
    JavaSparkContext spark, EnginePool.Order order, CubeStore store, Parameters weights) {

  /** What a task does with the items that are dealt to it. */
  @FunctionalInterface
  public interface Work<T, R> extends Serializable {
    R of(Task task, List<T> items) throws IOException;
  }

  @FunctionalInterface
  public interface Sink {
    void add(ClipRow clip, float[] values) throws IOException;
  }

  /** How a clip is shown: in one of so many crops along the longer side. */
  public record View(int crop, int crops, FrameOrder frames) {
    public static final View CENTRE = new View(0, 1, FrameOrder.AS_IS);
  }

  /**
   * Deals items to at most {@code tasks} tasks (0: as many as Spark runs at once), in order;
   * returns their results in that order. Tasks count so many units, {@code total} in all.
   */
  public <T, R> List<R> map(List<T> items, int tasks, String units, long total, Work<T, R> work) {
    if (items.isEmpty()) {
      return List.of();
    }
    EnginePool.Order engine = order;
    int most = tasks == 0 ? spark.defaultParallelism() : tasks;
    Broadcast<Parameters> shared = spark.broadcast(weights);
    ClipAccess.Shared<ClipReader> access = ClipAccess.ofStore(spark, store, store.clips());
    ProgressLine line = new ProgressLine(0, total);
    try (ProgressLine.Job progress = new ProgressLine.Job(spark, units, line)) {
      LongAccumulator done = progress.counter();
      return Slots.TRAIN
          .of(spark.parallelize(items, Math.min(most, items.size())).glom())
          .map(dealt -> Task.run(engine, access, shared, done, work, dealt))
          .collect();
    } finally {
      shared.destroy();
    }
  }

  /**
   * What a task has: an engine with the weights of a network.
   *
   * @param weights the same, for a task that looks at them itself
   * @param store rows of the clips
   * @param done counts what the job has done
   * @param frames of a clip, which are not looked at after the next call
   */
  public record Task(
      Engine engine,
      Parameters weights,
      ClipAccess.Shared<ClipReader> store,
      LongAccumulator done,
      Function<ClipRow, Frames> frames) {

    private static <T, R> R run(
        EnginePool.Order order,
        ClipAccess.Shared<ClipReader> store,
        Broadcast<Parameters> shared,
        LongAccumulator done,
        Work<T, R> work,
        List<T> items) {
      return EnginePool.with(
          order,
          engine -> {
            Parameters weights = shared.value();
            engine.load(TrainState.start(weights));
            try (ClipReader reader = store.open()) {
              return work.of(new Task(engine, weights, store, done, reader::lend), items);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }

    /** The same with clips that no store holds. */
    Task showing(Map<ClipRow, Frames> clips) {
      return new Task(engine, weights, store, done, clips::get);
    }

    Configuration hadoop() {
      return store.hadoop().value().value();
    }

    /** Shows clips to the network, {@code batch} at once; it gives equally many values for each. */
    public void each(
        List<ClipRow> clips, int batch, View view, Function<CubeBatch, float[]> network, Sink sink)
        throws IOException {
      for (int from = 0; from < clips.size(); from += batch) {
        List<ClipRow> part = clips.subList(from, Math.min(from + batch, clips.size()));
        float[] values = network.apply(cubes(part, view, new NoMasking(), 0));
        int size = values.length / part.size();
        for (int i = 0; i < part.size(); i++) {
          sink.add(part.get(i), Arrays.copyOfRange(values, i * size, (i + 1) * size));
        }
      }
    }

    /** Clips as the network takes them; the seed draws the masks. */
    public CubeBatch cubes(List<ClipRow> clips, View view, Masking masking, long seed) {
      ModelSpec model = engine.training().model();
      Crop crop = model.detects() ? new Crop.Whole() : Crop.Centre.view(view.crop, view.crops);
      ClipTransform.Boxes boxes =
          model.detects() ? ClipTransform.Boxes.ENLARGED : ClipTransform.Boxes.NONE;
      boolean whole = masking instanceof NoMasking;
      ClipGeometry geometry = whole ? model.geometry() : model.clips();
      return new ClipTransform(
              geometry, new Augmentation(crop), masking, new Labels(List.of()), 0, seed, boxes)
          .batch(
              clip -> view.frames.apply(frames.apply(clip).thinned(geometry.frames()), clip.id()),
              clips,
              0);
    }
  }
}
