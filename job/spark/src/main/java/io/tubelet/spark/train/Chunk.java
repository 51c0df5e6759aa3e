package io.tubelet.spark.train;

import java.io.Externalizable;
import java.io.IOException;
import java.io.ObjectInput;
import java.io.ObjectOutput;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/**
 * A chunk of a state on the wire. Java writes an array of floats one by one; as blocks of bytes
 * they are copied as fast as memory allows.
 */
public final class Chunk implements Externalizable {
  private static final int BLOCK_VALUES = 1 << 14;

  private float[] values;

  /** For Java's serialization. */
  public Chunk() {
    this(new float[0]);
  }

  /** Takes the array, without a copy. */
  Chunk(float[] values) {
    this.values = values;
  }

  /** The values, not a copy. */
  float[] values() {
    return values;
  }

  @Override
  public void writeExternal(ObjectOutput out) throws IOException {
    out.writeInt(values.length);
    ByteBuffer block = ByteBuffer.allocate(BLOCK_VALUES * Float.BYTES);
    FloatBuffer floats = block.asFloatBuffer();
    for (int done = 0; done < values.length; done += BLOCK_VALUES) {
      int count = Math.min(BLOCK_VALUES, values.length - done);
      floats.put(0, values, done, count);
      out.write(block.array(), 0, count * Float.BYTES);
    }
  }

  @Override
  public void readExternal(ObjectInput in) throws IOException {
    values = new float[in.readInt()];
    ByteBuffer block = ByteBuffer.allocate(BLOCK_VALUES * Float.BYTES);
    FloatBuffer floats = block.asFloatBuffer();
    for (int done = 0; done < values.length; done += BLOCK_VALUES) {
      int count = Math.min(BLOCK_VALUES, values.length - done);
      in.readFully(block.array(), 0, count * Float.BYTES);
      floats.get(0, values, done, count);
    }
  }
}
