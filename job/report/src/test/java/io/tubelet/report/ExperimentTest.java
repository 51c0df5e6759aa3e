package io.tubelet.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.evaluate.Accuracy.Interval;
import io.tubelet.report.Experiment.Against;
import io.tubelet.report.Experiment.Arm;
import io.tubelet.report.Experiment.Measure;
import io.tubelet.report.picture.Chart;
import io.tubelet.report.picture.Chart.Point;
import io.tubelet.report.picture.Chart.Series;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ExperimentTest {
  private static final Measure SHARES =
      new Measure(
          "Top-1 accuracy",
          true,
          List.of(
              new Arm("scratch", List.of(0.1, 0.12), new Interval(0.05, 0.2), null, 0),
              new Arm(
                  "pretrained",
                  List.of(0.3, 0.3),
                  new Interval(0.2, 0.4),
                  new Against("scratch", List.of(0.2, 0.18), 0.0123),
                  0.9)));

  private static String page(List<Measure> measures) {
    return new Experiment(
            "x",
            "Does it?",
            List.of("A | note."),
            List.of(0, 7),
            measures,
            List.of(),
            Map.of("a", "b | c"))
        .markdown();
  }

  @Test
  void showsEverySeedTheIntervalsAndTheDifference() {
    assertThat(page(List.of(SHARES)))
        .isEqualTo(
            """
            # Does it?

            Top-1 accuracy: scratch 11.0 %; pretrained 30.0 %.

            A | note.

            ## Top-1 accuracy

            | arm | mean | 95 % over seeds | 95 % over videos | seed 0 | seed 7 | difference, with equal seeds | target |
            | --- | --- | --- | --- | --- | --- | --- | --- |
            | scratch | 11.0 % | -1.7 % to 23.7 % | 5.0 % to 20.0 % | 10.0 % | 12.0 % |  |  |
            | pretrained | 30.0 % | 30.0 % to 30.0 % | 20.0 % to 40.0 % | 30.0 % | 30.0 % | +19.0 against scratch (95 %: +6.3 to +31.7; McNemar p with each seed at most 1.2e-02) | 90.0 %: **missed** |

            ## How

            | | |
            | --- | --- |
            | a | b \\| c |
            """);
  }

  @Test
  void saysWhenADifferenceIsWithinTheSeedsSpread() {
    Measure losses =
        new Measure(
            "Loss",
            false,
            List.of(
                new Arm("a", List.of(0.5, 0.6), null, null, 0),
                new Arm(
                    "b",
                    List.of(0.4, 0.7),
                    null,
                    new Against("a", List.of(-0.1, 0.1), Double.NaN),
                    0)));
    assertThat(page(List.of(losses))).contains("to +1.2706): within the seeds' spread |");
  }

  @Test
  void gathersPagesByTheirTitlesSentencesAndFirstTables() {
    String words = "# Words\n\nNo table.\n";
    assertThat(
            Experiment.overview(
                new TreeMap<>(Map.of("x.md", page(List.of(SHARES, SHARES)), "y.md", words))))
        .contains(
            "## [Does it?](x.md)\n\nTop-1 accuracy: scratch 11.0 %; pretrained 30.0 %.\n\n| arm |")
        .endsWith("90.0 %: **missed** |\n\n## [Words](y.md)\n\nNo table.\n")
        .containsOnlyOnce("| arm |");
  }

  @Test
  void opensWithWhatPretrainingWasWorthWhereItHasItsControl() {
    Against control = new Against("unpretrained", List.of(0.2, 0.18), 0.0123);
    List<Arm> arms =
        List.of(
            new Arm("scratch", List.of(0.1, 0.12), null, null, 0),
            new Arm("unpretrained", List.of(0.1, 0.12), null, null, 0),
            new Arm("pretrained", List.of(0.3, 0.3), null, control, 0));
    String page = page(List.of(new Measure("Top-1 accuracy", true, arms)));
    String counted =
        page.replace("| a | b", "| %s | 9,000 |\n| a | b".formatted(Experiment.SAMPLES));
    assertThat(
            Experiment.overview(
                new TreeMap<>(Map.of("x.md", counted, "y.md", page(List.of(SHARES))))))
        .contains(
            """
            | data | samples of a pretraining | scratch | unpretrained | pretrained | worth of pretraining | p |
            | --- | --- | --- | --- | --- | --- | --- |
            | [Does it?](x.md) | 9,000 | 11.0 % | 11.0 % | 30.0 % | +19.0 | 1.2e-02 |

            ## [Does it?](x.md)
            """);
  }

  @Test
  void drawsAPictureThatStandsAlone() {
    List<Series> many =
        IntStream.range(0, 13)
            .mapToObj(i -> new Series("arm <" + i + ">", List.of(new Point(0, i), new Point(1, 0))))
            .toList();
    String svg = HtmlReport.file(Chart.lines("Loss", "epoch", "loss", false, many));
    assertThat(svg)
        .startsWith("<svg ")
        .contains(
            "arm &lt;12&gt;",
            "class=\"line series-12\"",
            ".series-12 { stroke: #b3261e; stroke-dasharray: 6 3; }")
        .doesNotContain("var(--", "http://localhost");
  }

  @Test
  void saysNothingOfASpreadThatOneSeedDoesNotHave() {
    Measure one =
        new Measure(
            "loss",
            false,
            List.of(
                new Arm("a", List.of(1.0), null, null, 0),
                new Arm("b", List.of(0.5), null, new Against("a", List.of(-0.5), Double.NaN), 0)));

    assertThat(page(List.of(one))).contains("-0.5000 against a (95 %: –) |");
  }
}
