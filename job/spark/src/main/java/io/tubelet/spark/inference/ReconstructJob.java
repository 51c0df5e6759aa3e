package io.tubelet.spark.inference;

import io.tubelet.augment.Augmentation;
import io.tubelet.augment.Crop;
import io.tubelet.clip.SampleSeed;
import io.tubelet.cube.CubeBatch;
import io.tubelet.evaluation.LastAttention;
import io.tubelet.masking.Masking;
import io.tubelet.masking.Masking.NoMasking;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameters;
import io.tubelet.report.picture.AttentionStrip;
import io.tubelet.report.picture.ReconstructionStrip;
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
import java.util.Iterator;
import java.util.List;
import java.util.random.RandomGenerator;
import org.apache.spark.api.java.JavaSparkContext;

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

  /** What there is to see of one clip. */
  public record Shown(ReconstructionStrip reconstruction, AttentionStrip attention) {}

  /**
   * What the network made of one clip.
   *
   * @param masked the clip with its mask
   * @param predicted {@code [hidden, cubeValues]}
   * @param whole the same clip with nothing hidden
   * @param attention {@code [tokens]}
   */
  private record Made(CubeBatch masked, float[] predicted, CubeBatch whole, float[] attention)
      implements Serializable {

    private Made seen(Parameters weights, float[] normed) {
      return new Made(masked, predicted, whole, LastAttention.received(weights, normed));
    }
  }

  /** One for each clip, in the store's order. */
  public List<Shown> run(JavaSparkContext spark, CubeStore store, Parameters weights) {
    SharedState shared = SharedState.share(spark, order.training(), TrainState.start(weights));
    StoreAccess access = StoreAccess.share(spark, store, store.clips());
    ModelSpec model = order.training().model();
    try {
      return Slots.TRAIN
          .of(spark.parallelize(chosen(store.clips().size()), 1))
          .mapPartitions(indices -> make(access, shared, indices).iterator())
          .collect()
          .stream()
          .map(
              made ->
                  new Shown(
                      ReconstructionStrip.of(made.masked, made.predicted, model),
                      AttentionStrip.of(made.whole, made.attention)))
          .toList();
    } finally {
      shared.destroy();
    }
  }

  private List<Integer> chosen(int size) {
    RandomGenerator random = SampleSeed.of(seed, 0, "reconstruct");
    return random.ints(0, size).distinct().limit(Math.min(clips, size)).sorted().boxed().toList();
  }

  private List<Made> make(StoreAccess store, SharedState shared, Iterator<Integer> indices) {
    return EnginePool.with(
        order,
        engine -> {
          Parameters weights = shared.join(0).weights();
          engine.load(TrainState.start(weights));
          List<Made> made = new ArrayList<>();
          try (ClipReader reader = store.open()) {
            while (indices.hasNext()) {
              List<ClipRow> clip = List.of(store.clip(indices.next()));
              CubeBatch batch = presentation(masking).batch(reader, clip, 0);
              CubeBatch whole = presentation(new NoMasking()).batch(reader, clip, 0);
              made.add(new Made(batch, engine.reconstruct(batch), whole, new float[0]));
            }
          }
          engine.load(TrainState.start(LastAttention.probe(weights)));
          made.replaceAll(one -> one.seen(weights, engine.encode(one.whole)));
          return made;
        });
  }

  private Presentation presentation(Masking hiding) {
    Augmentation centre = new Augmentation(Crop.Centre.view(0, 1));
    return new Presentation(
        order.training().model().geometry(), centre, hiding, new Labels(List.of()), 0, seed);
  }
}
