package io.tubelet.spark.config;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.masking.Masking;
import io.tubelet.masking.Masking.CentreSlice;
import io.tubelet.masking.Masking.FrameMasking;
import io.tubelet.masking.Masking.RandomMasking;
import io.tubelet.masking.RunningCell;
import io.tubelet.masking.TubeMasking;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Task;
import io.tubelet.model.Task.PixelLoss;
import io.tubelet.model.Task.TargetFrames;
import io.tubelet.model.Transformer;
import java.io.Serializable;

/**
 * The network, and what is hidden from it in pretraining.
 *
 * @param spec the pretraining network; {@link ModelSpec#classifier} gives the one for fine-tuning
 * @param masking hidden cubes of a clip; fits the geometry
 */
public record ModelConfig(ModelSpec spec, Masking masking) implements Serializable {

  private enum MaskKind {
    TUBE,
    RANDOM,
    FRAME
  }

  private enum Target {
    NORMALISED,
    RAW
  }

  static ModelConfig read(Section root) {
    Section model = root.section("model");
    ModelSize size = model.choice("size", ModelSize.class);
    ClipGeometry geometry = geometry(model.section("geometry"));
    Transformer encoder = transformer(model.section("encoder"), size.encoder());
    Transformer decoder = transformer(model.section("decoder"), size.decoder());
    boolean normalised = model.choice("target", Target.class) == Target.NORMALISED;
    PixelLoss loss = model.choice("loss", PixelLoss.class);
    TargetFrames frames = model.choice("target-frames", TargetFrames.class);
    return new ModelConfig(
        new ModelSpec(geometry, encoder, new Task.Pretraining(decoder, normalised, loss, frames)),
        masking(root, geometry, frames));
  }

  private static ClipGeometry geometry(Section geometry) {
    int frames = geometry.integer("frames", "[1, 1024]");
    int height = geometry.integer("height", "[4, 1024]");
    int width = geometry.integer("width", "[4, 1024]");
    int tubelet = geometry.integer("tubelet", "[1, 64]");
    int patch = geometry.integer("patch", "[2, 128]");
    return geometry.build(
        () -> new ClipGeometry(frames, height, width, tubelet, patch),
        "frames",
        "height",
        "width",
        "tubelet",
        "patch");
  }

  private static Transformer transformer(Section blocks, Transformer size) {
    int dim = orElse(blocks.integer("dim", "[0, 16384]"), size.dim());
    int depth = orElse(blocks.integer("depth", "[0, 128]"), size.depth());
    int heads = orElse(blocks.integer("heads", "[0, 128]"), size.heads());
    int ratio = orElse(blocks.integer("mlp-ratio", "[0, 16]"), size.mlpRatio());
    return blocks.build(
        () -> new Transformer(dim, depth, heads, ratio), "dim", "depth", "heads", "mlp-ratio");
  }

  private static int orElse(int value, int ofSize) {
    return value == 0 ? ofSize : value;
  }

  private static Masking masking(Section root, ClipGeometry geometry, TargetFrames frames) {
    Section masking = root.section("masking");
    MaskKind kind = masking.choice("kind", MaskKind.class);
    double ratio = masking.number("ratio", "(0, 1)");
    double leftOut = masking.number("decoder-ratio", "[0, 1)");
    root.require(
        frames == TargetFrames.ALL || (kind == MaskKind.TUBE && leftOut == 0),
        "target-frames = centre needs masking.kind = tube and masking.decoder-ratio = 0",
        "model.target-frames",
        "masking.kind",
        "masking.decoder-ratio");
    if (geometry == null) {
      return null;
    }
    return masking.build(
        () -> {
          Masking law =
              switch (kind) {
                case TUBE -> new TubeMasking(ratio);
                case RANDOM -> new RandomMasking(ratio);
                case FRAME -> new FrameMasking(ratio);
              };
          int hidden = law.hidden(geometry); // throws if nothing, or everything, would be hidden
          if (frames == TargetFrames.CENTRE && law instanceof TubeMasking tube) {
            return new CentreSlice(tube);
          }
          if (leftOut > 0) {
            if ((int) (leftOut * hidden) == 0) {
              throw new IllegalArgumentException(
                  "decoder-ratio %s of %d hidden cubes leaves none out".formatted(leftOut, hidden));
            }
            return new RunningCell(law, leftOut);
          }
          return law;
        },
        "ratio",
        "kind",
        "decoder-ratio");
  }
}
