package io.tubelet.spark.cli;

import java.util.Locale;

/** The verbs of the job, in the order of a clip's way. */
enum Verb {
  PREPARE("Decode videos, or make the synthetic ones, into a store of clips."),
  PRETRAIN("Train the network to reconstruct hidden cubes; resumes by itself."),
  FINETUNE("Train a classifier on the pretrained encoder; resumes by itself."),
  EVALUATE("Classify the test videos, several views each."),
  RECONSTRUCT("Show clips as original, masked and reconstructed."),
  REPORT("Write the run's report: one HTML file."),
  PIPELINE("prepare, pretrain, finetune, evaluate, report."),
  DOCTOR("Say what this machine or cluster can do, and what is missing."),
  BENCH("Time training steps against one large matrix product on this machine.");

  private final String description;

  Verb(String description) {
    this.description = description;
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  String description() {
    return description;
  }
}
