package io.tubelet.spark.inference;

import io.tubelet.clip.FrameOrder;
import io.tubelet.evaluation.Accuracy;
import io.tubelet.evaluation.MultiView;
import io.tubelet.model.Parameters;
import io.tubelet.spark.cluster.Slots;
import io.tubelet.spark.round.EnginePool;
import io.tubelet.spark.round.SharedState;
import io.tubelet.spark.store.ClipRow;
import io.tubelet.spark.store.CubeStore;
import io.tubelet.spark.store.Labels;
import io.tubelet.spark.store.StoreAccess;
import io.tubelet.training.TrainState;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Evaluates a classifier on a store, as a Spark job over videos.
 *
 * @param order which engine, for a network that is not trained
 * @param labels the classes, in the classifier's order
 * @param protocol which views
 * @param tasks into how many tasks the videos are dealt
 */
public record ClassifyJob(EnginePool.Order order, Labels labels, Protocol protocol, int tasks) {

  /**
   * Which views of a video count.
   *
   * @param clips views in time
   * @param crops views in space along the longer side
   * @param batch views classified at once
   * @param top k of the top-k accuracy
   * @param frames which frames of a clip are shown
   */
  public record Protocol(int clips, int crops, int batch, int top, FrameOrder frames)
      implements Serializable {}

  /**
   * Accuracies over all videos of the store.
   *
   * @throws io.tubelet.spark.failure.DataException if a video has a label that training never saw
   */
  public Accuracy run(JavaSparkContext spark, CubeStore store, Parameters weights) {
    store.clips().forEach(clip -> labels.index(clip.label()));
    SharedState shared = SharedState.share(spark, order.training(), TrainState.start(weights));
    StoreAccess access = StoreAccess.share(spark, store, store.clips());
    Views views = new Views(access, shared, order, labels, protocol);
    try {
      MultiView votes =
          Slots.TRAIN
              .of(spark.parallelize(videos(store), tasks).glom())
              .map(videos -> views.classify(videos.stream().flatMap(List::stream).toList()))
              .fold(new MultiView(), MultiView::merge);
      return votes.accuracy(labels.size(), Math.min(protocol.top, labels.size()));
    } finally {
      shared.destroy();
    }
  }

  /** The first clips of each video, as indices: all views of a video go to one task. */
  private List<List<Integer>> videos(CubeStore store) {
    Map<String, List<Integer>> videos = new LinkedHashMap<>();
    for (int i = 0; i < store.clips().size(); i++) {
      ClipRow clip = store.clips().get(i);
      List<Integer> indices = videos.computeIfAbsent(clip.source(), s -> new ArrayList<>());
      if (indices.size() < protocol.clips) {
        indices.add(i);
      }
    }
    return new ArrayList<>(videos.values());
  }
}
