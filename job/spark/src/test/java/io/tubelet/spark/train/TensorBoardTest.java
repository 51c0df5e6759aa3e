package io.tubelet.spark.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.UnknownFieldSet;
import io.tubelet.spark.files.Json;
import io.tubelet.train.RoundMetrics;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Read with Google's own parser. */
class TensorBoardTest {
  private static final RoundMetrics EVENT =
      Json.parse(
          """
          {"round": 0, "epoch": 0, "step": 300, "loss": 0.75, "learningRate": 1e-3, "gradientNorm": 0.5,
           "clipsPerSecond": 200, "seconds": {"total": 4, "dataWait": 1, "compute": 2, "average": 1}}
          """,
          RoundMetrics.class);

  private static List<UnknownFieldSet> records(byte[] file) throws Exception {
    List<UnknownFieldSet> records = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    while (in.hasRemaining()) {
      byte[] data = new byte[Math.toIntExact(in.getLong())];
      in.getInt();
      in.get(data);
      in.getInt();
      records.add(UnknownFieldSet.parseFrom(data));
    }
    return records;
  }

  private static Map<String, Float> values(UnknownFieldSet event) throws Exception {
    UnknownFieldSet summary =
        UnknownFieldSet.parseFrom(event.getField(5).getLengthDelimitedList().get(0));
    Map<String, Float> values = new LinkedHashMap<>();
    for (var bytes : summary.getField(1).getLengthDelimitedList()) {
      UnknownFieldSet value = UnknownFieldSet.parseFrom(bytes);
      values.put(
          value.getField(1).getLengthDelimitedList().get(0).toStringUtf8(),
          Float.intBitsToFloat(value.getField(2).getFixed32List().get(0)));
    }
    return values;
  }

  @Test
  void holdsTheVersionAndThenARecordARound() throws Exception {
    List<UnknownFieldSet> records = records(TensorBoard.file(List.of(EVENT, EVENT)));
    assertThat(records).hasSize(3);
    assertThat(records.get(0).getField(3).getLengthDelimitedList().get(0).toStringUtf8())
        .isEqualTo("brain.Event:2");
    UnknownFieldSet second = records.get(2);
    assertThat(second.getField(2).getVarintList()).containsExactly(300L);
    assertThat(Double.longBitsToDouble(second.getField(1).getFixed64List().get(0))).isEqualTo(8);
    assertThat(values(second))
        .containsEntry("loss", 0.75f)
        .containsEntry("learning_rate", 1e-3f)
        .containsEntry("seconds/wait", 1f)
        .hasSize(7);
  }

  @Test
  void checksumsAreThoseOfTensorFlow() throws Exception {
    // length and data of the version record and their masked CRC-32C, as any TensorFlow event file
    // begins
    ByteBuffer file = ByteBuffer.wrap(TensorBoard.file(List.of())).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(file.getLong(0)).isEqualTo(24);
    assertThat(file.getInt(8)).isEqualTo(maskedCrcOf24());
  }

  /** CRC-32C of the eight bytes {@code 18 00 …}, bit by bit (RFC 3720), rotated and shifted. */
  private static int maskedCrcOf24() {
    int crc = -1;
    for (int at = 0; at < Long.BYTES; at++) {
      crc ^= at == 0 ? 24 : 0;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
      }
    }
    crc = ~crc;
    return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
  }
}
