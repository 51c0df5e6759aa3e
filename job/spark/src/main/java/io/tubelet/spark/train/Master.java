package io.tubelet.spark.train;

import io.tubelet.engine.Placement;
import io.tubelet.train.AveragingRule;
import java.io.Serializable;

/** Who averages replicas. */
public sealed interface Master extends Serializable permits Master.Dl4j, Master.Rounds {

  /**
   * DL4J's own master; its replicas compute with ND4J.
   *
   * @param aggregationDepth depth of the tree in which replicas are summed
   */
  record Dl4j(int aggregationDepth) implements Master {}

  /**
   * This project's master.
   *
   * @param engine name of the engine, or {@code auto}
   * @param placement where and how each replica computes
   * @param rule how replicas become one
   */
  record Rounds(String engine, Placement placement, AveragingRule rule) implements Master {
    /** With weights and moments averaged. */
    public Rounds(String engine, Placement placement) {
      this(engine, placement, AveragingRule.PLAIN);
    }
  }
}
