package io.tubelet.clip;

/** Which frames of a clip are shown: the last two show what a model knows without motion. */
public enum FrameOrder {
  AS_IS,
  /** All of them, in an order that is drawn for each clip. */
  SHUFFLED,
  /** The middle one, as often as the clip has frames. */
  SINGLE;

  public Frames apply(Frames clip, String id) {
    if (this == AS_IS) {
      return clip;
    }
    int[] order = SampleSeed.permutation(clip.time(), SampleSeed.of(0, 0, id, "frames"));
    int size = clip.bytes().length / clip.time();
    byte[] bytes = new byte[clip.bytes().length];
    for (int i = 0; i < order.length; i++) {
      int from = this == SINGLE ? clip.time() / 2 : order[i];
      System.arraycopy(clip.bytes(), from * size, bytes, i * size, size);
    }
    return clip.with(bytes);
  }
}
