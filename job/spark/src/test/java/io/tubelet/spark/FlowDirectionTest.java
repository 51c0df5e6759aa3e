package io.tubelet.spark;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The borders of ARCHITECTURE.md. */
@AnalyzeClasses(packages = "io.tubelet", importOptions = DoNotIncludeTests.class)
class FlowDirectionTest {

  @ArchTest
  static final ArchRule importsRunAgainstTheFlow =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("io.tubelet..")
          .layer("engines")
          .definedBy("io.tubelet.engine.(*)..")
          .layer("video")
          .definedBy("io.tubelet.video..")
          .layer("report")
          .definedBy("io.tubelet.report..")
          .layer("cluster")
          .definedBy("io.tubelet.spark.cluster")
          .layer("data")
          .definedBy("io.tubelet.spark.data")
          .layer("train")
          .definedBy("io.tubelet.spark.train")
          .layer("evaluate")
          .definedBy("io.tubelet.spark.evaluate")
          .layer("config")
          .definedBy("io.tubelet.spark.config")
          .layer("stage")
          .definedBy("io.tubelet.spark.stage")
          .layer("cli")
          .definedBy("io.tubelet.spark.cli")
          .optionalLayer("bench")
          .definedBy("io.tubelet.bench")
          .whereLayer("bench")
          .mayNotBeAccessedByAnyLayer()
          .layer("notebook")
          .definedBy("io.tubelet.spark.notebook")
          .whereLayer("notebook")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("cli")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("stage")
          .mayOnlyBeAccessedByLayers("cli", "bench")
          .whereLayer("config")
          .mayOnlyBeAccessedByLayers("stage", "cli", "notebook", "bench")
          .whereLayer("evaluate")
          .mayOnlyBeAccessedByLayers("stage")
          .whereLayer("train")
          .mayOnlyBeAccessedByLayers("config", "evaluate", "stage", "notebook", "bench")
          .whereLayer("report")
          .mayOnlyBeAccessedByLayers("evaluate", "stage", "notebook")
          .whereLayer("video")
          .mayOnlyBeAccessedByLayers("data", "evaluate", "config", "stage")
          .whereLayer("engines")
          .mayOnlyBeAccessedByLayers("train", "stage", "cluster", "bench")
          .whereLayer("cluster")
          .mayOnlyBeAccessedByLayers(
              "data", "train", "evaluate", "config", "stage", "cli", "bench");

  @ArchTest
  static final ArchRule packagesMakeNoCircles =
      slices().matching("io.tubelet.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule onlyTheSparkModuleSeesSpark =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.tubelet.spark..", "io.tubelet.bench")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache..", "com.typesafe..", "picocli..", "scala..");

  @ArchTest
  static final ArchRule enginesAndVideoKnowNothingOfOneAnother =
      slices()
          .matching("io.tubelet.(engine.dl4j|engine.torch|video|report)..")
          .should()
          .notDependOnEachOther();

  @ArchTest
  static final ArchRule onlyTheConfigPackageReadsHocon =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.tubelet.spark.config")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.typesafe..");

  @ArchTest
  static final ArchRule mostOfTheJobKnowsNothingOfDl4j =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.tubelet.engine.dl4j..", "io.tubelet.spark.train")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.deeplearning4j..", "org.nd4j..");
}
