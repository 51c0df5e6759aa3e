package io.tubelet.spark.stage;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.config.JobConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real small trainings, followed by what answers as an MLflow server does. */
class MlflowTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;
  private HttpServer server;
  private final CountDownLatch end = new CountDownLatch(1);

  /** Everything that was sent, by call. */
  private final List<String> calls = new CopyOnWriteArrayList<>();

  private final List<JsonNode> batches = new CopyOnWriteArrayList<>();
  private volatile String experiment = "";
  private volatile String tag = "";
  private volatile String status = "";
  private volatile boolean broken;
  private volatile boolean silent;

  @BeforeEach
  void listen() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/api/2.0/mlflow/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    end.countDown();
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String call = exchange.getRequestURI().getPath().replace("/api/2.0/mlflow/", "");
    byte[] body = exchange.getRequestBody().readAllBytes();
    JsonNode asked = body.length == 0 ? JSON.createObjectNode() : JSON.readTree(body);
    calls.add(call);
    if (silent) {
      await();
    }
    boolean missing = call.equals("experiments/get-by-name") && experiment.isEmpty();
    String text =
        missing
            ? "{\"error_code\": \"RESOURCE_DOES_NOT_EXIST\", \"message\": \"no experiment\"}"
            : broken
                ? "{\"error_code\": \"BAD_REQUEST\", \"message\": \"full\"}"
                : did(call, asked);
    byte[] answer = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(missing ? 404 : broken ? 400 : 200, answer.length);
    exchange.getResponseBody().write(answer);
    exchange.close();
  }

  private void await() {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String did(String call, JsonNode asked) {
    String run = "{\"info\": {\"run_id\": \"r1\", \"run_uuid\": \"r1\"}}";
    return switch (call) {
      case "experiments/get-by-name" ->
          "{\"experiment\": {\"experiment_id\": \"7\", \"name\": \"%s\"}}".formatted(experiment);
      case "experiments/create" -> {
        experiment = asked.get("name").asText();
        yield "{\"experiment_id\": \"7\"}";
      }
      case "runs/search" -> {
        boolean known = !tag.isEmpty() && asked.get("filter").asText().contains(tag);
        yield known ? "{\"runs\": [%s]}".formatted(run) : "{}";
      }
      case "runs/create" -> {
        tag = asked.get("tags").get(0).get("value").asText();
        yield "{\"run\": %s}".formatted(run);
      }
      case "runs/log-batch" -> {
        assertThat(asked.get("run_id").asText()).isEqualTo("r1");
        batches.add(asked);
        yield "{}";
      }
      case "runs/update" -> {
        status = asked.get("status").asText();
        yield "{}";
      }
      default -> throw new IllegalArgumentException(call);
    };
  }

  /** What a server holds of them: one of equal points. */
  private Set<String> points() {
    Set<String> points = new TreeSet<>();
    batches.forEach(batch -> batch.path("metrics").forEach(point -> points.add(point.toString())));
    return points;
  }

  private Outcome run(String verb, String... overrides) throws Exception {
    Path file = folder.resolve("test.conf");
    Files.writeString(
        file,
        """
        tubelet {
          run.dir = "%s"
          data {
            motion { size = 16, frames = 12, unlabelled = 8 }
            pretrain { source = motion, stride = 1 }
            short-side = 16
          }
          model { size = tiny, geometry { frames = 4, height = 16, width = 16, patch = 8 } }
          masking.ratio = 0.5
          pretrain { epochs = 3, batch = 4, warmup-epochs = 0, averaging.period = 1 }
          training.checkpoint { every-rounds = 2, keep = 9 }
          engine.name = torch
          report.mlflow.uri = "http://127.0.0.1:%d"
        }
        """
            .formatted(folder.resolve("run"), server.getAddress().getPort()));
    List<String> settings = new ArrayList<>(List.of(overrides));
    JobConfig config = JobConfig.load(file.toString(), settings, new Configuration());
    return Stages.all().get(verb).run(config, LocalSpark.session());
  }

  @Test
  void followsARunAlsoWhereItResumes() throws Exception {
    run("prepare");
    run("pretrain");
    assertThat(experiment).isEqualTo("tubelet");
    assertThat(status).isEqualTo("FINISHED");
    assertThat(batches.get(0).get("params").findValuesAsText("key"))
        .contains("pretrain.epochs", "model.size");
    Set<String> whole = points();
    assertThat(whole)
        .hasSize(6 * 7)
        .anyMatch(point -> point.contains("\"loss\"") && point.contains("\"step\":\"6\""));

    // as if killed before the last checkpoint was whole
    try (Stream<Path> states = Files.walk(folder.resolve("run/pretrain/checkpoints"))) {
      Files.delete(states.filter(f -> f.endsWith("state.json")).max(Path::compareTo).orElseThrow());
    }
    int before = batches.size();
    run("pretrain");
    assertThat(calls).containsOnlyOnce("runs/create", "experiments/create");
    assertThat(batches.size()).isGreaterThan(before);
    // rounds 5 and 6 are trained again: the same losses, in other seconds
    assertThat(points()).hasSizeLessThanOrEqualTo(whole.size() + 2 * 7);
    assertThat(batches.subList(before, batches.size()))
        .noneMatch(batch -> batch.path("params").elements().hasNext());
  }

  @Test
  void doesNotStopForAServerThatRefuses() throws Exception {
    run("prepare");
    broken = true;
    assertThat(run("pretrain").status()).isEqualTo(Outcome.Status.DONE);
    assertThat(calls).isNotEmpty();
  }

  @Test
  void doesNotWaitForAServerThatIsSilent() throws Exception {
    run("prepare");
    silent = true;
    assertThat(run("pretrain").status()).isEqualTo(Outcome.Status.DONE);
    assertThat(calls).containsExactly("experiments/get-by-name");
  }
}
