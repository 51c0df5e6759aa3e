package io.tubelet.engine.dl4j;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction;
import java.nio.Buffer;
import java.nio.FloatBuffer;
import java.util.regex.Pattern;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * On a card, no array of a step comes back to the host: the classes below touch arrays by ND4J
 * operations alone. Exempt are those that bring a batch in, move a state, or look for devices.
 */
@AnalyzeClasses(packages = "io.tubelet.engine.dl4j", importOptions = DoNotIncludeTests.class)
class OnDeviceTest {
  private static final Pattern HOST =
      Pattern.compile(
          "data|pointer|addressPointer|get(Double|Float|Int|Long|Number|Scalar)|putScalar"
              + "|to(Float|Double|Int|Long)(Vector|Matrix)");

  private static GivenClassesConjunction classesOfAStep() {
    return noClasses()
        .that()
        .haveNameNotMatching(".*Test(\\$.*)?")
        .and()
        .doNotBelongToAnyOf(BatchArrays.class, GraphState.class, Nd4jEngineProvider.class);
  }

  @ArchTest
  static final ArchRule noStepReadsOrWritesSingleValues =
      classesOfAStep()
          .should()
          .callMethodWhere(
              describe(
                  "an array's values are on the host",
                  (JavaCall<?> call) ->
                      call.getTargetOwner().isAssignableTo(INDArray.class)
                          && HOST.matcher(call.getName()).matches()));

  @ArchTest
  static final ArchRule noStepSeesABuffer =
      classesOfAStep().should().dependOnClassesThat().areAssignableTo(DataBuffer.class);

  @ArchTest
  static final ArchRule noStepSeesAPointer =
      classesOfAStep()
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("org.bytedeco.javacpp..", "java.nio..")
                  .and(not(equivalentTo(FloatBuffer.class))));

  /** The engine hands gradients' buffers on, between its callers and {@link GraphState}. */
  @ArchTest
  static final ArchRule noStepReadsOrWritesThemEither =
      classesOfAStep()
          .should()
          .callMethodWhere(
              describe(
                  "a buffer is on the host",
                  (JavaCall<?> call) -> call.getTargetOwner().isAssignableTo(Buffer.class)));
}
