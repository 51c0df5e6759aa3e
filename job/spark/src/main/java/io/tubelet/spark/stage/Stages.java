package io.tubelet.spark.stage;

import static java.util.Map.entry;

import io.tubelet.spark.train.EnginePool;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

/** The stages by their verbs. */
public final class Stages {
  private static final List<String> PIPELINE =
      List.of("prepare", "pretrain", "finetune", "evaluate", "reconstruct", "report");
  private static final List<String> DETECTION =
      List.of("prepare", "pretrain", "detect", "reconstruct", "report");

  private Stages() {}

  /** All of them, with those of other modules; one that a flag chooses has it in its name. */
  public static Map<String, Stage> all() {
    EnginePool.closeIdle(); // loads its hook, which cannot be added once the process goes down
    Map<String, Stage> stages =
        new HashMap<>(
            Map.ofEntries(
                entry("prepare", new PrepareStage()),
                entry("pretrain", TrainingStage::pretrain),
                entry("finetune", new FinetuneStage()),
                entry("evaluate", new EvaluateStage()),
                entry("detect", new DetectStage()),
                entry("predict", new PredictStage()),
                entry("reconstruct", new ReconstructStage()),
                entry("embed", FeatureStage::embed),
                entry("probe", FeatureStage::probe),
                entry("export", WeightFiles::export),
                entry("import", WeightFiles::adopt),
                entry("report", ReportStage::write),
                entry("experiment", new ExperimentStage()),
                entry("doctor", DoctorStage::machine),
                entry("doctor --data", DoctorStage::data),
                entry("plan", new PlanStage())));
    Stage classification = pipeline(PIPELINE.stream().map(stages::get).toList());
    Stage detection = pipeline(DETECTION.stream().map(stages::get).toList());
    stages.put(
        "pipeline", run -> (run.config().detect().on() ? detection : classification).run(run));
    ServiceLoader.load(Stage.Added.class).forEach(added -> stages.put(added.verb(), added));
    return stages;
  }

  /** Each stage prints what came of it; the pipeline's message is that of the last one. */
  private static Stage pipeline(List<Stage> stages) {
    return run -> {
      Outcome all = Outcome.alreadyDone("");
      for (Stage stage : stages) {
        if (all.status() != Outcome.Status.INTERRUPTED) {
          Outcome outcome = stage.run(run);
          System.out.println(outcome.message());
          all = new Outcome(all.and(outcome).status(), outcome.message());
        }
      }
      return all;
    };
  }
}
