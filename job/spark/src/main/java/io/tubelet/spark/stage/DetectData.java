package io.tubelet.spark.stage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import io.tubelet.clip.ClipGeometry;
import io.tubelet.detect.AvaFiles;
import io.tubelet.detect.KeyFrame;
import io.tubelet.detect.KeyFrame.Detection;
import io.tubelet.detect.KeyFrame.Person;
import io.tubelet.spark.config.DataConfig;
import io.tubelet.spark.config.DataConfig.Role;
import io.tubelet.spark.config.JobConfig;
import io.tubelet.spark.data.ClipRow;
import io.tubelet.spark.data.Corpus;
import io.tubelet.spark.data.Corpus.Listing;
import io.tubelet.spark.data.Corpus.Moment;
import io.tubelet.spark.data.Corpus.SourceVideo;
import io.tubelet.spark.data.CubeStore;
import io.tubelet.spark.data.Labels;
import io.tubelet.spark.data.Quarantined;
import io.tubelet.spark.data.Recipe;
import io.tubelet.spark.files.Failure.DataException;
import io.tubelet.spark.files.Json;
import io.tubelet.spark.train.ClipTransform.Boxed;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;

/**
 * What AVA's files say of the films of one part of the data, and the store of clips around their
 * key frames, whose ids are {@link KeyFrame#toString}.
 *
 * @param films folder, or the synthetic set's
 * @param classes names by AVA's ids; the network's are in this order
 * @param persons annotated, in key frames that count
 * @param boxes that the network learns from or is asked about
 * @param refused rows that cannot be meant
 */
record DetectData(
    Run run,
    Role role,
    String films,
    NavigableMap<Integer, String> classes,
    List<Person> persons,
    NavigableMap<KeyFrame, List<Boxed>> boxes,
    List<Quarantined> refused) {
  /** Boxes of a key frame that count; published. */
  private static final int MOST_BOXES = 100;

  /** Bytes of clips that are decoded at once, if frames are twice as wide as high. */
  private static final long MOST_PIXELS = 1L << 28;

  /** At which FFmpeg shows pictures. */
  private static final double PICTURES_PER_SECOND = 25;

  @FunctionalInterface
  private interface Parse<T> {
    T of(Reader in, String file) throws IOException;
  }

  /**
   * Reads the files.
   *
   * @throws DataException if one is missing or not of its format
   */
  static DetectData read(Run run, Role role) throws IOException {
    JobConfig.Detection settings = files(run);
    JobConfig.Films films = role == Role.TRAIN ? settings.train() : settings.test();
    String key = "detect." + role.word();
    NavigableMap<Integer, String> classes =
        parse(run, "detect.label-map", settings.labelMap(), AvaFiles::labels);
    AvaFiles.Rows<Person> annotated =
        parse(
            run,
            key + ".annotations",
            films.annotations(),
            (in, file) -> AvaFiles.annotations(in, file, classes));
    boolean all = films.excluded().isEmpty();
    Set<KeyFrame> excluded =
        all ? Set.of() : parse(run, key + ".excluded", films.excluded(), AvaFiles::excluded);
    boolean own = films.boxes().isEmpty();
    AvaFiles.Rows<Detection> found =
        own
            ? new AvaFiles.Rows<>(List.of(), List.of())
            : parse(run, key + ".boxes", films.boxes(), AvaFiles::persons);
    List<Person> persons =
        annotated.rows().stream().filter(person -> !excluded.contains(person.at())).toList();
    List<Detection> asked =
        found.rows().stream()
            .filter(box -> box.score() >= settings.leastScore() && !excluded.contains(box.at()))
            .toList();
    List<Quarantined> refused = new ArrayList<>();
    for (List<AvaFiles.Fault> faults : List.of(annotated.faults(), found.faults())) {
      faults.forEach(f -> refused.add(new Quarantined(f.file(), "BAD_ROW", f.toString())));
    }
    return new DetectData(
        run,
        role,
        films.source(),
        classes,
        persons,
        boxes(own ? persons : List.of(), asked, List.copyOf(classes.keySet())),
        refused);
  }

  /** The settings, with the files of the synthetic set if that is meant. */
  private static JobConfig.Detection files(Run run) throws IOException {
    JobConfig.Detection own = run.config().detect();
    if (!own.train().source().equals(DataConfig.Corpus.FIGURES)) {
      return own;
    }
    String set = PrepareStage.figures(run) + "/";
    return new JobConfig.Detection(
        new JobConfig.Films(set + "train", set + "train.csv", "", set + "train-excluded.csv"),
        new JobConfig.Films(
            set + "test", set + "test.csv", set + "test-boxes.csv", set + "test-excluded.csv"),
        set + "labels.pbtxt",
        own.leastScore(),
        0,
        own.framesPerSecond());
  }

  /** By their key frames, no more than are published of one. */
  private static NavigableMap<KeyFrame, List<Boxed>> boxes(
      List<Person> persons, List<Detection> found, List<Integer> ids) {
    NavigableMap<KeyFrame, List<Boxed>> boxes = new TreeMap<>();
    for (Person one : persons) {
      List<Integer> rows = one.actions().stream().map(ids::indexOf).toList();
      boxes.computeIfAbsent(one.at(), at -> new ArrayList<>()).add(new Boxed(one.box(), rows));
    }
    for (Detection one : found) {
      boxes.computeIfAbsent(one.at(), at -> new ArrayList<>()).add(new Boxed(one.box(), List.of()));
    }
    boxes.replaceAll((at, all) -> all.subList(0, Math.min(all.size(), MOST_BOXES)));
    return boxes;
  }

  private static <T> T parse(Run run, String key, String path, Parse<T> parse) {
    if (path.isEmpty()) {
      throw new DataException("detect reads AVA's files: set " + key);
    }
    Path file = new Path(path);
    try (Reader in = new InputStreamReader(file.getFileSystem(run.hadoop()).open(file), UTF_8)) {
      return parse.of(in, file.getName());
    } catch (FileNotFoundException e) {
      throw new DataException("no such file: %s (%s)".formatted(path, key), e);
    } catch (IOException e) {
      throw new DataException("cannot read %s: %s (%s)".formatted(path, e.getMessage(), key), e);
    }
  }

  Labels labels() {
    return new Labels(List.copyOf(classes.values()));
  }

  static Path root(Run run, Role role) {
    return new Path(run.config().data().store(), "detect-" + role.word());
  }

  /** Makes the store of all key frames that have a box. */
  Outcome prepare() throws IOException, InterruptedException {
    DataConfig.Corpus settings =
        run.config()
            .data()
            .unlabelled(films)
            .orElseThrow(
                () -> new DataException("no films: set detect.%s.source".formatted(role.word())));
    Listing flat = new Listing(Listing.Format.FLAT, settings.listing().columns(), "");
    Corpus found =
        Corpus.list(run.session(), settings.source(), flat).look(run.spark("look at films"));
    Corpus wanted = wanted(found);
    Recipe recipe = PrepareStage.recipe(run.config(), settings, wanted);
    return PrepareStage.prepare(run, root(run, role), recipe, wanted);
  }

  /** The films in pieces whose clips fit the memory, each around some key frames. */
  private Corpus wanted(Corpus found) {
    Map<String, SourceVideo> byName = new HashMap<>();
    for (SourceVideo film : found.videos()) {
      String file = film.id().substring(film.id().lastIndexOf('/') + 1);
      byName.putIfAbsent(file, film);
      byName.putIfAbsent(file.replaceFirst("\\.[^.]*$", ""), film);
    }
    List<SourceVideo> pieces = new ArrayList<>();
    List<Quarantined> none = new ArrayList<>(refused);
    int most = piece();
    boxes.keySet().stream()
        .collect(groupingBy(KeyFrame::video, TreeMap::new, toList()))
        .forEach(
            (name, frames) -> {
              SourceVideo film = byName.get(name);
              List<Moment> moments = new ArrayList<>();
              for (KeyFrame at : frames) {
                int second = at.second() - run.config().detect().firstSecond();
                if (film == null) {
                  String why = "no film of this name in " + films;
                  none.add(new Quarantined(at.toString(), "MISSING", why));
                } else if (second < 0) {
                  String why = "before detect.first-second";
                  none.add(new Quarantined(at.toString(), "BAD_ROW", why));
                } else {
                  moments.add(new Moment(at.toString(), second * speed(film)));
                }
              }
              for (int from = 0; from < moments.size(); from += most) {
                int to = Math.min(from + most, moments.size());
                pieces.add(film.at(List.copyOf(moments.subList(from, to))));
              }
            });
    if (pieces.isEmpty()) {
      throw new DataException(
          "no film in %s has a key frame of detect.%s.annotations".formatted(films, role.word()));
    }
    return new Corpus(pieces, none);
  }

  private int piece() {
    DataConfig data = run.config().data();
    long frame = 2L * data.shortSide() * data.shortSide() * ClipGeometry.CHANNELS;
    long clip = run.config().model().spec().geometry().frames() * frame;
    return (int) Math.max(1, Math.min(data.shardClips(), MOST_PIXELS / clip));
  }

  /** How much faster than in the film time passes for FFmpeg: of a folder, which has no ends. */
  private double speed(SourceVideo film) {
    boolean folder = film.bytes() >= 0 && film.ends().isEmpty();
    return folder ? run.config().detect().framesPerSecond() / PICTURES_PER_SECOND : 1;
  }

  /**
   * The store, whose clips have their boxes for labels.
   *
   * @param elsewhere whether each has the pixels of another instead, of another film if there is
   */
  CubeStore store(boolean elsewhere) {
    CubeStore store = CubeStore.open(run.session(), root(run, role));
    Map<String, String> labels = new HashMap<>();
    boxes.forEach((at, all) -> labels.put(at.toString(), Json.line(all)));
    List<ClipRow> clips = new ArrayList<>();
    int shift = elsewhere ? store.clips().size() / 2 : 0;
    for (ClipRow row : store.clips()) {
      ClipRow shown = store.clips().get((clips.size() + shift) % store.clips().size());
      String label = labels.getOrDefault(row.id(), "");
      clips.add(
          new ClipRow(row.id(), row.source(), label, shown.video(), shown.place(), shown.digest()));
    }
    return new CubeStore(store.root(), store.manifest(), clips, store.quarantined());
  }
}
