package io.tubelet.spark.corpus;

import io.tubelet.spark.failure.DataException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * The videos of one source, in an order that does not depend on the cluster, and those that cannot
 * be used whatever they contain.
 *
 * @param videos distinct ids, in the order of the CSV or sorted by path
 * @param refused rows that were left out: listed twice
 */
public record Corpus(List<SourceVideo> videos, List<Quarantined> refused) {

  /**
   * Lists a source: a folder per label, a flat folder, or a CSV {@code path,label}.
   *
   * @param source the folder or file
   * @param root folder that a CSV's relative paths start from; empty for the CSV's own folder
   * @throws DataException if the source is missing, empty or not readable as such
   */
  public static Corpus list(SparkSession spark, String source, Format format, String root) {
    Path path = new Path(source);
    try {
      FileSystem files = path.getFileSystem(spark.sparkContext().hadoopConfiguration());
      FileStatus status = files.getFileStatus(path);
      Corpus corpus =
          switch (format.resolve(files, status)) {
            case CSV -> distinct(CsvCorpus.read(spark, status.getPath(), root));
            case FOLDER -> distinct(FolderCorpus.labelled(files, status.getPath()));
            case FLAT, AUTO -> distinct(FolderCorpus.flat(files, status.getPath()));
          };
      if (corpus.videos.isEmpty()) {
        throw new DataException("no videos in " + source);
      }
      return corpus;
    } catch (FileNotFoundException e) {
      throw new DataException("no such file or folder: " + source, e);
    } catch (IOException e) {
      throw new DataException("cannot list %s: %s".formatted(source, e.getMessage()), e);
    }
  }

  private static Corpus distinct(List<SourceVideo> listed) {
    Map<String, SourceVideo> first = new LinkedHashMap<>();
    List<Quarantined> refused = new ArrayList<>();
    for (SourceVideo video : listed) {
      if (first.putIfAbsent(video.id(), video) != null) {
        refused.add(new Quarantined(video.id(), "DUPLICATE", "listed more than once"));
      }
    }
    return new Corpus(List.copyOf(first.values()), refused);
  }
}
