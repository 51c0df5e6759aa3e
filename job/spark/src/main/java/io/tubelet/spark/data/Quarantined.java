package io.tubelet.spark.data;

import java.io.Serializable;

/**
 * A source that gave no clip: a row of {@code quarantine.parquet}.
 *
 * @param source the path as the corpus names it
 * @param reason one word of a closed list
 */
public record Quarantined(String source, String reason, String detail) implements Serializable {}
