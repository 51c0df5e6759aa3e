package io.tubelet.spark.config;

import static java.util.Map.entry;

import java.util.Map;
import java.util.Optional;

/** Keys of earlier versions: what to set instead, or why there is nothing to set. */
final class RemovedKeys {
  private static final Map<String, String> ADVICE =
      Map.ofEntries(
          entry("cluster.layout", "is gone: submit prepare and the training verbs apart"),
          entry("cluster.trainer", "is gone: submit prepare and the training verbs apart"),
          entry("data.limits.seconds-per-file", now("data.seconds-per-file")),
          entry("data.limits", "is fixed: 8192 x 4320 pixels, 4 million frames, 2 GB a process"),
          entry("data.motion.level", "is fixed: default"),
          entry("data.motion.seed", "is fixed: 0"),
          entry("data.pretrain.columns", now("data.columns")),
          entry("data.pretrain.format", now("data.format")),
          entry("data.pretrain.root", now("data.list-root")),
          entry("data.train.columns", now("data.columns")),
          entry("data.train.format", now("data.format")),
          entry("data.train.root", now("data.list-root")),
          entry("data.test.columns", now("data.columns")),
          entry("data.test.format", now("data.format")),
          entry("data.test.root", now("data.list-root")),
          entry("data.test.sampling", "is that of data.train.sampling"),
          entry("doctor", "is an option: doctor --data"),
          entry("export.names", "is fixed: legacy"),
          entry("finetune.augmentation.cutmix-share", "is fixed: 0.5, as published"),
          entry("finetune.augmentation.mixing", "is fixed: 1, as published"),
          entry("finetune.augmentation.rand-augment.deviation", "is fixed: 0.5, as published"),
          entry("finetune.averaging.moments", "is fixed: averaged"),
          entry("finetune.averaging.outer.learning-rate", "is fixed: 0.7"),
          entry("finetune.checkpoint", now("training.checkpoint")),
          entry("finetune.non-finite.rollbacks", now("training.rollbacks")),
          entry("finetune.non-finite", "is fixed: 5 steps, half the rate"),
          entry("finetune.optimizer.epsilon", "is fixed: 1e-8, as published"),
          entry("finetune.optimizer.kind", "is fixed: adamw"),
          entry("master.aggregation-depth", "is fixed: 2"),
          entry("master.lease.beat-seconds", "is a sixth of master.lease.stale-seconds"),
          entry("master.lease.settle-seconds", "is a sixtieth of master.lease.stale-seconds"),
          entry("model.decoder.mlp-ratio", "is fixed: 4"),
          entry("model.encoder.mlp-ratio", "is fixed: 4"),
          entry("plan.probe", "is gone: plan decodes nothing"),
          entry("pretrain.checkpoint", now("training.checkpoint")),
          entry("pretrain.crop", "is fixed: multi-scale, as published"),
          entry("pretrain.colours", now("pretrain.augmentation.colours")),
          entry("pretrain.non-finite.rollbacks", now("training.rollbacks")),
          entry("pretrain.non-finite", "is fixed: 5 steps, half the rate"),
          entry("pretrain.optimizer.epsilon", "is fixed: 1e-8, as published"),
          entry("pretrain.optimizer.kind", "is fixed: adamw"),
          entry("probe", "is fixed: 20 neighbours, regularisation 0.01, 200 iterations"),
          entry("reconstruct.seed", "is fixed: 0"),
          entry("report.mistakes", "is fixed: 6"));

  private RemovedKeys() {}

  private static String now(String key) {
    return "is now %s.%s".formatted(Layers.ROOT, key);
  }

  /** Whether keys below this full key were removed. */
  static boolean below(String key) {
    return ADVICE.keySet().stream().anyMatch(one -> one.startsWith(own(key) + "."));
  }

  /** What to do about a full key, or about the section that it was in; empty if it never was. */
  static Optional<String> advice(String key) {
    for (String own = own(key);
        !own.isEmpty();
        own = own.substring(0, Math.max(0, own.lastIndexOf('.')))) {
      if (ADVICE.containsKey(own)) {
        return Optional.of(ADVICE.get(own));
      }
    }
    return Optional.empty();
  }

  private static String own(String key) {
    return key.startsWith(Layers.ROOT + ".") ? key.substring(Layers.ROOT.length() + 1) : key;
  }
}
