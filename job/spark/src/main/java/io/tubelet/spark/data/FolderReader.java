package io.tubelet.spark.data;

import io.tubelet.spark.data.Corpus.SourceVideo;
import io.tubelet.spark.files.Failure.DataException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Finds videos in folders. Whatever else lies there is passed over, which is said on standard
 * error. A folder that holds nothing but pictures is one video.
 */
final class FolderReader {
  private static final Set<String> VIDEOS =
      Set.of(
          ("mp4 m4v mov qt 3gp 3g2 mkv mk3d webm avi divx ts mts m2t m2ts mpg mpeg mpe m1v m2v vob"
                  + " flv f4v wmv asf ogv ogm gif mxf ivf h264 264 hevc h265 265")
              .split(" "));
  private static final Set<String> PICTURES = Set.of("jpg", "jpeg", "png", "bmp", "webp");
  private static final int NAMED = 3;

  private record Entry(Path path, boolean isFolder) {
    boolean is(Set<String> extensions) {
      String name = path.getName();
      String extension = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
      return !isFolder && extensions.contains(extension);
    }
  }

  private final FileSystem files;
  private final Path source;
  private final List<SourceVideo> videos = new ArrayList<>();
  private final Map<String, List<String>> passedOver = new TreeMap<>();

  FolderReader(FileSystem files, Path source) {
    this.files = files;
    this.source = source;
  }

  /**
   * All videos below the source, by their ids.
   *
   * @param labelled whether each folder in the source is a label; videos may lie deeper
   */
  Corpus read(boolean labelled) throws IOException {
    if (labelled) {
      for (Entry child : children(source)) {
        if (isHidden(child.path()) || !child.isFolder()) {
          passOver("files beside the folders of labels", child.path());
        } else {
          int before = videos.size();
          addBelow(child.path(), child.path().getName(), List.of(real(source)));
          if (videos.size() == before) {
            passOver("folders of labels without a video", child.path());
          }
        }
      }
    } else {
      addBelow(source, "", List.of());
    }
    passedOver.forEach(
        (what, names) ->
            System.err.printf(
                "tubelet: %s: passed over %s: %d, such as %s%n",
                source,
                what,
                names.size(),
                String.join(", ", names.subList(0, Math.min(NAMED, names.size())))));
    videos.sort(Comparator.comparing(SourceVideo::id));
    return new Corpus(videos, List.of());
  }

  private void passOver(String what, Path path) {
    passedOver.computeIfAbsent(what, key -> new ArrayList<>()).add(path.getName());
  }

  /**
   * @param above folders that this one lies in, past all links
   */
  private void addBelow(Path folder, String label, List<String> above) throws IOException {
    List<String> within = new ArrayList<>(above);
    within.add(real(folder));
    boolean onlyPictures = true;
    List<Path> others = new ArrayList<>();
    for (Entry child : children(folder)) {
      if (isHidden(child.path())) {
        passOver("hidden files or folders", child.path());
      } else if (child.isFolder() && within.contains(real(child.path()))) {
        passOver("links to a folder above", child.path());
      } else if (child.isFolder()) {
        addBelow(child.path(), label, within);
      } else if (child.is(VIDEOS)) {
        add(child.path(), label);
        onlyPictures = false;
      } else {
        others.add(child.path());
        onlyPictures &= child.is(PICTURES);
      }
    }
    if (onlyPictures && !others.isEmpty()) {
      add(folder, label);
    } else {
      others.forEach(other -> passOver("files that are not named like a video", other));
    }
  }

  private void add(Path path, String label) {
    String id = source.toUri().relativize(path.toUri()).getPath();
    videos.add(new SourceVideo(path.toString(), id.isEmpty() ? path.getName() : id, label));
  }

  static boolean isVideo(Path file) {
    return new Entry(file, false).is(VIDEOS);
  }

  /** Files of the desktop and of editors, not of people. */
  static boolean isHidden(Path path) {
    return path.getName().startsWith(".") || path.getName().equalsIgnoreCase("Thumbs.db");
  }

  /** Where a folder is when all links are followed. */
  private String real(Path folder) throws IOException {
    return files instanceof LocalFileSystem local
        ? local.pathToFile(folder).getCanonicalPath()
        : folder.toString();
  }

  /** By name; of a local folder also what Hadoop leaves out, such as links to nothing. */
  private List<Entry> children(Path folder) throws IOException {
    List<Entry> children = new ArrayList<>();
    if (files instanceof LocalFileSystem local && local.pathToFile(folder).list() != null) {
      for (String name : local.pathToFile(folder).list()) {
        Path path = new Path(folder, new Path(null, null, name));
        children.add(new Entry(path, local.pathToFile(path).isDirectory()));
      }
    } else {
      for (FileStatus status : files.listStatus(folder)) {
        children.add(new Entry(status.getPath(), status.isDirectory()));
      }
    }
    children.sort(Comparator.comparing(Entry::path));
    return children;
  }

  /**
   * Whether the source has a folder per label.
   *
   * @throws DataException if it has videos beside folders
   */
  boolean hasFolders() throws IOException {
    List<Entry> children =
        children(source).stream().filter(child -> !isHidden(child.path())).toList();
    boolean folders = children.stream().anyMatch(Entry::isFolder);
    Optional<Entry> video = children.stream().filter(child -> child.is(VIDEOS)).findFirst();
    if (folders && video.isPresent()) {
      throw new DataException(
          "%s holds folders and videos, such as %s: set data.format to folder (a label each) or flat"
              .formatted(source, video.get().path().getName()));
    }
    return folders;
  }
}
