/**
 * Files that appear whole or not at all, records as JSON; what can go wrong for reasons that are
 * not the program's ({@link io.tubelet.spark.files.Failure}) and the request to stop. Nothing else
 * of the job is used here.
 */
package io.tubelet.spark.files;
