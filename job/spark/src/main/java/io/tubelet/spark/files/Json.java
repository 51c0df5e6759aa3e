package io.tubelet.spark.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.tubelet.spark.files.Failure.StateException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Records at rest as JSON files on any Hadoop file system. */
public final class Json {
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private Json() {}

  /** Writes a record; the file appears whole or not at all. */
  public static void write(Configuration hadoop, Path path, Object record) throws IOException {
    byte[] bytes = JSON.writeValueAsBytes(record);
    DurableFile.write(hadoop, path, out -> out.write(bytes));
  }

  /**
   * Reads a record; empty if there is no such file.
   *
   * @throws StateException if the file is there but is not such a record
   */
  public static <T> Optional<T> read(Configuration hadoop, Path path, Class<T> type) {
    try (InputStream in = path.getFileSystem(hadoop).open(path)) {
      return Optional.of(JSON.readValue(in, type));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (JsonProcessingException e) {
      throw new StateException("%s is damaged: %s".formatted(path, e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new StateException("cannot read %s: %s".formatted(path, e.getMessage()), e);
    }
  }

  public static String line(Object record) {
    try {
      return JSON.writer().without(SerializationFeature.INDENT_OUTPUT).writeValueAsString(record);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("not a record: " + record.getClass(), e);
    }
  }

  /** The record on a line that {@link #line} made. */
  public static <T> T parse(String line, Class<T> type) {
    try {
      return JSON.readValue(line, type);
    } catch (JsonProcessingException e) {
      throw new StateException("damaged line: " + e.getOriginalMessage(), e);
    }
  }
}
