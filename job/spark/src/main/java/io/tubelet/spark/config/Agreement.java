package io.tubelet.spark.config;

import io.tubelet.model.TargetFrames;
import io.tubelet.spark.config.DataConfig.Reading;
import io.tubelet.spark.config.ExecutionConfig.MasterKind;
import io.tubelet.spark.config.ModelConfig.MaskKind;
import io.tubelet.spark.config.TrainingConfig.OuterKind;
import io.tubelet.training.AveragingRule.Moments;

/** Rules over several sections. */
final class Agreement {
  private final Binder read;

  private Agreement(Binder read) {
    this.read = read;
  }

  /** Reports every rule that is broken. */
  static void require(Binder read) {
    Agreement agreement = new Agreement(read);
    agreement.master();
    agreement.model();
    agreement.training("pretrain");
    agreement.training("finetune");
    agreement.data();
  }

  private boolean is(String key, Object value) {
    return value.equals(read.value(key));
  }

  private double number(String key) {
    return read.value(key) instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  private void master() {
    boolean rounds = is("master.kind", MasterKind.ROUNDS);
    read.require(
        rounds || is("data.read", Reading.STORE),
        "master.kind = dl4j trains from stores only; data.read = videos needs master.kind = rounds",
        "master.kind",
        "data.read");
    read.require(
        rounds || !is("engine.name", "torch"),
        "master.kind = dl4j trains with the engine nd4j only",
        "master.kind",
        "engine.name");
    read.require(
        rounds
            || number("pretrain.optimizer.clip-norm") + number("finetune.optimizer.clip-norm") == 0,
        "master.kind = dl4j clips no gradients; optimizer.clip-norm needs master.kind = rounds",
        "master.kind",
        "pretrain.optimizer.clip-norm",
        "finetune.optimizer.clip-norm");
    read.require(
        rounds
            || (is("pretrain.averaging.outer.kind", OuterKind.AVERAGE)
                && is("pretrain.averaging.moments", Moments.AVERAGED)
                && is("finetune.averaging.outer.kind", OuterKind.AVERAGE)),
        "master.kind = dl4j knows only outer.kind = average and moments = averaged",
        "master.kind",
        "pretrain.averaging.outer.kind",
        "pretrain.averaging.moments",
        "finetune.averaging.outer.kind");
    read.require(
        !is("pretrain.averaging.outer.kind", OuterKind.EMA),
        "outer.kind = ema is for fine-tuning",
        "pretrain.averaging.outer.kind");
  }

  private void model() {
    read.require(
        is("model.target-frames", TargetFrames.ALL)
            || (is("masking.kind", MaskKind.TUBE) && number("masking.decoder-ratio") == 0),
        "target-frames = centre needs masking.kind = tube and masking.decoder-ratio = 0",
        "model.target-frames",
        "masking.kind",
        "masking.decoder-ratio");
    read.require(
        number("model.geometry.height") == number("model.geometry.width")
            || !AugmentationConfig.haveDiagonals(read.value("finetune.augmentation.reflections")),
        "only square frames can be flipped along their diagonal",
        "finetune.augmentation.reflections",
        "model.geometry.height",
        "model.geometry.width");
  }

  private void training(String name) {
    double warmup = number(name + ".warmup-epochs");
    double epochs = number(name + ".epochs");
    read.require(
        warmup <= epochs,
        "warmup-epochs %.0f exceed epochs %.0f".formatted(warmup, epochs),
        name + ".warmup-epochs",
        name + ".epochs");
    double floor = number(name + ".floor");
    double rate = number(name + ".learning-rate");
    read.require(
        floor <= rate,
        "floor %s exceeds learning-rate %s".formatted(floor, rate),
        name + ".floor",
        name + ".learning-rate");
  }

  private void data() {
    read.require(
        number("finetune.validation") == 0 || is("data.read", Reading.STORE),
        "finetune.validation is judged on the store; it needs data.read = store",
        "finetune.validation",
        "data.read");
    read.require(
        number("evaluate.clips") <= number("data.test.clips"),
        "%.0f clips are asked of each test video, data.test.clips stores %.0f"
            .formatted(number("evaluate.clips"), number("data.test.clips")),
        "evaluate.clips",
        "data.test.clips");
    Object uri = read.value("report.mlflow.uri");
    read.require(
        uri == null || uri.toString().isEmpty() || uri.toString().matches("https?://.+"),
        "a tracking server is http://HOST:PORT or https://HOST, not " + uri,
        "report.mlflow.uri");
  }
}
