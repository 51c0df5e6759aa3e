package io.tubelet.spark.config;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.masking.Masking;
import io.tubelet.masking.Masking.CentreSlice;
import io.tubelet.masking.Masking.FrameMasking;
import io.tubelet.masking.Masking.NoMasking;
import io.tubelet.masking.Masking.RandomMasking;
import io.tubelet.masking.Masking.RunningCell;
import io.tubelet.masking.TubeMasking;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Task;
import io.tubelet.model.Task.PixelLoss;
import io.tubelet.model.Task.TargetFrames;
import io.tubelet.model.Transformer;
import io.tubelet.spark.config.Binder.In;
import io.tubelet.spark.config.Binder.Key;

/** The network, and what is hidden from it in pretraining. */
public record ModelConfig(
    @Key("model") Network network,
    @Key("masking") Hidden hidden,
    @Key("pretrain.kind") Kind kind,
    @Key("pretrain.moco.hidden") @In("[1, 65536]") int mocoHidden) {

  /** Fails if the mask does not fit the geometry. */
  public ModelConfig {
    if (network.targetFrames == TargetFrames.CENTRE
        && (hidden.kind != MaskKind.TUBE || hidden.decoderRatio > 0)) {
      throw new IllegalArgumentException(
          "target-frames = centre needs masking.kind = tube and masking.decoder-ratio = 0");
    }
    hidden.masking(network);
  }

  /** The pretraining network; {@link ModelSpec#classifier} gives the one for fine-tuning. */
  public ModelSpec spec() {
    return kind == Kind.MASKED
        ? network.spec()
        : new ModelSpec(
            network.geometry,
            network.spec().encoder(),
            new Task.Contrastive(mocoHidden, Task.Contrastive.PUBLISHED_OUT));
  }

  public Masking masking() {
    return kind == Kind.MASKED ? hidden.masking(network) : new NoMasking();
  }

  /** How an encoder is pretrained. */
  enum Kind {
    MASKED,
    MOCO_V3
  }

  enum MaskKind {
    TUBE,
    RANDOM,
    FRAME
  }

  enum Target {
    NORMALISED,
    RAW
  }

  record Network(
      ModelSize size,
      @In({
            "frames [1, 1024]",
            "height [4, 1024]",
            "width [4, 1024]",
            "tubelet [1, 64]",
            "patch [2, 128]"
          })
          ClipGeometry geometry,
      Blocks encoder,
      Blocks decoder,
      Target target,
      TargetFrames targetFrames,
      PixelLoss loss) {

    /** Fails if the heads do not divide a width. */
    Network {
      encoder.over(size.encoder());
      decoder.over(size.decoder());
    }

    private ModelSpec spec() {
      boolean normalised = target == Target.NORMALISED;
      return new ModelSpec(
          geometry,
          encoder.over(size.encoder()),
          new Task.Pretraining(decoder.over(size.decoder()), normalised, loss, targetFrames));
    }
  }

  /** Sizes of blocks; 0: as the named size. */
  record Blocks(@In("[0, 16384]") int dim, @In("[0, 128]") int depth, @In("[0, 128]") int heads) {
    private Transformer over(Transformer size) {
      return new Transformer(
          dim == 0 ? size.dim() : dim,
          depth == 0 ? size.depth() : depth,
          heads == 0 ? size.heads() : heads,
          size.mlpRatio());
    }
  }

  record Hidden(MaskKind kind, @In("(0, 1)") double ratio, @In("[0, 1)") double decoderRatio) {
    private Masking masking(Network network) {
      Masking sampler =
          switch (kind) {
            case TUBE -> new TubeMasking(ratio);
            case RANDOM -> new RandomMasking(ratio);
            case FRAME -> new FrameMasking(ratio);
          };
      int cubes = sampler.hidden(network.geometry); // throws if none, or all, would be hidden
      if (network.targetFrames == TargetFrames.CENTRE && sampler instanceof TubeMasking tube) {
        return new CentreSlice(tube);
      }
      if (decoderRatio > 0) {
        if ((int) (decoderRatio * cubes) == 0) {
          throw new IllegalArgumentException(
              "decoder-ratio %s of %d hidden cubes is none".formatted(decoderRatio, cubes));
        }
        return new RunningCell(sampler, decoderRatio);
      }
      return sampler;
    }
  }
}
