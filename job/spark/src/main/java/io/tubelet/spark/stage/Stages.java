package io.tubelet.spark.stage;

import java.util.List;
import java.util.Map;

/** The stages by their verbs. */
public final class Stages {
  private Stages() {}

  /** All of them. */
  public static Map<String, Stage> all() {
    Stage prepare = new PrepareStage();
    Stage pretrain = new PretrainStage();
    Stage finetune = new FinetuneStage();
    Stage evaluate = new EvaluateStage();
    Stage reconstruct = new ReconstructStage();
    Stage report = new ReportStage();
    return Map.of(
        "prepare", prepare,
        "pretrain", pretrain,
        "finetune", finetune,
        "evaluate", evaluate,
        "reconstruct", reconstruct,
        "report", report,
        "doctor", new DoctorStage(),
        "bench", new BenchStage(),
        "pipeline",
            new PipelineStage(List.of(prepare, pretrain, finetune, evaluate, reconstruct, report)));
  }
}
