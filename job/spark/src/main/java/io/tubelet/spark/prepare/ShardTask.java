package io.tubelet.spark.prepare;

import io.tubelet.clip.Frames;
import io.tubelet.clip.SampleSeed;
import io.tubelet.spark.corpus.Quarantined;
import io.tubelet.spark.corpus.SourceVideo;
import io.tubelet.spark.store.ClipRow;
import io.tubelet.spark.store.Digest;
import io.tubelet.spark.store.Recipe;
import io.tubelet.spark.store.ShardManifest;
import io.tubelet.spark.store.ShardWriter;
import io.tubelet.video.DecodeLimits;
import io.tubelet.video.Decoded;
import io.tubelet.video.Decoding;
import io.tubelet.video.SamplingSpec;
import io.tubelet.video.VideoDecoder;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * Makes one shard of a store: decodes its videos one after the other and writes their clips. A
 * shard that is complete is left as it is, so preparing again goes on where it stopped.
 *
 * @param store the store's folder
 * @param recipe what decides the bytes
 * @param limits what one file may cost
 * @param decoding where a file is decoded
 */
record ShardTask(String store, Recipe recipe, DecodeLimits limits, Decoding decoding)
    implements Serializable {

  /** The shard's manifest, made now or before. */
  ShardManifest run(Configuration hadoop, int shard, List<SourceVideo> videos) throws IOException {
    Path root = new Path(store);
    String digest = recipe.digest();
    var complete = ShardManifest.read(hadoop, root, shard).filter(m -> m.recipe().equals(digest));
    if (complete.isPresent()) {
      return complete.get();
    }
    List<ClipRow> clips = new ArrayList<>();
    List<Quarantined> refused = new ArrayList<>();
    String bytes =
        ShardWriter.write(
            hadoop,
            root,
            shard,
            recipe.codec(),
            writer -> {
              clips.clear();
              refused.clear();
              for (SourceVideo video : videos) {
                add(hadoop, writer, new Target(shard, clips, refused), video);
              }
            });
    ShardManifest manifest = new ShardManifest(digest, bytes, clips, refused);
    manifest.write(hadoop, root, shard);
    return manifest;
  }

  private record Target(int shard, List<ClipRow> clips, List<Quarantined> refused) {}

  private void add(Configuration hadoop, ShardWriter writer, Target target, SourceVideo video)
      throws IOException {
    Decoded decoded = decode(new HadoopVideo(video.id(), new Path(video.path()), hadoop));
    if (decoded instanceof Decoded.Refused no) {
      target.refused.add(new Quarantined(video.id(), no.reason().name(), no.detail()));
    } else if (decoded instanceof Decoded.Clips yes) {
      for (int window = 0; window < yes.windows().size(); window++) {
        Frames frames = yes.windows().get(window);
        String id = video.id() + "#" + window;
        ClipRow.Place place = new ClipRow.Place(target.shard, target.clips.size());
        writer.add(id, video.label(), frames);
        target.clips.add(
            new ClipRow(
                id,
                video.id(),
                video.label(),
                new ClipRow.Video(
                    yes.info().frames(),
                    yes.info().framesPerSecond(),
                    frames.width(),
                    frames.height()),
                place,
                Digest.of(frames.bytes())));
      }
    }
  }

  private Decoded decode(HadoopVideo video) {
    VideoDecoder decoder = new VideoDecoder(sampling(recipe, recipe.clips()), limits, decoding);
    return recipe.windows().even()
        ? decoder.decodeEvenly(video)
        : decoder.decode(video, SampleSeed.of(recipe.seed(), 0, video.name(), "window"));
  }

  /** What a recipe wants of a video, so many windows at once. */
  static SamplingSpec sampling(Recipe recipe, int windows) {
    return new SamplingSpec(
        recipe.frames(), recipe.stride(), windows, recipe.windows().spread(), recipe.shortSide());
  }
}
