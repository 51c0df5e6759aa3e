package io.tubelet.video.motion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tubelet.clip.Frames;
import io.tubelet.detect.AvaFiles;
import io.tubelet.detect.Box;
import io.tubelet.detect.KeyFrame;
import io.tubelet.detect.KeyFrame.Detection;
import io.tubelet.detect.KeyFrame.Person;
import io.tubelet.video.Decoded;
import io.tubelet.video.Decoding.DecodeLimits;
import io.tubelet.video.InThread;
import io.tubelet.video.Sources;
import io.tubelet.video.Windows;
import io.tubelet.video.Windows.SamplingSpec;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FigureSetTest {
  private static final MotionSet.Spec SPEC = new MotionSet.Spec(7, 64, 48);
  private static final FigureSet SET = new FigureSet(SPEC, 12, 3);

  private static String text(String name) {
    SyntheticSet.Item item =
        SET.items().stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
    return new String(SET.file(item), StandardCharsets.UTF_8);
  }

  private static Reader reader(String name) {
    return new StringReader(text(name));
  }

  private static List<FigureFilm> films(String split, int count) {
    return IntStream.range(0, count).mapToObj(i -> new FigureFilm(SPEC, split, i)).toList();
  }

  private static boolean differs(Frames one, Frames other, int time, int row, int column) {
    int at = one.offset(time, row, column);
    return IntStream.range(at, at + 3).anyMatch(i -> one.bytes()[i] != other.bytes()[i]);
  }

  /** Edges of what changes at a second if the uppermost figure is painted; null if nothing does. */
  private static Box changed(FigureFilm film, int second) {
    Frames with = film.frames(4);
    Frames without = film.frames(3);
    int time = second * FigureFilm.RATE;
    int[] edges = {64, 64, 0, 0};
    for (int row = 0; row < 64; row++) {
      for (int column = 0; column < 64; column++) {
        if (differs(with, without, time, row, column)) {
          edges[0] = Math.min(edges[0], column);
          edges[1] = Math.min(edges[1], row);
          edges[2] = Math.max(edges[2], column + 1);
          edges[3] = Math.max(edges[3], row + 1);
        }
      }
    }
    return edges[2] == 0
        ? null
        : new Box(edges[0] / 64.0, edges[1] / 64.0, edges[2] / 64.0, edges[3] / 64.0);
  }

  @Test
  void boxesTheFiguresWhereTheyAreDrawn() {
    int boxes = 0;
    for (FigureFilm film : films(MotionSet.TRAIN, 8)) {
      for (Person person : film.persons()) {
        if (person.id() == 3) { // under none
          assertThat(changed(film, person.at().second())).as("%s", person).isEqualTo(person.box());
          boxes++;
        }
      }
    }
    assertThat(boxes).isGreaterThan(5);
  }

  /** Number, and sums of centre, width and height, of boxes of a class. */
  private static double[][] sums(List<FigureFilm> films) {
    double[][] sums = new double[MotionClass.values().length + 1][5];
    for (FigureFilm film : films) {
      for (Person person : film.persons()) {
        Box box = person.box();
        double[] of = {1, box.x1() + box.x2(), box.y1() + box.y2(), box.width(), box.height()};
        for (int i = 0; i < of.length; i++) {
          sums[0][i] += of[i];
          sums[person.actions().get(0)][i] += of[i];
        }
      }
    }
    return sums;
  }

  @Test
  void boxesOfAllClassesAreAlike() {
    double[][] sums = sums(films(MotionSet.TRAIN, 500));
    assertThat(sums[0][0]).isBetween(500 * 3 * 1.0, 500 * 3 * 2.0); // one to two a key frame
    for (int action = 1; action < sums.length; action++) {
      // 200 figures of a class; where a figure is at one second tells where it is at the next
      assertThat(sums[action][0] / sums[0][0]).as("share of %d", action).isBetween(0.07, 0.13);
      for (int i = 1; i < 5; i++) {
        assertThat(sums[action][i] / sums[action][0])
            .as("mean %d of class %d", i, action)
            .isCloseTo(sums[0][i] / sums[0][0], within(i < 3 ? 0.2 : 0.04));
      }
    }
  }

  @Test
  void readsBackToWhatWasDrawn() throws IOException {
    Map<Integer, String> labels = AvaFiles.labels(reader("labels.pbtxt"), "labels");
    assertThat(labels).hasSize(10).containsEntry(1, "static").containsEntry(10, "shake");
    assertThat(text("included.txt").lines()).containsExactly("0001", "0002", "0003");

    AvaFiles.Rows<Person> truth = AvaFiles.annotations(reader("train.csv"), "train", labels);
    List<Person> drawn = new ArrayList<>();
    films(MotionSet.TRAIN, 12).forEach(film -> drawn.addAll(film.persons()));
    assertThat(truth).isEqualTo(new AvaFiles.Rows<>(drawn, List.of()));

    AvaFiles.Rows<Detection> found = AvaFiles.persons(reader("train-boxes.csv"), "boxes");
    assertThat(found.faults()).isEmpty();
    List<Detection> high = found.rows().stream().filter(d -> d.score() >= 0.8).toList();
    assertThat(high).hasSameSizeAs(drawn);
    assertThat(found.rows()).hasSizeGreaterThan(drawn.size());
    for (int i = 0; i < drawn.size(); i++) {
      assertThat(high.get(i).at()).isEqualTo(drawn.get(i).at());
      assertThat(high.get(i).box().iou(drawn.get(i).box())).isBetween(0.65, 0.9999);
    }
    Set<KeyFrame> excluded = AvaFiles.excluded(reader("train-excluded.csv"), "excluded");
    assertThat(excluded).isNotEmpty().allMatch(at -> at.video().startsWith("train-"));
  }

  @Test
  void storesTheFilmsThatAreDrawnWithTheSameBytesEachTime() {
    SyntheticSet.Item item = new SyntheticSet.Item("test/test-0003.mp4", MotionSet.TEST, 2);
    assertThat(SET.items()).contains(item).doesNotHaveDuplicates().hasSize(8 + 12 + 3);
    byte[] file = SET.file(item);
    assertThat(new FigureSet(SPEC, 12, 3).file(item)).isEqualTo(file);
    Decoded decoded =
        new InThread()
            .decode(
                Sources.of(item.name(), file),
                Windows.even(new SamplingSpec(48, 1, 1, 64)),
                DecodeLimits.DEFAULT);
    assertThat(decoded).isInstanceOf(Decoded.Clips.class);
    assertThat(((Decoded.Clips) decoded).info().frames()).isEqualTo(48);
    Frames stored = ((Decoded.Clips) decoded).windows().get(0);
    Frames drawn = new FigureFilm(SPEC, MotionSet.TEST, 2).frames();
    assertThat(MotionSetTest.difference(stored, drawn)).isLessThan(9);
  }
}
