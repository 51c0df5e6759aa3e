package io.tubelet.engine;

import static org.junit.jupiter.api.Assumptions.abort;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.cube.CubeBatch;
import io.tubelet.masking.Mask;
import io.tubelet.model.ModelSpec;
import io.tubelet.model.Parameter;
import io.tubelet.model.ParameterLayout;
import io.tubelet.model.Parameters;
import io.tubelet.model.Task;
import io.tubelet.model.Transformer;
import io.tubelet.weights.Safetensors;
import io.tubelet.weights.Safetensors.Tensor;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * One golden file: a network's weights, an input and what must come out. Read from the folder
 * {@code -Dtubelet.fixtures}; a test that asks for them is skipped where the folder is absent.
 */
public final class Fixture {
  private final Path path;
  private final Map<String, Tensor> tensors = new HashMap<>();
  private final Map<String, String> metadata;

  private Fixture(Path path) {
    this.path = path;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(path))) {
      this.metadata = Safetensors.read(in, tensors::put);
    } catch (IOException e) {
      throw new UncheckedIOException(path.toString(), e);
    }
  }

  /**
   * All fixtures of a kind, {@code pretrain} or {@code classification}; skips if there are none.
   */
  public static List<Fixture> all(String kind) {
    Path folder = Path.of(System.getProperty("tubelet.fixtures", "absent"));
    if (!Files.isDirectory(folder)) {
      String reason = "skipped: no fixtures at " + folder + " (set -Dtubelet.fixtures=DIR)";
      System.out.println(reason);
      return abort(reason);
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".safetensors"))
          .sorted()
          .map(Fixture::new)
          .filter(fixture -> fixture.meta("kind").equals(kind))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The network of the file's metadata. */
  public ModelSpec model() {
    int image = number("image_size");
    ClipGeometry geometry =
        new ClipGeometry(
            number("num_frames"), image, image, number("tubelet_size"), number("patch_size"));
    Transformer encoder = transformer("");
    Task task =
        meta("kind").equals("pretrain")
            ? new Task.Pretraining(transformer("decoder_"), true)
            : new Task.Classification(number("num_labels"));
    return new ModelSpec(geometry, encoder, task);
  }

  private Transformer transformer(String prefix) {
    return new Transformer(
        number(prefix + "hidden_size"),
        number(prefix + "num_hidden_layers"),
        number(prefix + "num_attention_heads"),
        number("mlp_ratio"));
  }

  /** All parameters under a prefix: {@code weight.}, {@code gradient.} or {@code after3.}. */
  public Parameters parameters(String prefix) {
    ParameterLayout layout = ParameterLayout.of(model());
    float[][] values =
        layout.parameters().stream()
            .map(Parameter::name)
            .map(name -> tensor(prefix + name).floats())
            .toArray(float[][]::new);
    return new Parameters(layout, values);
  }

  /** The input clip as a batch; hidden = 1 in the tensor {@code mask}, or null for no mask. */
  public CubeBatch batch(String mask) {
    ClipGeometry geometry = model().geometry();
    Tensor clip = tensor("input.clip");
    int size = clip.shape().get(0);
    List<Frames> frames = new ArrayList<>();
    List<Mask> masks = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      byte[] bytes =
          Arrays.copyOfRange(
              clip.data().array(), i * geometry.clipBytes(), (i + 1) * geometry.clipBytes());
      frames.add(new Frames(geometry.frames(), geometry.height(), geometry.width(), bytes));
      masks.add(mask == null ? Mask.none(geometry.tokens()) : mask(mask, i, geometry.tokens()));
    }
    float[] labels = mask == null ? tensor("input.soft_labels").floats() : new float[0];
    List<String> ids = IntStream.range(0, size).mapToObj(i -> "clip" + i).toList();
    return CubeBatch.cut(geometry, frames, masks, labels, ids);
  }

  private Mask mask(String name, int clip, int tokens) {
    byte[] bytes = tensor(name).data().array();
    boolean[] hidden = new boolean[tokens];
    for (int n = 0; n < tokens; n++) {
      hidden[n] = bytes[clip * tokens + n] != 0;
    }
    return Mask.of(hidden);
  }

  private Tensor tensor(String name) {
    return Objects.requireNonNull(tensors.get(name), name);
  }

  /** A float tensor of the file. */
  public float[] floats(String name) {
    return tensor(name).floats();
  }

  /** A loss of the file. */
  public double loss(String name) {
    return tensor(name).data().getDouble(0);
  }

  /** A text of the file's metadata. */
  public String meta(String name) {
    return metadata.get(name);
  }

  private int number(String name) {
    return Integer.parseInt(meta(name));
  }

  @Override
  public String toString() {
    return path.getFileName().toString();
  }
}
