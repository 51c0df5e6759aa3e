/**
 * What can go wrong for reasons that are not ours: one exception a kind, each with an exit code and
 * a message that names the thing. Nothing else is used here.
 */
package io.tubelet.spark.failure;
