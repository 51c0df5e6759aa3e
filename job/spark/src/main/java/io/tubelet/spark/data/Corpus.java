package io.tubelet.spark.data;

import io.tubelet.spark.cluster.Slots;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.video.Decoding.DecodeLimits;
import io.tubelet.video.VideoSource;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * The videos of one source, in an order that does not depend on the cluster, and those that cannot
 * be used whatever they contain.
 *
 * <p>A source that is not what its format says is an error. A row of a list that is wrong, or names
 * a video again, is refused: it becomes a quarantine row and counts against the failure budget.
 *
 * @param videos distinct ids, in the order of the list or sorted by path
 */
public record Corpus(List<SourceVideo> videos, List<Quarantined> refused) {

  /**
   * A video that somebody wants in a store. Its bytes are told from others by their number and
   * their ends: a digest of all would cost reading a corpus once more.
   *
   * @param path where it is: the Hadoop path of a file, or of a folder of pictures
   * @param id its path relative to the corpus: its name for ever, also when the corpus moves
   * @param label the class's name, or the empty string
   * @param bytes length of its file, or of a folder's files; -1 if there is none, or nobody has
   *     looked
   * @param ends SHA-256 over its first and last bytes; empty as long as nobody has looked
   * @param moments what is wanted of it, in their order; none: the windows of the recipe
   */
  public record SourceVideo(
      String path, String id, String label, long bytes, String ends, List<Moment> moments)
      implements Serializable {
    private static final int END = 1 << 14;
    private static final int SECONDS = DecodeLimits.DEFAULT.seconds();

    public SourceVideo(String path, String id, String label) {
      this(path, id, label, -1, "", List.of());
    }

    public SourceVideo at(List<Moment> wanted) {
      return new SourceVideo(path, id, label, bytes, ends, wanted);
    }

    /** Clips that a recipe with this many of each video wants of it. */
    int clips(int each) {
      return moments.isEmpty() ? each : moments.size();
    }

    /** What of it is wanted instead of the recipe's windows, for digests; else empty. */
    public String wanted() {
      return moments.isEmpty() ? "" : moments.toString();
    }

    /** With its file's length and ends, where there is a file that can be looked at. */
    private SourceVideo look(Configuration hadoop) {
      Path file = new Path(path);
      try {
        FileSystem files = file.getFileSystem(hadoop);
        long length = HadoopVideo.ask(SECONDS, () -> files.getContentSummary(file).getLength());
        boolean folder = HadoopVideo.ask(SECONDS, () -> files.getFileStatus(file).isDirectory());
        return new SourceVideo(path, id, label, length, folder ? "" : ends(file, hadoop), moments);
      } catch (IOException | RuntimeException e) { // whatever a file system may throw
        return this;
      }
    }

    private static String ends(Path file, Configuration hadoop) throws IOException {
      MessageDigest digest = DigestUtils.getSha256Digest();
      try (VideoSource.Content content = new HadoopVideo("", file, hadoop, SECONDS).open()) {
        for (long from : new long[] {0, Math.max(0, content.size() - END)}) {
          ByteBuffer end = ByteBuffer.allocate((int) Math.min(END, content.size()));
          int count = 0;
          while (end.hasRemaining() && count >= 0) {
            count = content.read(from + end.position(), end);
          }
          digest.update(end.flip());
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    }
  }

  /**
   * A clip that is wanted of a video.
   *
   * @param clip its id
   * @param seconds from the first frame's beginning to its middle frame
   */
  public record Moment(String clip, double seconds) implements Serializable {}

  /**
   * How a source is read.
   *
   * @param part which part of a table is wanted, or which ones, with commas between; of one without
   *     parts all is
   */
  public record Listing(Format format, Columns columns, String part) implements Serializable {

    /**
     * How a corpus says what is in it, as {@code data.format} in {@code reference.conf} tells.
     * {@code AUTO}: a table by its name, a file whose first line is {@code path number} is a list,
     * any other file a CSV; a folder with folders has one per label, any other folder is flat. One
     * that holds videos and folders is neither.
     */
    public enum Format {
      AUTO,
      CSV,
      PARQUET,
      LIST,
      FRAME_LIST,
      FOLDER,
      FLAT
    }

    /**
     * Names of a CSV's or a Parquet table's columns; others are passed over.
     *
     * @param label their classes; the table may lack it
     * @param split which part a row belongs to; empty: there are no parts
     */
    public record Columns(String path, String label, String split) implements Serializable {}
  }

  /**
   * Lists a source: folders, a table or a list.
   *
   * @throws DataException if the source is missing, empty or not readable as such
   */
  public static Corpus list(SparkSession spark, String source, Listing listing) {
    try {
      Corpus corpus = new CorpusReader(spark, new Path(source), listing).read();
      if (corpus.videos.isEmpty()) {
        Stream<String> why =
            corpus.refused.stream().map(row -> ": %s: %s".formatted(row.source(), row.detail()));
        throw new DataException("no videos in " + source + why.findFirst().orElse(""));
      }
      return corpus;
    } catch (FileNotFoundException e) {
      throw new DataException("no such file or folder: " + source, e);
    } catch (IOException e) {
      throw new DataException("cannot list %s: %s".formatted(source, e.getMessage()), e);
    }
  }

  /** The same with the length and ends of each file, which tasks look up. */
  public Corpus look(JavaSparkContext spark) {
    spark.setJobDescription("look at %d videos".formatted(videos.size()));
    int tasks = 4 * spark.defaultParallelism();
    return new Corpus(
        Slots.DECODE.map(spark, videos, tasks, (hadoop, video) -> video.look(hadoop)), refused);
  }
}
