package io.tubelet.spark.evaluate;

import io.tubelet.clip.FrameOrder;
import io.tubelet.evaluate.Accuracy;
import io.tubelet.evaluate.MultiView;
import io.tubelet.spark.data.ClipRow;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.Labels;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Evaluates a classifier on a store: each stored clip in each of its crops is a view, and a video's
 * class probabilities are the average over its views (arXiv 2203.12602, section 4.1).
 *
 * @param labels the classes, in the classifier's order
 */
public record ClassifyJob(Labels labels, Protocol protocol, FrameOrder frames)
    implements Serializable {

  /**
   * Which views of a video count.
   *
   * @param clips views in time, spread over the clips that there are of a video
   * @param crops views in space along the longer side
   * @param batch views classified at once
   */
  public record Protocol(int clips, int crops, int batch) implements Serializable {

    /** The clips of a video that count: from the first to the last, or the middle one alone. */
    List<Integer> of(List<Integer> all) {
      int gaps = Math.min(clips, all.size()) - 1;
      int last = all.size() - 1;
      return IntStream.rangeClosed(0, gaps)
          .mapToObj(i -> all.get(gaps == 0 ? last / 2 : (i * last + gaps / 2) / gaps))
          .toList();
    }
  }

  /** Accuracies over all videos of the store; fails if one has a label that training never saw. */
  public Accuracy run(Inference classifier) {
    classifier.store().clips().forEach(clip -> labels.index(clip.label()));
    MultiView votes = new MultiView();
    List<List<Integer>> videos = videos(classifier.store());
    long clips = videos.stream().mapToLong(List::size).sum();
    classifier.map(videos, 0, "clips", clips, this::classify).forEach(votes::merge);
    return votes.accuracy(labels.size(), labels.top());
  }

  /** The clips of each video that count: all views of a video go to one task. */
  private List<List<Integer>> videos(CubeStore store) {
    Map<String, List<Integer>> videos = new LinkedHashMap<>();
    for (int i = 0; i < store.clips().size(); i++) {
      videos.computeIfAbsent(store.clips().get(i).source(), s -> new ArrayList<>()).add(i);
    }
    return videos.values().stream().map(protocol::of).toList();
  }

  /** Of the clips of each video, as indices into the store's rows. */
  private MultiView classify(Inference.Task task, List<List<Integer>> videos) throws IOException {
    List<ClipRow> clips = videos.stream().flatMap(List::stream).map(task.store()::clip).toList();
    MultiView votes = new MultiView();
    for (int from = 0; from < clips.size(); from += protocol.batch) {
      int to = Math.min(from + protocol.batch, clips.size());
      votes.merge(votes(task, clips.subList(from, to)));
      task.done().add(to - from);
    }
    return votes;
  }

  /** What the classifier says of clips, by their sources. */
  MultiView votes(Inference.Task task, List<ClipRow> clips) throws IOException {
    MultiView votes = new MultiView();
    for (int crop = 0; crop < protocol.crops; crop++) {
      task.each(
          clips,
          protocol.batch,
          new Inference.View(crop, protocol.crops, frames),
          task.engine()::predict,
          (clip, logits) -> votes.add(clip.source(), clip.labelIn(labels), logits));
    }
    return votes;
  }
}
