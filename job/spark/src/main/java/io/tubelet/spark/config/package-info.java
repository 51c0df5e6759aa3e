/**
 * The configuration: HOCON text to one tree of records, read once. Read {@link
 * io.tubelet.spark.config.JobConfig} first; every key's meaning, unit, source and default are in
 * {@code reference.conf} and nowhere else, so components of these records have no comments.
 *
 * <p>Layers, the later wins: {@code reference.conf}, the file, {@code key=value} on the command
 * line. Everything that is wrong is reported together, each problem with its file and line. The
 * only package that sees Typesafe Config. Sees the domain, whose records it makes; the domain never
 * sees it.
 */
package io.tubelet.spark.config;
