package io.tubelet.report;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.cube.CubeBatch;
import io.tubelet.evaluate.Accuracy;
import io.tubelet.masking.Mask;
import io.tubelet.masking.TubeMasking;
import io.tubelet.model.ModelSize;
import io.tubelet.model.ModelSpec;
import io.tubelet.report.FineTuning.Evaluation;
import io.tubelet.report.Part.Pretraining;
import io.tubelet.report.Part.Pretraining.Compared;
import io.tubelet.report.Part.Tables;
import io.tubelet.report.Part.Tables.Table;
import io.tubelet.report.RunReport.Cover;
import io.tubelet.report.RunReport.Fact;
import io.tubelet.report.picture.AttentionStrip;
import io.tubelet.report.picture.ReconstructionStrip;
import io.tubelet.train.RoundMetrics;
import io.tubelet.train.RoundMetrics.Seconds;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/** A run that looks like a real one: made of noise, the same every time. */
final class SampleReport {
  /** What a file system allows in a name and HTML does not. */
  static final String AWKWARD =
      "videos/<script>alert('x')</script> & \"quotes\" \u202Ertl 夜 👩‍🚀 \u0007.mp4";

  private SampleReport() {}

  static RunReport full() {
    String plain = "motion/left/0007#0";
    RunReport report =
        RunReport.of(cover())
            .with(pretraining(400))
            .with(Gallery.reconstructions(List.of(strip(64, plain), strip(64, AWKWARD))))
            .with(Gallery.attention(List.of(attention(64, plain), attention(64, AWKWARD))))
            .with(fineTuning())
            .with(data(9));
    return report.ledBy(Diagnostics.of(report));
  }

  static Cover cover() {
    return new Cover(
        "Tubelet: MINI on synthetic motion",
        Instant.parse("2026-11-23T10:15:30.123Z"),
        "Pretraining lifts top-1 from 61.3\u00a0% to 90.0\u00a0% on 80 held-out videos.",
        "spark-submit --class io.tubelet.Main tubelet.jar pipeline --config conf/demo.conf"
            + " --set run.folder=hdfs:///runs/2026-11-23T10-15-30",
        List.of(
            new Fact("Model", "MINI: 4 blocks of 192, 8 x 8 x 8 tokens"),
            new Fact("Engine", "torch 2.10 on 2 CPU cores, fp32"),
            new Fact("Spark", "3.5.5, local[2], 2 replicas, a round every 5 steps"),
            new Fact("Java", "17.0.15 on Linux amd64"),
            new Fact("Data", "sha-256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c")),
        List.of(
            new Fact("Pretraining", "400 rounds, 25 min, 320,000 clips, 213 clips/s"),
            new Fact("Fine-tuning", "200 rounds, 4 min, 6,400 clips")));
  }

  /** A round of one step; twenty are an epoch. */
  static RoundMetrics round(int number, double loss, double rate, double norm, double wait) {
    return new RoundMetrics(
        number, number / 20, number + 1, loss, rate, norm, 0, 0, 0, 21_000, seconds(wait), null);
  }

  private static Seconds seconds(double wait) {
    return new Seconds(3.3 + wait, wait, 3, 0.3);
  }

  static Pretraining pretraining(int rounds) {
    RandomGenerator noise = SampleSeed.of(1, 0, "report");
    return new Pretraining(
        IntStream.range(0, rounds)
            .mapToObj(
                i ->
                    round(
                        i,
                        0.6 + 0.42 * Math.exp(-6.0 * i / rounds) + 0.01 * noise.nextGaussian(),
                        1e-3
                            * Math.min(i / (0.1 * rounds), 0.5 + 0.5 * Math.cos(3.14 * i / rounds)),
                        0.4 + 2 * Math.exp(-20.0 * i / rounds) + 0.05 * noise.nextDouble(),
                        0.4 + 0.2 * noise.nextDouble()))
            .toList(),
        Compared.NORMALISED_CUBES);
  }

  static FineTuning fineTuning() {
    List<String> classes =
        List.of(
            "left",
            "right",
            "up",
            "down",
            "clockwise",
            "counter-clockwise",
            "grows",
            "<shrinks> & fades");
    return new FineTuning(
        "20 epochs of 320 clips",
        "Worth of pretraining: +9.4 points of top-1, pretrained less unpretrained",
        List.of(trained("pretrained", 0.2, classes, 9), trained("unpretrained", 0.9, classes, 6)));
  }

  private static FineTuning.Trained trained(
      String name, double floor, List<String> classes, int right) {
    RandomGenerator noise = SampleSeed.of(2, right, "report");
    List<RoundMetrics> rounds =
        IntStream.range(0, 200)
            .mapToObj(
                i ->
                    round(
                        i,
                        floor + (2.1 - floor) * Math.exp(-i / 50.0) + 0.05 * noise.nextDouble(),
                        1e-3,
                        1,
                        0))
            .map(round -> round.step() % 40 == 0 ? round.validated(round.step() / 250.0) : round)
            .toList();
    int[][] counts = new int[classes.size()][classes.size()];
    for (int i = 0; i < counts.length; i++) {
      counts[i][i] = right;
      for (int rest = right; rest < 10; rest++) {
        counts[i][noise.nextInt(counts.length)]++;
      }
    }
    Gallery.Clip mistake =
        Gallery.mistake("motion/left/0007.mp4", "left", "right", strip(64, "left").original());
    return new FineTuning.Trained(
        name,
        rounds,
        Optional.of(
            new Evaluation(
                "5 clips × 3 crops",
                classes,
                accuracy(counts, 78),
                3,
                Gallery.mistakes(List.of(mistake)))));
  }

  /**
   * @param counts {@code [truth, prediction]}
   */
  static Accuracy accuracy(int[][] counts, int topK) {
    int videos = Arrays.stream(counts).flatMapToInt(Arrays::stream).sum();
    int right = IntStream.range(0, counts.length).map(i -> counts[i][i]).sum();
    return new Accuracy(videos, right, topK, 5, counts, null, List.of(), "");
  }

  /** Sources with names and reasons that a page must show as they are. */
  static Tables data(int quarantined) {
    List<List<String>> sources =
        IntStream.range(0, quarantined)
            .mapToObj(
                i ->
                    i == 0
                        ? List.of(AWKWARD, "UNREADABLE", "moov atom not found & <more>")
                        : List.of(
                            "videos/train/class-%02d/clip_%05d_a_rather_long_name.mp4"
                                .formatted(i % 8, i),
                            i % 3 == 0 ? "TOO_SHORT" : "UNREADABLE",
                            i % 3 == 0
                                ? "7 frames, a clip needs 16 at a distance of 2"
                                : "Invalid data found when processing input (-1094995529)"))
            .toList();
    List<String> header = List.of("Path", "Reason", "Detail");
    return new Tables(
        "Data", "1588 clips from 397 videos.", List.of(new Table("No clip", header, sources)));
  }

  /** A disc that crosses a striped ground, with predictions that are the truth and some noise. */
  static ReconstructionStrip strip(int size, String id) {
    ClipGeometry geometry = new ClipGeometry(16, size, size, 2, 8);
    ModelSpec model = ModelSize.MINI.pretraining(geometry);
    RandomGenerator random = SampleSeed.of(3, 0, id, "mask");
    Mask mask = new TubeMasking(0.75).draw(geometry, random);
    CubeBatch batch =
        CubeBatch.cut(geometry, List.of(disc(geometry)), List.of(mask), new float[0], List.of(id));
    float[] predicted = new float[batch.hidden() * geometry.cubeValues()];
    for (int i = 0; i < predicted.length; i++) {
      int pixel = batch.cubes()[batch.visible() * geometry.cubeValues() + i] & 0xFF;
      predicted[i] = (float) ((pixel - 120) / 60.0 + 0.3 * random.nextGaussian());
    }
    return ReconstructionStrip.of(batch, predicted, model);
  }

  /** The same disc, looked at. */
  static AttentionStrip attention(int size, String id) {
    ClipGeometry geometry = new ClipGeometry(16, size, size, 2, 8);
    float[] received = new float[geometry.tokens()];
    double sum = 0;
    for (int token = 0; token < received.length; token++) {
      double t = token / geometry.tokensPerSlice() * 2 + 1;
      double y = token / geometry.gridWidth() % geometry.gridHeight() * 8 + 4;
      double x = token % geometry.gridWidth() * 8 + 4;
      double far = Math.hypot(x - size * (t + 2) / 20.0, y - size / 2.0) / size;
      received[token] = (float) Math.exp(-20 * far * far);
      sum += received[token];
    }
    for (int token = 0; token < received.length; token++) {
      received[token] /= (float) sum;
    }
    Mask none = Mask.none(geometry.tokens());
    return AttentionStrip.of(
        CubeBatch.cut(geometry, List.of(disc(geometry)), List.of(none), new float[0], List.of(id)),
        received);
  }

  private static Frames disc(ClipGeometry geometry) {
    byte[] bytes = new byte[geometry.clipBytes()];
    Frames frames = new Frames(geometry.frames(), geometry.height(), geometry.width(), bytes);
    double radius = geometry.width() / 5.0;
    for (int t = 0; t < geometry.frames(); t++) {
      for (int y = 0; y < geometry.height(); y++) {
        for (int x = 0; x < geometry.width(); x++) {
          double across = x - geometry.width() * (t + 2) / 20.0;
          boolean inside = Math.hypot(across, y - geometry.height() / 2.0) < radius;
          int at = frames.offset(t, y, x);
          bytes[at] = (byte) (inside ? 230 : 60 + 40 * (x / 5 % 2));
          bytes[at + 1] = (byte) (inside ? 180 : 90 + y);
          bytes[at + 2] = (byte) (inside ? 40 : 120);
        }
      }
    }
    return frames;
  }
}
