package io.tubelet.model;

import io.tubelet.clip.ClipGeometry;

/** The named sizes: the published ones, and two small ones for tests and for a CPU. */
public enum ModelSize {
  TINY(new Transformer(48, 2, 3, 4), new Transformer(24, 2, 3, 4)),
  /** Learns the synthetic motion set on two CPU cores. */
  MINI(new Transformer(192, 4, 3, 4), new Transformer(96, 2, 3, 4)),
  /** ViT-S of the published scripts: 6 heads, decoder depth 4. */
  S(new Transformer(384, 12, 6, 4), new Transformer(192, 4, 3, 4)),
  B(new Transformer(768, 12, 12, 4), new Transformer(384, 4, 6, 4)),
  L(new Transformer(1024, 24, 16, 4), new Transformer(512, 12, 8, 4)),
  H(new Transformer(1280, 32, 16, 4), new Transformer(640, 12, 8, 4)),
  /** ViT-g of VideoMAE V2 (arXiv 2303.16727), for a patch of 14: an MLP of 6144. */
  G(new Transformer(1408, 40, 16, 48.0 / 11), new Transformer(512, 4, 8, 4));

  private final Transformer encoder;
  private final Transformer decoder;

  ModelSize(Transformer encoder, Transformer decoder) {
    this.encoder = encoder;
    this.decoder = decoder;
  }

  public Transformer encoder() {
    return encoder;
  }

  public Transformer decoder() {
    return decoder;
  }

  /** The pretraining network of this size with the normalised target. */
  public ModelSpec pretraining(ClipGeometry geometry) {
    return new ModelSpec(geometry, encoder, new Task.Pretraining(decoder, true));
  }
}
