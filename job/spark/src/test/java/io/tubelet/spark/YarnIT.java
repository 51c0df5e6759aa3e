package io.tubelet.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.spark.LoopbackCluster.Result;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.yarn.api.records.ApplicationReport;
import org.apache.hadoop.yarn.api.records.FinalApplicationStatus;
import org.apache.hadoop.yarn.client.api.YarnClient;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.MiniYARNCluster;
import org.apache.hadoop.yarn.util.resource.ResourceUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The job as a user submits it to a real YARN with HDFS: both run in this JVM, containers are
 * processes of their own. The node claims a GPU.
 */
class YarnIT {
  private static final String DEPLOY = "../../deploy/yarn/";

  /** What a client and the containers know of the cluster. */
  private static final List<String> KNOWN =
      List.of(
          "fs.defaultFS",
          "yarn.resourcemanager.address",
          "yarn.resourcemanager.scheduler.address",
          "yarn.resourcemanager.webapp.address");

  @TempDir private static Path folder;
  private static MiniDFSCluster hdfs;
  private static MiniYARNCluster yarn;
  private static Path spark;

  @BeforeAll
  static void start() throws Exception {
    spark = LoopbackCluster.sparkHome("spark-yarn", "spark-yarn_", "hadoop-yarn-server-web-proxy-");
    System.setProperty("test.build.data", folder.toString());
    YarnConfiguration conf = new YarnConfiguration();
    conf.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.resolve("hdfs").toString());
    hdfs = new MiniDFSCluster.Builder(conf).numDataNodes(1).build();
    conf.set("fs.defaultFS", hdfs.getURI().toString());
    for (String file : List.of("resource-types.xml", "capacity-scheduler.xml")) {
      conf.addResource(Path.of(DEPLOY, file).toUri().toURL());
    }
    ResourceUtils.resetResourceTypes(conf);
    conf.set("yarn.nodemanager.resource-type.yarn.io/gpu", "1");
    conf.set("yarn.nodemanager.resource.memory-mb", "8192");
    conf.set("yarn.minicluster.yarn.nodemanager.resource.memory-mb", "8192");
    conf.set("yarn.nodemanager.vmem-check-enabled", "false");
    conf.set("yarn.nodemanager.disk-health-checker.enable", "false");
    conf.set("yarn.scheduler.minimum-allocation-mb", "256");
    conf.set("yarn.scheduler.capacity.root.queues", "default");
    conf.set("yarn.scheduler.capacity.root.default.capacity", "100");
    conf.set("yarn.scheduler.capacity.maximum-am-resource-percent", "1");
    yarn = new MiniYARNCluster("yarn", 1, 1, 1);
    yarn.init(conf);
    yarn.start();
    export(yarn.getConfig());
    Files.writeString(
        Files.createDirectories(spark.resolve("conf")).resolve("spark-defaults.conf"),
        """
        spark.yarn.jars local:%s/jars/*
        spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
        spark.executor.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
        """
            .formatted(spark));
  }

  private static void export(Configuration conf) throws IOException {
    Configuration known = new Configuration(false);
    KNOWN.forEach(key -> known.set(key, conf.get(key)));
    Path hadoop = Files.createDirectories(folder.resolve("hadoop"));
    for (String file : List.of("core-site.xml", "yarn-site.xml")) {
      try (OutputStream out = new FileOutputStream(hadoop.resolve(file).toFile())) {
        known.writeXml(out);
      }
    }
    Files.copy(Path.of(DEPLOY, "resource-types.xml"), hadoop.resolve("resource-types.xml"));
  }

  @AfterAll
  static void stop() throws IOException {
    if (yarn != null) {
      yarn.close();
      hdfs.shutdown(true);
    }
  }

  private static Result submit(String mode, Map<String, String> more, String... words)
      throws IOException, InterruptedException {
    Map<String, String> environment = new HashMap<>();
    environment.put("SPARK_HOME", spark.toString());
    environment.put("HADOOP_CONF_DIR", folder.resolve("hadoop").toString());
    environment.put("TUBELET_DEPLOY_MODE", mode);
    environment.put("TUBELET_NODE_LIB", LoopbackCluster.LIB.toString());
    environment.put("TUBELET_DRIVER_MEMORY", "512m");
    environment.put("TUBELET_EXECUTORS", "1");
    environment.put("TUBELET_EXECUTOR_CORES", "2");
    environment.put("TUBELET_EXECUTOR_MEMORY", "512m");
    environment.put("TUBELET_EXECUTOR_NATIVE", "2g");
    environment.putAll(more);
    List<String> command = new ArrayList<>(List.of("deploy/submit.sh", "yarn"));
    command.addAll(List.of(words));
    return LoopbackCluster.run(folder, environment, command);
  }

  /** What YARN says of the application that was submitted last. */
  private static ApplicationReport last() throws Exception {
    try (YarnClient client = YarnClient.createYarnClient()) {
      client.init(yarn.getConfig());
      client.start();
      return client.getApplications().stream()
          .max(Comparator.comparing(ApplicationReport::getApplicationId))
          .orElseThrow();
    }
  }

  private static void requireOneGoodAttempt(Result result, String name) throws Exception {
    result.requireDone();
    ApplicationReport report = last();
    assertThat(report.getName()).startsWith(name);
    assertThat(report.getFinalApplicationStatus()).isEqualTo(FinalApplicationStatus.SUCCEEDED);
    assertThat(report.getCurrentApplicationAttemptId().getAttemptId()).isEqualTo(1);
  }

  private static boolean exists(String path) throws IOException {
    return hdfs.getFileSystem().exists(new org.apache.hadoop.fs.Path(path));
  }

  @Test
  void preparesAndTrainsWithTheDriverHere() throws Exception {
    String conf = LoopbackCluster.tiny(folder, "hdfs:///client");
    requireOneGoodAttempt(submit("client", aGpu(), "prepare", conf), "tubelet prepare");
    assertThat(
            last().getApplicationResourceUsageReport().getResourceSecondsMap().get("yarn.io/gpu"))
        .isPositive();
    Map<String, String> kept = Map.of("TUBELET_NODE_LIB", libraries());
    requireOneGoodAttempt(submit("client", kept, "pretrain", conf), "tubelet pretrain");
    assertThat(exists("/client/pretrain/checkpoints/step-00000003/state.json")).isTrue();
    try (Stream<Path> files =
        Files.find(yarn.getTestWorkDir().toPath(), 9, (path, attributes) -> true)) {
      assertThat(files.map(Path::toString).filter(path -> path.matches(".*/tubelet-spark-.*jar")))
          .as("the node keeps them for all users and applications")
          .anyMatch(path -> path.contains("/filecache/") && !path.contains("/usercache/"));
    }
  }

  /** A copy on HDFS that everybody may read. */
  private static String libraries() throws IOException {
    org.apache.hadoop.fs.Path there = new org.apache.hadoop.fs.Path("/tubelet/lib");
    hdfs.getFileSystem().mkdirs(there.getParent());
    hdfs.getFileSystem()
        .copyFromLocalFile(new org.apache.hadoop.fs.Path(LoopbackCluster.LIB.toUri()), there);
    return "hdfs:///tubelet/lib";
  }

  /** Containers find it by {@code deploy/gpus.sh}, which asks an nvidia-smi that always has one. */
  private static Map<String, String> aGpu() throws IOException {
    Path smi = Files.createDirectories(folder.resolve("bin")).resolve("nvidia-smi");
    Files.writeString(smi, "#!/bin/sh\necho 0\n");
    assertThat(smi.toFile().setExecutable(true)).isTrue();
    String path = smi.getParent() + ":" + System.getenv("PATH");
    String option = "--conf 'spark.executorEnv.PATH=" + path + "'";
    return Map.of("TUBELET_GPUS", "1", "TUBELET_SPARK_OPTIONS", option);
  }

  /** The second time with the libraries sent, and a configuration that lies on HDFS. */
  @Test
  void preparesAndTrainsWithTheDriverInAContainer() throws Exception {
    String conf = LoopbackCluster.tiny(folder, "hdfs:///cluster");
    requireOneGoodAttempt(submit("cluster", Map.of(), "prepare", conf), "tubelet prepare");
    FileSystem files = hdfs.getFileSystem();
    files.copyFromLocalFile(
        new org.apache.hadoop.fs.Path(conf), new org.apache.hadoop.fs.Path("/conf/tiny.conf"));
    Map<String, String> sent = Map.of("TUBELET_NODE_LIB", "");
    requireOneGoodAttempt(
        submit("cluster", sent, "pretrain", "hdfs:///conf/tiny.conf"), "tubelet pretrain");
    assertThat(exists("/cluster/pretrain/checkpoints/step-00000003/state.json")).isTrue();
  }

  @Test
  void tellsWhyAJobFailed() throws Exception {
    String conf = LoopbackCluster.tiny(folder, "hdfs:///failed");
    String missing = "data.pretrain.source=hdfs:///nowhere";
    Result here = submit("client", Map.of(), "prepare", conf, missing);
    assertThat(here.exit()).as(here.output()).isEqualTo(3);
    assertThat(here.output()).contains("hdfs:///nowhere").doesNotContain("\tat ");
    Result there = submit("cluster", Map.of(), "prepare", conf, missing);
    assertThat(there.exit()).as(there.output()).isEqualTo(1);
    assertThat(last().getDiagnostics()).contains("exited with status 3");
    assertThat(last().getCurrentApplicationAttemptId().getAttemptId()).isEqualTo(1);
  }
}
