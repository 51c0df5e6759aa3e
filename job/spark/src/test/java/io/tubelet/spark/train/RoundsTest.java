package io.tubelet.spark.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.tubelet.spark.train.ReplicaStage.Said;
import io.tubelet.spark.train.Rounds.Round;
import io.tubelet.train.SamplePlan;
import java.util.Collections;
import org.junit.jupiter.api.Test;

class RoundsTest {
  // 100 clips, 2 replicas of 8: 7 steps an epoch
  private final Rounds rounds = new Rounds(new SamplePlan(1, 100, 2, 8), 3, 3);

  @Test
  void coversEveryStepOfEveryEpochOnce() {
    assertThat(rounds.perEpoch()).isEqualTo(3);
    assertThat(rounds.count()).isEqualTo(9);
    long next = 0;
    for (long index = 0; index < rounds.count(); index++) {
      Round round = rounds.at(index);
      assertThat(round.globalStep()).isEqualTo(next);
      next += round.steps();
    }
    assertThat(next).isEqualTo(rounds.at(8).endStep()).isEqualTo(21);
  }

  @Test
  void neverCrossesTheEndOfAnEpoch() {
    assertThat(rounds.at(2)).isEqualTo(new Round(2, 0, 6, 1, 6));
    assertThat(rounds.at(3)).isEqualTo(new Round(3, 1, 0, 3, 7));
  }

  @Test
  void tellTheDriverAsMuchOf32ReplicasAsOfTwo() {
    assertThat(said(32)).isEqualTo(said(2)).isLessThan(2000);
  }

  /** Bytes of what the first task says after a round. */
  private static int said(int replicas) {
    ReplicaReport report = new ReplicaReport();
    report.samples = 8;
    report.steps = 1;
    report.taken = 8;
    report.loss = 0.5;
    report.norm = 1;
    report.waitSeconds = 0.25;
    report.computeSeconds = 0.5;
    RoundResult round = RoundResult.of(Collections.nCopies(replicas, report), 1);
    return ReplicaStage.bytes(new Said.Done(round)).length;
  }
}
