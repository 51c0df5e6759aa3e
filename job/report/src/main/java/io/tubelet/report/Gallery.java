package io.tubelet.report;

import io.tubelet.clip.Frames;
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
