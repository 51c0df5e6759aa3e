/**
 * The second engine: the network on LibTorch through JavaCPP, for x86-64 processors and NVIDIA
 * cards. Backpropagation is LibTorch's own (autograd), so this engine's gradients are an
 * independent check of the hand-written ones. Read {@link io.tubelet.engine.torch.TorchEngine}
 * first, then {@link io.tubelet.engine.torch.Network}. May use all of core and {@code
 * org.bytedeco.pytorch}; nothing of LibTorch leaves the package.
 *
 * <p>Native memory: a tensor belongs to the innermost {@link org.bytedeco.javacpp.PointerScope} it
 * was made in. What lives longer says who frees it: {@link io.tubelet.engine.torch.Weights} until
 * the engine is closed, {@link io.tubelet.engine.torch.Tape} until its backward pass is through.
 */
package io.tubelet.engine.torch;
