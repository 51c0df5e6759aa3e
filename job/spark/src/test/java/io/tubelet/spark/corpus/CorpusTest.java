package io.tubelet.spark.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.failure.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusTest {
  @TempDir private Path folder;

  private Corpus list(Path source, Format format) {
    return Corpus.list(LocalSpark.session(), source.toString(), format, "");
  }

  private void touch(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.createFile(file);
  }

  @Test
  void takesFoldersForLabelsAndPassesOverOtherFiles() throws IOException {
    touch("left/b.mp4");
    touch("left/deep/a.MKV");
    touch("right/c.webm");
    touch("right/README.md");
    touch("stray.txt");
    Corpus corpus = list(folder, Format.AUTO);
    assertThat(corpus.videos())
        .extracting(SourceVideo::id, SourceVideo::label)
        .containsExactly(
            tuple("left/b.mp4", "left"),
            tuple("left/deep/a.MKV", "left"),
            tuple("right/c.webm", "right"));
  }

  @Test
  void takesAFlatFolderAsUnlabelled() throws IOException {
    touch("b.mp4");
    touch("a.gif");
    assertThat(list(folder, Format.AUTO).videos())
        .extracting(SourceVideo::id, SourceVideo::label)
        .containsExactly(tuple("a.gif", ""), tuple("b.mp4", ""));
  }

  @Test
  void readsQuotedRelativePathsOfACsvInItsOrder() throws IOException {
    Path csv = folder.resolve("list.csv");
    Files.writeString(
        csv,
        """
        path,label,fold
        z.mp4,left,1
        "m25_näme with space, comma 'quote' ""x"" 動画.mp4",right,2
        /elsewhere/a.mp4,left,1
        """);
    Corpus corpus = list(csv, Format.AUTO);
    assertThat(corpus.videos())
        .extracting(SourceVideo::id)
        .containsExactly(
            "z.mp4", "m25_näme with space, comma 'quote' \"x\" 動画.mp4", "/elsewhere/a.mp4");
    assertThat(corpus.videos().get(1).path()).startsWith("file:").endsWith("動画.mp4");
    assertThat(corpus.videos().get(2).path()).endsWith(":/elsewhere/a.mp4");
  }

  @Test
  void usesAVideoOnceAndSaysSoIfItIsListedTwice() throws IOException {
    Path csv = folder.resolve("list.csv");
    Files.writeString(csv, "path,label\na.mp4,x\nb.mp4,x\na.mp4,x\n");
    Corpus corpus = list(csv, Format.CSV);
    assertThat(corpus.videos()).hasSize(2);
    assertThat(corpus.refused())
        .containsExactly(new Quarantined("a.mp4", "DUPLICATE", "listed more than once"));
  }

  @Test
  void namesWhatIsMissing() throws IOException {
    assertThatThrownBy(() -> list(folder.resolve("nowhere"), Format.AUTO))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no such file or folder")
        .hasMessageContaining("nowhere");
    assertThatThrownBy(() -> list(folder, Format.FLAT))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no videos in");
    Path csv = folder.resolve("list.csv");
    Files.writeString(csv, "file;label\na.mp4;x\n");
    assertThatThrownBy(() -> list(csv, Format.CSV))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no column 'path'")
        .hasMessageContaining("file;label");
    Files.writeString(csv, "path,label\n,x\n");
    assertThatThrownBy(() -> list(csv, Format.CSV))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("list.csv:2");
  }
}
