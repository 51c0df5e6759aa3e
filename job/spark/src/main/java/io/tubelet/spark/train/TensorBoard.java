package io.tubelet.spark.train;

import io.tubelet.train.RoundMetrics;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.zip.CRC32C;
import org.mlflow_project.google.protobuf.ByteString;
import org.mlflow_project.google.protobuf.UnknownFieldSet;
import org.mlflow_project.google.protobuf.UnknownFieldSet.Field;

/**
 * Rounds as an event file of TensorBoard: TFRecords (length, its checksum, data, its checksum;
 * little-endian, CRC-32C masked) of {@code tensorflow.Event} messages with one simple value a
 * curve.
 *
 * <p>Messages are made field by field with MLflow's copy of Protocol Buffers; TensorFlow's classes
 * are not needed. Times are seconds of training, not of the day, so that the same rounds are the
 * same file.
 */
final class TensorBoard {
  /** TensorBoard looks for {@code tfevents} in names. */
  static final String FILE = "events.out.tfevents.0000000000.tubelet";

  private static final int MASK = 0xa282ead8;

  private TensorBoard() {}

  static byte[] file(List<RoundMetrics> rounds) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    record(file, event(0).addField(3, bytes(ByteString.copyFromUtf8("brain.Event:2"))));
    double seconds = 0;
    for (RoundMetrics round : rounds) {
      seconds += round.seconds().total();
      record(
          file,
          event(seconds)
              .addField(2, Field.newBuilder().addVarint(round.step()).build())
              .addField(5, bytes(curves(round).toByteString())));
    }
    return file.toByteArray();
  }

  private static UnknownFieldSet.Builder event(double seconds) {
    Field time = Field.newBuilder().addFixed64(Double.doubleToLongBits(seconds)).build();
    return UnknownFieldSet.newBuilder().addField(1, time);
  }

  private static UnknownFieldSet curves(RoundMetrics round) {
    Field.Builder values = Field.newBuilder();
    round
        .curves()
        .forEach(
            (name, y) -> {
              int bits = Float.floatToIntBits(y.floatValue());
              UnknownFieldSet.Builder value = UnknownFieldSet.newBuilder();
              value.addField(1, bytes(ByteString.copyFromUtf8(name)));
              value.addField(2, Field.newBuilder().addFixed32(bits).build());
              values.addLengthDelimited(value.build().toByteString());
            });
    return UnknownFieldSet.newBuilder().addField(1, values.build()).build();
  }

  private static Field bytes(ByteString bytes) {
    return Field.newBuilder().addLengthDelimited(bytes).build();
  }

  private static void record(ByteArrayOutputStream file, UnknownFieldSet.Builder event) {
    byte[] data = event.build().toByteArray();
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
