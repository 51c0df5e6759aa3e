package io.tubelet.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.tubelet.detect.AvaFiles.Fault;
import io.tubelet.detect.AvaFiles.Rows;
import io.tubelet.detect.KeyFrame.Detection;
import io.tubelet.detect.KeyFrame.Person;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AvaFilesTest {
  private static final Map<Integer, String> LABELS = Map.of(12, "stand", 79, "talk to");
  private static final KeyFrame AT = new KeyFrame("1j20qq1JyX4", 902);
  private static final Box BOX = new Box(0.002, 0.118, 0.714, 0.977);

  private static Reader file(String... lines) {
    return new StringReader(String.join("\n", lines));
  }

  private static Rows<Person> annotations(String... lines) throws IOException {
    return AvaFiles.annotations(file(lines), "train.csv", LABELS);
  }

  @Test
  void gathersTheActionsOfAPerson() throws IOException {
    Rows<Person> read =
        annotations(
            "1j20qq1JyX4,0902,0.002,0.118,0.714,0.977,79,1",
            "1j20qq1JyX4,0902,0.444,0.054,0.992,0.990,12,0\r",
            "1j20qq1JyX4,0902,0.002,0.118,0.714,0.977,12,1",
            "",
            "1j20qq1JyX4,0903,0.002,0.118,0.714,0.977,12,1");

    assertThat(read.faults()).isEmpty();
    assertThat(read.rows())
        .containsExactly(
            new Person(AT, BOX, 1, List.of(12, 79)),
            new Person(AT, new Box(0.444, 0.054, 0.992, 0.99), 0, List.of(12)),
            new Person(new KeyFrame("1j20qq1JyX4", 903), BOX, 1, List.of(12)));
    assertThat(annotations(read.rows().stream().map(Person::csv).toArray(String[]::new)))
        .isEqualTo(read);
  }

  @Test
  void leavesOutRowsThatCannotBeMeantAndSaysSo() throws IOException {
    Rows<Person> read =
        annotations(
            "v,0902,0.1,0.1,0.5,0.5,81,0",
            "v,0902,0.1,0.1,1.5,0.5,12,0",
            "v,0902,0.1,0.1,0.5,0.5,81,1",
            "v,0902,0.1,0.1,0.5,0.5,12,0",
            "v,0902,0.1,0.1,0.5,0.5,12,0");

    assertThat(read.rows())
        .containsExactly(
            new Person(new KeyFrame("v", 902), new Box(0.1, 0.1, 0.5, 0.5), 0, List.of(12)));
    assertThat(read.faults())
        .extracting(Fault::toString)
        .containsExactly(
            "train.csv:1: action 81 is not in the label map (2 rows)",
            "train.csv:2: box (0.1, 0.1, 1.5, 0.5): wants 0 <= x1 < x2 <= 1 and 0 <= y1 < y2 <= 1",
            "train.csv:5: repeats a row");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "v,0902,0.1,0.1,0.5,0.5,12",
        "v,09O2,0.1,0.1,0.5,0.5,12,0",
        "v,0902,0.1,x,0.5,0.5,12,0",
        "v,0902,0.1,0.1,0.5,0.5,stand,0"
      })
  void refusesAFileOfAnotherFormat(String line) {
    assertThatIOException()
        .isThrownBy(() -> annotations("v,0901,0.1,0.1,0.5,0.5,12,0", line))
        .withMessage(
            "train.csv:2: '%s' is not a row of video,time,x1,y1,x2,y2,action,person", line);
  }

  @Test
  void readsBothKindsOfLabelMaps() throws IOException {
    Map<Integer, String> expected = Map.of(1, "bend/bow (at the waist)", 80, "watch (id: 5)");
    assertThat(
            AvaFiles.labels(
                file(
                    "item {",
                    "  name: \"bend/bow (at the waist)\"",
                    "  id: 1",
                    "}",
                    "item { name: \"watch (id: 5)\" id: 80 }",
                    ""),
                "map"))
        .isEqualTo(expected);
    assertThat(
            AvaFiles.labels(
                file(
                    "label {",
                    "  name: \"bend/bow (at the waist)\"",
                    "  label_id: 1",
                    "  label_type: PERSON_MOVEMENT",
                    "}",
                    "label { name: \"watch (id: 5)\" label_id: 80 label_type: X }"),
                "map"))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "item { name: \"run\" }",
        "item { name: \"run\" id: 1 }",
        "item { name: \"run\" id: 2",
        "1,run"
      })
  void refusesABrokenLabelMap(String line) {
    assertThatIOException()
        .isThrownBy(() -> AvaFiles.labels(file("item { name: \"sit\" id: 1 }", "", line), "map"))
        .withMessage("map:3: expected item { name: \"…\" id: … } with an id of its own");
    assertThatIOException().isThrownBy(() -> AvaFiles.labels(file(""), "map"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "12"})
  void readsPersonBoxesWhateverTheirClass(String action) throws IOException {
    String row = "1j20qq1JyX4,0902,0.002,0.118,0.714,0.977,%s,0.995".formatted(action);
    Rows<Detection> read =
        AvaFiles.persons(file(row, row, "v,1,0.5,0,0.4,1,,0.9", "v,1,0,0,1,1,,NaN"), "boxes.csv");

    Detection person = new Detection(AT, BOX, Detection.PERSON, 0.995);
    assertThat(read.rows()).containsExactly(person);
    assertThat(read.faults()).extracting(Fault::line).containsExactly(3, 4);
    assertThat(AvaFiles.persons(file(person.csv()), "again").rows()).containsExactly(person);
  }

  @Test
  void writesResultsWithAllDigits() {
    assertThat(new Detection(AT, BOX, 12, 1.0 / 3).csv())
        .isEqualTo("1j20qq1JyX4,0902,0.002,0.118,0.714,0.977,12,0.3333333333333333\n");
    assertThat(new Detection(new KeyFrame("v", 7), new Box(1e-7, 0, 1, 1), 79, 1e-12).csv())
        .isEqualTo("v,0007,1.0E-7,0.0,1.0,1.0,79,1.0E-12\n");
  }

  @Test
  void readsTimes() throws IOException {
    assertThat(AvaFiles.excluded(file("1j20qq1JyX4,0902"), "excluded")).isEqualTo(Set.of(AT));
    assertThatIOException()
        .isThrownBy(() -> AvaFiles.excluded(file("v,0901", "v"), "excluded"))
        .withMessage("excluded:2: 'v' is not a row of video,time");
    assertThatIOException()
        .isThrownBy(() -> AvaFiles.excluded(file("v,-1"), "excluded"))
        .withMessage("excluded:1: key frame of video 'v' at second -1");
  }
}
