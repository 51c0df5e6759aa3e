package io.tubelet.spark.data;

import java.io.Serializable;

/**
 * A video that somebody wants in a store.
 *
 * @param path where it is: the Hadoop path of a file, or of a folder of pictures
 * @param id its path relative to the corpus: its name for ever, also when the corpus moves
 * @param label the class's name, or the empty string
 */
public record SourceVideo(String path, String id, String label) implements Serializable {}
