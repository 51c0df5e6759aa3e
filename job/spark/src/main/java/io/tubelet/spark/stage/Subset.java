package io.tubelet.spark.stage;

import io.tubelet.clip.SampleSeed;
import io.tubelet.spark.store.ClipRow;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
    List<ClipRow> firsts =
        clips.stream()
            .collect(
                HashMap<String, ClipRow>::new,
                (map, clip) -> map.putIfAbsent(clip.source(), clip),
                HashMap::putAll)
            .values()
            .stream()
            .sorted(Comparator.comparingLong(this::rank).thenComparing(ClipRow::source))
            .toList();
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

  private long rank(ClipRow video) {
    return SampleSeed.of(seed, 0, video.source(), "subset").nextLong();
  }
}
