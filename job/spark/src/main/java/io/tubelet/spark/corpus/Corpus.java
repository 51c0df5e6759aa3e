package io.tubelet.spark.corpus;

import io.tubelet.spark.failure.DataException;
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
import org.apache.spark.sql.SparkSession;

/**
 * The videos of one source, in an order that does not depend on the cluster, and those that cannot
 * be used whatever they contain.
 *
 * <p>A source that is not what its format says is an error. A row of a list that is wrong, or names
 * a video again, is refused: it becomes a quarantine row and counts against the failure budget.
 *
 * @param videos distinct ids, in the order of the list or sorted by path
 * @param refused rows that were left out
 */
public record Corpus(List<SourceVideo> videos, List<Quarantined> refused) {

  /**
   * Lists a source whose table, if it is one, has the usual columns.
   *
   * @param root folder that a list's relative paths start from; empty for the list's own folder
   * @throws DataException if the source is missing, empty or not readable as such
   */
  public static Corpus list(SparkSession spark, String source, Format format, String root) {
    return list(spark, source, new Listing(format, root, Listing.Columns.USUAL));
  }

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
      Corpus corpus = distinct(listed(spark, files, files.getFileStatus(path), listing));
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

  private static Listed listed(
      SparkSession spark, FileSystem files, FileStatus source, Listing listing) throws IOException {
    Path path = source.getPath();
    return switch (listing.format().resolve(files, source)) {
      case CSV -> TableCorpus.csv(spark, path, listing);
      case PARQUET -> TableCorpus.parquet(spark, path, listing);
      case LIST -> ListCorpus.videos(files, path, listing.root());
      case FRAME_LIST -> ListCorpus.frames(files, path, listing.root());
      case FOLDER -> new Listed(FolderCorpus.labelled(files, path), List.of());
      case FLAT, AUTO -> new Listed(FolderCorpus.flat(files, path), List.of());
    };
  }

  private static Corpus distinct(Listed listed) {
    Map<String, SourceVideo> first = new LinkedHashMap<>();
    List<Quarantined> refused = new ArrayList<>(listed.refused());
    for (SourceVideo video : listed.videos()) {
      if (first.putIfAbsent(video.id(), video) != null) {
        refused.add(new Quarantined(video.id(), "DUPLICATE", "listed more than once"));
      }
    }
    return new Corpus(List.copyOf(first.values()), refused);
  }
}
