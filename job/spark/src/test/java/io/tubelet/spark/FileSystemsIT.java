package io.tubelet.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.files.DurableFile;
import io.tubelet.spark.files.S3Server;
import io.tubelet.spark.stage.Outcome;
import io.tubelet.spark.stage.Stages;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.HdfsConfiguration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stores and run folders on HDFS and S3, both in this JVM: the same bytes as on a local disk. */
class FileSystemsIT {
  private static final Configuration HADOOP = LocalSpark.context().hadoopConfiguration();

  @TempDir private static java.nio.file.Path folder;
  private static MiniDFSCluster hdfs;
  private static S3Server s3;
  private static Digests local;

  private record Digests(String store, String weights, String moments) {}

  @BeforeAll
  static void start() throws Exception {
    HdfsConfiguration conf = new HdfsConfiguration();
    conf.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.resolve("hdfs").toString());
    hdfs = new MiniDFSCluster.Builder(conf).numDataNodes(1).build();
    s3 = S3Server.start();
    s3.configure(HADOOP);
    local = train(new Path(folder.resolve("local").toUri()));
  }

  @AfterAll
  static void stop() throws Exception {
    hdfs.shutdown(true);
    s3.close();
  }

  private static Path root(String scheme) {
    return scheme.equals("hdfs")
        ? new Path(hdfs.getURI() + "/tubelet")
        : new Path("s3a://tubelet/data");
  }

  private static JobConfig config(Path root) {
    List<String> settings =
        List.of(
            "run.dir=" + root + "/run",
            "data.motion.size=16",
            "data.motion.frames=8",
            "data.motion.train-per-class=1",
            "data.motion.test-per-class=1",
            "data.motion.unlabelled=12",
            "data.pretrain.source=motion",
            "data.pretrain.stride=1",
            "data.short-side=16",
            "data.shard-clips=4",
            "model.size=tiny",
            "model.geometry.frames=4",
            "model.geometry.height=16",
            "model.geometry.width=16",
            "model.geometry.patch=8",
            "masking.ratio=0.5",
            "pretrain.epochs=2",
            "pretrain.batch=3",
            "pretrain.replicas=2",
            "pretrain.warmup-epochs=0",
            "pretrain.averaging.period=1",
            "training.checkpoint.every-rounds=2",
            "training.checkpoint.keep=2");
    return JobConfig.load("", settings, HADOOP);
  }

  private static void run(String verb, Path root) throws IOException, InterruptedException {
    Outcome outcome = Stages.all().get(verb).run(config(root), LocalSpark.session());
    assertThat(outcome.status()).as(verb).isEqualTo(Outcome.Status.DONE);
  }

  private static Path checkpoint(Path root, int step) {
    return new Path(root, "run/pretrain/checkpoints/step-%08d".formatted(step));
  }

  /** Makes the synthetic videos, a store and two epochs of training below one folder. */
  private static Digests train(Path root) throws IOException, InterruptedException {
    run("prepare", root);
    run("pretrain", root);
    return digests(root);
  }

  private static Digests digests(Path root) throws IOException {
    CubeStore.Manifest store =
        CubeStore.manifest(LocalSpark.session(), new Path(root, "run/store/pretrain"))
            .orElseThrow();
    Path last = checkpoint(root, 4);
    return new Digests(
        store.digest(),
        digest(new Path(last, "model.safetensors")),
        digest(new Path(last, "optimizer.safetensors")));
  }

  private static String digest(Path file) throws IOException {
    try (InputStream in = file.getFileSystem(HADOOP).open(file)) {
      return DigestUtils.sha256Hex(in.readAllBytes());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"hdfs", "s3a"})
  void preparesAndTrainsToTheSameBitsAsOnALocalDisk(String scheme)
      throws IOException, InterruptedException {
    Path root = root(scheme);
    assertThat(train(root)).isEqualTo(local);
    assertThat(root.getFileSystem(HADOOP).exists(new Path(root, "run/lease.json"))).isFalse();
    // and again from the middle, as the last checkpoint is damaged
    DurableFile.write(
        HADOOP, new Path(checkpoint(root, 4), "model.safetensors"), out -> out.write(1));
    run("pretrain", root);
    assertThat(digests(root)).isEqualTo(local);
  }

  /** What a driver that is killed leaves: no store, a shard without manifest, another cut off. */
  @ParameterizedTest
  @ValueSource(strings = {"hdfs", "s3a"})
  void preparesTheSameStoreAfterAKill(String scheme) throws IOException, InterruptedException {
    Path root = new Path(root(scheme), "killed");
    run("prepare", root);
    Path store = new Path(root, "run/store/pretrain");
    FileSystem files = root.getFileSystem(HADOOP);
    Path kept = new Path(store, "shards/shard-00000.arrow");
    long before = files.getFileStatus(kept).getModificationTime();
    assertThat(files.delete(new Path(store, "store.json"), false)).isTrue();
    for (int shard : new int[] {1, 2}) {
      Path manifest = new Path(store, "shards/shard-0000%d.arrow.json".formatted(shard));
      assertThat(files.delete(manifest, false)).isTrue();
    }
    try (OutputStream out = files.create(new Path(store, "shards/shard-00002.arrow"), true)) {
      out.write(1);
    }
    run("prepare", root);
    CubeStore.Manifest again = CubeStore.manifest(LocalSpark.session(), store).orElseThrow();
    assertThat(again.digest()).isEqualTo(local.store());
    assertThat(files.getFileStatus(kept).getModificationTime()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"hdfs", "s3a"})
  void aFileWhoseWritingFailsStaysAsItWas(String scheme) throws IOException {
    Path file = new Path(root(scheme), "durable/file");
    FileSystem files = file.getFileSystem(HADOOP);
    DurableFile.Body broken =
        out -> {
          out.write(new byte[100_000]);
          throw new IOException("the disk is full");
        };
    assertThatThrownBy(() -> DurableFile.write(HADOOP, file, broken))
        .hasMessageContainingAll(file.toString(), "the disk is full");
    assertThat(files.exists(file)).isFalse();
    DurableFile.write(HADOOP, file, out -> out.write(1));
    DurableFile.write(HADOOP, file, out -> out.write(new byte[] {2, 3}));
    assertThatThrownBy(() -> DurableFile.write(HADOOP, file, broken))
        .hasMessageContaining("the disk is full");
    assertThat(files.getFileStatus(file).getLen()).isEqualTo(2);
    assertThat(files.listStatus(file.getParent())).hasSize(1);
  }

  @Test
  void nothingIsRenamedOnS3() throws IOException {
    Path file = new Path(root("s3a"), "renamed/file");
    FileSystem files = file.getFileSystem(HADOOP);
    long before = renames(files);
    DurableFile.write(HADOOP, file, out -> out.write(1));
    DurableFile.write(HADOOP, file, out -> out.write(2));
    assertThat(renames(files)).isEqualTo(before);
    assertThat(files.rename(file, new Path(file.getParent(), "other"))).isTrue();
    assertThat(renames(files)).as("renames are counted").isEqualTo(before + 1);
  }

  private static long renames(FileSystem files) {
    return files.getStorageStatistics().getLong("op_rename");
  }
}
