package io.tubelet.spark.evaluate;

import io.tubelet.spark.files.DurableFile;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.util.HadoopStreams;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/**
 * A Parquet file of features, one row a clip; appears whole or not at all.
 *
 * <pre>
 * id        text                             the clip's
 * source    text                             the video's path relative to its corpus
 * label     text                             its class, or empty
 * features  list of float [dim]              or list of list of float [tokens, dim]
 * </pre>
 */
final class FeatureFile {
  private static final String VECTOR =
      "required group %s (LIST) { repeated group list { required float element; } }";
  private static final String TOKENS =
      "required group features (LIST) { repeated group list { "
          + VECTOR.formatted("element")
          + " } }";
  private static final String CLIP =
      "message clip { required binary id (STRING); required binary source (STRING);"
          + " required binary label (STRING); %s }";

  private FeatureFile() {}

  /** What is to be written. */
  @FunctionalInterface
  interface Content {
    void to(Inference.Sink sink) throws IOException;
  }

  static void write(Configuration hadoop, Path target, int dim, boolean pooled, Content content)
      throws IOException {
    String features = pooled ? VECTOR.formatted("features") : TOKENS;
    MessageType schema = MessageTypeParser.parseMessageType(CLIP.formatted(features));
    SimpleGroupFactory rows = new SimpleGroupFactory(schema);
    DurableFile.write(
        hadoop,
        target,
        out -> {
          try (ParquetWriter<Group> writer =
              ExampleParquetWriter.builder(new Stream(out))
                  .withConf(hadoop)
                  .withType(schema)
                  .build()) {
            content.to(
                (clip, values) -> {
                  Group row = rows.newGroup();
                  row.append("id", clip.id())
                      .append("source", clip.source())
                      .append("label", clip.label());
                  add(row.addGroup("features"), values, dim, pooled);
                  writer.write(row);
                });
          }
        });
  }

  private static void add(Group list, float[] values, int dim, boolean pooled) {
    if (pooled) {
      for (float value : values) {
        list.addGroup("list").append("element", value);
      }
    } else {
      for (int from = 0; from < values.length; from += dim) {
        float[] token = Arrays.copyOfRange(values, from, from + dim);
        add(list.addGroup("list").addGroup("element"), token, dim, true);
      }
    }
  }

  /** A stream that is open already, as Parquet wants it. */
  private record Stream(OutputStream out) implements OutputFile {
    @Override
    public PositionOutputStream create(long blockSize) {
      return HadoopStreams.wrap((FSDataOutputStream) out);
    }

    @Override
    public PositionOutputStream createOrOverwrite(long blockSize) {
      return create(blockSize);
    }

    @Override
    public boolean supportsBlockSize() {
      return false;
    }

    @Override
    public long defaultBlockSize() {
      return 0;
    }
  }
}
