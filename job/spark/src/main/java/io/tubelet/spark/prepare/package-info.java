/**
 * From videos to a cube store, on the executors. Read {@link io.tubelet.spark.prepare.PrepareJob}
 * first. May use {@code failure}, {@code corpus}, {@code store} and the video module.
 */
package io.tubelet.spark.prepare;
