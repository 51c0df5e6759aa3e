/**
 * The command line: verbs, options, exit codes. Read {@link io.tubelet.spark.cli.Main} first; the
 * exit codes are {@link io.tubelet.spark.cli.ExitCode}. The only package that sees picocli. May use
 * {@code config}, {@code stage}, {@code cluster}, {@code files} and the core.
 */
package io.tubelet.spark.cli;
