package io.tubelet.detect;

import io.tubelet.detect.KeyFrame.Detection;
import io.tubelet.detect.KeyFrame.Person;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.Serializable;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads AVA's files as they are published. None has a header; times are whole seconds.
 *
 * <pre>
 * annotations   video,time,x1,y1,x2,y2,action,person   a row for each action of a person
 * person boxes  video,time,x1,y1,x2,y2,(action),score  the action is ignored
 * excluded      video,time
 * label map     item { name: "stand" id: 12 }  or  label { name: "stand" label_id: 12 label_type: … }
 * </pre>
 *
 * <p>A file that is not of its format stops a run: every method throws an {@link IOException} that
 * names file and line for a column that lacks or is not a number, and for any fault of a label map
 * or of a list of times. A row of the format that cannot be meant (a box that is not in the frame,
 * an unknown action) is skipped, and is a {@link Fault} to report.
 */
public final class AvaFiles {
  private static final String ANNOTATION = "video,time,x1,y1,x2,y2,action,person";
  private static final String RESULT = "video,time,x1,y1,x2,y2,action,score";
  private static final Pattern LABEL =
      Pattern.compile(
          "\\s*(?:item|label)\\s*\\{\\s*name:\\s*\"([^\"]+)\"\\s*(?:label_)?id:\\s*(\\d{1,6})\\s*"
              + "(?:label_type:\\s*\\w+\\s*)?\\}\\s*");

  private AvaFiles() {}

  /** The rows that count, in the file's order, and what was skipped. */
  public record Rows<T>(List<T> rows, List<Fault> faults) implements Serializable {}

  /**
   * Rows that were skipped for one reason.
   *
   * @param line of the first, from 1
   * @param rows how many
   */
  public record Fault(String file, int line, String why, int rows) implements Serializable {
    @Override
    public String toString() {
      return "%s:%d: %s%s"
          .formatted(file, line, why, rows == 1 ? "" : " (%d rows)".formatted(rows));
    }
  }

  /** Persons with all their actions. */
  public static Rows<Person> annotations(Reader in, String file, Map<Integer, String> labels)
      throws IOException {
    Map<Person, Set<Integer>> persons = new LinkedHashMap<>();
    List<Fault> faults =
        each(
            in,
            file,
            ANNOTATION,
            row -> {
              Person person = new Person(at(row), box(row), Integer.parseInt(row[7]), List.of());
              if (!persons.computeIfAbsent(person, p -> new TreeSet<>()).add(action(row, labels))) {
                throw new IllegalArgumentException("repeats a row");
              }
            });
    List<Person> rows = new ArrayList<>();
    persons.forEach(
        (p, actions) -> {
          if (!actions.isEmpty()) {
            rows.add(new Person(p.at(), p.box(), p.id(), List.copyOf(actions)));
          }
        });
    return new Rows<>(rows, faults);
  }

  /** What a detector found: each box once, with its first score; the action is {@code PERSON}. */
  public static Rows<Detection> persons(Reader in, String file) throws IOException {
    Map<List<Object>, Detection> boxes = new LinkedHashMap<>();
    List<Fault> faults =
        each(
            in,
            file,
            RESULT,
            row -> {
              double score = Double.parseDouble(row[7]);
              Detection person = new Detection(at(row), box(row), Detection.PERSON, score);
              boxes.putIfAbsent(List.of(person.at(), person.box()), person);
            });
    return new Rows<>(List.copyOf(boxes.values()), faults);
  }

  /** Key frames that do not count. */
  public static Set<KeyFrame> excluded(Reader in, String file) throws IOException {
    Set<KeyFrame> frames = new LinkedHashSet<>();
    List<Fault> faults = each(in, file, "video,time", row -> frames.add(at(row)));
    if (!faults.isEmpty()) {
      throw new IOException(faults.get(0).toString());
    }
    return frames;
  }

  /** Names of the classes by their ids, ascending. */
  public static NavigableMap<Integer, String> labels(Reader in, String file) throws IOException {
    StringWriter text = new StringWriter();
    in.transferTo(text);
    NavigableMap<Integer, String> labels = new TreeMap<>();
    Matcher label = LABEL.matcher(text.toString());
    int end = 0;
    while (label.region(end, text.getBuffer().length()).lookingAt()
        && labels.putIfAbsent(Integer.parseInt(label.group(2)), label.group(1)) == null) {
      end = label.end();
    }
    if (labels.isEmpty() || end < text.getBuffer().length()) {
      long line = text.getBuffer().substring(0, end).lines().count() + 1;
      throw new IOException(
          "%s:%d: expected item { name: \"…\" id: … } with an id of its own".formatted(file, line));
    }
    return labels;
  }

  /** Gives every row on; those that are refused are gathered by the reason. */
  private static List<Fault> each(Reader in, String file, String format, Consumer<String[]> use)
      throws IOException {
    Map<String, Fault> faults = new LinkedHashMap<>();
    int columns = format.split(",").length;
    BufferedReader lines = new BufferedReader(in);
    int number = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      number++;
      try {
        String[] row = line.strip().split(",", -1);
        if (!line.isBlank() && row.length < columns) {
          throw new NumberFormatException("%d columns".formatted(row.length));
        } else if (!line.isBlank()) {
          use.accept(row);
        }
      } catch (NumberFormatException e) {
        throw new IOException(
            "%s:%d: '%s' is not a row of %s".formatted(file, number, line, format), e);
      } catch (IllegalArgumentException e) {
        Fault first = new Fault(file, number, e.getMessage(), 1);
        faults.merge(first.why, first, (a, b) -> new Fault(a.file, a.line, a.why, a.rows + b.rows));
      }
    }
    return List.copyOf(faults.values());
  }

  private static KeyFrame at(String[] row) {
    return new KeyFrame(row[0], Integer.parseInt(row[1]));
  }

  private static Box box(String[] row) {
    double[] sides = Arrays.stream(row, 2, 6).mapToDouble(Double::parseDouble).toArray();
    return new Box(sides[0], sides[1], sides[2], sides[3]);
  }

  private static int action(String[] row, Map<Integer, String> labels) {
    int action = Integer.parseInt(row[6]);
    if (!labels.containsKey(action)) {
      throw new IllegalArgumentException("action %d is not in the label map".formatted(action));
    }
    return action;
  }
}
