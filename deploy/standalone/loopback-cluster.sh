#!/usr/bin/env bash
# A Spark standalone cluster on this machine's loopback address, from the jars of a build or release: one Master
# and some Workers, each a process of its own. For trying out and testing what a real cluster does.
#
#   loopback-cluster.sh start FOLDER [WORKERS [CORES [MEMORY]]]   logs and process ids go to FOLDER; prints the master's URL
#   loopback-cluster.sh lose FOLDER N     kills the N-th worker and its executors, as a power cut would
#   loopback-cluster.sh return FOLDER N   starts it again
#   loopback-cluster.sh stop FOLDER
#
# LOOPBACK_GPUS="0 1": each worker claims GPUs of these numbers, whether or not the machine has them.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
dist=$root/job/spark/target/dist
[ -f "$root/pom.xml" ] || dist=$root # a release
export SPARK_HOME=$dist/spark SPARK_SCALA_VERSION=2.12 SPARK_LOCAL_IP=127.0.0.1
java=("${JAVA_HOME:+$JAVA_HOME/bin/}java" "@$root/conf/java-opens.args" -Xmx512m -cp "$dist/spark/jars/*"
  "-Dlog4j2.configurationFile=file:$root/conf/log4j2.properties" -Dspark.worker.cleanup.enabled=true)

launch() { # name, words of the command
  local name=$1
  shift
  setsid "${java[@]}" "$@" >> "$folder/$name.log" 2>&1 < /dev/null &
  echo $! > "$folder/$name.pid"
}

worker() { # number, cores, memory, the master's URL
  launch "worker$1" "${gpus[@]}" org.apache.spark.deploy.worker.Worker --host 127.0.0.1 --webui-port 0 \
    --cores "$2" --memory "$3" --work-dir "$folder/work$1" "$4"
}

start() {
  local workers=${1:-2} cores=${2:-1} memory=${3:-2g} url port
  [ -d "$dist/spark/jars" ] || { echo "no $dist: run mvn package first" >&2 && exit 2; }
  mkdir -p "$folder"
  port=$(free_port)
  if [ -n "${LOOPBACK_GPUS:-}" ]; then
    claim "$folder/gpus.sh"
    gpus=("-Dspark.worker.resource.gpu.amount=$(wc -w <<< "$LOOPBACK_GPUS")"
      "-Dspark.worker.resource.gpu.discoveryScript=$folder/gpus.sh")
  fi
  launch master org.apache.spark.deploy.master.Master --host 127.0.0.1 --port "$port" --webui-port 0
  url=spark://127.0.0.1:$port
  await "$port"
  for ((i = 1; i <= workers; i++)); do worker "$i" "$cores" "$memory" "$url"; done
  echo "$cores $memory $url" > "$folder/cluster"
  echo "$url"
}

claim() {
  local addresses
  addresses=$(printf '"%s",' $LOOPBACK_GPUS)
  printf '#!/bin/sh\necho '\''{"name": "gpu", "addresses": [%s]}'\''\n' "${addresses%,}" > "$1"
  chmod +x "$1"
}

# the search starts where that of another script at this moment does not
free_port() {
  local port
  for ((port = 17077 + $$ % 1000; port < 18177; port++)); do
    if ! (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; then
      echo "$port" && return
    fi
  done
  echo "no free port" >&2 && exit 1
}

await() {
  for ((i = 0; i < 120; i++)); do
    (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null && return
    sleep 0.5
  done
  echo "the master does not answer; see $folder/master.log" >&2 && exit 1
}

# a worker leads a group with its executors; the signal is for all of them
end() { # signal, file with the process id
  [ ! -f "$2" ] || kill "-$1" -- "-$(cat "$2")" 2> /dev/null || true
  rm -f "$2"
}

stop() {
  local file
  for file in "$folder"/worker*.pid "$folder/master.pid"; do end TERM "$file"; done
}

[ $# -ge 2 ] || { sed -n '2,10p' "${BASH_SOURCE[0]}" >&2 && exit 2; }
command=$1 folder=$2 gpus=()
case $command in
  start) start "${@:3}" ;;
  lose) end KILL "$folder/worker$3.pid" ;;
  return) worker "$3" $(cat "$folder/cluster") ;;
  stop) stop ;;
  *) echo "no command '$command'" >&2 && exit 2 ;;
esac
