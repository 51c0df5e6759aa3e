package io.tubelet.engine.torch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What matters here of what Linux says of the processor.
 *
 * @param multipliesBf16 whether it has instructions for products in bf16
 * @param isWiderThanMkl whether its fp32 units are twice as wide as MKL's kernels use, which are
 *     those for AVX2 on all of AMD's processors
 */
record Processor(boolean multipliesBf16, boolean isWiderThanMkl) {
  /** AMD and Intel, Intel with tiles, ARM. */
  private static final Set<String> BF16 = Set.of("avx512_bf16", "amx_bf16", "bf16");

  /** AMD's Zen 5. Zen 4 has AVX-512 too, but takes it through units of half the width. */
  private static final int WIDE_FAMILY = 26;

  private static final Processor HERE = read();

  /** This one; where there is no Linux, nothing is promised. */
  static Processor here() {
    return HERE;
  }

  private static Processor read() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return of(lines);
    } catch (IOException | UncheckedIOException e) {
      return of(Stream.of());
    }
  }

  /** That of the lines of a {@code /proc/cpuinfo}; its first core speaks for all. */
  static Processor of(Stream<String> lines) {
    Map<String, String> facts = new HashMap<>();
    lines
        .map(line -> line.split(":", 2))
        .filter(fact -> fact.length == 2)
        .forEach(fact -> facts.putIfAbsent(fact[0].strip(), fact[1].strip()));
    String names = facts.getOrDefault("flags", facts.getOrDefault("Features", ""));
    List<String> instructions = List.of(names.split("\\s+"));
    boolean wide =
        facts.getOrDefault("vendor_id", "").equals("AuthenticAMD")
            && Integer.parseInt(facts.getOrDefault("cpu family", "0")) >= WIDE_FAMILY
            && instructions.contains("avx512f");
    return new Processor(!Collections.disjoint(instructions, BF16), wide);
  }
}
