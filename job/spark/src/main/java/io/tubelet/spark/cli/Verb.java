package io.tubelet.spark.cli;

import java.util.Locale;
import java.util.Map;

/** The verbs of the job, in the order of a clip's way. */
enum Verb {
  PREPARE("Decode videos, or make the synthetic ones, into a store of clips."),
  PRETRAIN("Train the network to reconstruct hidden cubes; resumes by itself."),
  FINETUNE("Train a classifier on the pretrained encoder; resumes by itself."),
  EVALUATE("Classify the test videos, several views each."),
  RECONSTRUCT("Show clips as original, masked and reconstructed."),
  EMBED(
      "Write the frozen encoder's features of clips as Parquet; resumes by itself.",
      Map.of("--from", "embed.from", "--to", "embed.to")),
  PROBE(
      "Judge frozen features: nearest neighbours and a linear classifier.",
      Map.of("--from", "embed.from")),
  EXPORT(
      "Write weights for Hugging Face's library or for DL4J.",
      Map.of(
          "--format", "export.format",
          "--names", "export.names",
          "--from", "export.from",
          "--to", "export.to")),
  IMPORT(
      "Take weights of Hugging Face's or the official names into this run.",
      Map.of("--from", "import.from")),
  REPORT("Write the run's report: one HTML file."),
  PIPELINE("prepare, pretrain, finetune, evaluate, report."),
  EXPERIMENT(
      "Run every arm of an experiment with every seed, and write its table; resumes by itself."),
  DOCTOR(
      "Say what this machine can compute with, or with --data what is in the corpora.",
      Map.of("--data", "doctor.data=true")),
  PLAN("Say what this configuration comes to on a cluster: stores, hours, network, memory."),
  BENCH(
      "Time training steps against one large matrix product on this machine.",
      Map.of("--json", "bench.json"));

  private final String description;
  private final Map<String, String> options;

  Verb(String description) {
    this(description, Map.of());
  }

  Verb(String description, Map<String, String> options) {
    this.description = description;
    this.options = options;
  }

  /**
   * Options of this verb alone, and the keys that they are short for; one without a value stands
   * for {@code key=value}.
   */
  Map<String, String> options() {
    return options;
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  String description() {
    return description;
  }
}
