package io.tubelet.spark.train;

import io.tubelet.spark.files.DurableFile;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** The folder of a run; the package's comment says what is in it. */
public record RunFolder(Configuration hadoop, Path root) {

  /** Writes a file that appears whole or not at all. */
  public void write(String name, byte[] bytes) throws IOException {
    DurableFile.write(hadoop, file(name), out -> out.write(bytes));
  }

  public Path file(String name) {
    return new Path(root, name);
  }

  /** The checkpoints of one training: {@code pretrain}, {@code finetune}, … */
  public Checkpoints checkpoints(String training) {
    return new Checkpoints(hadoop, file(training + "/checkpoints"));
  }

  public Path events(String training) {
    return file(training + "/events.jsonl");
  }
}
