#!/usr/bin/env bash
# The launcher of the job. Needs a JDK 17, and Maven 3.8 the first time.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dist=$root/job/spark/target/dist
targets="local, standalone"

usage() {
  cat <<EOF
usage: deploy/submit.sh TARGET STAGE CONF [key=value ...] [--dry-run]

  TARGET     $targets
  STAGE      a verb of the job: prepare, pretrain, finetune, evaluate, reconstruct, embed, probe, export,
             import, report, pipeline, doctor, bench
  CONF       a configuration file or Hadoop URI; - for the defaults
  key=value  a setting that overrides the file; --print-config and other options of the job may stand here too
  --dry-run  as the last word: print the command instead of running it

environment (defaults in brackets):
  TUBELET_CORES          tasks at a time with target local [all cores]
  TUBELET_DRIVER_MEMORY  heap of the driver [4g]
  TUBELET_MASTER         spark://HOST:PORT, for target standalone
  TUBELET_NODE_LIB       folder on every worker that holds job/spark/target/dist/lib already [jars are sent]
  TUBELET_SPARK_OPTIONS  more words for spark-submit, such as "--executor-memory 8g"
  TUBELET_CACHE          where native libraries are unpacked [~/.cache/tubelet]
  SPARK_HOME             a Spark 3.5 whose spark-submit is used for target standalone [the one in dist]
  OMP_NUM_THREADS        threads of native libraries in each task [1]

The exit code is the job's (--help of a verb lists them); 2 stands for a wrong command line here too.
EOF
}

fail() {
  echo "submit.sh: $*" >&2
  exit 2
}

stale() {
  [ ! -d "$dist/spark/jars" ] \
    || [ -n "$(find "$root"/pom.xml "$root"/job/*/pom.xml "$root"/job/*/src/main -newer "$dist" -print -quit)" ]
}

build() {
  command -v mvn > /dev/null || fail "Maven is needed to build $dist"
  # other dependencies than before: no jar of theirs may stay behind
  [ -z "$(find "$root"/pom.xml "$root"/job/*/pom.xml -newer "$dist" -print -quit 2> /dev/null)" ] || rm -rf "$dist"
  echo "submit.sh: building, this takes some minutes the first time" >&2
  (cd "$root" && mvn -B -q -DskipTests package) >&2 || { echo "submit.sh: the build failed" >&2 && exit 1; }
  touch "$dist"
}

local_command() {
  export SPARK_LOCAL_IP=${SPARK_LOCAL_IP:-127.0.0.1}
  command=("${java[@]}" --master "local[${TUBELET_CORES:-*}]")
}

standalone_command() {
  if [ -n "${SPARK_HOME:-}" ]; then
    command=("$SPARK_HOME/bin/spark-submit" --driver-memory "$memory" --driver-class-path "$dist/lib/*"
      --driver-java-options "${properties[*]}")
  else
    command=("${java[@]}")
  fi
  if [ -n "${TUBELET_NODE_LIB:-}" ]; then
    command+=(--conf "spark.executor.extraClassPath=$TUBELET_NODE_LIB/*")
  else
    local jars=("$dist"/lib/*.jar)
    command+=(--jars "$(IFS=, && echo "${jars[*]}")")
  fi
  command+=(--master "$TUBELET_MASTER" --conf "spark.executorEnv.OMP_NUM_THREADS=$OMP_NUM_THREADS"
    --conf "spark.executor.extraJavaOptions=${properties[0]}")
}

case ${1:-} in -h | --help) usage && exit ;; esac
[ $# -ge 3 ] || { usage >&2 && exit 2; }
target=$1 stage=$2 conf=$3
arguments=("${@:4}")
dry=false
if [ $# -gt 3 ] && [ "${!#}" = --dry-run ]; then
  dry=true
  unset 'arguments[-1]'
fi
case $target in
  local) ;;
  standalone)
    [[ ${TUBELET_MASTER:-} == spark://* ]] || fail "target standalone needs TUBELET_MASTER=spark://HOST:PORT"
    ;;
  *) fail "no target '$target'; there are: $targets" ;;
esac
job=("$stage")
if [ "$conf" != - ]; then
  [[ $conf == *:* || -f $conf ]] || fail "no such configuration: $conf"
  job+=(--config "$conf")
fi

cache=${TUBELET_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tubelet}
memory=${TUBELET_DRIVER_MEMORY:-4g}
properties=("-Dorg.bytedeco.javacpp.cachedir=$cache/javacpp" "-Dlog4j2.configurationFile=file:$root/conf/log4j2.properties")
java=("${JAVA_HOME:+$JAVA_HOME/bin/}java" "@$root/conf/java-opens.args" "-Xmx$memory" "${properties[@]}"
  -cp "$dist/spark/jars/*:$dist/lib/*" org.apache.spark.deploy.SparkSubmit)
read -r -a more <<< "${TUBELET_SPARK_OPTIONS:-}"
options=(--class io.tubelet.spark.cli.Main --properties-file "$root/conf/spark-defaults.conf")
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}

$dry || ! stale || build
"${target}_command"

# spark-internal: the job's own jar is on the class path already
command+=("${options[@]}" "${more[@]}" spark-internal "${job[@]}" "${arguments[@]}")
if $dry; then
  printf '%q ' "${command[@]}" && echo
else
  exec "${command[@]}"
fi
