package io.tubelet.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.spark.cli.SubmitScript.Ended;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.files.Failure.LayoutException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkSubmitArguments;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The files beside the program: launcher, its settings, and the presets. Starts no Spark. */
class SubmitScriptTest {
  private static final Path CONF = SubmitScript.PROJECT.resolve("conf");

  @TempDir private Path folder;

  private static String demo() {
    return CONF.resolve("demo.conf").toString();
  }

  @Test
  void printsTheWholeCommandForThisMachine() throws IOException, InterruptedException {
    Ended ended =
        SubmitScript.run(
            Map.of("TUBELET_CORES", "2"), "local", "pretrain", demo(), "run.seed=3", "--dry-run");
    assertThat(ended.code()).isZero();
    assertThat(ended.command())
        .contains("@" + CONF.resolve("java-opens.args"))
        .contains("-Xmx4g", "SparkSubmit --master local\\[2\\]", "io.tubelet.spark.cli.Main")
        .contains("pretrain --config " + demo() + " run.seed=3");
  }

  @Test
  void sendsJarsToAClusterUnlessItsNodesHaveThem() throws IOException, InterruptedException {
    String master = "spark://head:7077";
    Map<String, String> sent = Map.of("TUBELET_MASTER", master, "TUBELET_DRIVER_MEMORY", "9g");
    assertThat(SubmitScript.run(sent, "standalone", "prepare", "-", "--dry-run").command())
        .contains("-Xmx9g", "--master " + master, "--jars")
        .doesNotContain("--config");
    Map<String, String> installed =
        Map.of(
            "TUBELET_MASTER", master, "TUBELET_NODE_LIB", "/opt/lib", "SPARK_HOME", "/opt/spark");
    assertThat(SubmitScript.run(installed, "standalone", "prepare", "-", "--dry-run").command())
        .startsWith("/opt/spark/bin/spark-submit")
        .contains("spark.executor.extraClassPath=/opt/lib/")
        .doesNotContain("--jars");
  }

  @Test
  void refusesWhatItDoesNotKnow() throws IOException, InterruptedException {
    Ended target = SubmitScript.run(Map.of(), "mars", "prepare", demo());
    assertThat(target)
        .isEqualTo(
            new Ended(
                2,
                "submit.sh: no target 'mars'; there are: local, standalone, yarn, kubernetes\n"));
    assertThat(SubmitScript.run(Map.of(), "local", "prepare", "none.conf").output())
        .contains("none.conf");
    assertThat(SubmitScript.run(Map.of(), "standalone", "prepare", demo()).output())
        .contains("TUBELET_MASTER");
    assertThat(SubmitScript.run(Map.of(), "local").code()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "yarn | SPARK_HOME=/s | needs HADOOP_CONF_DIR",
        "yarn | HADOOP_CONF_DIR=/h | needs SPARK_HOME",
        "kubernetes | SPARK_HOME=/s TUBELET_IMAGE=i | needs TUBELET_MASTER=k8s://",
        "kubernetes | SPARK_HOME=/s TUBELET_MASTER=k8s://https://h:1 | needs TUBELET_IMAGE",
        "kubernetes | SPARK_HOME=/s TUBELET_MASTER=k8s://h TUBELET_IMAGE=i"
            + " TUBELET_DEPLOY_MODE=cluster | use a Hadoop URI",
        "local | TUBELET_DEPLOY_MODE=cluster | client only",
        "standalone | TUBELET_MASTER=spark://h:1 TUBELET_DEPLOY_MODE=cluster | client only",
        "yarn | TUBELET_DEPLOY_MODE=far | no TUBELET_DEPLOY_MODE 'far'",
      })
  void saysWhatATargetNeeds(String target, String environment, String reason)
      throws IOException, InterruptedException {
    Ended ended =
        SubmitScript.run(SubmitScript.environment(environment), target, "pretrain", demo());
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.output()).startsWith("submit.sh: ").contains(reason).hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"client", "cluster"})
  void givesYarnWhatAContainerNeeds(String mode) throws IOException, InterruptedException {
    String environment =
        "SPARK_HOME=/s HADOOP_CONF_DIR=/h TUBELET_GPUS=2 TUBELET_EXECUTORS=4"
            + " TUBELET_EXECUTOR_CORES=16 TUBELET_EXECUTOR_MEMORY=20g"
            + " TUBELET_EVENT_LOG=hdfs:///logs TUBELET_DEPLOY_MODE="
            + mode;
    SparkSubmitArguments read =
        SubmitScript.parse(environment, "yarn", "pretrain", demo(), "run.seed=3");
    boolean cluster = mode.equals("cluster");
    assertThat(read.master()).isEqualTo("yarn");
    assertThat(read.deployMode()).isEqualTo(mode);
    assertThat(read.mainClass()).isEqualTo(Main.class.getName());
    assertThat(SubmitScript.job(read))
        .containsExactly("pretrain", "--config", cluster ? "demo.conf" : demo(), "run.seed=3");
    assertThat(read.files())
        .contains(CONF.resolve("log4j2.properties").toString(), "deploy/gpus.sh");
    assertThat(read.files().contains("demo.conf")).isEqualTo(cluster);
    Map<String, String> settings = Preflight.settings(read);
    assertThat(settings)
        .containsEntry("spark.executor.resource.gpu.amount", "2")
        .containsEntry("spark.executor.resource.gpu.discoveryScript", "./gpus.sh")
        .containsEntry("spark.executor.instances", "4")
        .containsEntry("spark.executor.memoryOverhead", "4g")
        .containsEntry("spark.eventLog.dir", "hdfs:///logs")
        .containsEntry("spark.eventLog.rolling.enabled", "true");
    String executor = settings.get("spark.executor.defaultJavaOptions");
    assertThat(executor).contains("cachedir=javacpp ", "configurationFile=log4j2.properties");
    String driver = settings.get("spark.driver.defaultJavaOptions");
    assertThat(driver).contains(cluster ? executor : "configurationFile=file:" + CONF);
    assertThat(plan(settings)).contains("a training task: cores: 8, GPUs: 1");
  }

  @ParameterizedTest
  @CsvSource({
    "yarn, SPARK_HOME=/s HADOOP_CONF_DIR=/h",
    "kubernetes, SPARK_HOME=/s TUBELET_MASTER=k8s://https://h:1 TUBELET_IMAGE=i",
  })
  void saysNothingOfGpusWhereNoneAreWanted(String target, String environment)
      throws IOException, InterruptedException {
    Map<String, String> settings =
        Preflight.settings(SubmitScript.parse(environment, target, "pretrain", "-"));
    assertThat(settings.keySet()).noneMatch(key -> key.contains("resource.gpu"));
    assertThat(settings).containsEntry("spark.executorEnv.LC_ALL", "C.UTF-8");
  }

  @Test
  void leavesTheClustersOwnSettingsOnAndAddsOptionsWithBlanks()
      throws IOException, InterruptedException {
    Path cluster = Files.createDirectories(folder.resolve("conf"));
    Files.writeString(cluster.resolve("spark-defaults.conf"), "spark.yarn.archive hdfs:///spark\n");
    Map<String, String> environment =
        Map.of(
            "SPARK_HOME", folder.toString(),
            "HADOOP_CONF_DIR", "/h",
            "TUBELET_SPARK_OPTIONS", "--conf 'spark.executor.extraJavaOptions=-Da -Db'");
    Map<String, String> settings =
        Preflight.settings(
            SubmitScript.parse(environment, new String[] {"yarn", "pretrain", "-", "--dry-run"}));
    assertThat(settings)
        .containsEntry("spark.yarn.archive", "hdfs:///spark")
        .containsEntry("spark.locality.wait", "0s")
        .containsEntry("spark.executor.extraJavaOptions", "-Da -Db");
    assertThat(settings.get("spark.executor.defaultJavaOptions")).contains("log4j2.properties");
  }

  @Test
  void runsByALinkAndRefusesWrongSurroundings() throws IOException, InterruptedException {
    Path link = folder.resolve("tubelet");
    Files.createSymbolicLink(link, SubmitScript.PROJECT.resolve("deploy/submit.sh"));
    Process process =
        new ProcessBuilder("env", "-u", "HOME", link + "", "local", "doctor", "-", "--dry-run")
            .redirectError(folder.resolve("error").toFile())
            .start();
    String command = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(command).contains("@" + CONF.resolve("java-opens.args"), "/tmp/.cache/tubelet");
    process.waitFor();
    for (String wrong :
        List.of(
            "JAVA_HOME=/nowhere",
            "TUBELET_CORES=0",
            "TUBELET_DRIVER_MEMORY=4",
            "TUBELET_SPARK_OPTIONS='")) {
      Ended ended =
          SubmitScript.run(SubmitScript.environment(wrong), "local", "doctor", "-", "--dry-run");
      assertThat(ended.code()).as(wrong).isEqualTo(2);
      assertThat(ended.output()).contains("submit.sh: ");
    }
  }

  @Test
  void takesLibrariesFromAFileSystemThatAllCanRead() throws IOException, InterruptedException {
    String yarn = "SPARK_HOME=/s HADOOP_CONF_DIR=/h TUBELET_NODE_LIB=hdfs:///tubelet/lib/";
    Map<String, String> settings =
        Preflight.settings(SubmitScript.parse(yarn, "yarn", "pretrain", "-"));
    assertThat(settings.get("spark.yarn.dist.jars").split(",", -1))
        .allMatch(jar -> jar.matches("hdfs:///tubelet/lib/[^/]+\\.jar"));
    assertThat(settings).doesNotContainKey("spark.executor.extraClassPath");
    String standalone =
        "SPARK_HOME=/s TUBELET_MASTER=spark://h:7077 TUBELET_NODE_LIB=s3a://bucket/lib";
    SparkSubmitArguments sent = SubmitScript.parse(standalone, "standalone", "pretrain", "-");
    assertThat(sent.jars().split(",", -1))
        .allMatch(jar -> jar.matches("s3a://bucket/lib/[^/]+\\.jar"));
  }

  /** A checkout with a Maven that notes that it was called. */
  @Test
  void buildsAgainForOtherContentsAndNotForOtherTimes() throws IOException, InterruptedException {
    Path checkout = folder.resolve("a checkout");
    for (String file :
        List.of("deploy/submit.sh", "conf/spark-defaults.conf", "pom.xml", "job/spark/pom.xml")) {
      Files.createDirectories(checkout.resolve(file).getParent());
      Files.copy(SubmitScript.PROJECT.resolve(file), checkout.resolve(file));
    }
    Path source = Files.createDirectories(checkout.resolve("job/spark/src/main")).resolve("A.java");
    Path maven = Files.createDirectories(folder.resolve("bin")).resolve("mvn");
    Files.writeString(
        maven, "#!/bin/sh\nmkdir -p job/spark/target/dist/spark/jars; echo >> builds");
    assertThat(maven.toFile().setExecutable(true)).isTrue();
    String command =
        "PATH='%s':$PATH exec '%s' local plan -"
            .formatted(maven.getParent(), checkout.resolve("deploy/submit.sh"));
    List<String> contents = List.of("class A {}", "class A {}", "class B {}");
    for (int i = 0; i < contents.size(); i++) {
      Files.writeString(source, contents.get(i));
      Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60L * i)));
      Process process = new ProcessBuilder("bash", "-c", command).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      assertThat(process.waitFor()).isEqualTo(1); // there are no jars
      assertThat(Files.readAllLines(checkout.resolve("builds"))).hasSize(i < 2 ? 1 : 2);
    }
    String cluster = command.replace("local plan -", "standalone plan - --dry-run");
    Process dry =
        new ProcessBuilder("bash", "-c", "export TUBELET_MASTER=spark://h:1; " + cluster).start();
    assertThat(dry.inputReader(StandardCharsets.UTF_8).readLine())
        .as("options with the checkout's blank, escaped for a shell")
        .contains("\\\"-Dlog4j2.configurationFile=file:");
  }

  @Test
  void aReleaseRunsWhatLiesInItAndBuildsNothing() throws IOException, InterruptedException {
    for (String file : List.of("deploy/submit.sh", "conf/spark-defaults.conf")) {
      Files.createDirectories(folder.resolve(file).getParent());
      Files.copy(SubmitScript.PROJECT.resolve(file), folder.resolve(file));
    }
    Process process =
        new ProcessBuilder("bash", folder.resolve("deploy/submit.sh") + "", "local", "plan", "-")
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isEqualTo(1); // there are no jars
    assertThat(said).contains(folder + "/conf/java-opens.args").doesNotContain("build", "Maven");
  }

  @Test
  void objectsToAHeapThatCannotHoldTheNetwork() {
    Map<String, String> usual = Map.of("spark.master", "spark://h:7077");
    assertThatThrownBy(() -> plan(usual, ""))
        .isInstanceOf(LayoutException.class)
        .hasMessageContaining("1024 MB cannot hold a training state of 1078 MB")
        // twice 94,210,944 weights with two moments, and four minibatches of 32 clips of 2.4 MB
        .hasMessageContaining("of 1 replicas: set TUBELET_EXECUTOR_MEMORY=4187m");
    Map<String, String> large =
        Map.of("spark.master", "yarn", "spark.executor.memory", "4g", "spark.executor.cores", "2");
    plan(large, "");
    assertThatThrownBy(() -> plan(large, "", "pretrain.replicas=4"))
        .hasMessageContaining("of 2 replicas");
    plan(large, "", "pretrain.replicas=4", "cluster.train-cores=2"); // one task at a time
    plan(usual, demo());
  }

  private static List<String> plan(Map<String, String> settings) {
    return plan(settings, demo());
  }

  private static List<String> plan(Map<String, String> settings, String file, String... overrides) {
    SparkConf conf = new SparkConf(false);
    settings.forEach(conf::set);
    JobConfig config = JobConfig.load(file, List.of(overrides), new Configuration(false));
    return Plan.resources(StageCommand.Verb.PRETRAIN, config, conf).lines();
  }

  @Test
  void givesJavaTheSameOptionsAsTheBuildGivesTests() throws IOException {
    List<String> options =
        Files.readAllLines(CONF.resolve("java-opens.args")).stream()
            .filter(line -> !line.startsWith("#"))
            .toList();
    assertThat(options).isNotEmpty();
    assertThat(ManagementFactory.getRuntimeMXBean().getInputArguments()).containsAll(options);
  }

  static Stream<Path> presets() throws IOException {
    try (Stream<Path> files = Files.list(CONF)) {
      return files
          .filter(
              file -> file.toString().endsWith(".conf") && !file.endsWith("spark-defaults.conf"))
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("presets")
  void everyPresetIsAConfiguration(Path preset) {
    JobConfig config = JobConfig.load(preset.toString(), List.of(), new Configuration(false));
    boolean none = preset.endsWith("bench.conf") || preset.endsWith("own-videos.conf");
    assertThat(config.data().corpora().isEmpty()).isEqualTo(none);
    assertThat(preset).hasFileName(config.run().name() + ".conf");
  }
}
