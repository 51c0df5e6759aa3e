package io.tubelet.spark.inference;

import io.tubelet.augment.Augmentation;
import io.tubelet.augment.Crop;
import io.tubelet.clip.SampleSeed;
import io.tubelet.cube.CubeBatch;
import io.tubelet.masking.Masking;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameters;
import io.tubelet.report.picture.ReconstructionStrip;
import io.tubelet.spark.cluster.Slots;
import io.tubelet.spark.round.EnginePool;
import io.tubelet.spark.round.Presentation;
import io.tubelet.spark.round.SharedState;
import io.tubelet.spark.store.ClipReader;
import io.tubelet.spark.store.CubeStore;
import io.tubelet.spark.store.Labels;
import io.tubelet.spark.store.StoreAccess;
import io.tubelet.training.TrainState;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.random.RandomGenerator;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;

/**
 * Shows what a pretrained network makes of some clips of a store.
 *
 * @param order which engine
 * @param masking what is hidden
 * @param clips how many
 * @param seed chooses the clips and their masks
 */
public record ReconstructJob(EnginePool.Order order, Masking masking, int clips, long seed)
    implements Serializable {

  /** One strip a clip, in the store's order. */
  public List<ReconstructionStrip> run(
      JavaSparkContext spark, CubeStore store, Parameters weights) {
    SharedState shared = SharedState.share(spark, order.training(), TrainState.start(weights));
    StoreAccess access = StoreAccess.share(spark, store, store.clips());
    ModelSpec model = order.training().model();
    try {
      return Slots.TRAIN
          .of(spark.parallelize(chosen(store.clips().size()), 1))
          .mapPartitions(indices -> predict(access, shared, indices).iterator())
          .collect()
          .stream()
          .map(clip -> ReconstructionStrip.of(clip._1(), clip._2(), model))
          .toList();
    } finally {
      shared.destroy();
    }
  }

  private List<Integer> chosen(int size) {
    RandomGenerator random = SampleSeed.of(seed, 0, "reconstruct");
    return random.ints(0, size).distinct().limit(Math.min(clips, size)).sorted().boxed().toList();
  }

  private List<Tuple2<CubeBatch, float[]>> predict(
      StoreAccess store, SharedState weights, Iterator<Integer> indices) {
    Augmentation centre = new Augmentation(Crop.Centre.view(0, 1), false);
    Presentation presentation =
        new Presentation(
            order.training().model().geometry(), centre, masking, new Labels(List.of()), 0, seed);
    return EnginePool.with(
        order,
        engine -> {
          engine.load(weights.join(0));
          List<Tuple2<CubeBatch, float[]>> predicted = new ArrayList<>();
          try (ClipReader reader = store.open()) {
            while (indices.hasNext()) {
              CubeBatch batch = presentation.batch(reader, List.of(store.clip(indices.next())), 0);
              predicted.add(new Tuple2<>(batch, engine.reconstruct(batch)));
            }
          }
          return predicted;
        });
  }
}
