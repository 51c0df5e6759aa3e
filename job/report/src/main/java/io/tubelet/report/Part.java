package io.tubelet.report;

/** A section of the page. */
public sealed interface Part
    permits Advice,
        Attention,
        Comparison,
        DataHealth,
        EmbeddingMap,
        FineTuning,
        Pretraining,
        Reconstructions,
        Tables {

  /** The section's anchor. */
  String id();

  /** Its heading. */
  String title();
}
