package io.tubelet.spark.corpus;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * Videos in folders. Files that are not named like a video (a README, a list) are passed over. A
 * folder that holds nothing but pictures is one video.
 */
final class FolderCorpus {
  private static final Set<String> EXTENSIONS =
      Set.of(
          "mp4", "m4v", "mov", "mkv", "webm", "avi", "ts", "m2ts", "mpg", "mpeg", "gif", "wmv",
          "flv", "ogv", "3gp");

  private static final Set<String> PICTURES = Set.of("jpg", "jpeg", "png", "bmp", "webp");

  private FolderCorpus() {}

  /** Each folder in {@code root} is a label; videos may lie deeper. */
  static List<SourceVideo> labelled(FileSystem files, Path root) throws IOException {
    List<SourceVideo> videos = new ArrayList<>();
    for (FileStatus child : files.listStatus(root)) {
      if (child.isDirectory()) {
        videos.addAll(below(files, root, child.getPath(), child.getPath().getName()));
      }
    }
    return sorted(videos);
  }

  /** All videos below {@code root}, unlabelled. */
  static List<SourceVideo> flat(FileSystem files, Path root) throws IOException {
    return sorted(below(files, root, root, ""));
  }

  private static List<SourceVideo> below(FileSystem files, Path root, Path folder, String label)
      throws IOException {
    List<SourceVideo> videos = new ArrayList<>();
    Map<Path, Boolean> onlyPictures = new TreeMap<>();
    for (Path path : all(files, folder)) {
      String extension = extension(path.getName());
      if (EXTENSIONS.contains(extension)) {
        videos.add(video(root, path, label));
      }
      onlyPictures.merge(path.getParent(), PICTURES.contains(extension), Boolean::logicalAnd);
    }
    onlyPictures.forEach(
        (pictures, only) -> {
          if (only) {
            videos.add(video(root, pictures, label));
          }
        });
    return videos;
  }

  /** All files below. Hadoop's own walk over a local folder starts a process for each file. */
  private static List<Path> all(FileSystem files, Path folder) throws IOException {
    List<Path> found = new ArrayList<>();
    if (files instanceof LocalFileSystem) {
      for (FileStatus child : files.listStatus(folder)) {
        found.addAll(child.isDirectory() ? all(files, child.getPath()) : List.of(child.getPath()));
      }
      return found;
    }
    RemoteIterator<LocatedFileStatus> remote = files.listFiles(folder, true);
    while (remote.hasNext()) {
      found.add(remote.next().getPath());
    }
    return found;
  }

  private static SourceVideo video(Path root, Path path, String label) {
    String id = root.toUri().relativize(path.toUri()).getPath();
    return new SourceVideo(path.toString(), id.isEmpty() ? path.getName() : id, label);
  }

  private static String extension(String name) {
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }

  private static List<SourceVideo> sorted(List<SourceVideo> videos) {
    return videos.stream().sorted(Comparator.comparing(SourceVideo::id)).toList();
  }
}
