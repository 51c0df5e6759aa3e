package io.tubelet.report;

import io.tubelet.clip.Frames;
import io.tubelet.detect.Box;
import io.tubelet.report.picture.AttentionStrip;
import io.tubelet.report.picture.Film;
import io.tubelet.report.picture.NumberText;
import io.tubelet.report.picture.ReconstructionStrip;
import java.util.ArrayList;
import java.util.List;

/** Clips as strips of frames: as many as there is room for, in characters; others are counted. */
public record Gallery(String title, List<Clip> clips, int room) implements Part {
  private static final int ROOM_FOR_RECONSTRUCTIONS = 2_200_000;
  private static final int ROOM_FOR_ATTENTION = 500_000;

  /** For one model's mistakes; there are two models. */
  private static final int ROOM_FOR_MISTAKES = 400_000;

  private static final int ROOM_FOR_BOXES = 500_000;
  private static final byte[] GREEN = {0, (byte) 200, 0};
  private static final byte[] ORANGE = {(byte) 255, (byte) 140, 0};

  /** One clip, its name above its strips; empty: none. */
  public record Clip(String name, List<Strip> strips) {}

  /** The frames of a clip, or what became of them. */
  public record Strip(String label, Frames frames) {}

  /** A clip whose strips are drawn. */
  public record Drawn(Clip clip, List<Film> films) {}

  /** Clips as the pretrained network completes them. */
  public static Gallery reconstructions(List<ReconstructionStrip> strips) {
    List<Clip> clips = strips.stream().map(Gallery::clip).toList();
    return new Gallery("Reconstructions", clips, ROOM_FOR_RECONSTRUCTIONS);
  }

  private static Clip clip(ReconstructionStrip strip) {
    List<Strip> strips = new ArrayList<>();
    strips.add(new Strip("Original", strip.original()));
    strips.add(new Strip("Masked: what the encoder sees; hidden cubes are grey", strip.masked()));
    if (strip.trueStatistics()) {
      strips.add(
          new Strip(
              "Reconstructed, hidden cubes with the true patch statistics", strip.reconstructed()));
      strips.add(new Strip("Reconstructed, predicted pixels only", strip.predicted()));
    } else {
      strips.add(new Strip("Reconstructed, hidden cubes as predicted", strip.reconstructed()));
    }
    return new Clip(strip.clip(), strips);
  }

  /** Where the pretrained encoder looks in clips of which nothing is hidden. */
  public static Gallery attention(List<AttentionStrip> strips) {
    List<Clip> clips = strips.stream().map(Gallery::clip).toList();
    return new Gallery("Attention", clips, ROOM_FOR_ATTENTION);
  }

  private static Clip clip(AttentionStrip strip) {
    String label = "%s: the strongest cube has %s times its even share";
    return unnamed(label.formatted(strip.clip(), NumberText.of(strip.strongest())), strip.frames());
  }

  private static Clip unnamed(String label, Frames frames) {
    return new Clip("", List.of(new Strip(label, frames)));
  }

  public static Clip mistake(String video, String truth, String prediction, Frames frames) {
    return unnamed("%s: is %s, taken for %s".formatted(video, truth, prediction), frames);
  }

  public static Gallery mistakes(List<Clip> clips) {
    return new Gallery("Mistakes", clips, ROOM_FOR_MISTAKES);
  }

  /**
   * The clip around a key frame, whose middle frame has the annotated boxes and those asked about.
   */
  public static Clip keyFrame(String label, Frames frames, List<Box> annotated, List<Box> asked) {
    byte[] bytes = frames.bytes().clone();
    Frames drawn = frames.with(bytes);
    annotated.forEach(box -> outline(drawn, box, GREEN));
    asked.forEach(box -> outline(drawn, box, ORANGE));
    return unnamed(label, drawn);
  }

  private static void outline(Frames frames, Box box, byte[] colour) {
    int left = (int) (box.x1() * (frames.width() - 1));
    int right = (int) (box.x2() * (frames.width() - 1));
    int top = (int) (box.y1() * (frames.height() - 1));
    int bottom = (int) (box.y2() * (frames.height() - 1));
    for (int y = top; y <= bottom; y++) {
      for (int x = left; x <= right; x += y == top || y == bottom ? 1 : Math.max(1, right - left)) {
        int at = frames.offset(frames.time() / 2, y, x);
        System.arraycopy(colour, 0, frames.bytes(), at, colour.length);
      }
    }
  }

  public static Gallery keyFrames(List<Clip> clips) {
    return new Gallery("Key frames", clips, ROOM_FOR_BOXES);
  }

  /** The first clips, as many as there is room for. */
  public List<Drawn> drawn() {
    List<Drawn> drawn = new ArrayList<>();
    int left = room;
    for (Clip clip : clips) {
      List<Film> films = clip.strips.stream().map(strip -> Film.of(strip.frames)).toList();
      left -= films.stream().mapToInt(film -> film.dataUri().length()).sum();
      if (left < 0) {
        break;
      }
      drawn.add(new Drawn(clip, films));
    }
    return drawn;
  }
}
