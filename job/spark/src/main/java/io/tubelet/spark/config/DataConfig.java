package io.tubelet.spark.config;

import io.tubelet.spark.config.Binder.Else;
import io.tubelet.spark.config.Binder.In;
import io.tubelet.spark.config.Binder.Key;
import io.tubelet.spark.data.Corpus.Listing;
import io.tubelet.spark.data.Corpus.Listing.Format;
import io.tubelet.spark.data.Recipe;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Videos, and the store of clips made from them. */
public record DataConfig(
    String root,
    Format format,
    @In("path path") Listing.Columns columns,
    @In("path") String store,
    @Key("read") Reading reading,
    @In("[8, 4096]") int shortSide,
    @In("[1, 1000]") int span,
    @In("[1, 100000]") int shardClips,
    Recipe.Codec codec,
    Isolation isolation,
    @In("[1, 86400]") int secondsPerFile,
    long seed,
    @In("[0, 1]") double failureBudget,
    String heldOut,
    Motion motion,
    Source pretrain,
    Source train,
    Source test) {

  /** Fails if {@code held-out} is no regular expression. */
  public DataConfig {
    Pattern.compile(heldOut);
  }

  /** What a collection of videos is for; those of the last two are labelled. */
  public enum Role {
    PRETRAIN,
    TRAIN,
    TEST;

    /** As keys and folders have it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public enum Reading {
    STORE,
    VIDEOS
  }

  public enum Sampling {
    DENSE,
    UNIFORM
  }

  public enum Isolation {
    PROCESS,
    THREAD
  }

  /** What one role has of its own. Evaluation has the stride and sampling of fine-tuning. */
  record Source(
      String source,
      String split,
      @In("[1, 1000]") int clips,
      @In("[1, 1000]") @Else("1") int stride,
      @Else("dense") Sampling sampling) {}

  public record Corpus(
      Role role, String source, Listing listing, int stride, int clips, Sampling sampling) {
    /** The source that means the synthetic motion set. */
    public static final String MOTION = "motion";

    /** The source that means the synthetic films of figures that move by themselves. */
    public static final String FIGURES = "figures";

    private static final Set<String> SYNTHETIC = Set.of(MOTION, FIGURES);
    private static final Pattern ABSOLUTE = Pattern.compile("/.*|[A-Za-z][A-Za-z0-9+.-]*:.*");

    private static String resolve(String source, String root) {
      boolean inPlace =
          source.isEmpty()
              || root.isEmpty()
              || SYNTHETIC.contains(source)
              || ABSOLUTE.matcher(source).matches();
      return inPlace ? source : root + "/" + source;
    }

    public boolean synthetic() {
      return SYNTHETIC.contains(source);
    }
  }

  public record Motion(
      @In("[16, 512]") int size,
      @In("[2, 1000]") int frames,
      @In("[1, 100000]") int trainPerClass,
      @In("[1, 100000]") int testPerClass,
      @In("[0, 10000000]") int unlabelled) {

    /** Fails if H.264 has no frames of this size. */
    public Motion {
      if (size % 2 > 0) {
        throw new IllegalArgumentException(
            "size = %d is odd, H.264 wants even sides".formatted(size));
      }
    }
  }

  public List<Corpus> corpora() {
    return Stream.of(Role.values()).flatMap(role -> corpus(role).stream()).toList();
  }

  /** Most clips' lengths that a store keeps of each clip; what is tested is not drawn again. */
  public int span(Role role) {
    return role == Role.TEST || reading == Reading.VIDEOS ? 1 : span;
  }

  /** Which labelled videos are for the role, by their names: held out are those for the test. */
  public Predicate<String> videos(Role role) {
    Predicate<String> tested = Pattern.compile(heldOut).asPredicate();
    return role == Role.TEST ? tested : tested.negate();
  }

  public Optional<Corpus> corpus(Role role) {
    return switch (role) {
      case PRETRAIN -> corpus(role, pretrain, pretrain);
      case TRAIN -> corpus(role, train, train);
      case TEST -> corpus(role, test, train);
    };
  }

  /** Videos of another source, seen as those that are tested; their labels do not count. */
  public Optional<Corpus> unlabelled(String source) {
    return corpus(Role.TEST, new Source(source, "", 1, train.stride, train.sampling), train);
  }

  private Optional<Corpus> corpus(Role role, Source own, Source frames) {
    if (own.source.isEmpty()) {
      return Optional.empty();
    }
    boolean synthetic = Corpus.SYNTHETIC.contains(own.source);
    Listing listing = new Listing(synthetic ? Format.AUTO : format, columns, own.split);
    String source = Corpus.resolve(own.source, root);
    return Optional.of(
        new Corpus(role, source, listing, frames.stride, own.clips, frames.sampling));
  }
}
