/**
 * A finished or running run as a notebook shows it: few calls, plain Java types, results that
 * Zeppelin displays. Read {@link io.tubelet.spark.notebook.Run} first. May use {@code config},
 * {@code train}, {@code data}, {@code files} and the report's charts and pictures; nothing of the
 * job uses it.
 */
package io.tubelet.spark.notebook;
