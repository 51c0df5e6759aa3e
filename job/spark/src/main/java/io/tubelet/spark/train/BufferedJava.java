package io.tubelet.spark.train;

import java.io.BufferedInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import org.apache.spark.SparkConf;
import org.apache.spark.serializer.DeserializationStream;
import org.apache.spark.serializer.JavaSerializer;
import org.apache.spark.serializer.SerializationStream;
import org.apache.spark.serializer.Serializer;
import org.apache.spark.serializer.SerializerInstance;
import scala.reflect.ClassTag;

/**
 * Java's serialization for a shuffle of large records. Java reads an object a kibibyte at a time,
 * and without compression Spark hands it the bare file: a system call each. Here a buffer is
 * between them.
 */
final class BufferedJava extends Serializer implements Serializable {
  private static final int BUFFER_BYTES = 1 << 18;

  private final JavaSerializer java;

  BufferedJava(SparkConf conf) {
    java = new JavaSerializer(conf);
  }

  @Override
  public SerializerInstance newInstance() {
    return new Instance(java.newInstance());
  }

  private static final class Instance extends SerializerInstance {
    private final SerializerInstance java;

    Instance(SerializerInstance java) {
      this.java = java;
    }

    @Override
    public <T> ByteBuffer serialize(T value, ClassTag<T> type) {
      return java.serialize(value, type);
    }

    @Override
    public <T> T deserialize(ByteBuffer bytes, ClassTag<T> type) {
      return java.deserialize(bytes, type);
    }

    @Override
    public <T> T deserialize(ByteBuffer bytes, ClassLoader loader, ClassTag<T> type) {
      return java.deserialize(bytes, loader, type);
    }

    @Override
    public SerializationStream serializeStream(OutputStream out) {
      return java.serializeStream(out);
    }

    @Override
    public DeserializationStream deserializeStream(InputStream in) {
      return java.deserializeStream(new BufferedInputStream(in, BUFFER_BYTES));
    }
  }
}
