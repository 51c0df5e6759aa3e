package io.tubelet.engine.torch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What Linux says of the processor.
 *
 * @param facts of its first core: {@code vendor_id}, {@code cpu family}, {@code flags} …
 */
record Processor(Map<String, String> facts) {
  /** AMD and Intel, Intel with tiles, ARM. */
  private static final Set<String> BF16 = Set.of("avx512_bf16", "amx_bf16", "bf16");

  /** AMD's Zen 5. Zen 4 has AVX-512 too, but takes it through units of half the width. */
  private static final int WIDE_FAMILY = 26;

  /** This one; without facts where there is no Linux: nothing is promised. */
  static Processor here() {
    return Here.PROCESSOR;
  }

  /** That of the lines of a {@code /proc/cpuinfo}. */
  static Processor of(Stream<String> lines) {
    Map<String, String> facts = new HashMap<>();
    lines
        .map(line -> line.split(":", 2))
        .filter(fact -> fact.length == 2)
        .forEach(fact -> facts.putIfAbsent(fact[0].strip(), fact[1].strip()));
    return new Processor(facts);
  }

  /** Whether it has instructions for products in bf16. */
  boolean multipliesBf16() {
    return !Collections.disjoint(instructions(), BF16);
  }

  /**
   * Whether its fp32 units are twice as wide as MKL's kernels use, which are those for AVX2 on all
   * of AMD's processors.
   */
  boolean isWiderThanMkl() {
    return facts.getOrDefault("vendor_id", "").equals("AuthenticAMD")
        && Integer.parseInt(facts.getOrDefault("cpu family", "0")) >= WIDE_FAMILY
        && instructions().contains("avx512f");
  }

  private List<String> instructions() {
    String names = facts.getOrDefault("flags", facts.getOrDefault("Features", ""));
    return Arrays.asList(names.split("\\s+"));
  }

  private static final class Here {
    static final Processor PROCESSOR = read();

    private static Processor read() {
      try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
        return of(lines);
      } catch (IOException | UncheckedIOException e) {
        return new Processor(Map.of());
      }
    }
  }
}
