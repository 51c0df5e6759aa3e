package io.tubelet.detect;

import java.io.Serializable;
import java.util.Comparator;
import java.util.List;

/**
 * The frame of a film at which persons are boxed.
 *
 * @param video AVA's name of the film, which is that of its file without the ending
 * @param second from the film's start; a whole number, as AVA's key frames are one a second
 */
public record KeyFrame(String video, int second) implements Comparable<KeyFrame>, Serializable {
  private static final Comparator<KeyFrame> ORDER =
      Comparator.comparing(KeyFrame::video).thenComparingInt(KeyFrame::second);

  /**
   * @throws IllegalArgumentException if there is no name, or the time is negative
   */
  public KeyFrame {
    if (video.isBlank() || second < 0) {
      throw new IllegalArgumentException(
          "key frame of video '%s' at second %d".formatted(video, second));
    }
  }

  @Override
  public int compareTo(KeyFrame other) {
    return ORDER.compare(this, other);
  }

  /** As AVA's rows begin: {@code video,0902}. */
  @Override
  public String toString() {
    return "%s,%04d".formatted(video, second);
  }

  private static String columns(KeyFrame at, Box box) {
    return "%s,%s,%s,%s,%s,".formatted(at, box.x1(), box.y1(), box.x2(), box.y2());
  }

  /**
   * Somebody at a key frame, annotated.
   *
   * @param id tells the persons of a film apart, over its key frames
   * @param actions the class ids of what they do, ascending; at least one
   */
  public record Person(KeyFrame at, Box box, int id, List<Integer> actions)
      implements Serializable {

    public Person {
      actions = List.copyOf(actions);
    }

    /** Rows of an annotation file, one for each action. */
    public String csv() {
      StringBuilder rows = new StringBuilder();
      for (int action : actions) {
        rows.append(columns(at, box)).append(action).append(',').append(id).append('\n');
      }
      return rows.toString();
    }
  }

  /**
   * A box with a score: of an action, as a network predicts it, or of a person, as a detector finds
   * one.
   *
   * @param action its class id; {@link #PERSON} for a person, whatever they do
   */
  public record Detection(KeyFrame at, Box box, int action, double score) implements Serializable {
    public static final int PERSON = 0;

    public Detection {
      if (!Double.isFinite(score)) {
        throw new IllegalArgumentException("score " + score);
      }
    }

    /** A row of a result file or of a file of person boxes, with all digits. */
    public String csv() {
      return columns(at, box) + (action == PERSON ? "" : action) + "," + score + "\n";
    }
  }
}
