package io.tubelet.spark.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.tubelet.spark.AwkwardFiles;
import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.data.Corpus.Listing.Format;
import io.tubelet.video.DecoderChild;
import io.tubelet.video.Decoding;
import io.tubelet.video.Decoding.DecodeLimits;
import io.tubelet.video.InProcess;
import io.tubelet.video.InThread;
import io.tubelet.video.motion.MotionClass;
import io.tubelet.video.motion.MotionSet;
import io.tubelet.video.motion.SyntheticSet;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.hadoop.conf.Configuration;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrepareJobTest {
  @TempDir private Path folder;

  private CubeStore prepare(String name, Path source, int shardClips) throws IOException {
    return prepare(name, source, shardClips, new InThread());
  }

  private CubeStore prepare(String name, Path source, int shardClips, Decoding decoding)
      throws IOException {
    Corpus corpus =
        Corpus.list(LocalSpark.session(), source.toString(), TinyStore.listing(Format.AUTO));
    Recipe recipe =
        new Recipe(
            "test", "", 4, 2, 2, Recipe.Spacing.RANDOM, 24, shardClips, 1, Recipe.Codec.RAW, 1);
    org.apache.hadoop.fs.Path root = new org.apache.hadoop.fs.Path(folder.resolve(name).toUri());
    return new PrepareJob(root, new ClipDecoder(recipe, DecodeLimits.DEFAULT, decoding), 0.95)
        .run(LocalSpark.session(), corpus);
  }

  /** Five good videos and what else a list may hold. */
  private Path corpus() throws IOException {
    MotionSet set = new MotionSet(new MotionSet.Spec(1, 32, 12), new MotionSet.Counts(0, 0, 5));
    StringBuilder csv = new StringBuilder("path,label\n");
    for (SyntheticSet.Item item : set.items()) {
      String name = item.index() + ", ünï.mp4";
      Files.write(folder.resolve(name), set.file(item));
      csv.append('"')
          .append(name)
          .append("\",")
          .append(MotionClass.of(item.index()).label())
          .append('\n');
    }
    Files.writeString(folder.resolve("text.mp4"), "not a video");
    csv.append("text.mp4,left\nnowhere.mp4,left\ntext.mp4,left\n");
    return Files.writeString(folder.resolve("list.csv"), csv);
  }

  @Test
  void accountsForEveryRowOfAList() throws IOException {
    CubeStore store = prepare("store", corpus(), 4);
    assertThat(store.manifest().videos()).isEqualTo(5);
    assertThat(store.clips()).hasSize(10);
    assertThat(store.quarantined())
        .extracting(Quarantined::source, Quarantined::reason)
        .containsExactlyInAnyOrder(
            tuple("text.mp4", "NOT_MEDIA"),
            tuple("nowhere.mp4", "MISSING"),
            tuple("text.mp4", "DUPLICATE"));
  }

  @Test
  void storesThePixelsThatItsRowsSpeakOf() throws IOException {
    CubeStore store = prepare("store", corpus(), 4);
    try (ClipReader reader = store.reader(new Configuration())) {
      for (ClipRow clip : store.clips()) {
        assertThat(DigestUtils.sha256Hex(reader.read(clip).bytes())).isEqualTo(clip.digest());
        assertThat(clip.video().frames()).isEqualTo(12);
      }
    }
  }

  @Test
  void outlivesAFileThatCrashesTheDecoder() throws IOException {
    Path list = corpus();
    Files.copy(folder.resolve("0, ünï.mp4"), folder.resolve("crash.mp4"));
    Files.writeString(list, Files.readString(list) + "crash.mp4,left\n");

    CubeStore store = prepare("isolated", list, 4, new InProcess(CrashingChild.class, 512));

    assertThat(store.quarantined())
        .extracting(Quarantined::source, Quarantined::reason)
        .contains(tuple("crash.mp4", "CRASHED"))
        .hasSize(4);
    assertThat(store.clips()).hasSize(10);
    Path others = Files.writeString(list, Files.readString(list).replace("crash.mp4,left\n", ""));
    assertThat(store.clips())
        .extracting(ClipRow::digest)
        .containsExactlyElementsOf(
            prepare("inside", others, 4).clips().stream().map(ClipRow::digest).toList());
  }

  @Test
  void takesAFolderOfPicturesForAVideo() throws IOException {
    Path pictures = Files.createDirectory(folder.resolve("pictures é"));
    for (int i = 0; i < 11; i++) {
      BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
      ImageIO.write(image, "png", pictures.resolve(i + ".png").toFile());
    }
    Path list = Files.writeString(folder.resolve("list.csv"), "path\npictures é\n");

    assertThat(prepare("store", list, 4).clips())
        .hasSize(2)
        .allMatch(clip -> clip.video().frames() == 11 && clip.video().width() == 32);
  }

  @Test
  void goesOnWithTheShardsThatAreMissing() throws IOException {
    Path source = corpus();
    CubeStore whole = prepare("whole", source, 4);
    prepare("cut", source, 4);
    Path shards = folder.resolve("cut/shards");
    Files.delete(shards.resolve("shard-00001.arrow.json"));
    Files.delete(folder.resolve("cut/store.json"));
    var kept = Files.getLastModifiedTime(shards.resolve("shard-00000.arrow"));
    CubeStore again = prepare("cut", source, 4);
    assertThat(again.manifest().digest()).isEqualTo(whole.manifest().digest());
    assertThat(Files.getLastModifiedTime(shards.resolve("shard-00000.arrow"))).isEqualTo(kept);
  }

  @Test
  void givesEveryAwkwardFileClipsOrARow() throws IOException {
    Path awkward = AwkwardFiles.folder();
    Corpus corpus =
        Corpus.list(LocalSpark.session(), awkward.toString(), TinyStore.listing(Format.FLAT));
    CubeStore store = prepare("store", awkward, 8);
    List<String> refused = store.quarantined().stream().map(Quarantined::source).toList();
    List<String> given = store.clips().stream().map(ClipRow::source).distinct().toList();
    assertThat(refused).doesNotHaveDuplicates().doesNotContainAnyElementsOf(given);
    assertThat(refused.size() + given.size()).isEqualTo(corpus.videos().size());
    assertThat(refused).contains("m01_zero_bytes.mp4", "m03_audio_only.mp4");
    assertThat(given)
        .contains("m21_long_30min_54000frames_64x64.mp4", "r13_animated_gif_varying_delay.gif");
  }

  /** A decoder process with a fault in native code that one file brings out. */
  static final class CrashingChild {
    public static void main(String[] arguments) throws IOException {
      DecoderChild.serve(
          (source, windows, limits) -> {
            if (source.name().equals("crash.mp4")) {
              new WildPointer().get();
            }
            return new InThread().decode(source, windows, limits);
          });
    }

    /** Points where no process may read. */
    private static final class WildPointer extends BytePointer {
      WildPointer() {
        super((Pointer) null);
        address = 8;
      }
    }
  }
}
