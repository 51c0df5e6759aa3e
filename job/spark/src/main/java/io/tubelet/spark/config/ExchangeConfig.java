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
    DL4J,
    /** Refused, with the reason. */
    ONNX
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
    Format format = export.choice("format", Format.class);
    export.require(
        format != Format.ONNX,
        "format onnx: no maintained Java library writes ONNX graphs; export hf and convert that"
            + " with Hugging Face's optimum",
        "format");
    return new ExchangeConfig(
        new Export(
            format,
            export.choice("names", BiasNames.class),
            export.path("from"),
            export.path("to")),
        root.section("import").text("from"));
  }
}
