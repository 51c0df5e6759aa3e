/**
 * The network as a value: its sizes, its tensors, their first values. No arithmetic; that is an
 * engine's. Read {@link io.tubelet.model.ParameterLayout} first.
 *
 * <p>The words for sizes, the same everywhere:
 *
 * <ul>
 *   <li><b>batch</b> clips of a minibatch; <b>time, height, width, channel</b> of a clip's pixels
 *   <li><b>tokens</b> cubes of a clip; <b>visible</b> those the encoder sees; <b>hidden</b> the
 *       others
 *   <li><b>dim</b> width of a token; <b>heads</b>, <b>headDim</b> of attention; <b>mlpDim</b>
 *   <li><b>cubeValues</b> bytes of a cube; <b>classes</b> labels
 * </ul>
 *
 * May use {@code clip}.
 */
package io.tubelet.model;
