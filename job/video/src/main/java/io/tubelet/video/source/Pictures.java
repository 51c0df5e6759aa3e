package io.tubelet.video.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A folder of pictures as one video file: an IVF container that exists only while it is read. After
 * a header of 32 bytes each picture follows a header of 12: its length in 4 bytes and its number in
 * 8, little-endian. The pictures are shown 25 a second, in the natural order of their names: {@code
 * img9} before {@code img10}. A damaged picture is left out; of PNG the one behind it as well,
 * since FFmpeg takes both for one.
 */
public final class Pictures implements VideoSource.Content {
  private static final int HEADER = 32;
  private static final int PICTURE_HEADER = 12;
  private static final int PER_SECOND = 25;
  private static final Map<String, String> CODES =
      Map.of("jpg", "MJPG", "jpeg", "MJPG", "png", "MPNG");
  private static final Pattern NUMBER = Pattern.compile("\\d+");
  private static final int LONGEST_NUMBER = 20;

  private final List<Picture> pictures;
  private final long[] starts;
  private final byte[] header;
  private VideoSource.Content open;
  private int opened = -1;

  /**
   * A file of a folder.
   *
   * @param bytes its length
   */
  public record Picture(VideoSource source, long bytes) {
    private String extension() {
      String name = source.name();
      return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }

    private String order() {
      return NUMBER
          .matcher(source.name())
          .replaceAll(
              found ->
                  "0".repeat(Math.max(0, LONGEST_NUMBER - found.group().length())) + found.group());
    }
  }

  private Pictures(List<Picture> pictures, String code) {
    this.pictures = pictures;
    this.starts = new long[pictures.size() + 1];
    starts[0] = HEADER;
    for (int i = 0; i < pictures.size(); i++) {
      starts[i + 1] = starts[i] + PICTURE_HEADER + pictures.get(i).bytes();
    }
    this.header =
        little(HEADER)
            .put("DKIF".getBytes(StandardCharsets.US_ASCII))
            .putShort((short) 0)
            .putShort((short) HEADER)
            .put(code.getBytes(StandardCharsets.US_ASCII))
            .putInt(0) // rows and columns: as the pictures say
            .putInt(PER_SECOND)
            .putInt(1)
            .putInt(pictures.size())
            .array();
  }

  /**
   * The pictures among the files of a folder; others are passed over.
   *
   * @throws IOException if there are none, or both JPEG and PNG
   */
  public static VideoSource.Content of(List<Picture> files) throws IOException {
    List<Picture> pictures =
        files.stream()
            .filter(file -> CODES.containsKey(file.extension()))
            .sorted(Comparator.comparing(Picture::order))
            .toList();
    List<String> codes =
        pictures.stream().map(picture -> CODES.get(picture.extension())).distinct().toList();
    if (codes.size() != 1) {
      throw new IOException(
          codes.isEmpty()
              ? "not a regular file, nor a folder of pictures (jpg, png)"
              : "a folder of both JPEG and PNG pictures");
    }
    return new Pictures(pictures, codes.get(0));
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public long size() {
    return starts[pictures.size()];
  }

  @Override
  public int read(long position, ByteBuffer into) throws IOException {
    if (position >= size()) {
      return -1;
    }
    if (position < HEADER) {
      return put(header, (int) position, into);
    }
    int found = Arrays.binarySearch(starts, position);
    int at = found >= 0 ? found : -found - 2;
    long inside = position - starts[at];
    if (inside < PICTURE_HEADER) {
      byte[] bytes =
          little(PICTURE_HEADER).putInt((int) pictures.get(at).bytes()).putLong(at).array();
      return put(bytes, (int) inside, into);
    }
    return readPicture(at, inside - PICTURE_HEADER, into);
  }

  private static int put(byte[] bytes, int from, ByteBuffer into) {
    int count = Math.min(bytes.length - from, into.remaining());
    into.put(bytes, from, count);
    return count;
  }

  private int readPicture(int at, long position, ByteBuffer into) throws IOException {
    if (opened != at) {
      close();
      open = pictures.get(at).source().open();
      opened = at;
    }
    long left = pictures.get(at).bytes() - position;
    int limit = into.limit();
    into.limit((int) Math.min(limit, into.position() + left));
    int got = open.read(position, into);
    into.limit(limit);
    if (got < 1) {
      throw new IOException(pictures.get(at).source().name() + " is shorter than it was");
    }
    return got;
  }

  @Override
  public void close() throws IOException {
    if (opened >= 0) {
      opened = -1;
      open.close();
    }
  }
}
