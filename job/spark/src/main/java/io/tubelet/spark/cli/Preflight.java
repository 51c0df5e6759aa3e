package io.tubelet.spark.cli;

import io.tubelet.spark.stage.Stages;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.SparkException;
import org.apache.spark.deploy.SparkSubmitArguments;
import scala.collection.JavaConverters;
import scala.collection.immutable.Map$;

/**
 * What the job says of a command of {@code spark-submit} before it is submitted: takes the same
 * words, as Spark's own parser reads them, and does the verb's dry run with Spark's settings in
 * force. Starts no Spark.
 */
public final class Preflight {
  private Preflight() {}

  /** Prints the plan; the exit code is the job's. */
  public static void main(String[] args) {
    SparkSubmitArguments submit = parse(List.of(args));
    settings(submit).forEach(System::setProperty);
    List<String> job = new ArrayList<>(JavaConverters.seqAsJavaList(submit.childArgs()));
    job.add("--dry-run");
    System.exit(
        Main.commands(
                Stages.all(),
                conf -> {
                  throw new IllegalStateException("a dry run starts no Spark");
                })
            .execute(job.toArray(String[]::new)));
  }

  /** As {@code spark-submit} reads these words; throws SparkException, undeclared, if it cannot. */
  static SparkSubmitArguments parse(List<String> words, Map<String, String> environment) {
    scala.collection.immutable.Map<String, String> all = Map$.MODULE$.empty();
    for (Map.Entry<String, String> entry : environment.entrySet()) {
      all = all.updated(entry.getKey(), entry.getValue());
    }
    return new SparkSubmitArguments(JavaConverters.asScalaBuffer(words), all);
  }

  private static SparkSubmitArguments parse(List<String> words) {
    try {
      return parse(words, System.getenv());
    } catch (Exception e) { // Scala throws the checked SparkException without declaring it
      if (e instanceof SparkException) {
        System.err.println("tubelet: spark-submit: " + e.getMessage());
        System.exit(ExitCode.USAGE.code());
      }
      throw e;
    }
  }

  /** Spark's settings as the driver will see them. */
  static Map<String, String> settings(SparkSubmitArguments submit) {
    Map<String, String> settings =
        new LinkedHashMap<>(JavaConverters.mapAsJavaMap(submit.sparkProperties()));
    settings.put("spark.master", submit.master());
    settings.put("spark.executor.cores", submit.executorCores());
    settings.put("spark.executor.memory", submit.executorMemory());
    settings.put("spark.executor.instances", submit.numExecutors());
    settings.values().removeIf(Objects::isNull);
    return settings;
  }
}
