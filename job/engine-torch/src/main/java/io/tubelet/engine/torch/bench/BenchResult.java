package io.tubelet.engine.torch.bench;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What was measured. Rates are those of the fastest round: a busy machine only ever makes slower.
 *
 * @param what the case
 * @param gemmGflops 10⁹ operations a second in a 2048 × 2048 × 2048 product in fp32
 * @param clipsPerSecond clips of whole training steps
 * @param plainClipsPerSecond the same of {@link PlainNetwork}; 0 for a classifier, where it is not
 *     measured
 * @param flopsPerClip {@link Flops#training}
 * @param peakBytes most resident memory of the process when the engine had taken its first steps
 */
public record BenchResult(
    BenchCase what,
    double gemmGflops,
    double clipsPerSecond,
    double plainClipsPerSecond,
    double flopsPerClip,
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
    fields.put("engine", what.engine());
    fields.put("device", what.placement().device().toString());
    fields.put("precision", what.placement().precision().toString());
    fields.put("model", what.name());
    fields.put("batch", what.batch());
    fields.put("gemm_gflops", gemmGflops);
    fields.put("step_gflops", stepGflops());
    fields.put("step_to_gemm", stepToGemm());
    fields.put("clips_per_second", clipsPerSecond);
    fields.put("plain_clips_per_second", plainClipsPerSecond);
    fields.put("peak_bytes", peakBytes);
    return fields;
  }
}
