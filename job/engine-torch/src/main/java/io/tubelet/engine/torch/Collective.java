package io.tubelet.engine.torch;

import io.tubelet.train.AveragingRule.Wire;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.LongVector;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.Work;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Processes or threads that compute together and exchange arrays: PyTorch's Gloo, over plain TCP.
 *
 * <p>All members make the same calls in the same order. A call in which a member is lost, or that
 * takes longer than the timeout, throws; the group is then of no use any more. Buffers are direct
 * and in the machine's byte order. Used by one thread.
 */
public final class Collective implements AutoCloseable {
  /** Bytes that are sent with their length. */
  private static final int SHORT = 2044;

  private static final long SHORTEST_NANOS = 50_000;
  private static final long LONGEST_NANOS = 1_000_000;

  /** What calls that were given up may still write to. */
  private static final Queue<Object> ABANDONED = new ConcurrentLinkedQueue<>();

  private final int rank;
  private final int size;
  private final BooleanSupplier givenUp;
  private final Store store; // rank 0's is the others' server; null alone
  private final ProcessGroupGloo group; // null alone

  private boolean abandoned;

  private Collective(
      int rank, int size, BooleanSupplier givenUp, Store store, ProcessGroupGloo group) {
    this.givenUp = givenUp;
    this.rank = rank;
    this.size = size;
    this.store = store;
    this.group = group;
  }

  /**
   * Joins a group; returns when all have joined.
   *
   * @param host name or address of this machine, as the others reach it
   * @param announce tells all members where rank 0 waits: takes what this one says and returns what
   *     rank 0 said
   * @param givenUp whether to wait for the others no longer
   * @throws RuntimeException if they do not meet within the timeout
   */
  public static Collective join(
      int rank,
      int size,
      String host,
      UnaryOperator<String> announce,
      Duration timeout,
      BooleanSupplier givenUp) {
    if (size == 1) {
      return new Collective(0, 1, givenUp, null, null);
    }
    Natives.load();
    TCPStore store = rank == 0 ? store(host, 0, true, timeout) : null;
    String own = store == null ? "" : host + " " + Short.toUnsignedInt(store.getPort());
    String meeting = announce.apply(own);
    if (store == null) {
      int space = meeting.indexOf(' ');
      int port = Integer.parseInt(meeting.substring(space + 1));
      store = store(meeting.substring(0, space), port, false, timeout);
    }
    ProcessGroupGloo.Options options = ProcessGroupGloo.Options.create(milliseconds(timeout));
    options.devices(new GlooDeviceVector(ProcessGroupGloo.createDeviceForHostname(host)));
    options.threads(1);
    ProcessGroupGloo group = new ProcessGroupGloo(store, rank, size, options);
    return new Collective(rank, size, givenUp, store, group);
  }

  private static TCPStore store(String host, int port, boolean server, Duration timeout) {
    TCPStoreOptions options = new TCPStoreOptions();
    options.isServer(server).port((short) port).waitWorkers(false).timeout(milliseconds(timeout));
    return new TCPStore(host, options);
  }

  private static Milliseconds milliseconds(Duration time) {
    return new Milliseconds(time.toMillis());
  }

  public int rank() {
    return rank;
  }

  public int size() {
    return size;
  }

  /**
   * Sends a stretch of {@code from} to each member and takes one of each, in the order of ranks.
   *
   * @param sent lengths of the stretches to each member
   * @param taken lengths of the stretches from each member
   * @param wire what values travel in, also those that a member sends to itself
   */
  public void exchange(FloatBuffer from, long[] sent, FloatBuffer to, long[] taken, Wire wire) {
    if (group == null && wire == Wire.FP32) {
      to.put(0, from, 0, Math.toIntExact(sent[0]));
      return;
    }
    Natives.load();
    Scope.run(
        () -> {
          ScalarType type = wire == Wire.BF16 ? ScalarType.BFloat16 : ScalarType.Float;
          Tensor target = tensor(to, Arrays.stream(taken).sum());
          Tensor out = tensor(from, Arrays.stream(sent).sum()).to(type);
          Tensor in = target.to(type); // itself in fp32
          if (group == null) {
            in = out;
          } else {
            Tensor into = in;
            var taking = new LongVector(taken);
            var sending = new LongVector(sent);
            await(List.of(from, to), () -> group.alltoall_base(into, out, taking, sending));
          }
          target.copy_(in);
        });
  }

  /**
   * Takes {@code length} values of each member, in the order of ranks: an exchange of equal
   * stretches, since Gloo's gathering takes up to twice as long.
   *
   * @param own first in it are this member's; it has room for as many of each
   */
  public void gather(FloatBuffer own, int length, FloatBuffer all, Wire wire) {
    long[] lengths = new long[size];
    Arrays.fill(lengths, length);
    for (int member = 1; member < size; member++) {
      own.put(member * length, own, 0, length);
    }
    exchange(own, lengths, all, lengths, wire);
  }

  /** The bytes of every member, in the order of ranks. */
  public List<byte[]> gather(byte[] own) {
    if (group == null) {
      return List.of(own);
    }
    ByteBuffer heads = gather(own, SHORT);
    int longest = 0;
    for (int i = 0; i < size; i++) {
      longest = Math.max(longest, heads.getInt(i * (Integer.BYTES + SHORT)));
    }
    return bytes(longest <= SHORT ? heads : gather(own, longest));
  }

  /** Each member's length and then its bytes, as many as there is room for. */
  private ByteBuffer gather(byte[] own, int room) {
    int length = Integer.BYTES + room;
    ByteBuffer from = ByteBuffer.allocateDirect(length);
    ByteBuffer to = ByteBuffer.allocateDirect(size * length);
    from.putInt(own.length).put(own, 0, Math.min(own.length, room));
    await(
        List.of(from, to),
        () ->
            group._allgather_base(
                tensor(new BytePointer(to), (long) size * length, ScalarType.Byte),
                tensor(new BytePointer(from.rewind()), length, ScalarType.Byte)));
    return to;
  }

  private List<byte[]> bytes(ByteBuffer all) {
    List<byte[]> taken = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      int at = i * (all.capacity() / size);
      byte[] bytes = new byte[all.getInt(at)];
      all.get(at + Integer.BYTES, bytes);
      taken.add(bytes);
    }
    return taken;
  }

  private static Tensor tensor(FloatBuffer values, long length) {
    return tensor(new FloatPointer(values).position(0), length, ScalarType.Float);
  }

  private static Tensor tensor(Pointer values, long length, ScalarType type) {
    return torch.from_blob(values, new long[] {length}, torch.dtype(type));
  }

  /**
   * Waits for a call to end, or for the caller to give up: then what the call writes to is kept.
   *
   * @param buffers of the call
   */
  private void await(List<Object> buffers, Supplier<Work> call) {
    Scope.run(
        () -> {
          Work work = call.get();
          for (long pause = SHORTEST_NANOS;
              !work.isCompleted();
              pause = Math.min(2 * pause, LONGEST_NANOS)) {
            if (givenUp.getAsBoolean()) {
              abandoned = true;
              ABANDONED.add(buffers);
              throw new IllegalStateException("gave up waiting for the other tasks");
            }
            LockSupport.parkNanos(pause);
          }
          if (!work._wait()) {
            throw new IllegalStateException("the other tasks did not answer");
          }
        });
  }

  /** Leaves; whoever still waits for this member gets an exception, or runs into the timeout. */
  @Override
  public void close() {
    if (abandoned) {
      ABANDONED.add(List.of(group, store)); // to close it would wait for the call
    } else if (group != null) {
      group.close();
      store.close();
    }
  }
}
