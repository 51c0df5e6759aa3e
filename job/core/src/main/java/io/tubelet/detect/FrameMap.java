package io.tubelet.detect;

import io.tubelet.clip.SampleSeed;
import io.tubelet.detect.KeyFrame.Detection;
import io.tubelet.detect.KeyFrame.Person;
import io.tubelet.evaluate.Accuracy.Interval;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * AVA's metric: the mean over classes of the average precision of boxes in key frames, as
 * ActivityNet's evaluator takes it (the PASCAL metric of TensorFlow's object detection API).
 *
 * <p>Of a class, all detections of all films are ranked by score; equal scores keep the order in
 * which they are given. Each looks at the annotated box of its key frame and class with which it
 * has the largest IoU: it is right if that is at least 0.5 and no detection of a higher rank has
 * taken that box. The average precision is the area under the precision as a function of recall,
 * made non-increasing from the right.
 *
 * @param classes every class that was asked for
 * @param interval of the mean, by the bootstrap over films; NaN for fewer than two
 */
public record FrameMap(List<OfClass> classes, Interval interval) implements Serializable {
  private static final double LEAST_IOU = 0.5;

  /**
   * What was found of a class.
   *
   * @param truths annotated boxes
   * @param precision average precision in [0, 1]; NaN without an annotated box
   */
  public record OfClass(int action, int truths, int detections, double precision)
      implements Serializable {}

  /** A class, and its average precision in every sample of films: what a task sends back. */
  public record Resampled(OfClass found, double[] samples) implements Serializable {}

  /** The mean of the classes that have an annotated box; NaN without any. */
  public double mean() {
    return mean(classes.stream().mapToDouble(OfClass::precision));
  }

  private static double mean(DoubleStream values) {
    return values.filter(value -> !Double.isNaN(value)).average().orElse(Double.NaN);
  }

  /** Names of all films in which a person is annotated or asked about, sorted. */
  public static List<String> films(List<Person> truth, Stream<KeyFrame> asked) {
    return Stream.concat(truth.stream().map(Person::at), asked)
        .map(KeyFrame::video)
        .distinct()
        .sorted()
        .toList();
  }

  /** Joins the classes, each of the same films with the same seed. */
  public static FrameMap of(List<Resampled> classes) {
    int samples = classes.isEmpty() ? 0 : classes.get(0).samples.length;
    double[] means =
        IntStream.range(0, samples)
            .mapToDouble(i -> mean(classes.stream().mapToDouble(one -> one.samples[i])))
            .filter(mean -> !Double.isNaN(mean))
            .toArray();
    return new FrameMap(classes.stream().map(Resampled::found).toList(), Interval.ofSamples(means));
  }

  /**
   * One class.
   *
   * @param truth of which those count that do this action
   * @param detections of this action alone
   * @param films of which samples are drawn: all that have a box of any class, in the same order
   *     for every class
   */
  public static Resampled of(
      int action, List<Person> truth, List<Detection> detections, List<String> films, long seed) {
    Map<String, Integer> index = new HashMap<>();
    films.forEach(film -> index.put(film, index.size()));
    int[] truths = new int[films.size()];
    Map<KeyFrame, List<Box>> boxes = new TreeMap<>();
    for (Person person : truth) {
      if (person.actions().contains(action)) {
        boxes.computeIfAbsent(person.at(), at -> new ArrayList<>()).add(person.box());
        truths[index.get(person.at().video())]++;
      }
    }
    List<Detection> ranked = new ArrayList<>(detections);
    ranked.sort(Comparator.comparingDouble(detection -> -detection.score()));
    boolean[] right = right(boxes, ranked);
    int[] film = ranked.stream().mapToInt(d -> index.get(d.at().video())).toArray();
    int[] once = new int[films.size()];
    Arrays.fill(once, 1);
    double precision = precision(right, film, truths, once);
    double[] samples = new double[films.size() < 2 ? 0 : Interval.SAMPLES];
    for (int i = 0; i < samples.length; i++) {
      RandomGenerator random = SampleSeed.of(seed, i, "films");
      int[] times = new int[films.size()];
      for (int draw = 0; draw < times.length; draw++) {
        times[random.nextInt(times.length)]++;
      }
      samples[i] = precision(right, film, truths, times);
    }
    return new Resampled(
        new OfClass(action, IntStream.of(truths).sum(), ranked.size(), precision), samples);
  }

  /** Which detections are right, in the order of their ranks. */
  private static boolean[] right(Map<KeyFrame, List<Box>> truth, List<Detection> ranked) {
    Map<KeyFrame, boolean[]> taken = new HashMap<>();
    boolean[] right = new boolean[ranked.size()];
    for (int i = 0; i < right.length; i++) {
      Detection detection = ranked.get(i);
      List<Box> boxes = truth.getOrDefault(detection.at(), List.of());
      int best = -1;
      double most = LEAST_IOU;
      for (int k = 0; k < boxes.size(); k++) {
        double iou = boxes.get(k).iou(detection.box());
        if (best < 0 ? iou >= most : iou > most) {
          best = k;
          most = iou;
        }
      }
      if (best >= 0) {
        boolean[] marks = taken.computeIfAbsent(detection.at(), at -> new boolean[boxes.size()]);
        right[i] = !marks[best];
        marks[best] = true;
      }
    }
    return right;
  }

  /**
   * Average precision with every film taken a number of times. Copies of a detection share a rank,
   * which changes nothing: between copies of a right one precision only rises.
   */
  private static double precision(boolean[] right, int[] film, int[] truths, int[] times) {
    long all = IntStream.range(0, times.length).mapToLong(f -> (long) times[f] * truths[f]).sum();
    long hits = 0;
    long ranked = 0;
    for (int i = 0; i < right.length; i++) {
      hits += right[i] ? times[film[i]] : 0;
      ranked += times[film[i]];
    }
    double best = 0; // of this rank and all below it
    double area = 0;
    for (int i = right.length - 1; i >= 0 && hits > 0; i--) {
      int copies = times[film[i]];
      if (right[i] && copies > 0) {
        best = Math.max(best, (double) hits / ranked);
        area += copies * best;
        hits -= copies;
      }
      ranked -= copies;
    }
    return all == 0 ? Double.NaN : area / all;
  }
}
