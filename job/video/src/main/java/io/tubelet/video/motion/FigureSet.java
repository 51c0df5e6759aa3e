package io.tubelet.video.motion;

import io.tubelet.detect.Box;
import io.tubelet.detect.KeyFrame;
import io.tubelet.detect.KeyFrame.Detection;
import io.tubelet.detect.KeyFrame.Person;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The synthetic set for action detection: H.264 files, and AVA's files that tell of them.
 *
 * <pre>
 *   labels.pbtxt  included.txt               of the whole set
 *   train.csv     test.csv                   annotations
 *   train-boxes.csv     test-boxes.csv       persons as a detector would find them
 *   train-excluded.csv  test-excluded.csv    key frames that do not count, one in twenty
 *   train/train-0001.mp4  test/test-0001.mp4
 * </pre>
 *
 * <p>A class is that of the motion set, now of a figure; its id is its index there and 1.
 *
 * @param spec of 12 frames per second; the first key frame is at second 1
 * @param train films to learn from
 * @param test films to be tested on
 */
public record FigureSet(MotionSet.Spec spec, int train, int test) implements SyntheticSet {
  private static final String LABELS = "labels.pbtxt";
  private static final String INCLUDED = "included.txt";
  private static final String BOXES = "-boxes.csv";
  private static final String EXCLUDED = "-excluded.csv";
  private static final String ANNOTATIONS = ".csv";

  /** AVA's files first. */
  @Override
  public List<Item> items() {
    List<Item> items = new ArrayList<>(List.of(new Item(LABELS, "", 0), new Item(INCLUDED, "", 0)));
    for (String split : List.of(MotionSet.TRAIN, MotionSet.TEST)) {
      for (String ending : List.of(ANNOTATIONS, BOXES, EXCLUDED)) {
        items.add(new Item(split + ending, split, 0));
      }
      for (int index = 0; index < films(split); index++) {
        items.add(new Item("%s/%s-%04d.mp4".formatted(split, split, index + 1), split, index));
      }
    }
    return items;
  }

  @Override
  public byte[] file(Item item) {
    if (item.name().endsWith(".mp4")) {
      FigureFilm film = new FigureFilm(spec, item.split(), item.index());
      return MotionSet.mp4(film.frames(), FigureFilm.RATE);
    }
    Stream<FigureFilm> films =
        IntStream.range(0, films(item.split()))
            .mapToObj(index -> new FigureFilm(spec, item.split(), index));
    Stream<String> lines =
        switch (item.name().substring(item.split().length())) {
          case LABELS -> Stream.of(MotionClass.values()).map(FigureSet::label);
          case INCLUDED -> seconds().mapToObj(second -> "%04d\n".formatted(second));
          case ANNOTATIONS -> films.flatMap(film -> film.persons().stream()).map(Person::csv);
          case BOXES -> films.flatMap(FigureSet::boxes).map(Detection::csv);
          default -> films.flatMap(this::excluded).map(at -> at + "\n");
        };
    return lines.collect(Collectors.joining()).getBytes(StandardCharsets.UTF_8);
  }

  private int films(String split) {
    return split.equals(MotionSet.TRAIN) ? train : test;
  }

  private static String label(MotionClass motion) {
    return "item {\n  name: \"%s\"\n  id: %d\n}\n".formatted(motion.label(), motion.id());
  }

  private IntStream seconds() {
    return IntStream.range(1, (spec.frames() - 1) / FigureFilm.RATE + 1);
  }

  private Stream<KeyFrame> excluded(FigureFilm film) {
    RandomGenerator random = film.stream("excluded");
    return seconds()
        .filter(second -> random.nextInt(20) == 0)
        .mapToObj(second -> new KeyFrame(film.video(), second));
  }

  /** Every side moved by up to a twentieth, with a score above 0.8; and false boxes below 0.7. */
  private static Stream<Detection> boxes(FigureFilm film) {
    RandomGenerator random = film.stream("boxes");
    List<Detection> boxes = new ArrayList<>();
    for (Person person : film.persons()) {
      Box box = person.box();
      boxes.add(
          person(
              person.at(),
              Box.clip(
                  box.x1() + box.width() * Motion.between(random, -0.05, 0.05),
                  box.y1() + box.height() * Motion.between(random, -0.05, 0.05),
                  box.x2() + box.width() * Motion.between(random, -0.05, 0.05),
                  box.y2() + box.height() * Motion.between(random, -0.05, 0.05)),
              Motion.between(random, 0.8, 1)));
      if (random.nextInt(4) == 0) {
        double x = Motion.between(random, 0, 0.7);
        double y = Motion.between(random, 0, 0.7);
        Box nobody = new Box(x, y, x + 0.3, y + 0.3);
        boxes.add(person(person.at(), nobody, Motion.between(random, 0.05, 0.7)));
      }
    }
    return boxes.stream();
  }

  private static Detection person(KeyFrame at, Box box, double score) {
    return new Detection(at, box, Detection.PERSON, score);
  }
}
