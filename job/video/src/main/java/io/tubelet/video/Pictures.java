package io.tubelet.video;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A folder of pictures as FFmpeg's image2 demuxer reads it: a temporary folder of copies under
 * numbers. They are shown 25 a second, in the natural order of their names: {@code img9} before
 * {@code img10}. A damaged picture is skipped. Read as bytes, one lies behind the other.
 */
public final class Pictures implements VideoSource.Content {
  private static final Map<String, String> KINDS =
      Map.of("jpg", "jpg", "jpeg", "jpg", "png", "png");
  private static final Pattern NUMBER = Pattern.compile("\\d+");
  private static final int CHUNK = 1 << 17;

  private final Path folder;
  private final String kind;
  private final NavigableMap<Long, Path> starts = new TreeMap<>();
  private int count;
  private long size;

  private Pictures(Path folder, String kind) {
    this.folder = folder;
    this.kind = kind;
  }

  /**
   * The pictures among the files of a folder; others are passed over.
   *
   * @throws IOException if there are none, or both JPEG and PNG, or one cannot be copied
   */
  public static VideoSource.Content of(List<VideoSource> folder) throws IOException {
    List<VideoSource> pictures =
        folder.stream()
            .filter(file -> KINDS.containsKey(extension(file)))
            .sorted(Comparator.comparing(Pictures::order))
            .toList();
    List<String> kinds =
        pictures.stream().map(picture -> KINDS.get(extension(picture))).distinct().toList();
    if (kinds.size() != 1) {
      throw new IOException(
          kinds.isEmpty()
              ? "not a regular file, nor a folder of pictures (jpg, png)"
              : "a folder of both JPEG and PNG pictures");
    }
    Pictures numbered = new Pictures(Files.createTempDirectory("pictures"), kinds.get(0));
    try {
      for (VideoSource picture : pictures) {
        numbered.add(picture);
      }
      return numbered;
    } catch (IOException | RuntimeException e) {
      numbered.close();
      throw e;
    }
  }

  private static String extension(VideoSource file) {
    String name = file.name();
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }

  private static String order(VideoSource file) {
    return NUMBER
        .matcher(file.name())
        .replaceAll(found -> "%020d".formatted(new BigInteger(found.group())));
  }

  private void add(VideoSource picture) throws IOException {
    Path file = folder.resolve("%09d.%s".formatted(count++, kind));
    try (VideoSource.Content from = picture.open();
        FileChannel to =
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
      while (from.read(to.position(), chunk) > 0) {
        to.write(chunk.flip());
        chunk.clear();
      }
      starts.put(size, file);
      size += to.size();
    }
  }

  @Override
  public Optional<String> pictures() {
    return Optional.of(folder.toString().replace("%", "%%") + "/%09d." + kind);
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public int read(long position, ByteBuffer into) throws IOException {
    if (position >= size) {
      return -1;
    }
    Map.Entry<Long, Path> picture = starts.floorEntry(position);
    try (FileChannel file = FileChannel.open(picture.getValue())) {
      return file.read(into, position - picture.getKey());
    }
  }

  @Override
  public void close() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
