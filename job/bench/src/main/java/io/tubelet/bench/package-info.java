/**
 * The verb {@code bench}: how fast an engine trains, against what the same process reaches in one
 * large product, and with what rounds add. Read {@link io.tubelet.bench.BenchStage} first. The job
 * finds the verb by {@link java.util.ServiceLoader}; nothing depends on this module.
 */
package io.tubelet.bench;
