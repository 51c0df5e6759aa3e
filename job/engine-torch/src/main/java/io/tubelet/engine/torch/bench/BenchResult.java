package io.tubelet.engine.torch.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What was measured. Other things than steps may be measured another day: {@code kind} tells a
 * reader of {@link #fields} what the figures are about. Rates are those of the fastest round: a
 * busy machine only ever makes slower.
 *
 * @param what the case
 * @param gemmGflops 10⁹ operations a second of {@link Product#gflops}
 * @param oneDnnGflops and of {@link Product#oneDnnGflops}
 * @param waitShare share of its time that a step loop waits for clips to be cut into cubes by
 *     another thread
 * @param clipsPerSecond clips of whole training steps
 * @param plainClipsPerSecond the same of {@link PlainNetwork}; empty where it is not measured: for
 *     a classifier, and with another engine than torch
 * @param flopsPerClip {@link Flops#training}
 * @param peakBytes most resident memory of the process when the engine had taken its first steps
 */
public record BenchResult(
    BenchCase what,
    double gemmGflops,
    OptionalDouble oneDnnGflops,
    double clipsPerSecond,
    OptionalDouble plainClipsPerSecond,
    double flopsPerClip,
    double waitShare,
    long peakBytes) {

  /** 10⁹ operations a second in training steps, by the papers' count. */
  public double stepGflops() {
    return clipsPerSecond * flopsPerClip * 1e-9;
  }

  /** Share of the product's rate that training reaches. */
  public double stepToGemm() {
    return stepGflops() / gemmGflops;
  }

  /** Everything by name, for reports. */
  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("kind", "steps");
    fields.put("engine", what.engine());
    fields.put("device", what.placement().device().toString());
    fields.put("precision", what.placement().precision().toString());
    fields.put("model", what.name());
    fields.put("batch", what.batch());
    fields.put("threads", what.placement().threads());
    fields.put("gemm_gflops", gemmGflops);
    oneDnnGflops.ifPresent(rate -> fields.put("onednn_gemm_gflops", rate));
    fields.put("gemm_precision", Product.precision(what.placement()).toString());
    fields.put("step_gflops", stepGflops());
    fields.put("step_to_gemm", stepToGemm());
    fields.put("clips_per_second", clipsPerSecond);
    plainClipsPerSecond.ifPresent(rate -> fields.put("plain_clips_per_second", rate));
    fields.put("wait_share", waitShare);
    fields.put("peak_bytes", peakBytes);
    return fields;
  }
}
