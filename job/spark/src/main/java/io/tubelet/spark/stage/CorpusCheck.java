package io.tubelet.spark.stage;

import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.corpus.Quarantined;
import io.tubelet.spark.corpus.SourceVideo;
import io.tubelet.spark.prepare.Checked;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * What {@code doctor --data} found: a row for every video that a corpus asks for.
 *
 * @param rows in the order of the corpora
 */
record CorpusCheck(List<Item> rows) {
  private static final String UNLABELLED = "UNLABELLED";

  static final StructType COLUMNS =
      new StructType()
          .add("corpus", DataTypes.StringType)
          .add("id", DataTypes.StringType)
          .add("label", DataTypes.StringType)
          .add("path", DataTypes.StringType)
          .add("bytes", DataTypes.LongType)
          .add("codec", DataTypes.StringType)
          .add("width", DataTypes.IntegerType)
          .add("height", DataTypes.IntegerType)
          .add("frames", DataTypes.IntegerType)
          .add("frames_per_second", DataTypes.DoubleType)
          .add("seconds", DataTypes.DoubleType)
          .add("warnings", DataTypes.IntegerType)
          .add("reason", DataTypes.StringType)
          .add("detail", DataTypes.StringType)
          .add("digest", DataTypes.StringType)
          .add("same_as", DataTypes.StringType);

  /**
   * A video of a corpus.
   *
   * @param sameAs another file with the same bytes, which stands before this one; else empty
   */
  record Item(String corpus, String id, String label, Checked file, String sameAs) {

    boolean duplicate() {
      return !sameAs.isEmpty();
    }

    Row row() {
      var info = file.info();
      return RowFactory.create(
          corpus,
          id,
          label,
          file.path(),
          file.bytes(),
          info.codec(),
          info.width(),
          info.height(),
          info.frames(),
          info.framesPerSecond(),
          info.seconds(),
          info.warnings(),
          file.reason(),
          file.detail(),
          file.digest(),
          sameAs);
    }
  }

  /** Fills rows corpus by corpus. */
  static final class Builder {
    private final Map<String, Checked> files = new HashMap<>();
    private final Map<String, String> firstWith = new HashMap<>();
    private final List<Item> rows = new ArrayList<>();

    Builder(List<Checked> files) {
      files.forEach(file -> this.files.put(file.path(), file));
    }

    void add(Role role, List<SourceVideo> videos, List<Quarantined> refused) {
      String corpus = role.word();
      for (SourceVideo video : videos) {
        Checked file = files.get(video.path());
        String first = file.digest().isEmpty() ? file.path() : first(file);
        boolean unlabelled = role != Role.PRETRAIN && video.label().isEmpty() && file.readable();
        rows.add(
            new Item(
                corpus,
                video.id(),
                video.label(),
                unlabelled
                    ? fault(file, UNLABELLED, "data.%s needs labels".formatted(corpus))
                    : file,
                first.equals(file.path()) ? "" : first));
      }
      for (Quarantined no : refused) {
        Checked none = new Checked("", 0, "", Checked.NO_VIDEO, no.reason(), no.detail());
        rows.add(new Item(corpus, no.source(), "", none, ""));
      }
    }

    private String first(Checked file) {
      String before = firstWith.putIfAbsent(file.digest(), file.path());
      return before == null ? file.path() : before;
    }

    private static Checked fault(Checked file, String reason, String detail) {
      return new Checked(file.path(), file.bytes(), file.digest(), file.info(), reason, detail);
    }

    CorpusCheck build() {
      return new CorpusCheck(List.copyOf(rows));
    }
  }

  long faults() {
    return rows.stream().filter(item -> !item.file.readable()).count();
  }

  /** One line for people. */
  String sentence() {
    return "%d videos asked for: %d give clips, %d do not; %d have the bytes of another; %d have flaws"
        .formatted(
            rows.size(),
            rows.size() - faults(),
            faults(),
            rows.stream().filter(Item::duplicate).count(),
            rows.stream().filter(item -> item.file.info().warnings() > 0).count());
  }
}
