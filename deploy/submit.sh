#!/usr/bin/env bash
# The launcher of the job. Needs a JDK 17; in a checkout also Maven 3.8 the first time. bin/tubelet of a release is a link to it.
set -euo pipefail

root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
dist=$root/job/spark/target/dist
[ -f "$root/pom.xml" ] || dist=$root # a release
targets="local, standalone, yarn, kubernetes"

usage() {
  cat <<EOF
usage: $0 TARGET STAGE CONF [key=value ...] [--dry-run]

  TARGET     $targets
  STAGE      a verb of the job: prepare, pretrain, finetune, evaluate, detect, predict, reconstruct, embed,
             probe, export, import, report, pipeline, experiment, doctor, plan, bench
  CONF       a configuration file or Hadoop URI; - for the defaults
  key=value  a setting that overrides the file; --print-config and other options of the job may stand here too
  --dry-run  as the last word: print the command and, once the job is built, which slots it gets; run nothing

environment (defaults in brackets):
  TUBELET_CORES             tasks at a time with target local [all cores]
  TUBELET_MASTER            spark://HOST:PORT for standalone, k8s://https://HOST:PORT for kubernetes
  TUBELET_DEPLOY_MODE       client, or cluster: the driver runs on the cluster too (yarn, kubernetes) [client]
  TUBELET_DRIVER_MEMORY     heap of the driver [4g]
  TUBELET_EXECUTORS         number of executors [Spark's default]
  TUBELET_EXECUTOR_CORES    cores of each [Spark's default]
  TUBELET_EXECUTOR_MEMORY   heap of each [Spark's default]
  TUBELET_EXECUTOR_NATIVE   memory of each beside the heap, where tensors and frames live (yarn, kubernetes) [4g]
  TUBELET_GPUS              GPUs of each [none]
  TUBELET_EVENT_LOG         folder of Spark's event log, for the history server [none is written]
  TUBELET_NODE_LIB          folder on every machine that holds ${dist#"$root/"}/lib already, or a copy of it that all can read, such
                            as hdfs:///tubelet/lib or s3a://bucket/lib (yarn, standalone) [jars are sent]
  TUBELET_IMAGE             container image, for kubernetes (deploy/docker)
  TUBELET_NAMESPACE         Kubernetes namespace [default]
  TUBELET_SERVICE_ACCOUNT   Kubernetes account that may create pods [tubelet]
  TUBELET_SPARK_OPTIONS     more words for spark-submit, quoted as for a shell: "--conf 'spark.executor.extraJavaOptions=-Da -Db'"
  TUBELET_CACHE             where this machine unpacks native libraries [~/.cache/tubelet]
  TUBELET_EXECUTOR_CACHE    where executors do; a relative path: each in its own folder
                            [standalone: as TUBELET_CACHE; yarn: javacpp; kubernetes: /tmp/javacpp]
  SPARK_HOME                a Spark 3.5 whose spark-submit is used, with its own spark-defaults.conf; yarn and kubernetes need it
                            [the one in dist]
  HADOOP_CONF_DIR           folder of core-site.xml and so on, for hdfs:///; yarn needs it
  OMP_NUM_THREADS           threads of native libraries in each task [1]

The exit code is the job's (--help of a verb lists them); 2 stands for a wrong command line here too. With a driver on
the cluster it is spark-submit's own, and the job's stands in YARN's diagnostics or in the status of the driver's pod.
EOF
}

fail() {
  echo "submit.sh: $*" >&2
  exit 2
}

# what the build is made of, by contents: a copy of a checkout has other times
stamp() {
  (cd "$root" && find pom.xml job/*/pom.xml job/*/src/main -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
}

stale() {
  [ "$dist" != "$root" ] || return 1 # nothing to build
  [ ! -d "$dist/spark/jars" ] \
    || [ -n "$(find "$root"/pom.xml "$root"/job/*/pom.xml "$root"/job/*/src/main -newer "$dist" -print -quit)" ] \
      && [ "$(stamp)" != "$(cat "$dist/stamp" 2> /dev/null)" ]
}

build() {
  if ! command -v mvn > /dev/null; then
    [ -d "$dist/spark/jars" ] || fail "Maven is needed to build $dist"
    echo "submit.sh: $dist is not of these sources, and there is no Maven to build it: running what is there" >&2
    return
  fi
  local profiles=()
  ! compgen -G "$dist/lib/pytorch-*-gpu.jar" > /dev/null || profiles=(-Pcuda13) # as it was built before
  ! compgen -G "$dist/lib/nd4j-cuda-*.jar" > /dev/null || profiles=(-Pnd4j-cuda)
  # other dependencies than before: no jar of theirs may stay behind
  [ -z "$(find "$root"/pom.xml "$root"/job/*/pom.xml -newer "$dist" -print -quit 2> /dev/null)" ] || rm -rf "$dist"
  echo "submit.sh: building, this takes some minutes the first time" >&2
  (cd "$root" && mvn -B -q -DskipTests "${profiles[@]}" package) >&2 || { echo "submit.sh: the build failed" >&2 && exit 1; }
  touch "$dist"
  stamp > "$dist/stamp"
}

local_command() {
  export SPARK_LOCAL_IP=${SPARK_LOCAL_IP:-127.0.0.1}
  command=("${java[@]}" --master "local[${TUBELET_CORES:-*}]")
}

# the words that start spark-submit, for a driver on this machine
launcher() {
  if [ -n "${SPARK_HOME:-}" ]; then
    command=("$SPARK_HOME/bin/spark-submit" --driver-memory "$memory")
    if [ "$mode" = client ]; then
      command+=(--driver-class-path "$dist/lib/*")
      setting spark.driver.defaultJavaOptions "$(quoted "${properties[@]}")"
    fi
  else
    command=("${java[@]}")
  fi
}

# options of a JVM as Spark takes them apart again
quoted() {
  local word words=()
  for word; do [[ $word != *" "* ]] && words+=("$word") || words+=("\"$word\""); done
  echo "${words[*]}"
}

setting() { # key, value: nothing if the value is empty
  [ -z "$2" ] || command+=(--conf "$1=$2")
}

# what every cluster is told of executors; options of their JVMs
executors() {
  setting spark.executor.cores "${TUBELET_EXECUTOR_CORES:-}"
  setting spark.executor.memory "${TUBELET_EXECUTOR_MEMORY:-}"
  setting spark.executorEnv.OMP_NUM_THREADS "$OMP_NUM_THREADS"
  setting spark.executor.defaultJavaOptions "$(quoted "$@")"
}

# GPUs of each executor, and what finds them
gpus() { # script, vendor: nothing if the cluster itself knows
  [ "${TUBELET_GPUS:-0}" != 0 ] || return 0
  setting spark.executor.resource.gpu.amount "$TUBELET_GPUS"
  setting spark.executor.resource.gpu.discoveryScript "$1"
  setting spark.executor.resource.gpu.vendor "$2"
}

# the job's jars: on every machine already, where all can read them, or sent
jars() { # folder on every machine, a URI of a copy, or nothing
  local jars=("$dist"/lib/*.jar)
  if [[ $1 == *:/* ]]; then
    jars=("${jars[@]/#*\//${1%/}/}")
    [ "$target" != yarn ] || { # each machine fetches them once for all jobs; --jars would fetch them for a driver here, too
      setting spark.yarn.dist.jars "$(IFS=, && echo "${jars[*]}")"
      return
    }
  elif [ -n "$1" ]; then
    setting spark.executor.extraClassPath "$1/*"
    [ "$mode" = client ] || setting spark.driver.extraClassPath "$1/*"
    return
  fi
  command+=(--jars "$(IFS=, && echo "${jars[*]}")")
}

standalone_command() {
  launcher
  jars "${TUBELET_NODE_LIB:-}"
  command+=(--master "$TUBELET_MASTER")
  if [ -n "${TUBELET_EXECUTORS:-}" ]; then
    [ -n "${TUBELET_EXECUTOR_CORES:-}" ] || fail "TUBELET_EXECUTORS needs TUBELET_EXECUTOR_CORES with target standalone"
    setting spark.cores.max $((TUBELET_EXECUTORS * TUBELET_EXECUTOR_CORES))
  fi
  gpus "" ""
  executors "-Dorg.bytedeco.javacpp.cachedir=${TUBELET_EXECUTOR_CACHE:-$cache/javacpp}" "${properties[1]}"
}

# a container's own copy of what stands beside the program: each has its folder to itself
yarn_command() {
  local files=("$root/conf/log4j2.properties" "$root/deploy/gpus.sh")
  local there=("-Dorg.bytedeco.javacpp.cachedir=${TUBELET_EXECUTOR_CACHE:-javacpp}" -Dlog4j2.configurationFile=log4j2.properties)
  launcher
  jars "${TUBELET_NODE_LIB:-}"
  if [ "$mode" = cluster ]; then
    setting spark.yarn.maxAppAttempts 1 # what fails once fails again; who submitted it may
    setting spark.driver.defaultJavaOptions "$(quoted "${there[@]}")"
    setting spark.yarn.appMasterEnv.LC_ALL C.UTF-8
    if [[ $conf != - && $conf != *:* ]]; then # the driver finds it in its container's folder
      files+=("$conf")
      job[2]=$(basename "$conf")
    fi
  fi
  command+=(--master yarn --deploy-mode "$mode" --files "$(IFS=, && echo "${files[*]}")")
  setting spark.executor.instances "${TUBELET_EXECUTORS:-}"
  setting spark.executor.memoryOverhead "${TUBELET_EXECUTOR_NATIVE:-4g}"
  gpus ./gpus.sh ""
  executors "${there[@]}"
}

# everything is in the image, at /opt/tubelet
kubernetes_command() {
  local there=("-Dorg.bytedeco.javacpp.cachedir=${TUBELET_EXECUTOR_CACHE:-/tmp/javacpp}"
    -Dlog4j2.configurationFile=file:/opt/tubelet/conf/log4j2.properties)
  launcher
  jars /opt/tubelet/lib
  [ "$mode" = client ] || setting spark.driver.defaultJavaOptions "$(quoted "${there[@]}")"
  command+=(--master "$TUBELET_MASTER" --deploy-mode "$mode")
  setting spark.executor.instances "${TUBELET_EXECUTORS:-}"
  setting spark.executor.memoryOverhead "${TUBELET_EXECUTOR_NATIVE:-4g}"
  gpus /opt/tubelet/gpus.sh nvidia.com
  setting spark.kubernetes.container.image "$TUBELET_IMAGE"
  setting spark.kubernetes.namespace "${TUBELET_NAMESPACE:-default}"
  setting spark.kubernetes.authenticate.driver.serviceAccountName "${TUBELET_SERVICE_ACCOUNT:-tubelet}"
  setting spark.kubernetes.driver.podTemplateFile "$root/deploy/kubernetes/driver.yaml"
  setting spark.kubernetes.executor.podTemplateFile "$root/deploy/kubernetes/executor.yaml"
  executors "${there[@]}"
}

# the job's own word on these options, without a cluster: which slots it gets, or why it cannot run
preflight() {
  OMP_NUM_THREADS=1 "${java[@]:0:${#java[@]}-1}" io.tubelet.spark.cli.Preflight \
    "${command[@]:$spark_words}" "${options[@]}" "${more[@]}" spark-internal "${here[@]}" "${arguments[@]}"
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
mode=${TUBELET_DEPLOY_MODE:-client}
[[ $mode == client || $mode == cluster ]] || fail "no TUBELET_DEPLOY_MODE '$mode'; there are: client, cluster"
[[ $mode == client || $target == yarn || $target == kubernetes ]] || fail "target $target has TUBELET_DEPLOY_MODE=client only"
case $target in
  local) ;;
  standalone)
    [[ ${TUBELET_MASTER:-} == spark://* ]] || fail "target standalone needs TUBELET_MASTER=spark://HOST:PORT"
    ;;
  yarn)
    [ -n "${SPARK_HOME:-}" ] || fail "target yarn needs SPARK_HOME, a Spark 3.5 distribution"
    [ -n "${HADOOP_CONF_DIR:-${YARN_CONF_DIR:-}}" ] || fail "target yarn needs HADOOP_CONF_DIR or YARN_CONF_DIR"
    ;;
  kubernetes)
    [ -n "${SPARK_HOME:-}" ] || fail "target kubernetes needs SPARK_HOME, a Spark 3.5 distribution"
    [[ ${TUBELET_MASTER:-} == k8s://* ]] || fail "target kubernetes needs TUBELET_MASTER=k8s://https://HOST:PORT"
    [ -n "${TUBELET_IMAGE:-}" ] || fail "target kubernetes needs TUBELET_IMAGE, see deploy/docker"
    [[ $mode == client || $conf == - || $conf == *:* ]] || fail "a driver on Kubernetes cannot read $conf: use a Hadoop URI"
    ;;
  *) fail "no target '$target'; there are: $targets" ;;
esac
job=("$stage")
if [ "$conf" != - ]; then
  [[ $conf == *:* || -f $conf ]] || fail "no such configuration: $conf"
  job+=(--config "$conf")
fi
here=("${job[@]}")

cache=${TUBELET_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/tubelet}
[ -w "${HOME:-/tmp}" ] || cache=${TUBELET_CACHE:-/tmp/tubelet-$UID} # a service's user
memory=${TUBELET_DRIVER_MEMORY:-4g}
for size in "$memory" "${TUBELET_EXECUTOR_MEMORY:-1g}" "${TUBELET_EXECUTOR_NATIVE:-4g}"; do
  [[ $size =~ ^[1-9][0-9]*[mgtMGT]$ ]] || fail "'$size' is no size of memory such as 900m or 8g"
done
for number in "${TUBELET_EXECUTORS:-1}" "${TUBELET_EXECUTOR_CORES:-1}" "${TUBELET_CORES:-1}"; do
  [[ $number =~ ^([1-9][0-9]*|\*)$ ]] || fail "'$number' is no number of executors or cores"
done
id -un > /dev/null 2>&1 || fail "user $UID has no name on this machine, which Hadoop asks for: add a line to /etc/passwd"
command -v "${JAVA_HOME:+$JAVA_HOME/bin/}java" > /dev/null || fail "there is no ${JAVA_HOME:+$JAVA_HOME/bin/}java: a JDK 17 is needed"
[[ $(locale charmap 2> /dev/null) == UTF-8 ]] || export LC_ALL=C.UTF-8 # or names of files cannot be read
properties=("-Dorg.bytedeco.javacpp.cachedir=$cache/javacpp" "-Dlog4j2.configurationFile=file:$root/conf/log4j2.properties"
  -Dorg.bytedeco.javacpp.maxPhysicalBytes=0) # else JavaCPP asks the system for its memory at every tensor; maxBytes stays
spark=$dist/spark hadoop=${HADOOP_CONF_DIR:-${YARN_CONF_DIR:-}}
[ "$target" = local ] || [ ! -d "${SPARK_HOME:-}/jars" ] || spark=$SPARK_HOME
java=("${JAVA_HOME:+$JAVA_HOME/bin/}java" "@$root/conf/java-opens.args" "-Xmx$memory" "${properties[@]}"
  -cp "$spark/jars/*:$dist/lib/*${hadoop:+:$hadoop}" org.apache.spark.deploy.SparkSubmit)
more=()
words=$(xargs -r printf '%s\n' <<< "${TUBELET_SPARK_OPTIONS:-}") || fail "TUBELET_SPARK_OPTIONS cannot be read"
[ -z "$words" ] || mapfile -t more <<< "$words"
options=(--class io.tubelet.spark.cli.Main --name "tubelet $stage")
while read -r key value; do # one by one, as --properties-file would switch off the cluster's own file
  case $key in '' | \#*) ;; *) options+=(--conf "$key=$value") ;; esac
done < "$root/conf/spark-defaults.conf"
if [ -n "${TUBELET_EVENT_LOG:-}" ]; then
  options+=(--conf spark.eventLog.enabled=true --conf "spark.eventLog.dir=$TUBELET_EVENT_LOG")
fi
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}

$dry || ! stale || build
"${target}_command"
# how many words stand before spark-submit's own
spark_words=1
[[ ${command[0]} == */spark-submit ]] || spark_words=${#java[@]}

# spark-internal: the job's own jar is on the class path already
if $dry; then
  printf '%q ' "${command[@]}" "${options[@]}" "${more[@]}" spark-internal "${job[@]}" "${arguments[@]}" && echo
  stale || preflight
else
  [ "$mode" = client ] || preflight # in client mode the driver says the same, here, before it asks for anything
  exec "${command[@]}" "${options[@]}" "${more[@]}" spark-internal "${job[@]}" "${arguments[@]}"
fi
