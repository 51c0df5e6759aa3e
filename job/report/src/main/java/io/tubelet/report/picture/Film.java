package io.tubelet.report.picture;

import io.tubelet.clip.Frames;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOInvalidTreeException;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Some frames of a clip, one in {@code every}, side by side as a PNG; clips as a moving GIF. */
public record Film(int width, int height, int frames, int every, byte[] png) {
  private static final int MOST_FRAMES = 8;

  /** Larger frames are shrunk to this: eight of them fill a page. */
  private static final int LARGEST_FRAME = 112;

  private static final int GAP = 2;
  private static final int PAGE_WIDTH = 1080;

  /** Hundredths of a second that a GIF shows a frame. */
  private static final String DELAY = "12";

  private static final String GIF = "javax_imageio_gif_image_1.0";

  /** Every k-th frame of the clip, the smallest k for which the film has at most 8 of them. */
  public static Film of(Frames clip) {
    int every = (clip.time() + MOST_FRAMES - 1) / MOST_FRAMES;
    int box = (Math.max(clip.height(), clip.width()) + LARGEST_FRAME - 1) / LARGEST_FRAME;
    List<int[]> frames =
        IntStream.iterate(0, time -> time < clip.time(), time -> time + every)
            .mapToObj(time -> frame(clip, time, box))
            .toList();
    BufferedImage row = row(frames, clip.width() / box, BufferedImage.TYPE_INT_ARGB);
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(png)) {
      ImageIO.write(row, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Film(row.getWidth(), row.getHeight(), frames.size(), every, png.toByteArray());
  }

  /** One frame {@code [height / box, width / box]} as ARGB: mean colours of boxes of pixels. */
  private static int[] frame(Frames clip, int time, int box) {
    int width = clip.width() / box;
    int[] argb = new int[clip.height() / box * width];
    for (int i = 0; i < argb.length; i++) {
      argb[i] = mean(clip, clip.offset(time, i / width * box, i % width * box), box);
    }
    return argb;
  }

  private static int mean(Frames clip, int offset, int box) {
    int argb = 0xFF;
    for (int channel = 0; channel < 3; channel++) {
      int sum = box * box / 2;
      for (int i = 0; i < box * box; i++) {
        sum += clip.bytes()[offset + (i / box * clip.width() + i % box) * 3 + channel] & 0xFF;
      }
      argb = argb << 8 | sum / (box * box);
    }
    return argb;
  }

  private static BufferedImage row(List<int[]> frames, int width, int type) {
    int height = frames.get(0).length / width;
    BufferedImage row = new BufferedImage(frames.size() * (width + GAP) - GAP, height, type);
    for (int i = 0; i < frames.size(); i++) {
      row.setRGB(i * (width + GAP), 0, width, height, frames.get(i), 0, width);
    }
    return row;
  }

  /** The file of a GIF that repeats: clips of one size, from left to right. */
  public static byte[] gif(List<Frames> clips) {
    ByteArrayOutputStream gif = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(gif)) {
      writer.setOutput(out);
      writer.prepareWriteSequence(null);
      for (int i = 0; i < clips.get(0).time(); i++) {
        int time = i;
        List<int[]> frames = clips.stream().map(clip -> frame(clip, time, 1)).toList();
        BufferedImage row = row(frames, clips.get(0).width(), BufferedImage.TYPE_INT_RGB);
        writer.writeToSequence(new IIOImage(row, null, repeating(writer, row)), null);
      }
      writer.endWriteSequence();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
    return gif.toByteArray();
  }

  /** How long a frame is shown, and that the GIF starts again after the last. */
  private static IIOMetadata repeating(ImageWriter writer, BufferedImage image)
      throws IIOInvalidTreeException {
    IIOMetadataNode loop = new IIOMetadataNode("ApplicationExtension");
    loop.setAttribute("applicationID", "NETSCAPE");
    loop.setAttribute("authenticationCode", "2.0");
    loop.setUserObject(new byte[] {1, 0, 0}); // 0 times: for ever
    IIOMetadataNode extensions = new IIOMetadataNode("ApplicationExtensions");
    extensions.appendChild(loop);
    IIOMetadata metadata =
        writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(image), null);
    IIOMetadataNode root = (IIOMetadataNode) metadata.getAsTree(GIF);
    ((IIOMetadataNode) root.getElementsByTagName("GraphicControlExtension").item(0))
        .setAttribute("delayTime", DELAY);
    root.appendChild(extensions);
    metadata.setFromTree(GIF, root);
    return metadata;
  }

  public String dataUri() {
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(png);
  }

  /** Width to show it at: a whole multiple of its own, so that small pixels stay square. */
  public int shownWidth() {
    return width * Math.max(1, PAGE_WIDTH / width);
  }

  public int shownHeight() {
    return height * Math.max(1, PAGE_WIDTH / width);
  }
}
