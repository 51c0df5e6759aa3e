package io.tubelet.spark.config;

import io.tubelet.spark.corpus.Format;
import io.tubelet.spark.corpus.Listing;
import io.tubelet.spark.store.Recipe;
import io.tubelet.video.motion.MotionSpec.Level;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Videos, and the store of clips made from them.
 *
 * @param store folder of the cube store
 * @param corpora the collections of videos that there are
 * @param reading what training reads
 * @param readers threads of a replica that read ahead; 0: the cores of its task but one
 * @param shortSide rows or columns of a stored frame, whichever are fewer, in pixels
 * @param shardClips clips of one shard file
 * @param codec how a shard keeps pixels
 * @param limits what one file may cost
 * @param isolation what a file that crashes the decoder takes with it
 * @param seed of the windows that are drawn from videos
 * @param failureBudget share of files, 0 to 1, that may give no clip
 * @param motion the synthetic motion set
 */
public record DataConfig(
    String store,
    List<Corpus> corpora,
    Reading reading,
    int readers,
    int shortSide,
    int shardClips,
    Recipe.Codec codec,
    Limits limits,
    Isolation isolation,
    long seed,
    double failureBudget,
    Motion motion)
    implements Serializable {

  /** What a collection of videos is for. */
  public enum Role {
    /** Masked pretraining; labels are not used. */
    PRETRAIN,
    /** Fine-tuning; labelled. */
    TRAIN,
    /** Evaluation; labelled. */
    TEST;

    /** As keys and folders have it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Where training gets its clips. */
  public enum Reading {
    /** From the store that prepare makes. */
    STORE,
    /** From the videos, decoded while it trains. */
    VIDEOS
  }

  /** How a clip's frames lie in the video. */
  public enum Sampling {
    /** Close together, a stride apart. */
    DENSE,
    /** Spread over the whole video. */
    UNIFORM
  }

  /**
   * A collection of videos.
   *
   * @param role what it is for
   * @param source a folder, a CSV file, or {@link #MOTION}
   * @param listing how the source lists its videos
   * @param stride frames of the video from one frame of a clip to the next
   * @param clips clips per video
   * @param sampling how a clip's frames lie in the video
   */
  public record Corpus(
      Role role, String source, Listing listing, int stride, int clips, Sampling sampling)
      implements Serializable {
    /** The source that stands for the synthetic motion set. */
    public static final String MOTION = "motion";

    static final String CLIPS = "[1, 1000]";
    private static final Pattern ABSOLUTE = Pattern.compile("/.*|[A-Za-z][A-Za-z0-9+.-]*:.*");

    private static Corpus read(Role role, Section data, String dataRoot) {
      Section corpus = data.section(role.word());
      return new Corpus(
          role,
          resolve(corpus.text("source"), dataRoot),
          new Listing(corpus.choice("format", Format.class), corpus.text("root"), columns(corpus)),
          corpus.integer("stride", "[1, 1000]"),
          corpus.integer("clips", CLIPS),
          corpus.choice("sampling", Sampling.class));
    }

    private static Listing.Columns columns(Section corpus) {
      return new Listing.Columns(
          corpus.path("columns.path"),
          corpus.text("columns.label"),
          corpus.text("columns.split"),
          corpus.text("split"));
    }

    private static String resolve(String source, String root) {
      boolean inPlace =
          source.isEmpty()
              || root.isEmpty()
              || source.equals(MOTION)
              || ABSOLUTE.matcher(source).matches();
      return inPlace ? source : root + "/" + source;
    }

    /** Whether it is generated rather than read. */
    public boolean synthetic() {
      return source.equals(MOTION);
    }
  }

  /**
   * What one file may cost before it counts as broken.
   *
   * @param secondsPerFile seconds of decoding
   * @param pixelsPerFrame rows times columns
   * @param framesPerFile length
   * @param megabytesPerFile memory of a decoder process
   */
  public record Limits(
      int secondsPerFile, int pixelsPerFrame, int framesPerFile, int megabytesPerFile)
      implements Serializable {}

  /** Where files are decoded. */
  public enum Isolation {
    /** In processes beside the executor: a crash or a hang costs the file that caused it. */
    PROCESS,
    /** In the executor: a crash costs the executor. */
    THREAD
  }

  /**
   * The synthetic motion set.
   *
   * @param folder where its videos are written
   * @param size rows and columns of a frame, in pixels
   * @param frames frames of a video
   * @param level how hard it is
   * @param trainPerClass labelled training videos of each of the ten classes
   * @param testPerClass test videos of each class
   * @param unlabelled videos for pretraining
   * @param seed of the whole set
   */
  public record Motion(
      String folder,
      int size,
      int frames,
      Level level,
      int trainPerClass,
      int testPerClass,
      int unlabelled,
      long seed)
      implements Serializable {

    private static Motion read(Section motion) {
      return new Motion(
          motion.path("folder"),
          motion.integer("size", "[16, 512]"),
          motion.integer("frames", "[2, 1000]"),
          motion.choice("level", Level.class),
          motion.integer("train-per-class", "[1, 100000]"),
          motion.integer("test-per-class", "[1, 100000]"),
          motion.integer("unlabelled", "[0, 10000000]"),
          motion.seed("seed"));
    }
  }

  static DataConfig read(Section data) {
    String root = data.text("root");
    return new DataConfig(
        data.path("store"),
        Stream.of(Role.values())
            .map(role -> Corpus.read(role, data, root))
            .filter(corpus -> !corpus.source().isEmpty())
            .toList(),
        data.choice("read", Reading.class),
        data.integer("readers", "[0, 1024]"),
        data.integer("short-side", "[8, 4096]"),
        data.integer("shard-clips", "[1, 100000]"),
        data.choice("codec", Recipe.Codec.class),
        new Limits(
            data.integer("limits.seconds-per-file", "[1, 86400]"),
            data.integer("limits.pixels-per-frame", "[1, 1000000000]"),
            data.integer("limits.frames-per-file", "[1, 100000000]"),
            data.integer("limits.megabytes-per-file", "[128, 1000000]")),
        data.choice("isolation", Isolation.class),
        data.seed("seed"),
        data.number("failure-budget", "[0, 1]"),
        Motion.read(data.section("motion")));
  }

  /** A collection, if there is one for this. */
  public Optional<Corpus> corpus(Role role) {
    return corpora.stream().filter(corpus -> corpus.role() == role).findFirst();
  }
}
