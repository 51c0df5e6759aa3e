package io.tubelet.spark.stage;

import static java.util.Map.entry;

import io.tubelet.spark.train.EnginePool;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

/** The stages by their verbs. */
public final class Stages {
  private Stages() {}

  /**
   * All of them, those that other modules add included; one that a flag chooses has it in its name.
   */
  public static Map<String, Stage> all() {
    EnginePool.closeIdle(); // loads its hook, which cannot be added once the process goes down
    Stage prepare = new PrepareStage();
    Stage pretrain = new PretrainStage();
    Stage finetune = new FinetuneStage();
    Stage evaluate = new EvaluateStage();
    Stage reconstruct = new ReconstructStage();
    Stage report = new ReportStage();
    Map<String, Stage> stages = new HashMap<>();
    ServiceLoader.load(Stage.Added.class).forEach(added -> stages.put(added.verb(), added));
    stages.putAll(
        Map.ofEntries(
            entry("prepare", prepare),
            entry("pretrain", pretrain),
            entry("finetune", finetune),
            entry("evaluate", evaluate),
            entry("predict", new PredictStage()),
            entry("reconstruct", reconstruct),
            entry("embed", new EmbedStage()),
            entry("probe", new ProbeStage()),
            entry("export", new ExportStage()),
            entry("import", new ImportStage()),
            entry("report", report),
            entry("experiment", new ExperimentStage()),
            entry("doctor", new DoctorStage(false)),
            entry("doctor --data", new DoctorStage(true)),
            entry("plan", new PlanStage()),
            entry(
                "pipeline",
                pipeline(List.of(prepare, pretrain, finetune, evaluate, reconstruct, report)))));
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
