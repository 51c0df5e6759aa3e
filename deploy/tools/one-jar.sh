#!/usr/bin/env bash
# One jar of a folder of jars, all but natives: for a spark-submit that sends 40 MB, where natives lie on every machine or in a
# file system that all can read. Lists of services are joined; signatures and modules of single jars go.
#
#   one-jar.sh LIB PLATFORM TIME JAR     PLATFORM: what natives are named by, such as linux-x86_64
set -euo pipefail

all=$(mktemp -d)
trap 'rm -rf "$all"' EXIT
mkdir -p "$all/jar/META-INF/services"
for jar in "$1"/*.jar; do
  [[ ${jar##*/} != *-"$2"* ]] || continue
  mkdir "$all/part"
  (cd "$all/part" && jar xf "$(readlink -f "$jar")")
  for service in "$all"/part/META-INF/services/*; do
    [ ! -f "$service" ] || { cat "$service" && echo; } >> "$all/jar/META-INF/services/$(basename "$service")"
  done
  rm -rf "$all"/part/META-INF/{services,MANIFEST.MF,versions/*/module-info.class,*.SF,*.RSA,*.DSA} "$all/part/module-info.class"
  cp -rln "$all/part/." "$all/jar"
  rm -rf "$all/part"
done
printf 'Main-Class: io.tubelet.spark.cli.Main\nMulti-Release: true\n' > "$all/manifest"
jar --create --file "$4" --manifest "$all/manifest" --date "$3" -C "$all/jar" .
