package io.tubelet.video.motion;

import io.tubelet.video.encode.Encoding;
import io.tubelet.video.encode.VideoEncoder;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * A motion set as H.264 files, each made by itself from the settings and its item alone:
 *
 * <pre>
 *   train/left/0001.mp4      one folder per class
 *   test/left/0001.mp4
 *   unlabelled/00001.mp4     one folder, classes in turn
 * </pre>
 *
 * @param spec what the clips are
 * @param counts how many there are
 */
public record MotionSet(MotionSpec spec, MotionCounts counts) implements Serializable {
  /** Folder of the labelled clips to learn from. */
  public static final String TRAIN = "train";

  /** Folder of the labelled clips to be tested on. */
  public static final String TEST = "test";

  /** Folder of the clips without labels. */
  public static final String UNLABELLED = "unlabelled";

  private static final Encoding ENCODING = Encoding.h264(25);

  /**
   * One file of the set.
   *
   * @param name relative to the set's folder
   * @param split what its clip is for
   * @param index in its split
   * @param motion its class
   */
  public record Item(String name, String split, int index, MotionClass motion)
      implements Serializable {}

  /** All files, in a fixed order. */
  public List<Item> items() {
    List<Item> items = new ArrayList<>();
    MotionClass[] classes = MotionClass.values();
    for (int index = 0; index < counts.unlabelled(); index++) {
      MotionClass motion = classes[index % classes.length];
      String name = "%s/%05d.mp4".formatted(UNLABELLED, index + 1);
      items.add(new Item(name, UNLABELLED, index, motion));
    }
    labelled(items, TRAIN, counts.train());
    labelled(items, TEST, counts.test());
    return items;
  }

  private static void labelled(List<Item> items, String split, int perClass) {
    MotionClass[] classes = MotionClass.values();
    for (int index = 0; index < perClass * classes.length; index++) {
      MotionClass motion = classes[index % classes.length];
      String name = "%s/%s/%04d.mp4".formatted(split, motion.label(), index / classes.length + 1);
      items.add(new Item(name, split, index, motion));
    }
  }

  /** The bytes of one file. */
  public byte[] file(Item item) {
    return VideoEncoder.encode(
        MotionClip.render(spec, item.split, item.index, item.motion), ENCODING);
  }
}
