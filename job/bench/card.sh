#!/usr/bin/env bash
# What an NVIDIA card makes of this project, as one JSON: what doctor says of it, its engine's tests, the verb bench, the same step
# in PyTorch, and pretraining through Spark with one replica. Eight minutes at most, once the project is built (mvn -Pcuda13 -DskipTests package).
#
#   usage: job/bench/card.sh [OUT.json] [PART ...]     parts: doctor tests bench pytorch training [all, in this order]
#
# A part that fails or runs out of its time says so in OUT.json, with the last lines that it printed, and the next one begins; all
# that each printed is in OUT.json.d/.
# CARD_DEVICE=cpu tries the script itself, on small networks, without a card.
set -uo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../.." && pwd)
out=$(realpath "${1:-card.json}")
shift $(($# > 0))
parts=${*:-doctor tests bench pytorch training}
for name in $parts; do
  case " doctor tests bench pytorch training " in *" $name "*) ;; *) echo "card.sh: no part $name" >&2 && exit 2 ;; esac
done
device=${CARD_DEVICE:-cuda}
sizes="s b l" batches="16 64" precisions=fp32,bf16 profile=-Pcuda13 groups=cuda eager= side=224 model=b batch=64
if [ "$device" = cpu ]; then
  sizes=s batches=2 precisions=fp32 profile= groups= eager="--precision fp32 --eager --rounds 2"
  side=64 model=mini batch=8
fi
logs=$out.d
rm -rf "$logs"
mkdir -p "$logs"

# part NAME SECONDS COMMAND...: runs it for at most this time and records its end
part() {
  local name=$1 limit=$2 start=$SECONDS code=0
  shift 2
  case " $parts " in *" $name "*) ;; *) return ;; esac
  echo "card.sh: $name, ${limit} s at most"
  timeout -k 20 "$limit" "$@" > "$logs/$name.log" 2>&1 || code=$?
  echo "$name $code $((SECONDS - start))" >> "$logs/ends"
  echo "card.sh: $name ended with $code after $((SECONDS - start)) s"
}

doctor() {
  "$root/deploy/submit.sh" local doctor - "engine.device=$device"
}

tests() {
  mvn -B -ntp -o $profile -f "$root/pom.xml" -pl job/engine-torch -am test ${groups:+-Dgroups=$groups} \
    -Dsurefire.failIfNoSpecifiedTests=false
}

bench() {
  "$root/deploy/submit.sh" local bench - "engine.device=$device" "bench.precisions=[$precisions]" \
    "bench.sizes=[${sizes// /,}]" "bench.pretrain-batches=[${batches// /,}]" --json "$logs/bench.json"
}

pytorch() {
  set -o pipefail
  local size batch failed=0
  for size in $sizes; do
    for batch in $batches; do
      python3 "$root/job/bench/pytorch_step.py" --size "$size" --batch "$batch" --device "$device" \
        $eager | tee -a "$logs/pytorch.jsonl" || failed=1
    done
  done
  return $failed
}

# the signal at the end of its time makes it write a checkpoint and stop
training() {
  local settings=("engine.device=$device" "run.dir=$logs/run" data.pretrain.source=motion "data.motion.size=$side"
    data.motion.unlabelled=512 "data.short-side=$side" "model.size=$model" "model.geometry.height=$side"
    "model.geometry.width=$side" "pretrain.batch=$batch" pretrain.replicas=1 pretrain.averaging.period=4 pretrain.epochs=10000)
  "$root/deploy/submit.sh" local prepare - "${settings[@]}" data.train.source= data.test.source= &&
    exec "$root/deploy/submit.sh" local pretrain - "${settings[@]}"
}

export -f doctor tests bench pytorch training
export root logs device sizes batches precisions profile groups eager side model batch
part doctor 30 bash -c doctor
part tests 60 bash -c tests
part bench 120 bash -c bench
part pytorch 120 bash -c pytorch
part training 150 bash -c training

python3 - "$logs" "$out" <<'E2'
import json, pathlib, subprocess, sys
logs, out = pathlib.Path(sys.argv[1]), sys.argv[2]
lines = lambda file: [json.loads(line) for line in file.read_text().splitlines() if line.startswith("{")] if file.exists() else []
query = ["nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]
try:
    card = subprocess.run(query, capture_output=True, text=True, check=True).stdout.strip()
except (OSError, subprocess.CalledProcessError):
    card = "none"
rounds = lines(logs / "run/pretrain/events.jsonl")
json.dump({
    "card": card,
    "parts": {name: {"exit": int(code), "seconds": int(took),
                     "said": (logs / f"{name}.log").read_text(errors="replace").splitlines()[-8:]}
              for name, code, took in (line.split() for line in (logs / "ends").read_text().splitlines())},
    "bench": json.loads((logs / "bench.json").read_text()) if (logs / "bench.json").exists() else None,
    "pytorch": lines(logs / "pytorch.jsonl"),
    "training": {"rounds": len(rounds), "last": rounds[-1] if rounds else None},
}, open(out, "w"), indent=2)
print("card.sh:", out)
E2
