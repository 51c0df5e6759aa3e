package io.tubelet.engine.torch;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.model.ModelSpec;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * From bytes to numbers: the encoder's input and the decoder's target (arXiv 2203.12602, section
 * 3.1 and appendix; the published code's statistics).
 *
 * <pre>
 * input  = (p/255 − mean_c) / std_c                                  ImageNet's mean and std
 * target = (p − m) / (√v + 255 · 1e-6)                               m, v of cube and channel
 * </pre>
 *
 * where v is unbiased. Bytes are centred first, {@code u = p − 128}: the sums of u and u² over the
 * 512 bytes of a channel are then integers below 2²⁴, which fp32 adds without any rounding and in
 * any order, so products with a 0/1 matrix may do it.
 */
final class Pixels implements AutoCloseable {
  private static final double CENTRE = 128;
  private static final double SCALE = 255;

  private final boolean normalised;
  private final Tensor factor; // [cubeValues]
  private final Tensor shift; // [cubeValues]
  private final Tensor channels; // [cubeValues, channel], 1 where the value is of the channel

  Pixels(ClipGeometry geometry, boolean normalised, Site site) {
    this.normalised = normalised;
    int values = geometry.cubeValues();
    float[] factors = new float[values];
    float[] shifts = new float[values];
    float[] selected = new float[values * ClipGeometry.CHANNELS];
    for (int i = 0; i < values; i++) {
      int channel = i % ClipGeometry.CHANNELS;
      double std = ModelSpec.pixelStd(channel);
      factors[i] = (float) (1 / (SCALE * std));
      shifts[i] = (float) ((CENTRE / SCALE - ModelSpec.pixelMean(channel)) / std);
      selected[i * ClipGeometry.CHANNELS + channel] = 1;
    }
    this.factor = site.table(factors, values);
    this.shift = site.table(shifts, values);
    this.channels = site.table(selected, values, ClipGeometry.CHANNELS);
  }

  /** The encoder's input: uint8 {@code [..., cubeValues]} → fp32 of that shape. */
  Tensor input(Tensor cubes) {
    return torch.addcmul(shift, centred(cubes), factor);
  }

  /**
   * Subtracts the target from a prediction, in place.
   *
   * @param prediction {@code [..., values]}, fp32, part of no graph: of whole cubes, or of some of
   *     their frames
   * @param cubes uint8 of that shape
   */
  void subtractTarget(Tensor prediction, Tensor cubes) {
    long values = prediction.size(-1);
    Tensor error = prediction.view(-1, values); // [rows, values]
    Tensor pixels = centred(cubes).reshape(-1, values);
    if (!normalised) {
      error.sub_(pixels, new Scalar(1 / SCALE)).sub_(new Scalar(CENTRE / SCALE));
      return;
    }
    double count = (double) values / ClipGeometry.CHANNELS;
    Tensor channels = this.channels.narrow(0, 0, values);
    Tensor sums = pixels.mm(channels).to(ScalarType.Double); // [rows, channel]
    Tensor squares = pixels.square().mm(channels).to(ScalarType.Double);
    Tensor mean = sums.div(new Scalar(count));
    Tensor variance = squares.sub(sums.mul(mean)).div(new Scalar(count - 1));
    Tensor inverse = variance.sqrt().add(new Scalar(SCALE * ModelSpec.TARGET_EPSILON)).reciprocal();
    Tensor spread = channels.t();
    error.addmm_(mean.mul(inverse).to(ScalarType.Float), spread);
    error.addcmul_(pixels, inverse.to(ScalarType.Float).mm(spread), new Scalar(-1.0));
  }

  private static Tensor centred(Tensor cubes) {
    return cubes.to(ScalarType.Float).sub_(new Scalar(CENTRE));
  }

  @Override
  public void close() {
    factor.releaseReference();
    shift.releaseReference();
    channels.releaseReference();
  }
}
