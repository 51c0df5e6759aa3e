package io.tubelet.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.SecurityManager;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkSubmitArguments;
import org.apache.spark.deploy.k8s.KubernetesConf;
import org.apache.spark.deploy.k8s.SparkPod;
import org.apache.spark.internal.config.package$;
import org.apache.spark.resource.ResourceProfile$;
import org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import scala.Option;

/** What a Kubernetes cluster is given, checked by the classes that Spark uses for it. */
class KubernetesManifestsTest {
  private static final Path FOLDER = SubmitScript.PROJECT.resolve("deploy/kubernetes");
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
  private static final String CLUSTER =
      "SPARK_HOME=/s TUBELET_MASTER=k8s://https://h:1 TUBELET_IMAGE=tubelet:1"
          + " TUBELET_DEPLOY_MODE=cluster TUBELET_NAMESPACE=videos TUBELET_GPUS=1"
          + " TUBELET_EXECUTORS=4 TUBELET_EXECUTOR_CORES=8 TUBELET_EXECUTOR_MEMORY=16g"
          + " TUBELET_EXECUTOR_NATIVE=8g";

  private static SparkConf submitted() throws IOException, InterruptedException {
    SparkSubmitArguments read = SubmitScript.parse(CLUSTER, "kubernetes", "pretrain", "-", "a=1");
    assertThat(read.deployMode()).isEqualTo("cluster");
    assertThat(SubmitScript.job(read)).containsExactly("pretrain", "a=1");
    SparkConf conf = new SparkConf(false).set("spark.driver.host", "driver");
    Preflight.settings(read).forEach(conf::set);
    return conf;
  }

  @Test
  void sparkMakesAnExecutorsPodOfWhatSubmitPrints() throws Exception {
    SparkConf conf = submitted();
    SparkPod made;
    ResourceProfile$.MODULE$.clearDefaultProfile(); // that of an earlier session of this JVM
    try (KubernetesClient client = new KubernetesClientBuilder().build()) {
      made =
          new KubernetesExecutorBuilder()
              .buildFromFeatures(
                  KubernetesConf.createExecutorConf(conf, "1", "app", Option.empty(), 0),
                  new SecurityManager(conf, Option.empty(), package$.MODULE$.AUTH_SECRET_FILE()),
                  client,
                  ResourceProfile$.MODULE$.getOrCreateDefaultProfile(conf))
              .pod();
    } finally {
      ResourceProfile$.MODULE$.clearDefaultProfile();
    }
    assertThat(made.container().getImage()).isEqualTo("tubelet:1");
    assertThat(made.container().getResources().getLimits())
        .containsEntry("nvidia.com/gpu", new Quantity("1"))
        .containsEntry("memory", new Quantity("24576Mi"));
    assertThat(made.container().getVolumeMounts())
        .extracting("mountPath")
        .contains("/tmp/javacpp", "/var/data/spark-local-dir-1");
    assertThat(made.container().getEnv())
        .anyMatch(v -> v.getName().equals("OMP_NUM_THREADS") && "1".equals(v.getValue()))
        .anyMatch(v -> "/opt/tubelet/lib/*".equals(v.getValue()))
        .anyMatch(v -> v.getValue() != null && v.getValue().contains("cachedir=/tmp/javacpp"));
    assertThat(conf.get("spark.kubernetes.namespace")).isEqualTo("videos");
    assertThat(made.pod().getSpec().getTolerations())
        .extracting(Toleration::getKey)
        .contains("nvidia.com/gpu");
  }

  /** Kubernetes' classes keep what they do not know, so it is lost only on the way back. */
  @ParameterizedTest
  @ValueSource(strings = {"driver.yaml", "executor.yaml", "service-account.yaml"})
  void holdsNoFieldThatKubernetesDoesNotKnow(String file) throws IOException {
    for (JsonNode written : documents(FOLDER.resolve(file))) {
      Object known = Serialization.unmarshal(written.toString(), HasMetadata.class);
      assertThat(unknown(known)).as(file).isEmpty();
      assertThat(known).isInstanceOf(HasMetadata.class);
    }
  }

  private static List<JsonNode> documents(Path file) throws IOException {
    List<JsonNode> documents = new ArrayList<>();
    for (String text : Files.readString(file, StandardCharsets.UTF_8).split("(?m)^---$", -1)) {
      documents.add(YAML.readTree(text));
    }
    return documents;
  }

  /** Names of fields, at any depth, that a Kubernetes class has no place for. */
  private static Set<String> unknown(Object value) throws IOException {
    Set<String> names = new TreeSet<>();
    if (value instanceof List<?> list) {
      for (Object element : list) {
        names.addAll(unknown(element));
      }
    } else if (value != null && value.getClass().getName().startsWith("io.fabric8")) {
      for (var method : value.getClass().getMethods()) {
        try {
          if (method.getName().equals("getAdditionalProperties")) {
            ((Map<?, ?>) method.invoke(value)).keySet().forEach(key -> names.add(key.toString()));
          } else if (method.getName().startsWith("get") && method.getParameterCount() == 0) {
            names.addAll(unknown(method.invoke(value)));
          }
        } catch (ReflectiveOperationException e) {
          throw new IOException(method.toString(), e);
        }
      }
    }
    return names;
  }

  @Test
  void theOperatorsApplicationFitsTheFieldsOfItsVersion() throws IOException {
    JsonNode application = YAML.readTree(FOLDER.resolve("spark-application.yaml").toFile());
    try (InputStream in = getClass().getResourceAsStream("spark-application-v1beta2.yaml")) {
      assertThat(misfits(application, YAML.readTree(in), "")).isEmpty();
    }
    JsonNode broken = application.deepCopy();
    ((com.fasterxml.jackson.databind.node.ObjectNode) broken.get("spec")).put("images", "x");
    try (InputStream in = getClass().getResourceAsStream("spark-application-v1beta2.yaml")) {
      assertThat(misfits(broken, YAML.readTree(in), "")).containsExactly(".spec.images");
    }
  }

  /** Where a tree has a field that the other has not, or of another type. */
  private static List<String> misfits(JsonNode found, JsonNode known, String path) {
    List<String> misfits = new ArrayList<>();
    if (known.isTextual()) {
      boolean fits =
          switch (known.asText()) {
            case "text" -> found.isTextual();
            case "number" -> found.isIntegralNumber();
            case "texts" -> found.isArray();
            case "pairs" -> found.isObject() && texts(found);
            default ->
                known.asText().startsWith("one of ") && known.asText().contains(found.asText());
          };
      return fits ? misfits : List.of(path);
    }
    found
        .fields()
        .forEachRemaining(
            field -> {
              String at = path + "." + field.getKey();
              if (known.has(field.getKey())) {
                misfits.addAll(misfits(field.getValue(), known.get(field.getKey()), at));
              } else {
                misfits.add(at);
              }
            });
    return misfits;
  }

  private static boolean texts(JsonNode pairs) {
    boolean all = true;
    for (JsonNode value : pairs) {
      all &= value.isTextual();
    }
    return all;
  }

  /** The two ways to Kubernetes are to mean the same. */
  @Test
  void theOperatorsApplicationSaysWhatSubmitSays() throws Exception {
    JsonNode spec = YAML.readTree(FOLDER.resolve("spark-application.yaml").toFile()).get("spec");
    SparkConf conf = submitted();
    spec.get("sparkConf")
        .fields()
        .forEachRemaining(
            field ->
                assertThat(conf.get(field.getKey(), "none"))
                    .as(field.getKey())
                    .isEqualTo(field.getValue().asText()));
    assertThat(spec.get("executor").get("javaOptions").asText())
        .isEqualTo(conf.get("spark.executor.defaultJavaOptions"));
    assertThat(spec.get("mainClass").asText()).isEqualTo(Main.class.getName());
  }
}
