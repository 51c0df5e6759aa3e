package io.tubelet.evaluate;

import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.model.Transformer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Where the last block of a pretrained encoder looks: the attention that each token receives there,
 * as a mean over heads and over the tokens that ask. A video transformer of this kind has no class
 * token whose view would be the clip's (arXiv 2203.12602, section 3.3), so all of them count.
 *
 * <pre>
 * a[k] = mean over heads h, queries q of softmax over k of (query[h, q] · key[h, k] / √headDim)
 * </pre>
 *
 * <p>The engines' fused kernels never hold these probabilities, and need not: {@link #probe} is a
 * network that any engine {@code encode}s with into what the last block makes its queries and keys
 * of. The rest is two products, taken here.
 */
public final class LastAttention {
  private static final List<String> TENSORS = List.of(".weight", ".bias");

  private LastAttention() {}

  /**
   * The network whose {@code encode} answers with the last block's input after that block's first
   * norm, {@code [batch, visible, dim]}: both branches of the block add nothing, and its norm
   * stands in the place of the encoder's final one, which a classifier has not. Arrays that are the
   * same are shared.
   */
  public static Parameters probe(Parameters weights) {
    ParameterLayout layout = weights.layout();
    layout.model().pretraining();
    float[][] values =
        IntStream.range(0, layout.parameters().size())
            .mapToObj(weights::get)
            .toArray(float[][]::new);
    String block = lastBlock(layout);
    for (String tensor : TENSORS) {
      for (String branch : List.of(".attention.output.dense", ".output.dense")) {
        int at = layout.index(block + branch + tensor);
        values[at] = new float[values[at].length];
      }
      values[layout.index("videomae.layernorm" + tensor)] =
          weights.get(block + ".layernorm_before" + tensor);
    }
    return new Parameters(layout, values);
  }

  private static String lastBlock(ParameterLayout layout) {
    return "videomae.encoder.layer." + (layout.model().encoder().depth() - 1);
  }

  /**
   * The attention that each token of a clip receives {@code [tokens]}, which sums to 1, by what
   * {@link #probe} makes of the clip {@code [tokens, dim]}.
   */
  public static float[] received(Parameters weights, float[] normed) {
    Transformer size = weights.layout().model().encoder();
    String name = lastBlock(weights.layout()) + ".attention.attention.";
    int dim = size.dim();
    int tokens = normed.length / dim;
    float[][] columns = new float[dim][tokens];
    for (int i = 0; i < normed.length; i++) {
      columns[i % dim][i / dim] = normed[i];
    }
    float[][] queries =
        product(weights.get(name + "query.weight"), weights.get(name + "q_bias"), columns);
    float[][] keys = product(weights.get(name + "key.weight"), new float[dim], columns);
    double[] sums = new double[tokens];
    float[] row = new float[tokens]; // a query's scaled products with all keys
    int headDim = size.headDim();
    float scale = (float) (1 / Math.sqrt(headDim));
    for (int head = 0; head < size.heads(); head++) {
      for (int query = 0; query < tokens; query++) {
        Arrays.fill(row, 0);
        for (int i = head * headDim; i < (head + 1) * headDim; i++) {
          addRow(scale * queries[i][query], keys[i], row);
        }
        addSoftmax(row, sums);
      }
    }
    float[] received = new float[tokens];
    for (int i = 0; i < tokens; i++) {
      received[i] = (float) (sums[i] / (size.heads() * tokens));
    }
    return received;
  }

  /** {@code weight [dim, dim] · columns [dim, tokens] + bias [dim]} → {@code [dim, tokens]}. */
  private static float[][] product(float[] weight, float[] bias, float[][] columns) {
    int dim = columns.length;
    float[][] out = new float[dim][columns[0].length];
    for (int i = 0; i < dim; i++) {
      Arrays.fill(out[i], bias[i]);
      for (int j = 0; j < dim; j++) {
        addRow(weight[i * dim + j], columns[j], out[i]);
      }
    }
    return out;
  }

  /** A whole row of tokens at a time, as the JVM's vector code wants it. */
  private static void addRow(float factor, float[] from, float[] to) {
    for (int i = 0; i < to.length; i++) {
      to[i] += factor * from[i];
    }
  }

  private static void addSoftmax(float[] row, double[] sums) {
    float largest = Float.NEGATIVE_INFINITY;
    for (float score : row) {
      largest = Math.max(largest, score);
    }
    double sum = 0;
    for (int i = 0; i < row.length; i++) {
      row[i] = (float) Math.exp(row[i] - largest);
      sum += row[i];
    }
    for (int i = 0; i < row.length; i++) {
      sums[i] += row[i] / sum;
    }
  }
}
