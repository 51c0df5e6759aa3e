package io.tubelet.report;

import io.tubelet.report.picture.ReconstructionStrip;
import java.util.List;

/**
 * Clips as the pretrained network completes them.
 *
 * @param strips in the order to show them
 */
public record Reconstructions(List<ReconstructionStrip> strips) implements Part {

  /** Copies the list. */
  public Reconstructions {
    strips = List.copyOf(strips);
  }

  @Override
  public String id() {
    return "reconstructions";
  }

  @Override
  public String title() {
    return "Reconstructions";
  }
}
