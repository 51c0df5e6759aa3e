package io.tubelet.report.picture;

import io.tubelet.clip.Frames;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOInvalidTreeException;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Clips side by side as one GIF that repeats. */
public final class Animation {
  private static final String FORMAT = "javax_imageio_gif_image_1.0";
  private static final int GAP = 2;
  private static final byte[] FOR_EVER = {1, 0, 0};

  /** Hundredths of a second that a frame stays. */
  private static final String DELAY = "12";

  private Animation() {}

  /**
   * The file.
   *
   * @param clips of one size, from left to right
   */
  public static byte[] gif(List<Frames> clips) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.prepareWriteSequence(null);
      for (int time = 0; time < clips.get(0).time(); time++) {
        BufferedImage image = image(clips, time);
        writer.writeToSequence(new IIOImage(image, null, repeating(writer, image)), null);
      }
      writer.endWriteSequence();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static BufferedImage image(List<Frames> clips, int time) {
    Frames first = clips.get(0);
    int pitch = first.width() + GAP;
    BufferedImage image =
        new BufferedImage(clips.size() * pitch - GAP, first.height(), BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < clips.size(); i++) {
      for (int y = 0; y < first.height(); y++) {
        for (int x = 0; x < first.width(); x++) {
          int at = first.offset(time, y, x);
          byte[] pixels = clips.get(i).bytes();
          int colour =
              (pixels[at] & 0xFF) << 16 | (pixels[at + 1] & 0xFF) << 8 | (pixels[at + 2] & 0xFF);
          image.setRGB(i * pitch + x, y, colour);
        }
      }
    }
    return image;
  }

  private static IIOMetadata repeating(ImageWriter writer, BufferedImage image)
      throws IIOInvalidTreeException {
    IIOMetadata metadata =
        writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(image), null);
    IIOMetadataNode root = new IIOMetadataNode(FORMAT);
    IIOMetadataNode control = new IIOMetadataNode("GraphicControlExtension");
    control.setAttribute("disposalMethod", "none");
    control.setAttribute("userInputFlag", "FALSE");
    control.setAttribute("transparentColorFlag", "FALSE");
    control.setAttribute("transparentColorIndex", "0");
    control.setAttribute("delayTime", DELAY);
    IIOMetadataNode loop = new IIOMetadataNode("ApplicationExtension");
    loop.setAttribute("applicationID", "NETSCAPE");
    loop.setAttribute("authenticationCode", "2.0");
    loop.setUserObject(FOR_EVER);
    IIOMetadataNode extensions = new IIOMetadataNode("ApplicationExtensions");
    extensions.appendChild(loop);
    root.appendChild(control);
    root.appendChild(extensions);
    metadata.mergeTree(FORMAT, root);
    return metadata;
  }
}
