package io.tubelet.spark.data;

import io.tubelet.clip.SampleSeed;
import io.tubelet.spark.data.Corpus.Moment;
import io.tubelet.spark.data.Corpus.SourceVideo;
import io.tubelet.video.Windows;
import io.tubelet.video.Windows.SamplingSpec;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * Everything that decides a store's bytes, besides the videos' own, of which it knows the lengths.
 * Two stores of one recipe are the same store.
 *
 * @param sources SHA-256 over the corpus' ids, labels and order
 * @param sizes SHA-256 over the lengths of their files, then one over their ends; a store of before
 *     has the first only, or nothing
 * @param stride frames of the video from one of the clip's to the next
 * @param span most lengths of a window that are stored of each, from which every epoch draws one
 */
public record Recipe(
    String sources,
    String sizes,
    int frames,
    int stride,
    int clips,
    Spacing windows,
    int shortSide,
    int shardClips,
    long seed,
    Codec codec,
    int span)
    implements Serializable {
  private static final String FILES = "sizes of the videos' files, or their bytes";

  /** How the pixels of a clip lie in a shard. */
  public enum Codec {
    RAW,
    /** Each clip compressed by zstd, without loss. */
    ZSTD
  }

  /** A store of before there was a choice is raw and has windows. */
  public Recipe {
    sizes = sizes == null ? "" : sizes;
    codec = codec == null ? Codec.RAW : codec;
    span = Math.max(1, span);
  }

  /** How windows lie in a video. */
  public enum Spacing {
    /** Starts drawn uniformly, for training. */
    RANDOM,
    /** Starts evenly spaced over the video, for evaluation. */
    EVEN,
    /** A frame drawn of each of as many equal parts of the video. */
    RANDOM_SPREAD,
    /** Frames evenly spaced over the video. */
    EVEN_SPREAD;

    /** Windows of frames that lie close together or are spread over the video. */
    public static Spacing of(boolean even, boolean spread) {
      return spread ? even ? EVEN_SPREAD : RANDOM_SPREAD : even ? EVEN : RANDOM;
    }

    /** Whether nothing is drawn. */
    public boolean even() {
      return this == EVEN || this == EVEN_SPREAD;
    }

    /** Whether frames are spread over the whole video. */
    public boolean spread() {
      return this == RANDOM_SPREAD || this == EVEN_SPREAD;
    }
  }

  /**
   * The one window of an epoch, drawn from (seed, epoch, clip id).
   *
   * @param stride the recipe's in a video, 1 in a stored span of it
   */
  Windows drawn(int stride, String clip, long epoch) {
    SamplingSpec one = sampling(stride, 1, 1);
    return Windows.drawn(one, SampleSeed.of(seed, epoch, clip, "window"));
  }

  /** The window of a stored span that is not drawn: what is stored, or its middle. */
  Windows middle() {
    return Windows.even(sampling(1, 1, 1));
  }

  /** What is stored of a video. */
  public Windows stored(String source) {
    SamplingSpec all = sampling(stride, clips, span);
    return windows.even()
        ? Windows.even(all)
        : Windows.drawn(all, SampleSeed.of(seed, 0, source, "window"));
  }

  /** What is stored of a video, around its moments if it has any. */
  Windows stored(SourceVideo video) {
    double[] moments = video.moments().stream().mapToDouble(Moment::seconds).toArray();
    return moments.length == 0
        ? stored(video.id())
        : Windows.around(sampling(stride, moments.length, 1), moments);
  }

  private SamplingSpec sampling(int every, int count, int lengths) {
    return new SamplingSpec(frames, every, count, lengths, windows.spread(), shortSide);
  }

  /**
   * In which settings another differs, for people: {@code "data.short-side 40 (now 128)"}; empty if
   * it makes the same store.
   */
  public String difference(Recipe now) {
    Map<String, Object> theirs = now.settings();
    Map<String, Object> mine = settings();
    if (!now.sizes.startsWith(sizes)) {
      theirs.put(FILES, start(DigestUtils.sha256Hex(now.sizes)));
      mine.put(FILES, start(DigestUtils.sha256Hex(sizes)));
    }
    mine.entrySet().removeIf(setting -> setting.getValue().equals(theirs.get(setting.getKey())));
    return mine.entrySet().stream()
        .map(e -> "%s %s (now %s)".formatted(e.getKey(), e.getValue(), theirs.get(e.getKey())))
        .collect(Collectors.joining(", "));
  }

  /** Whether another has the same settings for the same names, but other files. */
  public boolean filesChanged(Recipe now) {
    return difference(now).startsWith(FILES);
  }

  private static String start(String digest) {
    return digest.substring(0, Math.min(8, digest.length()));
  }

  private Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("list of videos", start(sources));
    settings.put("model.geometry.frames", frames);
    settings.put("stride", stride);
    settings.put("clips", clips);
    settings.put("windows", windows);
    settings.put("data.short-side", shortSide);
    settings.put("data.shard-clips", shardClips);
    settings.put("run.seed", seed);
    settings.put("data.codec", codec);
    settings.put("data.span", span);
    return settings;
  }

  /** SHA-256 over all fields; a store has the one of before there were sizes and spans. */
  public String digest() {
    return DigestUtils.sha256Hex(toString().replace(", sizes=,", ",").replace(", span=1]", "]"));
  }

  /**
   * SHA-256 over all that decides a shard: what changes elsewhere in the corpus leaves it valid.
   */
  public String digest(List<SourceVideo> shard) {
    Map<String, Object> settings = settings();
    settings.put("list of videos", "");
    Stream<String> videos =
        shard.stream()
            .map(
                v ->
                    "%s\t%s\t%d\t%s%s"
                        .formatted(v.id(), v.label(), v.bytes(), v.ends(), v.wanted()));
    return DigestUtils.sha256Hex(settings + videos.collect(Collectors.joining("\n")));
  }
}
