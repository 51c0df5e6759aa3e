package io.tubelet.report;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page as a browser lays it out, where there is a Chromium; {@code layout.js} is the judge. */
class LayoutTest {
  @TempDir private Path folder;

  private static Optional<Path> browser() {
    return Stream.of("chromium", "chromium-browser", "google-chrome")
        .map(name -> Path.of("/usr/bin", name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** What the judge says of a page: the window's size, and a line a fault. */
  private String judge(String html, int width, boolean dark) throws Exception {
    Optional<Path> browser = browser();
    if (browser.isEmpty()) {
      System.out.println("LayoutTest skipped: no chromium in /usr/bin");
    }
    assumeTrue(browser.isPresent(), "no chromium");
    Path page = folder.resolve("page.html");
    Files.writeString(page, html); // a phone: a frame, as a window cannot be that narrow
    String judge = Files.readString(Path.of("src/test/resources/layout.js"));
    Path outer = folder.resolve("outer.html");
    Files.writeString(
        outer,
        "<body style='margin:0'><iframe src='page.html' style='border:0;width:%dpx;height:3000px'></iframe><pre></pre><script>%s</script>"
            .formatted(width, judge));
    List<String> command =
        List.of(
            browser.get().toString(),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--no-first-run",
            "--allow-file-access-from-files",
            "--user-data-dir=" + folder.resolve("profile"),
            "--blink-settings=preferredColorScheme=" + (dark ? 0 : 1),
            "--window-size=1500,1000",
            "--virtual-time-budget=5000",
            "--dump-dom",
            outer.toUri().toString());
    return pre(run(command));
  }

  private String run(List<String> command) throws IOException, InterruptedException {
    Path output = folder.resolve("dom.txt");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(output.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!process.waitFor(120, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    return Files.readString(output, UTF_8);
  }

  private static String pre(String dom) {
    int from = dom.indexOf("<pre>") + "<pre>".length();
    return dom.substring(from, dom.indexOf("</pre>", from));
  }

  @ParameterizedTest
  @CsvSource({"390,false", "390,true", "1400,false", "1400,true"})
  void nothingOverlapsAndNoTextIsCut(int width, boolean dark) throws Exception {
    assertThat(judge(HtmlReport.render(SampleReport.full()), width, dark))
        .isEqualTo("width %d, dark %s".formatted(width, dark));
  }

  @Test
  void theJudgeSeesOverlapsCutTextAndFaintText() throws Exception {
    String bad =
        """
        <body style="margin:0;background:#fff">
        <p style="position:absolute;top:0">one text</p><p style="position:absolute;top:5px">another</p>
        <div style="width:900px;margin-top:99px">wide</div>
        <div style="width:20px;overflow:hidden;white-space:nowrap">cut text</div>
        <p style="color:#ddd">faint</p>
        """;
    assertThat(judge(bad, 390, false).lines())
        .contains("overlap: 'one text' and 'another'", "cut: 'cut text'", "faint: 'faint'")
        .anyMatch(line -> line.startsWith("page is wider"));
  }
}
