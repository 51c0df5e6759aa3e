package io.tubelet.spark.train;

import io.tubelet.train.RoundMetrics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.mlflow_project.google.protobuf.CodedOutputStream;

/**
 * Rounds as an event file of TensorBoard: TFRecords (length, its checksum, data, its checksum;
 * little-endian, CRC-32C masked) of {@code tensorflow.Event} messages with one simple value a
 * curve.
 *
 * <p>Messages are written field by field with MLflow's copy of Protocol Buffers; TensorFlow's
 * classes are not needed. Times are seconds of training, not of the day, so that the same rounds
 * are the same file.
 */
final class TensorBoard {
  /** TensorBoard looks for {@code tfevents} in names. */
  static final String FILE = "events.out.tfevents.0000000000.tubelet";

  private static final int MASK = 0xa282ead8;

  private TensorBoard() {}

  @FunctionalInterface
  private interface Fields {
    void write(CodedOutputStream to) throws IOException;
  }

  static byte[] file(List<RoundMetrics> rounds) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    record(
        file,
        event -> {
          event.writeString(3, "brain.Event:2");
          event.writeDouble(1, 0);
        });
    double before = 0;
    for (RoundMetrics round : rounds) {
      double seconds = before + round.seconds().total();
      record(
          file,
          event -> {
            event.writeDouble(1, seconds);
            event.writeInt64(2, round.step());
            event.writeByteArray(5, message(summary -> curves(summary, round)));
          });
      before = seconds;
    }
    return file.toByteArray();
  }

  private static void curves(CodedOutputStream summary, RoundMetrics round) throws IOException {
    for (Map.Entry<String, Double> curve : round.curves().entrySet()) {
      summary.writeByteArray(
          1,
          message(
              value -> {
                value.writeString(1, curve.getKey());
                value.writeFloat(2, curve.getValue().floatValue());
              }));
    }
  }

  private static byte[] message(Fields fields) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream to = CodedOutputStream.newInstance(bytes);
    fields.write(to);
    to.flush();
    return bytes.toByteArray();
  }

  private static void record(ByteArrayOutputStream file, Fields event) throws IOException {
    byte[] data = message(event);
    byte[] length = little(Long.BYTES).putLong(data.length).array();
    file.writeBytes(length);
    file.writeBytes(checksum(length));
    file.writeBytes(data);
    file.writeBytes(checksum(data));
  }

  private static byte[] checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return little(Integer.BYTES)
        .putInt(Integer.rotateRight((int) crc.getValue(), 15) + MASK)
        .array();
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
