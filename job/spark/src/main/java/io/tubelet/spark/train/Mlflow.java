package io.tubelet.spark.train;

import io.tubelet.train.RoundMetrics;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.ThreadUtils;
import org.mlflow.api.proto.Service.CreateRun;
import org.mlflow.api.proto.Service.Experiment;
import org.mlflow.api.proto.Service.Metric;
import org.mlflow.api.proto.Service.Param;
import org.mlflow.api.proto.Service.Run;
import org.mlflow.api.proto.Service.RunStatus;
import org.mlflow.api.proto.Service.RunTag;
import org.mlflow.api.proto.Service.ViewType;
import org.mlflow.tracking.MlflowClient;

/**
 * A training as a run of an MLflow server: the settings that differ from the defaults once, and the
 * rounds with each checkpoint.
 *
 * <p>The run is found by a tag that names the training's folder, and a round's time is its seconds
 * of training: so a process that resumes sends what the last one has sent again, and the server
 * keeps one of both. A server that fails or does not answer costs its own curves and nothing else,
 * hence the thread: the client knows no timeouts.
 */
public final class Mlflow implements AutoCloseable {
  /**
   * An MLflow server that trainings are written to as well as to the run folder.
   *
   * @param uri of a tracking server, {@code http://host:5000}; empty: nowhere
   * @param experiment its experiment; made if it is missing
   * @param settings those that differ from the defaults, {@code key=value}
   */
  public record Target(String uri, String experiment, List<String> settings)
      implements Serializable {
    public Target {
      settings = List.copyOf(settings);
    }
  }

  private static final String TAG = "tubelet_training";
  private static final int WAIT_SECONDS = 10;

  /** What a server takes at once, and of a value's characters. */
  private static final int MOST_METRICS = 1000;

  private static final int MOST_PARAMS = 100;
  private static final int LONGEST = 500;

  private final Target target;
  private final Path training;
  private final MlflowClient client;
  private final ExecutorService thread = ThreadUtils.newDaemonSingleThreadExecutor("mlflow");
  private List<RoundMetrics> sent = List.of();
  private String run = "";
  private CompletableFuture<Void> sending = CompletableFuture.completedFuture(null);

  /** A run of the target's server, if it names one, for a training's folder; sends nothing yet. */
  static Optional<Mlflow> to(Target target, Path training) {
    return target.uri().isEmpty() ? Optional.empty() : Optional.of(new Mlflow(target, training));
  }

  private Mlflow(Target target, Path training) {
    this.target = target;
    this.training = training;
    this.client = new MlflowClient(target.uri());
  }

  /** Sends what is new, unless the server has yet to answer: the next call sends that too. */
  void write(List<RoundMetrics> events, boolean finished) {
    if (sending.isDone() || finished) {
      List<RoundMetrics> all = List.copyOf(events);
      sending = sending.thenRunAsync(() -> send(all, finished), thread);
    }
  }

  private void send(List<RoundMetrics> events, boolean finished) {
    if (run.isEmpty()) {
      run = find(experiment());
    }
    int known = 0;
    while (known < Math.min(sent.size(), events.size())
        && sent.get(known).equals(events.get(known))) {
      known++;
    }
    inBatches(
        metrics(events, known),
        MOST_METRICS,
        some -> client.logBatch(run, some, List.of(), List.of()));
    sent = events;
    if (finished) {
      client.setTerminated(run, RunStatus.FINISHED);
    }
  }

  private static <T> void inBatches(List<T> all, int most, Consumer<List<T>> send) {
    for (int at = 0; at < all.size(); at += most) {
      send.accept(all.subList(at, Math.min(at + most, all.size())));
    }
  }

  private String experiment() {
    return client
        .getExperimentByName(target.experiment())
        .map(Experiment::getExperimentId)
        .orElseGet(() -> client.createExperiment(target.experiment()));
  }

  private String find(String experiment) {
    String id = DigestUtils.sha256Hex(training.toString());
    String filter = "tags.%s = '%s'".formatted(TAG, id);
    List<Run> found =
        client.searchRuns(List.of(experiment), filter, ViewType.ACTIVE_ONLY, 1).getItems();
    if (!found.isEmpty()) {
      return found.get(0).getInfo().getRunId();
    }
    CreateRun asked =
        CreateRun.newBuilder()
            .setExperimentId(experiment)
            .setStartTime(0)
            .addTags(tag(TAG, id))
            .addTags(
                tag("mlflow.runName", training.getParent().getName() + " " + training.getName()))
            .addTags(tag("mlflow.source.name", training.toString()))
            .build();
    String created = client.createRun(asked).getRunId();
    List<Param> params = target.settings().stream().map(Mlflow::param).toList();
    inBatches(params, MOST_PARAMS, some -> client.logBatch(created, List.of(), some, List.of()));
    return created;
  }

  private static RunTag tag(String key, String value) {
    return RunTag.newBuilder().setKey(key).setValue(value).build();
  }

  private static Param param(String setting) {
    String[] parts = setting.split("=", 2);
    String value = parts[1].substring(0, Math.min(LONGEST, parts[1].length()));
    return Param.newBuilder().setKey(parts[0]).setValue(value).build();
  }

  private static List<Metric> metrics(List<RoundMetrics> rounds, int from) {
    List<Metric> metrics = new ArrayList<>();
    double seconds = 0;
    for (int i = 0; i < rounds.size(); i++) {
      RoundMetrics round = rounds.get(i);
      seconds += round.seconds().total();
      Metric.Builder metric =
          Metric.newBuilder().setTimestamp(Math.round(1000 * seconds)).setStep(round.step());
      if (i >= from) {
        round.curves().forEach((key, y) -> metrics.add(metric.setKey(key).setValue(y).build()));
      }
    }
    return metrics;
  }

  /** Waits a little for what is on its way; says so if it did not arrive. */
  @Override
  public void close() {
    try {
      sending.get(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      complain("no answer for %d s".formatted(WAIT_SECONDS));
    } catch (ExecutionException e) {
      complain(String.valueOf(e.getCause().getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      thread.shutdownNow();
      client.close();
    }
  }

  private void complain(String what) {
    System.err.printf(
        "tubelet: MLflow at %s has not got all rounds of %s: %s%n",
        target.uri(), training, what.lines().findFirst().orElse(""));
  }
}
