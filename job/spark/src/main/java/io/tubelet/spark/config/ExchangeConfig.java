package io.tubelet.spark.config;

import io.tubelet.weights.WeightExport.BiasNames;
import java.io.Serializable;

/**
 * Weights out of this run for other programs, and into it.
 *
 * @param export what to write
 * @param source file or folder that {@code import} reads; empty: none
 */
public record ExchangeConfig(Export export, String source) implements Serializable {

  /** For whom weights are written. */
  public enum Format {
    /** Hugging Face's library: safetensors and two JSON files. */
    HF,
    /** DL4J: a zip of its ModelSerializer. */
    DL4J
  }

  /**
   * What to write.
   *
   * @param format for whom
   * @param names of the attention's biases, with format hf
   * @param from name of one of this run's trainings, or the folder of a checkpoint
   * @param to folder that is written
   */
  public record Export(Format format, BiasNames names, String from, String to)
      implements Serializable {}

  static ExchangeConfig read(Section root) {
    Section export = root.section("export");
    return new ExchangeConfig(
        new Export(
            export.choice("format", Format.class),
            export.choice("names", BiasNames.class),
            export.path("from"),
            export.path("to")),
        root.section("import").text("from"));
  }
}
