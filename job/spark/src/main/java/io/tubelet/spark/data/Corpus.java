package io.tubelet.spark.data;

import io.tubelet.spark.files.Failure.DataException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

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
   * A video that somebody wants in a store.
   *
   * @param path where it is: the Hadoop path of a file, or of a folder of pictures
   * @param id its path relative to the corpus: its name for ever, also when the corpus moves
   * @param label the class's name, or the empty string
   */
  public record SourceVideo(String path, String id, String label) implements Serializable {}

  /**
   * Lists a source: folders, a table or a list.
   *
   * @param source the folder or file
   * @throws DataException if the source is missing, empty or not readable as such
   */
  public static Corpus list(SparkSession spark, String source, Listing listing) {
    try {
      Corpus corpus = CorpusReader.read(spark, new Path(source), listing);
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
}
