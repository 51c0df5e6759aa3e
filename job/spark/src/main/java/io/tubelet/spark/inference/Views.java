package io.tubelet.spark.inference;

import io.tubelet.augment.Augmentation;
import io.tubelet.augment.Crop;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.cube.CubeBatch;
import io.tubelet.engine.Engine;
import io.tubelet.evaluation.MultiView;
import io.tubelet.masking.Masking.NoMasking;
import io.tubelet.spark.round.EnginePool;
import io.tubelet.spark.round.Presentation;
import io.tubelet.spark.round.SharedState;
import io.tubelet.spark.store.ClipReader;
import io.tubelet.spark.store.ClipRow;
import io.tubelet.spark.store.Labels;
import io.tubelet.spark.store.StoreAccess;
import java.io.Serializable;
import java.util.List;

/**
 * Classifies the views of some videos: each stored clip in each of its crops (arXiv 2203.12602,
 * section 4.1). A pure function of its fields, run inside a task.
 *
 * @param store where the clips are
 * @param weights of the classifier
 * @param order which engine
 * @param labels the classes, in the classifier's order
 * @param protocol which views
 */
record Views(
    StoreAccess store,
    SharedState weights,
    EnginePool.Order order,
    Labels labels,
    ClassifyJob.Protocol protocol)
    implements Serializable {

  /** What the classifier says of these clips, given as indices into the store's rows. */
  MultiView classify(List<Integer> indices) {
    List<ClipRow> clips = indices.stream().map(store::clip).toList();
    return EnginePool.with(
        order,
        engine -> {
          engine.load(weights.join(0));
          try (ClipReader reader = store.open()) {
            return classify(engine, reader, clips);
          }
        });
  }

  private MultiView classify(Engine engine, ClipReader reader, List<ClipRow> clips) {
    MultiView votes = new MultiView();
    int batch = protocol.batch();
    for (int crop = 0; crop < protocol.crops(); crop++) {
      Presentation view = presentation(crop);
      for (int from = 0; from < clips.size(); from += batch) {
        List<ClipRow> part = clips.subList(from, Math.min(from + batch, clips.size()));
        CubeBatch cubes =
            view.batch(clip -> protocol.frames().apply(reader.lend(clip), clip.id()), part, 0);
        vote(votes, part, engine.classify(cubes));
      }
    }
    return votes;
  }

  private Presentation presentation(int crop) {
    ClipGeometry geometry = order.training().model().geometry();
    Augmentation view = new Augmentation(Crop.Centre.view(crop, protocol.crops()));
    return new Presentation(geometry, view, new NoMasking(), new Labels(List.of()), 0, 0);
  }

  private void vote(MultiView votes, List<ClipRow> clips, float[] logits) {
    for (int i = 0; i < clips.size(); i++) {
      ClipRow clip = clips.get(i);
      votes.add(clip.source(), clip.labelIn(labels), logits, i * labels.size(), labels.size());
    }
  }
}
