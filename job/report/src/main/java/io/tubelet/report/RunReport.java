package io.tubelet.report;

import io.tubelet.report.picture.ReconstructionStrip;
import java.util.List;
import java.util.Optional;

/**
 * All that a report tells about a run. A part that a run has not come to yet is absent.
 *
 * @param cover what the run is
 * @param pretraining the masked pretraining
 * @param fineTuning training with labels after it, and its evaluation
 * @param dataHealth what was read and what could not be
 * @param reconstructions clips as the pretrained network completes them
 */
public record RunReport(
    Cover cover,
    Optional<Pretraining> pretraining,
    Optional<FineTuning> fineTuning,
    Optional<DataHealth> dataHealth,
    List<ReconstructionStrip> reconstructions) {

  /** Copies the list. */
  public RunReport {
    reconstructions = List.copyOf(reconstructions);
  }

  /** A report with a cover only, to be completed by the {@code with…} methods. */
  public static RunReport of(Cover cover) {
    return new RunReport(cover, Optional.empty(), Optional.empty(), Optional.empty(), List.of());
  }

  /** This report and the pretraining. */
  public RunReport withPretraining(Pretraining part) {
    return new RunReport(cover, Optional.of(part), fineTuning, dataHealth, reconstructions);
  }

  /** This report and the fine-tuning. */
  public RunReport withFineTuning(FineTuning part) {
    return new RunReport(cover, pretraining, Optional.of(part), dataHealth, reconstructions);
  }

  /** This report and the state of the data. */
  public RunReport withDataHealth(DataHealth part) {
    return new RunReport(cover, pretraining, fineTuning, Optional.of(part), reconstructions);
  }

  /** This report with these pictures, in this order. */
  public RunReport withReconstructions(List<ReconstructionStrip> strips) {
    return new RunReport(cover, pretraining, fineTuning, dataHealth, strips);
  }

  /** Whether there is nothing but the cover. */
  public boolean bare() {
    return pretraining.isEmpty()
        && fineTuning.isEmpty()
        && dataHealth.isEmpty()
        && reconstructions.isEmpty();
  }
}
