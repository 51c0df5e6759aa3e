package io.tubelet.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.clip.SampleSeed;
import io.tubelet.detect.FrameMap.OfClass;
import io.tubelet.detect.FrameMap.Resampled;
import io.tubelet.detect.KeyFrame.Detection;
import io.tubelet.detect.KeyFrame.Person;
import io.tubelet.evaluate.Accuracy.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class FrameMapTest {
  private static final Box LEFT = new Box(0, 0, 0.5, 1);
  private static final Box RIGHT = new Box(0.5, 0, 1, 1);
  private static final int STAND = 12;
  private static final int TALK = 79;

  private static Person person(int second, Box box, Integer... actions) {
    return new Person(new KeyFrame("a", second), box, 0, List.of(actions));
  }

  private static Detection found(int second, Box box, double score) {
    return new Detection(new KeyFrame("a", second), box, STAND, score);
  }

  private static FrameMap map(List<Person> truth, Detection... detections) {
    return map(truth, List.of(detections), 1);
  }

  private static FrameMap map(List<Person> truth, List<Detection> found, long seed) {
    List<String> films = FrameMap.films(truth, found.stream().map(Detection::at));
    List<Resampled> classes = new ArrayList<>();
    for (int action : List.of(STAND, TALK)) {
      List<Detection> own = found.stream().filter(d -> d.action() == action).toList();
      classes.add(FrameMap.of(action, truth, own, films, seed));
    }
    return FrameMap.of(classes);
  }

  private static void assertPrecision(double expected, List<Person> truth, Detection... found) {
    OfClass stand = map(truth, found).classes().get(0);
    assertThat(stand.precision()).isCloseTo(expected, within(1e-9));
    assertThat(stand.truths()).isEqualTo(truth.size());
    assertThat(stand.detections()).isEqualTo(found.length);
  }

  @Test
  void isNothingWithoutDetections() {
    assertPrecision(0, List.of(person(1, LEFT, STAND), person(2, LEFT, STAND)));
  }

  @Test
  void integratesTheEnvelopeOfPrecision() {
    List<Person> truth = List.of(person(1, LEFT, STAND), person(2, LEFT, STAND));
    // precision 1, 1/2, 2/3 at recall 1/2, 1/2, 1
    assertPrecision(
        0.5 * 1 + 0.5 * 2 / 3,
        truth,
        found(1, LEFT, 0.9),
        found(1, RIGHT, 0.8),
        found(2, LEFT, 0.7));
    // precision 0, 1/2, 2/3 at recall 0, 1/2, 1: the first hit gains by the second
    assertPrecision(2.0 / 3, truth, found(1, RIGHT, 0.9), found(1, LEFT, 0.8), found(2, LEFT, 0.7));
  }

  @Test
  void ranksEqualScoresAsTheyAreGiven() {
    List<Person> truth = List.of(person(1, LEFT, STAND));
    assertPrecision(1, truth, found(1, LEFT, 0.5), found(1, RIGHT, 0.5));
    assertPrecision(0.5, truth, found(1, RIGHT, 0.5), found(1, LEFT, 0.5));
  }

  @Test
  void countsTheSecondBoxOnAPersonAsWrong() {
    List<Person> truth = List.of(person(1, LEFT, STAND), person(2, LEFT, STAND));
    Box near = new Box(0, 0, 0.45, 1);
    assertPrecision(
        0.5 + 0.5 * 2 / 3, truth, found(1, near, 0.9), found(1, LEFT, 0.8), found(2, LEFT, 0.7));
  }

  @Test
  void takesOnlyThePersonThatABoxCoversBest() {
    // 0.4 / 0.6 of the second person's box, but the first person is nearer, and taken
    List<Person> truth = List.of(person(1, LEFT, STAND), person(1, new Box(0.1, 0, 0.6, 1), STAND));
    assertPrecision(0.5, truth, found(1, LEFT, 0.9), found(1, LEFT, 0.8));
  }

  @Test
  void takesAnOverlapOfExactlyAHalf() {
    List<Person> truth = List.of(person(1, LEFT, STAND));
    assertPrecision(1, truth, found(1, new Box(0, 0, 0.25, 1), 0.9));
    assertPrecision(0, truth, found(1, new Box(0, 0, 0.2499, 1), 0.9));
  }

  @Test
  void countsBoxesWhereNobodyIsAnnotated() {
    assertPrecision(0.5, List.of(person(1, LEFT, STAND)), found(7, LEFT, 0.9), found(1, LEFT, 0.8));
  }

  @Test
  void leavesClassesWithoutTruthOutOfTheMean() {
    FrameMap map =
        map(
            List.of(person(1, LEFT, STAND), person(1, RIGHT, 80)),
            found(1, LEFT, 0.9),
            new Detection(new KeyFrame("a", 1), LEFT, TALK, 0.9),
            new Detection(new KeyFrame("a", 1), LEFT, 80, 0.9));

    assertThat(map.classes())
        .containsExactly(new OfClass(STAND, 1, 1, 1), new OfClass(TALK, 0, 1, Double.NaN));
    assertThat(map.mean()).isEqualTo(1);
    assertThat(map(List.of(), found(1, LEFT, 0.9)).mean()).isNaN();
  }

  /** Films of random boxes, of which some are found. */
  private static void draw(String film, String as, List<Person> truth, List<Detection> found) {
    RandomGenerator random = SampleSeed.of(3, 0, film, "boxes");
    for (int second = 0; second < 4; second++) {
      KeyFrame at = new KeyFrame(as, second);
      for (Box box : List.of(LEFT, RIGHT)) {
        int action = random.nextBoolean() ? STAND : TALK;
        truth.add(new Person(at, box, 0, List.of(action)));
        for (int i = 0; i < 3; i++) {
          Box guess = random.nextBoolean() ? box : new Box(0.3, 0, 0.6, 1);
          int guessed = random.nextBoolean() ? STAND : TALK;
          found.add(new Detection(at, guess, guessed, random.nextDouble()));
        }
      }
    }
  }

  @Test
  void resamplesWholeFilms() {
    List<String> films = List.of("a", "b", "c");
    List<Person> truth = new ArrayList<>();
    List<Detection> found = new ArrayList<>();
    films.forEach(film -> draw(film, film, truth, found));
    List<Resampled> classes = new ArrayList<>();
    for (int action : List.of(STAND, TALK)) {
      List<Detection> own = found.stream().filter(d -> d.action() == action).toList();
      classes.add(FrameMap.of(action, truth, own, films, 5));
    }
    for (int i = 0; i < 20; i++) {
      List<Person> copiesTruth = new ArrayList<>();
      List<Detection> copiesFound = new ArrayList<>();
      RandomGenerator random = SampleSeed.of(5, i, "films");
      for (int copy = 0; copy < 3; copy++) {
        draw(films.get(random.nextInt(3)), "copy" + copy, copiesTruth, copiesFound);
      }
      FrameMap copies = map(copiesTruth, copiesFound, 5);
      for (int k = 0; k < 2; k++) {
        assertThat(classes.get(k).samples()[i])
            .isCloseTo(copies.classes().get(k).precision(), within(1e-9));
      }
    }
    FrameMap byClass = FrameMap.of(classes);
    assertThat(byClass).isEqualTo(map(truth, found, 5));
    assertThat(byClass.mean()).isBetween(byClass.interval().low(), byClass.interval().high());
  }

  @Test
  void boundsTheMeanByFilmsThatAreFoundAndFilmsThatAreNot() {
    Person missed = new Person(new KeyFrame("b", 1), LEFT, 0, List.of(STAND));
    FrameMap map = map(List.of(person(1, LEFT, STAND), missed), found(1, LEFT, 0.9));

    assertThat(map.mean()).isEqualTo(0.5);
    assertThat(map.interval()).isEqualTo(new Interval(0, 1));
    assertThat(map(List.of(missed)).interval()).isEqualTo(new Interval(Double.NaN, Double.NaN));
  }
}
