package io.tubelet.spark.evaluate;

import io.tubelet.spark.files.DurableFile;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
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

/**
 * A Parquet file that a task writes; appears whole or not at all. Equal rows make equal bytes: a
 * column has one encoding, as the footer would list several in an order that each JVM draws.
 */
final class ParquetFile {
  private ParquetFile() {}

  /** Takes a row, which is filled by a function. */
  @FunctionalInterface
  interface Rows {
    void add(Consumer<Group> fill) throws IOException;
  }

  /** What is to be written. */
  @FunctionalInterface
  interface Content {
    void to(Rows rows) throws IOException;
  }

  /**
   * @param schema as Parquet's own text
   */
  static void write(Configuration hadoop, Path target, String schema, Content content)
      throws IOException {
    MessageType type = MessageTypeParser.parseMessageType(schema);
    SimpleGroupFactory groups = new SimpleGroupFactory(type);
    DurableFile.write(
        hadoop,
        target,
        out -> {
          try (ParquetWriter<Group> writer =
              ExampleParquetWriter.builder(new Stream(out))
                  .withConf(hadoop)
                  .withType(type)
                  .withWriterVersion(WriterVersion.PARQUET_2_0)
                  .withDictionaryEncoding(false)
                  .build()) {
            content.to(
                fill -> {
                  Group row = groups.newGroup();
                  fill.accept(row);
                  writer.write(row);
                });
          }
        });
  }

  /**
   * Those parts of a folder that are not there. Removes the parts of other weights or videos, and
   * if any part is missing what is written after the last one. A part's name has the digest of all
   * that decides its bytes, so that a killed job resumes.
   *
   * @param parts by the names of their files, which begin with {@code part-}
   * @param last written when all parts are there
   */
  static <T> Map<String, T> missing(
      Configuration hadoop, Path folder, Map<String, T> parts, String last) throws IOException {
    Map<String, T> missing = new LinkedHashMap<>(parts);
    FileSystem files = folder.getFileSystem(hadoop);
    files.mkdirs(folder);
    for (FileStatus file : files.listStatus(folder)) {
      String name = file.getPath().getName();
      if (missing.remove(name) == null && name.startsWith("part-")) {
        files.delete(file.getPath(), false);
      }
    }
    if (!missing.isEmpty()) {
      files.delete(new Path(folder, last), false);
    }
    return missing;
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
