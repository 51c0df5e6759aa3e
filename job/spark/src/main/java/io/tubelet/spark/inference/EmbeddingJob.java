package io.tubelet.spark.inference;

import io.tubelet.augment.Augmentation;
import io.tubelet.augment.Crop;
import io.tubelet.masking.NoMasking;
import io.tubelet.model.Parameters;
import io.tubelet.report.EmbeddingMap.Features;
import io.tubelet.spark.cluster.Slots;
import io.tubelet.spark.round.EnginePool;
import io.tubelet.spark.round.Presentation;
import io.tubelet.spark.round.SharedState;
import io.tubelet.spark.store.ClipReader;
import io.tubelet.spark.store.ClipRow;
import io.tubelet.spark.store.CubeStore;
import io.tubelet.spark.store.Labels;
import io.tubelet.spark.store.StoreAccess;
import io.tubelet.training.TrainState;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Mean features of some clips of a store: middle crop, nothing hidden, no norm after the encoder.
 *
 * @param order which engine, for a network that is not trained
 * @param clips how many, evenly spaced over the store
 * @param batch clips encoded at once
 * @param tasks into how many tasks the clips are dealt
 */
public record EmbeddingJob(EnginePool.Order order, int clips, int batch, int tasks)
    implements Serializable {

  /** One row a clip, in the store's order. */
  public List<Features> run(JavaSparkContext spark, CubeStore store, Parameters weights) {
    SharedState shared = SharedState.share(spark, order.training(), TrainState.start(weights));
    StoreAccess access = StoreAccess.share(spark, store, store.clips());
    int size = store.clips().size();
    int taken = Math.min(clips, size);
    List<Integer> chosen =
        IntStream.range(0, taken).map(i -> (int) ((long) i * size / taken)).boxed().toList();
    try {
      return Slots.TRAIN
          .of(spark.parallelize(chosen, tasks))
          .mapPartitions(indices -> encode(access, shared, indices).iterator())
          .collect();
    } finally {
      shared.destroy();
    }
  }

  private List<Features> encode(StoreAccess store, SharedState weights, Iterator<Integer> indices) {
    List<ClipRow> rows = new ArrayList<>();
    indices.forEachRemaining(index -> rows.add(store.clip(index)));
    if (rows.isEmpty()) {
      return List.of();
    }
    Augmentation middle = new Augmentation(Crop.Centre.view(0, 1), false);
    Presentation whole =
        new Presentation(
            order.training().model().geometry(),
            middle,
            new NoMasking(),
            new Labels(List.of()),
            0,
            0);
    return EnginePool.with(
        order,
        engine -> {
          engine.load(weights.join(0));
          List<Features> features = new ArrayList<>();
          try (ClipReader reader = store.open()) {
            for (int from = 0; from < rows.size(); from += batch) {
              List<ClipRow> part = rows.subList(from, Math.min(from + batch, rows.size()));
              add(features, part, engine.encode(whole.batch(reader, part, 0)));
            }
          }
          return features;
        });
  }

  /**
   * @param values {@code [batch, dim]}
   */
  private static void add(List<Features> features, List<ClipRow> clips, float[] values) {
    int dim = values.length / clips.size();
    for (int i = 0; i < clips.size(); i++) {
      float[] own = Arrays.copyOfRange(values, i * dim, (i + 1) * dim);
      features.add(new Features(clips.get(i).id(), clips.get(i).label(), own));
    }
  }
}
