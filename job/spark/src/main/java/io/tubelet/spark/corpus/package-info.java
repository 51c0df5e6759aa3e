/**
 * What to decode: folders and lists of videos. Read {@link io.tubelet.spark.corpus.Corpus} first.
 * May use {@code failure}.
 */
package io.tubelet.spark.corpus;
