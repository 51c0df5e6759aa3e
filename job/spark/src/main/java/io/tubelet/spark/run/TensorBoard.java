package io.tubelet.spark.run;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Rounds as an event file of TensorBoard: TFRecords (length, its checksum, data, its checksum;
 * little-endian, CRC-32C masked) of {@code tensorflow.Event} messages with one simple value a
 * curve.
 *
 * <p>Written by hand: three messages with five fields do not need a library. Times are seconds of
 * training, not of the day, so that the same events are the same file.
 */
final class TensorBoard {
  /** TensorBoard looks for {@code tfevents} in names. */
  static final String FILE = "events.out.tfevents.0000000000.tubelet";

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;
  private static final int MASK = 0xa282ead8;

  private TensorBoard() {}

  /** The whole file. */
  static byte[] file(List<Event> events) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    record(file, new Message().text(3, "brain.Event:2").fixed64(1, 0));
    double seconds = 0;
    for (Event event : events) {
      seconds += event.seconds().total();
      Message summary = new Message();
      curves(event).forEach((tag, value) -> summary.message(1, value(tag, value)));
      record(file, new Message().fixed64(1, seconds).varint(2, event.step()).message(5, summary));
    }
    return file.toByteArray();
  }

  /** The figures of a round that are drawn over steps. */
  static Map<String, Double> curves(Event event) {
    Map<String, Double> curves = new LinkedHashMap<>();
    curves.put("loss", event.loss());
    curves.put("learning_rate", event.learningRate());
    curves.put("gradient_norm", event.gradientNorm());
    curves.put("clips_per_second", event.clipsPerSecond());
    curves.put("seconds/wait", event.seconds().dataWait());
    curves.put("seconds/compute", event.seconds().compute());
    curves.put("seconds/average", event.seconds().average());
    return curves;
  }

  private static Message value(String tag, double value) {
    return new Message().text(1, tag).fixed32(2, (float) value);
  }

  private static void record(ByteArrayOutputStream file, Message message) {
    byte[] data = message.bytes.toByteArray();
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

  /** A message of Protocol Buffers, field by field. */
  private static final class Message {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private Message varint(int field, long value) {
      raw(key(field, VARINT));
      raw(value);
      return this;
    }

    private static long key(int field, int type) {
      return ((long) field << 3) | type;
    }

    private void raw(long value) {
      long rest = value;
      while ((rest & ~0x7FL) != 0) {
        bytes.write((int) ((rest & 0x7F) | 0x80));
        rest >>>= 7;
      }
      bytes.write((int) rest);
    }

    private Message fixed64(int field, double value) {
      raw(key(field, FIXED64));
      bytes.writeBytes(little(Double.BYTES).putDouble(value).array());
      return this;
    }

    private Message fixed32(int field, float value) {
      raw(key(field, FIXED32));
      bytes.writeBytes(little(Float.BYTES).putFloat(value).array());
      return this;
    }

    private Message text(int field, String text) {
      return block(field, text.getBytes(StandardCharsets.UTF_8));
    }

    private Message message(int field, Message inner) {
      return block(field, inner.bytes.toByteArray());
    }

    private Message block(int field, byte[] content) {
      raw(key(field, BYTES));
      raw(content.length);
      bytes.writeBytes(content);
      return this;
    }
  }
}
