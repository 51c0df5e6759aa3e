package io.tubelet.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.clip.Frames;
import io.tubelet.report.FineTuning.Evaluation;
import io.tubelet.report.Part.Pretraining;
import io.tubelet.report.Part.Pretraining.Compared;
import io.tubelet.report.Part.Tables;
import io.tubelet.report.Part.Tables.Table;
import io.tubelet.report.RunReport.Cover;
import io.tubelet.report.RunReport.Fact;
import io.tubelet.report.picture.ReconstructionStrip;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class HtmlReportTest {
  private static final XPath XPATH = XPathFactory.newInstance().newXPath();
  private static final int FIVE_MEGABYTES = 5_000_000;

  @Test
  void writesAllPartsIntoOneFileThatIsWellFormed() throws Exception {
    String html = HtmlReport.render(SampleReport.full());
    Files.writeString(Path.of("target", "sample-report.html"), html); // to look at in a browser

    Document page = parse(html);
    assertThat(number(page, "count(//section)")).isEqualTo(7);
    assertThat(number(page, "count(//section[@id='pretraining']//svg)")).isEqualTo(5);
    assertThat(number(page, "count(//section[@id='fine-tuning']//path[contains(@class,'line')])"))
        .isEqualTo(2 + 2); // losses, accuracies on the validation split
    assertThat(number(page, "count(//table[contains(@class,'confusion')])")).isEqualTo(2);
    assertThat(number(page, "count(//table[contains(@class,'confusion')]//td[@style])"))
        .isEqualTo(2 * 8 * 8);
    assertThat(number(page, "count(//section[@id='reconstructions']//img)")).isEqualTo(8);
    assertThat(number(page, "count(//section[@id='attention']//img)")).isEqualTo(2);
    assertThat(text(page, "//section[@id='attention']//figcaption")).contains("its even share");
    assertThat(text(page, "//section[@id='fine-tuning']"))
        .contains("unpretrained", "+9.4 points", "bootstrap over videos");
  }

  @Test
  void needsNothingFromOutside() throws Exception {
    Document page = parse(HtmlReport.render(SampleReport.full()));

    assertThat(number(page, "count(//script | //link | //iframe | //object)")).isZero();
    assertThat(number(page, "count(//img[not(starts-with(@src,'data:image/png;base64,'))])"))
        .isZero();
    assertThat(number(page, "count(//a[not(starts-with(@href,'#'))])")).isZero();
    assertThat(text(page, "//style")).doesNotContain("url(").doesNotContain("@import");
  }

  @Test
  void showsAwkwardNamesAsTheyAre() throws Exception {
    String html = HtmlReport.render(SampleReport.full());

    assertThat(html).doesNotContain("<script");
    String shown = SampleReport.AWKWARD.replace("\u0007", "\\u{7}").replace("\u202e", "\\u{202e}");
    Document page = parse(html);
    assertThat(text(page, "//section[@id='data']//tbody/tr[1]/th[@class='long']")).isEqualTo(shown);
    assertThat(text(page, "//article[2]/h3")).isEqualTo(shown);
    assertThat(text(page, "//table[@class='confusion'][1]//tbody/tr[8]/th"))
        .isEqualTo("<shrinks> & fades");
  }

  @Test
  void escapesEveryTextOfTheRecordTree() throws Exception {
    String bad = "\"'><b onload='1'>&amp;\u0000\ud800\uffff";
    Gallery.Clip mistake = Gallery.mistake(bad, bad, bad, new Frames(1, 2, 2, new byte[12]));
    FineTuning.Trained model =
        new FineTuning.Trained(
            bad,
            List.of(SampleReport.round(0, 1, 1, 1, 1)),
            Optional.of(
                new Evaluation(
                    bad,
                    List.of(bad, bad),
                    SampleReport.accuracy(new int[][] {{1, 0}, {0, 1}}, 2),
                    0,
                    Gallery.mistakes(List.of(mistake)))));
    List<Fact> facts = List.of(new Fact(bad, bad));
    RunReport report =
        RunReport.of(new Cover(bad, Instant.EPOCH, bad, bad, facts, facts))
            .with(new FineTuning(bad, bad, List.of(model, model)))
            .with(
                new Tables(bad, bad, List.of(new Table(bad, List.of(bad), List.of(List.of(bad))))))
            .with(
                new Diagnostics(
                    List.of(new Diagnostics.Check(bad, Diagnostics.Verdict.FINE, bad))));

    Document page = parse(HtmlReport.render(report));

    assertThat(number(page, "count(//b)")).isZero();
    assertThat(text(page, "//h1")).isEqualTo("\"'><b onload='1'>&amp;\\u{0}\\u{d800}\\u{ffff}");
    assertThat(number(page, "count(//@onload)")).isZero();
  }

  @Test
  void saysSoWhenThereIsNothingToShow() throws Exception {
    Cover cover = new Cover("Empty", Instant.EPOCH, "", "", List.of(), List.of());

    Document page = parse(HtmlReport.render(RunReport.of(cover)));

    assertThat(text(page, "//main")).contains("nothing to show yet");
    assertThat(number(page, "count(//section | //nav | //h2 | //table)")).isZero();
    assertThat(text(page, "//time")).isEqualTo("1970-01-01 00:00:00 UTC");
  }

  @Test
  void showsEachPartAlone() throws Exception {
    RunReport bare = RunReport.of(new Cover("Parts", Instant.EPOCH, "", "", List.of(), List.of()));
    FineTuning unfinished =
        new FineTuning(
            "", "", List.of(new FineTuning.Trained("pretrained", List.of(), Optional.empty())));

    for (RunReport report :
        List.of(
            bare.with(new Pretraining(List.of(), Compared.PIXELS)),
            bare.with(unfinished),
            bare.with(new Tables("Data", "none", List.of())),
            bare.with(Gallery.attention(List.of(SampleReport.attention(16, "one")))),
            bare.with(Gallery.reconstructions(List.of(SampleReport.strip(16, "one")))))) {
      assertThat(number(parse(HtmlReport.render(report)), "count(//section)")).isEqualTo(1);
    }
  }

  @Test
  void skipsNoLevelOfHeadingsAndNamesEveryTableAndPicture() throws Exception {
    Document page = parse(HtmlReport.render(SampleReport.full()));

    assertThat(number(page, "count(//h1)")).isEqualTo(1);
    assertThat(number(page, "count(//section[not(h2)])")).isZero();
    assertThat(number(page, "count(//h3[not(ancestor::section)] | //h4)")).isZero();
    assertThat(number(page, "count(//table[not(caption)])")).isZero();
    assertThat(
            number(
                page, "count(//table[not(parent::div[@class='scroll'][@tabindex][@aria-label])])"))
        .isZero();
    assertThat(number(page, "count(//th[not(@scope)])")).isZero();
    assertThat(number(page, "count(//img[not(@alt)])")).isZero();
    assertThat(number(page, "count(//svg[not(title)])")).isZero();
  }

  @Test
  void staysBelowFiveMegabytesForTheLargestRun() throws Exception {
    Gallery.Clip mistake = Gallery.mistake("a", "b", "c", SampleReport.strip(224, "a").predicted());
    int[][] counts = new int[400][400];
    for (int[] row : counts) {
      row[7] = 50;
    }
    Evaluation evaluation =
        new Evaluation(
            "5 x 3",
            IntStream.range(0, 400).mapToObj(i -> "class " + i).toList(),
            SampleReport.accuracy(counts, 20_000),
            0,
            Gallery.mistakes(Collections.nCopies(50, mistake)));
    Pretraining pretraining = SampleReport.pretraining(100_000);
    List<String> broken = List.of("<".repeat(5_000), "UNREADABLE", "<".repeat(5_000));
    List<String> header = List.of("Path", "Reason", "Detail");
    Table quarantine = new Table("No clip", header, Collections.nCopies(10_000, broken));
    ReconstructionStrip strip = SampleReport.strip(224, "large");
    RunReport report =
        RunReport.of(SampleReport.cover())
            .with(pretraining)
            .with(
                new FineTuning(
                    "",
                    "",
                    List.of(
                        new FineTuning.Trained(
                            "all", pretraining.rounds(), Optional.of(evaluation)))))
            .with(new Tables("Data", "", List.of(quarantine)))
            .with(Gallery.reconstructions(Collections.nCopies(30, strip)))
            .with(Gallery.attention(Collections.nCopies(60, SampleReport.attention(224, "large"))));

    String html = HtmlReport.render(report);

    assertThat(html.getBytes(UTF_8)).hasSizeBetween(3_000_000, FIVE_MEGABYTES);
    Document page = parse(html);
    for (String part : List.of("reconstructions", "attention", "fine-tuning")) {
      assertThat(text(page, "//section[@id='" + part + "']"))
          .containsPattern("\\d+ more (clips )?are not shown");
    }
    assertThat(text(page, "//section[@id='data']"))
        .contains("No clip", ": the first 200 of 10,000");
    assertThat(number(page, "count(//table[contains(@class,'confusion')])")).isZero();
  }

  @Test
  void isAFunctionOfTheRecordTree() throws IOException {
    assertThat(HtmlReport.render(SampleReport.full()))
        .isEqualTo(HtmlReport.render(SampleReport.full()));
  }

  private static Document parse(String html) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(html)));
  }

  private static int number(Document page, String path) throws Exception {
    return Integer.parseInt(XPATH.evaluate("string(" + path + ")", page));
  }

  private static String text(Document page, String path) throws Exception {
    return XPATH.evaluate(path, page);
  }
}
