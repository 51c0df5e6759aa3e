package io.tubelet.spark.evaluate;

import io.tubelet.spark.files.DurableFile;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.util.HadoopStreams;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import scala.Tuple2;

/**
 * Parquet files of a folder, which tasks write; each appears whole or not at all. Equal rows make
 * equal bytes: a column has one encoding, as the footer would list several in an order that each
 * JVM draws.
 *
 * @param files what is in each, by their names, which begin with {@code part-} and have the digest
 *     of all that decides their bytes, so that a killed job resumes
 * @param last the file that is written when all parts are there
 * @param schema as Parquet's own text
 * @param units that a part counts, as many as {@code size} says
 */
public record ParquetParts<T>(
    Map<String, T> files, String last, String schema, String units, ToLongFunction<T> size) {

  /** Takes a row, which is filled by a function. */
  @FunctionalInterface
  public interface Rows {
    void add(Consumer<Group> fill) throws IOException;
  }

  @FunctionalInterface
  public interface Content<T> extends Serializable {
    void to(Inference.Task task, T part, Rows rows) throws IOException;
  }

  /**
   * Writes those parts that are not there, a task each, and returns how many. Removes the parts of
   * other weights or videos, and if any is missing the last file.
   */
  public int write(Inference network, Path folder, Content<T> content) throws IOException {
    Map<String, T> missing = new LinkedHashMap<>(files);
    FileSystem system = folder.getFileSystem(network.spark().hadoopConfiguration());
    system.mkdirs(folder);
    for (FileStatus file : system.listStatus(folder)) {
      String name = file.getPath().getName();
      if (missing.remove(name) == null && name.startsWith("part-")) {
        system.delete(file.getPath(), false);
      }
    }
    if (!missing.isEmpty()) {
      system.delete(new Path(folder, last), false);
    }
    String root = folder.toString();
    String type = schema;
    network.map(
        missing.entrySet().stream().map(e -> new Tuple2<>(e.getKey(), e.getValue())).toList(),
        missing.size(),
        units,
        missing.values().stream().mapToLong(size).sum(),
        (task, some) -> {
          for (Tuple2<String, T> part : some) {
            write(task, new Path(root, part._1()), type, part._2(), content);
          }
          return some.size();
        });
    return missing.size();
  }

  private static <T> void write(
      Inference.Task task, Path target, String schema, T part, Content<T> content)
      throws IOException {
    MessageType type = MessageTypeParser.parseMessageType(schema);
    SimpleGroupFactory groups = new SimpleGroupFactory(type);
    DurableFile.write(
        task.hadoop(),
        target,
        out -> {
          try (ParquetWriter<Group> writer =
              ExampleParquetWriter.builder(new Stream(out))
                  .withConf(task.hadoop())
                  .withType(type)
                  .withWriterVersion(WriterVersion.PARQUET_2_0)
                  .withDictionaryEncoding(false)
                  .build()) {
            content.to(
                task,
                part,
                fill -> {
                  Group row = groups.newGroup();
                  fill.accept(row);
                  writer.write(row);
                });
          }
        });
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
