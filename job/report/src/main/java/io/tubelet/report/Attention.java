package io.tubelet.report;

import io.tubelet.report.picture.AttentionStrip;
import java.util.List;

/**
 * Where the pretrained encoder looks in clips of which nothing is hidden.
 *
 * @param strips in the order to show them
 */
public record Attention(List<AttentionStrip> strips) implements Part {

  /** Copies the list. */
  public Attention {
    strips = List.copyOf(strips);
  }

  @Override
  public String id() {
    return "attention";
  }

  @Override
  public String title() {
    return "Attention";
  }
}
