package io.tubelet.spark.stage;

import io.tubelet.clip.SampleSeed;
import io.tubelet.spark.data.ClipRow;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Some of a store's videos, drawn by seed: each keeps its place in one order of all videos, so that
 * a smaller subset lies within a larger one.
 *
 * @param perClass most videos of a class; 0: all
 * @param share of all videos that is used, rounded up
 * @param seed of the order
 */
record Subset(int perClass, double share, long seed) {

  /** The clips of the chosen videos, in the store's order. */
  List<ClipRow> of(List<ClipRow> clips) {
    List<ClipRow> firsts = videos(clips);
    int most = (int) Math.ceil(share * firsts.size());
    Map<String, Integer> taken = new HashMap<>();
    Set<String> chosen = new HashSet<>();
    for (ClipRow video : firsts.subList(0, most)) {
      if (perClass == 0 || taken.merge(video.label(), 1, Integer::sum) <= perClass) {
        chosen.add(video.source());
      }
    }
    return clips.stream().filter(clip -> chosen.contains(clip.source())).toList();
  }

  /**
   * The clips of a share of each class's videos, at least one of each; the last in the order, so
   * that the first ones stay for {@link #of}. None for a share of 0.
   */
  List<ClipRow> last(List<ClipRow> clips, double part) {
    Set<String> chosen = new HashSet<>();
    if (part > 0) {
      videos(clips).stream()
          .collect(Collectors.groupingBy(ClipRow::label))
          .values()
          .forEach(
              ofClass -> {
                int count = Math.max(1, (int) (part * ofClass.size()));
                ofClass
                    .subList(ofClass.size() - count, ofClass.size())
                    .forEach(video -> chosen.add(video.source()));
              });
    }
    return clips.stream().filter(clip -> chosen.contains(clip.source())).toList();
  }

  /** The first clip of each video, in the order of all videos. */
  private List<ClipRow> videos(List<ClipRow> clips) {
    return clips.stream()
        .collect(Collectors.toMap(ClipRow::source, clip -> clip, (first, other) -> first))
        .values()
        .stream()
        .sorted(Comparator.comparingLong(this::rank).thenComparing(ClipRow::source))
        .toList();
  }

  private long rank(ClipRow video) {
    return SampleSeed.of(seed, 0, video.source(), "subset").nextLong();
  }
}
