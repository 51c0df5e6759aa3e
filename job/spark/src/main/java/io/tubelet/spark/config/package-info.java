/**
 * The configuration: HOCON text to one tree of records, read once. Read {@link
 * io.tubelet.spark.config.JobConfig} first; every key, its meaning, unit, range, source and default
 * stand in {@code reference.conf} and nowhere else.
 *
 * <p>Layers, the later wins: {@code reference.conf}, the file, {@code key=value} on the command
 * line. Everything that is wrong is reported together, each problem with its file and line. The
 * only package that sees Typesafe Config. May use the core and {@code corpus}.
 */
package io.tubelet.spark.config;
