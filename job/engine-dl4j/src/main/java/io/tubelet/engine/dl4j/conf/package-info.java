/**
 * The configurations DL4J stores, sends to executors and builds layers from. They round-trip
 * through DL4J's JSON and Java serialisation. Read {@link io.tubelet.engine.dl4j.conf.NetworkLayer}
 * first. May use {@code layer}, {@code model}, {@code training}.
 */
package io.tubelet.engine.dl4j.conf;
