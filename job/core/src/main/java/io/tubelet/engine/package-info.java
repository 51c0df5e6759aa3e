/**
 * The border between the job and its arithmetic. An engine trains or applies one replica on one
 * device; two engines given the same state and batch give the same numbers. Read {@link
 * io.tubelet.engine.Engine} first. May use {@code clip}, {@code cube}, {@code model}, {@code
 * train}.
 */
package io.tubelet.engine;
