package io.tubelet.augment;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.detect.Box;
import java.io.Serializable;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Flips a clip and maps its label: a push to the left, mirrored, is a push to the right (the label
 * map of mmaction2's {@code Flip}); an opening shown backwards is a closing (arXiv 1909.09422).
 *
 * @param swaps the class that each class becomes, both ways; one that is not named stays
 */
public record Flip(Axis axis, Map<String, String> swaps) implements Serializable {
  public enum Axis {
    COLUMNS,
    ROWS,
    /** Rows become columns; with the two above, quarter turns: for views from above. */
    DIAGONAL,
    FRAMES
  }

  /**
   * Copies the swaps, in an order that is the same in every process: runs are known by how their
   * settings are written. Fails if doing it twice would not give every class back.
   */
  public Flip {
    swaps = Collections.unmodifiableSortedMap(new TreeMap<>(swaps));
    for (Map.Entry<String, String> swap : swaps.entrySet()) {
      if (!swap.getKey().equals(swaps.get(swap.getValue()))) {
        throw new IllegalArgumentException(
            "class '%s' becomes '%s', which does not become '%s'"
                .formatted(swap.getKey(), swap.getValue(), swap.getKey()));
      }
    }
  }

  public static Flip of(Axis axis) {
    return new Flip(axis, Map.of());
  }

  public String label(String label) {
    return swaps.getOrDefault(label, label);
  }

  public Box box(Box box) {
    return switch (axis) {
      case COLUMNS -> new Box(1 - box.x2(), box.y1(), 1 - box.x1(), box.y2());
      case ROWS -> new Box(box.x1(), 1 - box.y2(), box.x2(), 1 - box.y1());
      case DIAGONAL -> new Box(box.y1(), box.x1(), box.y2(), box.x2());
      case FRAMES -> box;
    };
  }

  /** The flipped clip: frames of the same size; only squares are flipped along the diagonal. */
  public Frames apply(Frames clip) {
    if (axis == Axis.DIAGONAL && clip.height() != clip.width()) {
      throw new IllegalArgumentException(
          "frames of %d x %d have no diagonal".formatted(clip.height(), clip.width()));
    }
    byte[] bytes = clip.bytes();
    byte[] turned = new byte[bytes.length];
    int at = 0;
    for (int t = 0; t < clip.time(); t++) {
      for (int y = 0; y < clip.height(); y++) {
        for (int x = 0; x < clip.width(); x++) {
          int from =
              switch (axis) {
                case COLUMNS -> clip.offset(t, y, clip.width() - 1 - x);
                case ROWS -> clip.offset(t, clip.height() - 1 - y, x);
                case FRAMES -> clip.offset(clip.time() - 1 - t, y, x);
                case DIAGONAL -> clip.offset(t, x, y);
              };
          turned[at] = bytes[from];
          turned[at + 1] = bytes[from + 1];
          turned[at + 2] = bytes[from + 2];
          at += ClipGeometry.CHANNELS;
        }
      }
    }
    return clip.with(turned);
  }
}
