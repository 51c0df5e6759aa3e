package io.tubelet.spark.stage;

import io.tubelet.augment.Augmentation;
import io.tubelet.augment.Crop;
import io.tubelet.clip.ClipGeometry;
import io.tubelet.clip.Frames;
import io.tubelet.masking.TubeMasking;
import io.tubelet.spark.LocalSpark;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.data.ClipReader;
import io.tubelet.spark.data.ClipRow;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.train.ClipTransform;
import io.tubelet.spark.train.EventLog;
import io.tubelet.train.RoundMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/**
 * The data's way on two cores: {@code DataBench VIDEOS FOLDER}. Preparing at a short side of 256,
 * as share of both cores; reading, cropping to 224 and cutting of 16 frames in one thread, beside
 * what the machine takes to copy as many bytes; waiting for data while ViT-S trains. With a third
 * argument only what one thread reads of the store.
 */
final class DataBench {
  private static final ClipGeometry GEOMETRY = new ClipGeometry(16, 224, 224, 2, 16);
  private static final int BATCH = 8;
  private static final int UTIME = 12; // of /proc/self/stat, counted from behind the name
  private static final double TICKS_A_SECOND = 100;

  private DataBench() {}

  /** Something that takes time. */
  private interface Work {
    void run() throws Exception;
  }

  private static double seconds(Work work) throws Exception {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e9;
  }

  /** Processor seconds of this process and of those that decode for it, ended or not. */
  private static double cpuSeconds() throws IOException {
    String stat = Files.readString(Path.of("/proc/self/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')')).split(" ", -1);
    double ticks = 0;
    for (int i = UTIME; i < UTIME + 4; i++) { // own and waited-for children's, user and system
      ticks += Double.parseDouble(fields[i]);
    }
    Duration running =
        ProcessHandle.current()
            .descendants()
            .map(child -> child.info().totalCpuDuration().orElse(Duration.ZERO))
            .reduce(Duration.ZERO, Duration::plus);
    return ticks / TICKS_A_SECOND + running.toNanos() / 1e9;
  }

  private static JobConfig config(String videos, Path run, String... more) {
    List<String> settings =
        new ArrayList<>(
            List.of(
                "run.dir=" + run,
                "data.pretrain.source=" + videos,
                "data.format=flat",
                "data.pretrain.clips=2",
                "data.shard-clips=16",
                "data.failure-budget=0.5",
                "model.size=s",
                "pretrain.batch=" + BATCH,
                "pretrain.replicas=2",
                "pretrain.averaging.period=2",
                "pretrain.epochs=1",
                "pretrain.warmup-epochs=0",
                "pretrain.subset=0.1"));
    settings.addAll(List.of(more));
    return JobConfig.load("", settings, new Configuration());
  }

  private static void prepare(String videos, Path run, String... more) throws Exception {
    JobConfig config = config(videos, run, more);
    double cpu = cpuSeconds();
    double wall = seconds(() -> Stages.all().get("prepare").run(config, LocalSpark.session()));
    cpu = cpuSeconds() - cpu;
    CubeStore store = PrepareStage.open(config, LocalSpark.session(), Role.PRETRAIN);
    System.out.printf(
        "prepare %s: %d clips, %.0f MB, %.1f s, %.0f %% of two cores%n",
        List.of(more), store.clips().size(), size(run) / 1e6, wall, 100 * cpu / wall / 2);
  }

  private static long size(Path run) throws IOException {
    try (var files = Files.walk(run.resolve("store"))) {
      return files
          .filter(f -> f.toString().endsWith(".arrow"))
          .mapToLong(f -> f.toFile().length())
          .sum();
    }
  }

  private static void read(Path run) throws Exception {
    CubeStore store =
        CubeStore.open(
            LocalSpark.session(),
            new org.apache.hadoop.fs.Path(run.resolve("store/pretrain").toUri()));
    ClipTransform presentation =
        new ClipTransform(
            GEOMETRY,
            new Augmentation(new Crop.MultiScale()),
            new TubeMasking(0.9),
            new Labels(List.of()),
            0,
            0);
    List<ClipRow> clips = store.clips();
    copies(store.clips().get(0));
    try (ClipReader reader = store.reader(new Configuration())) {
      for (int pass = 0; pass < 3; pass++) {
        long epoch = pass;
        double alone =
            seconds(
                () -> {
                  for (ClipRow clip : clips) {
                    Frames unused = reader.read(clip, epoch, no -> {}).orElseThrow();
                  }
                });
        double all =
            seconds(
                () -> {
                  for (int i = 0; i + BATCH <= clips.size(); i += BATCH) {
                    var unused =
                        presentation.batch(
                            clip -> reader.read(clip, epoch, no -> {}).orElseThrow(),
                            clips.subList(i, i + BATCH),
                            epoch);
                  }
                });
        int cut = clips.size() / BATCH * BATCH;
        System.out.printf(
            "%s, pass %d: %.0f clips/s read, %.0f read, cropped and cut, one thread%n",
            run.getFileName(), pass, clips.size() / alone, cut / all);
      }
    }
  }

  /** What a copy of one clip takes, where it stays in the caches and where memory is fresh. */
  private static void copies(ClipRow clip) throws Exception {
    byte[] from = new byte[16 * clip.video().height() * clip.video().width() * 3];
    byte[] to = new byte[from.length];
    double copied = 0;
    double fresh = 0;
    for (int i = 0; i < 200; i++) {
      copied = seconds(() -> System.arraycopy(from, 0, to, 0, to.length)) + (i < 100 ? 0 : copied);
      fresh = seconds(() -> to[0] += from.clone()[0]) + (i < 100 ? 0 : fresh);
    }
    System.out.printf(
        "copying a clip of %.1f MB: %.2f ms in the caches, %.2f ms to fresh memory%n",
        from.length / 1e6, copied * 10, fresh * 10);
  }

  private static void train(String videos, Path run, String... more) throws Exception {
    JobConfig config = config(videos, run, more);
    Stages.all().get("pretrain").run(config, LocalSpark.session());
    List<RoundMetrics> events =
        EventLog.read(
            new Configuration(),
            new org.apache.hadoop.fs.Path(run.resolve("pretrain/events.jsonl").toUri()));
    double wait = events.stream().mapToDouble(event -> event.seconds().dataWait()).sum();
    double total = events.stream().mapToDouble(event -> event.seconds().total()).sum();
    System.out.printf(
        "ViT-S %s: %d rounds, %.1f s, waiting for data %.1f %%%n",
        List.of(more), events.size(), total, 100 * wait / total);
  }

  public static void main(String[] arguments) throws Exception {
    String videos = arguments[0];
    Path folder = Path.of(arguments[1]);
    if (arguments.length > 2) {
      prepare(videos, folder.resolve("raw"));
      read(folder.resolve("raw"));
      LocalSpark.session().stop();
      return;
    }
    prepare(videos, folder.resolve("warm"), "data.pretrain.clips=1");
    prepare(videos, folder.resolve("raw"));
    prepare(videos, folder.resolve("threads"), "data.isolation=thread");
    prepare(videos, folder.resolve("spans"), "data.span=4");
    prepare(videos, folder.resolve("parts"), "data.span=4", "data.pretrain.sampling=uniform");
    prepare(videos, folder.resolve("zstd"), "data.codec=zstd", "data.isolation=thread");
    read(folder.resolve("raw"));
    read(folder.resolve("spans"));
    read(folder.resolve("parts"));
    read(folder.resolve("zstd"));
    train(videos, folder.resolve("raw"));
    train(videos, folder.resolve("videos"), "data.read=videos");
    LocalSpark.session().stop();
  }
}
