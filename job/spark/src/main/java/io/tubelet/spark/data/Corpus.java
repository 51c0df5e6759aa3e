package io.tubelet.spark.data;

import io.tubelet.spark.files.Failure.DataException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The videos of one source, in an order that does not depend on the cluster, and those that cannot
 * be used whatever they contain.
 *
 * <p>A source that is not what its format says is an error. A row of a list that is wrong, or names
 * a video again, is refused: it becomes a quarantine row and counts against the failure budget.
 *
 * @param videos distinct ids, in the order of the list or sorted by path
 * @param refused rows that were passed over
 */
public record Corpus(List<SourceVideo> videos, List<Quarantined> refused) {

  /**
   * Lists a source: folders, a table or a list.
   *
   * @param source the folder or file
   * @throws DataException if the source is missing, empty or not readable as such
   */
  public static Corpus list(SparkSession spark, String source, Listing listing) {
    Path path = new Path(source);
    try {
      FileSystem files = path.getFileSystem(spark.sparkContext().hadoopConfiguration());
      Corpus corpus = rows(spark, files, files.getFileStatus(path), listing).distinct();
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

  private static Corpus rows(
      SparkSession spark, FileSystem files, FileStatus source, Listing listing) throws IOException {
    CorpusReader reader = new CorpusReader(spark, files, source.getPath(), listing.root());
    Format format = listing.format().resolve(files, source);
    switch (format) {
      case CSV -> reader.csv(listing.columns());
      case PARQUET -> reader.parquet(listing.columns());
      case LIST -> reader.videoList();
      case FRAME_LIST -> reader.frameList();
      case FOLDER, FLAT, AUTO -> {
        return new FolderReader(files, source.getPath()).read(format == Format.FOLDER);
      }
    }
    return reader.rows();
  }

  /** The same with the length and time of each file, which tasks look up. */
  public Corpus look(JavaSparkContext spark) {
    Broadcast<SerializableConfiguration> hadoop =
        spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
    spark.setJobDescription("look at %d videos".formatted(videos.size()));
    int tasks = Math.min(videos.size(), 4 * spark.defaultParallelism());
    return new Corpus(
        spark
            .parallelize(videos, Math.max(1, tasks))
            .map(video -> video.look(hadoop.value().value()))
            .collect(),
        refused);
  }

  private Corpus distinct() {
    Map<String, SourceVideo> first = new LinkedHashMap<>();
    List<Quarantined> all = new ArrayList<>(refused);
    for (SourceVideo video : videos) {
      if (first.putIfAbsent(video.id(), video) != null) {
        all.add(new Quarantined(video.id(), "DUPLICATE", "listed more than once"));
      }
    }
    return new Corpus(List.copyOf(first.values()), all);
  }
}
