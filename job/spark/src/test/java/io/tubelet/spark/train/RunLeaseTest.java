package io.tubelet.spark.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tubelet.spark.files.Failure.BusyException;
import io.tubelet.spark.files.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLeaseTest {
  private static final RunLease.Terms QUICK = new RunLease.Terms(0.05, 0.5, 0.2);

  @TempDir private Path folder;

  private RunFolder run() {
    return new RunFolder(new Configuration(), new org.apache.hadoop.fs.Path(folder.toUri()));
  }

  private void write(RunLease.Lease lease) throws Exception {
    Json.write(run().hadoop(), run().file("lease.json"), lease);
  }

  @Test
  void isThereWhileHeldAndGoneAfterwards() throws Exception {
    try (RunLease lease = RunLease.acquire(run(), QUICK)) {
      lease.requireHeld();
      assertThat(folder.resolve("lease.json")).exists();
    }
    assertThat(folder.resolve("lease.json")).doesNotExist();
  }

  @Test
  void ofTwoThatStartAtOnceOneGetsIt() throws Exception {
    ExecutorService both = Executors.newFixedThreadPool(2);
    Callable<RunLease> start = () -> RunLease.acquire(run(), QUICK);
    List<RunLease> got = new ArrayList<>();
    int busy = 0;
    for (Future<RunLease> attempt : both.invokeAll(List.of(start, start))) {
      try {
        got.add(attempt.get());
      } catch (ExecutionException e) {
        assertThat(e).hasCauseInstanceOf(BusyException.class);
        busy++;
      }
    }
    assertThat(got).hasSize(1);
    assertThat(busy).isEqualTo(1);
    got.get(0).requireHeld();
    got.get(0).close();
    both.shutdown();
  }

  @Test
  void isTakenAtOnceFromAProcessThatIsGone() throws Exception {
    long own = ProcessHandle.current().pid();
    String now = Instant.now().toString();
    write(new RunLease.Lease("other", RunLease.hostName(), own, "before", 7, now));
    try (RunLease lease = RunLease.acquire(run(), new RunLease.Terms(60, 600, 0.05))) {
      lease.requireHeld();
    }
  }

  @Test
  void isLeftToAProcessOfAnotherContainerOfTheSameHost() throws Exception {
    String host = RunLease.hostName().replaceFirst("pid:.*", "pid:[1]");
    write(new RunLease.Lease("other", host, 1, "before", 7, Instant.now().toString()));
    assertThatThrownBy(() -> RunLease.acquire(run(), new RunLease.Terms(60, 600, 0.05)))
        .isInstanceOf(BusyException.class);
  }

  @Test
  void isTakenFromAnotherMachineWhenItsBeatStandsStill() throws Exception {
    String longAgo = Instant.now().minusSeconds(3600).toString();
    write(new RunLease.Lease("other", "elsewhere", 1, "", 7, longAgo));
    long start = System.nanoTime();
    try (RunLease lease = RunLease.acquire(run(), QUICK)) {
      lease.requireHeld();
    }
    assertThat(System.nanoTime() - start).isGreaterThan(500_000_000L);
  }

  @Test
  void isLeftToAnotherMachineThatIsAlive() throws Exception {
    write(new RunLease.Lease("other", "elsewhere", 1, "", 7, Instant.now().toString()));
    assertThatThrownBy(() -> RunLease.acquire(run(), new RunLease.Terms(5, 600, 0.05)))
        .isInstanceOf(BusyException.class)
        .hasMessageContaining("process 1 on elsewhere");
  }

  @Test
  void saysSoWhenAnotherHasTakenIt() throws Exception {
    try (RunLease lease = RunLease.acquire(run(), new RunLease.Terms(60, 600, 0))) {
      write(new RunLease.Lease("other", "elsewhere", 1, "", 7, Instant.now().toString()));
      assertThatThrownBy(lease::requireHeld).isInstanceOf(BusyException.class);
    }
    assertThat(Files.readString(folder.resolve("lease.json"))).contains("elsewhere");
  }
}
