package io.tubelet.spark.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.data.Corpus.Listing;
import io.tubelet.spark.data.Corpus.Listing.Format;
import io.tubelet.spark.data.Corpus.SourceVideo;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.video.Decoded;
import io.tubelet.video.Decoding.DecodeLimits;
import io.tubelet.video.InThread;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusTest {
  @TempDir private Path folder;

  private Corpus list(Path source, Format format) {
    return Corpus.list(LocalSpark.session(), source.toString(), TinyStore.listing(format));
  }

  /** Requires these videos, each {@code id -> label}, in this order. */
  private static void requireVideos(Corpus corpus, String... videos) {
    assertThat(corpus.videos())
        .extracting(video -> video.id() + " -> " + video.label())
        .containsExactly(videos);
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
    requireVideos(corpus, "left/b.mp4 -> left", "left/deep/a.MKV -> left", "right/c.webm -> right");
  }

  @Test
  void takesAFlatFolderAsUnlabelled() throws IOException {
    touch("b.mp4");
    touch("a.gif");
    requireVideos(list(folder, Format.AUTO), "a.gif -> ", "b.mp4 -> ");
  }

  @Test
  void opensNoPipeAndAFileWithAColon() throws IOException, InterruptedException {
    Path pipe = folder.resolve("pipe.mp4");
    new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor();
    HadoopVideo video = video(pipe);
    assertThatThrownBy(video::open).hasMessage("not a regular file");
    Path colon = Files.writeString(folder.resolve("12:30:00.mp4"), "text");
    try (var content = video(colon).open()) {
      assertThat(content.size()).isEqualTo(4);
    }
  }

  /** The local disk as of a dead mount: opens files, and gives none of their bytes for ever. */
  static final class DeadMount extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("dead:///");
    }

    @Override
    public FSDataInputStream open(org.apache.hadoop.fs.Path path, int buffer) {
      return new FSDataInputStream(
          new FSInputStream() {
            @Override
            public void seek(long position) {}

            @Override
            public long getPos() {
              return 0;
            }

            @Override
            public boolean seekToNewSource(long position) {
              return false;
            }

            @Override
            public int read() {
              return read(new byte[1], 0, 1);
            }

            @Override
            public int read(byte[] bytes, int from, int count) {
              while (true) {
                LockSupport.park();
              }
            }
          });
    }
  }

  @Test
  void waitsForNoStorageThatNeverAnswers() throws IOException {
    Configuration hadoop = new Configuration();
    hadoop.set("fs.dead.impl", DeadMount.class.getName());
    Path file = Files.writeString(folder.resolve("a.mp4"), "text");
    String path = "dead://" + file;
    DecodeLimits limits = new DecodeLimits(1 << 20, 1000, 1, 1000);
    Recipe recipe =
        new Recipe("test", "", 4, 2, 2, Recipe.Spacing.EVEN, 24, 4, 1, Recipe.Codec.RAW, 1);
    Decoded none =
        new ClipDecoder(recipe, limits, new InThread())
            .decode(hadoop, "a.mp4", path, recipe.stored("a.mp4"));
    assertThat(none.toString())
        .contains("UNREADABLE", "a.mp4: ", "the storage has not answered for 1 s");
  }

  private static HadoopVideo video(Path file) {
    org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(null, null, file.toString());
    return new HadoopVideo("v", path, new Configuration(), 60);
  }

  @Test
  void readsTablesWhateverTheyAreCalledAndHoweverTheyAreSpaced() throws IOException {
    touch("fold1.csv"); // what Spark would read for the pattern
    for (String name : List.of("fold[1].csv", "_hidden.csv", "a {b,c}.csv")) {
      Path csv = Files.writeString(folder.resolve(name), "\uFEFFpath, label\r\na.mp4, left \r\n");
      requireVideos(list(csv, Format.AUTO), "a.mp4 -> left");
    }
    Path list = Files.writeString(folder.resolve("list.txt"), "a 1.mp4  0\nb.mp4 0 -1\n");
    requireVideos(list(list, Format.AUTO), "a 1.mp4 -> 0", "b.mp4 -> ");
    Path latin = Files.write(list, new byte[] {'p', 'a', 't', 'h', '\n', (byte) 0xE9});
    assertThatThrownBy(() -> list(latin, Format.CSV)).hasMessageContaining("not text in UTF-8");
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
  void readsTheListsOfVideoMaeUnchanged() throws IOException {
    Path list = folder.resolve("train.csv"); // its usual name, though it is none
    Files.writeString(list, "/k400/a.mp4 0\nclips/my video 2.mp4 17\nhdfs://node/b c.mp4 3\n\n");
    Corpus corpus = list(list, Format.AUTO);
    requireVideos(
        corpus, "/k400/a.mp4 -> 0", "clips/my video 2.mp4 -> 17", "hdfs://node/b c.mp4 -> 3");
    assertThat(corpus.videos().get(1).path()).isEqualTo("file:" + folder + "/clips/my video 2.mp4");
    assertThat(corpus.videos().get(2).path()).isEqualTo("hdfs://node/b c.mp4");
    Files.writeString(list, "a.mp4\nb c.mp4\n");
    requireVideos(list(list, Format.LIST), "a.mp4 -> ", "b c.mp4 -> ");
  }

  @Test
  void readsFrameListsAndRefusesWhatIsNotAWholeFolder() throws IOException {
    Path list = folder.resolve("frames.txt");
    Files.writeString(list, "v/one 120 4\nv/two x 0 64 5\nv/three 30 64 5\nv/four\n");
    Corpus corpus = list(list, Format.FRAME_LIST);
    requireVideos(corpus, "v/one -> 4", "v/two x -> 5");
    assertThat(corpus.refused())
        .containsExactly(
            new Quarantined(
                "frames.txt:3", "BAD_ROW", "starts at frame 30; only whole folders are read"),
            new Quarantined(
                "frames.txt:4",
                "BAD_ROW",
                "expected 'path frames label' or 'path start frames label': v/four"));
  }

  @Test
  void takesAFolderOfNothingButPicturesForOneVideo() throws IOException {
    touch("left/one/0001.jpg");
    touch("left/one/0002.JPG");
    touch("left/two/0001.png");
    touch("left/two/README");
    touch("left/three.mp4");
    touch("left/three.jpg");
    requireVideos(list(folder, Format.FOLDER), "left/one -> left", "left/three.mp4 -> left");
  }

  @Test
  void readsPartsOfATableWithColumnsOfAnyName() throws IOException {
    Listing.Columns columns = new Listing.Columns("Video File", "action", "fold");
    Path csv = folder.resolve("table.csv");
    Files.writeString(
        csv, "fold,action,Video File\n1,run,a b.mp4\n2,run,c.mp4\n1,,d.mp4\n3,run,e.mp4\n");
    Corpus fromCsv =
        Corpus.list(LocalSpark.session(), csv.toString(), new Listing(Format.AUTO, columns, "1,3"));
    assertThat(fromCsv.videos())
        .containsExactly(
            new SourceVideo("file:" + folder + "/a b.mp4", "a b.mp4", "run"),
            new SourceVideo("file:" + folder + "/d.mp4", "d.mp4", ""),
            new SourceVideo("file:" + folder + "/e.mp4", "e.mp4", "run"));
    String parquet = folder.resolve("table.parquet").toString();
    LocalSpark.session()
        .read()
        .option("header", true)
        .option("inferSchema", true) // fold becomes a number
        .csv(csv.toString())
        .write()
        .parquet(parquet);
    Corpus fromParquet =
        Corpus.list(LocalSpark.session(), parquet, new Listing(Format.AUTO, columns, "1,3"));
    assertThat(fromParquet.videos()).isEqualTo(fromCsv.videos());
  }

  @Test
  void refusesRowsThatAreWrongAndSaysWhere() throws IOException {
    Path csv = folder.resolve("list.csv");
    Files.writeString(csv, "path,label\na.mp4,x\n,y\nb.mp4\nc.mp4,x\n");
    Corpus corpus = list(csv, Format.CSV);
    assertThat(corpus.videos()).extracting(SourceVideo::id).containsExactly("a.mp4", "c.mp4");
    assertThat(corpus.refused())
        .containsExactly(
            new Quarantined("list.csv:3", "BAD_ROW", "the path is empty"),
            new Quarantined("list.csv:4", "BAD_ROW", "not as many fields as the header: b.mp4"));
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
