/**
 * How fast an engine trains, measured against what the same process reaches in one large product
 * and against the same network written the plain way. Read {@link
 * io.tubelet.engine.torch.bench.Bench} first. May use core, the engine providers and {@code
 * org.bytedeco.pytorch}.
 */
package io.tubelet.engine.torch.bench;
