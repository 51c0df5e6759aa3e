package io.tubelet.video.motion;

import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.List;

/** A data set that is made and not found: each file by itself, from the settings and its item. */
public interface SyntheticSet extends Serializable {

  /** One file, named relative to the set's folder: that of this index in its split. */
  record Item(String name, String split, int index) implements Serializable {}

  /** All files, in a fixed order. */
  List<Item> items();

  /**
   * The bytes of one file, the same each time.
   *
   * @throws UncheckedIOException if it cannot be written to the disk for temporary files first
   */
  byte[] file(Item item);
}
