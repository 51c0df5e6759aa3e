package io.tubelet.spark.data;

import io.tubelet.spark.files.Failure.DataException;
import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The classes of a run, in the order of the classifier's rows.
 *
 * @param names distinct; of some clips whole numbers by their value, then others by their letters
 */
public record Labels(List<String> names) implements Serializable {
  private static final int FEW = 20;
  private static final Comparator<String> ORDER =
      Comparator.<String>comparingLong(
              name -> name.matches("-?\\d{1,18}") ? Long.parseLong(name) : Long.MAX_VALUE)
          .thenComparing(Comparator.naturalOrder());

  public Labels {
    names = List.copyOf(names);
  }

  /** The distinct labels of some clips, in their order. */
  public static Labels of(Stream<ClipRow> clips) {
    return new Labels(
        clips.filter(ClipRow::labelled).map(ClipRow::label).distinct().sorted(ORDER).toList());
  }

  public int size() {
    return names.size();
  }

  /** The k of the top-k accuracy: 5 as published, 3 of few classes, where most are among five. */
  public int top() {
    return Math.min(size(), size() < FEW ? 3 : 5);
  }

  /**
   * The row of a class.
   *
   * @throws DataException if training never saw it
   */
  public int index(String name) {
    int index = names.indexOf(name);
    if (index < 0) {
      throw new DataException(
          "label '%s' was not seen in training; the classifier knows %s".formatted(name, names));
    }
    return index;
  }
}
