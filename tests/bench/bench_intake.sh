#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Durable reports a second of the real service with its embedded Redis (appendfsync always), beside bare Redis
# with the same fsync: rounds are interleaved, every round is printed, the last lines are medians and ratios
# within a round. See tests/bench/README.md.
#   bench_intake.sh PROGRAM BENCH_INTAKE SOURCE [ROUNDS] [SECONDS]
set -euo pipefail
program=$1 client=$2 source=$(cd "$3" && pwd) rounds=${4:-5} seconds=${5:-4}
work=$(mktemp -d)
service="" redis=""
stop() {
  [ -z "$service" ] || { kill "$service" 2>/dev/null || true; wait "$service" 2>/dev/null || true; }
  [ -z "$redis" ] || { kill "$redis" 2>/dev/null || true; wait "$redis" 2>/dev/null || true; }
  rm -rf "$work"
}
trap stop EXIT

sed -e "s|^  state_dir: .*|  state_dir: $work/state|" -e "s|^  listen: 127.0.0.1:8080|  listen: 127.0.0.1:0|" \
    -e "s|^  folder: |  folder: $source/config/|" -e "s|- file: |- file: $source/config/|" \
    -e "s|^  listen: 127.0.0.1:9464|  listen: ''|" "$source/config/rapporteur.yaml" >"$work/rapporteur.yaml"
printf 'limits:\n  requests_per_second: 1000000\n  burst: 1000000\n' >>"$work/rapporteur.yaml"
sed -i "s|^audit:|audit:\n  backlog: 100000000|" "$work/rapporteur.yaml"
"$program" serve --config "$work/rapporteur.yaml" 2>"$work/log" &
service=$!
for _ in $(seq 1 100); do
  grep -q '"message":"serving"' "$work/log" && break
  sleep 0.1
done
port=$(grep -m1 '"message":"serving"' "$work/log" | jq -r .port)
key=$("$program" keys create --config "$work/rapporteur.yaml" --role partner --name bench --json | jq -r .key)
redis-server --port 0 --unixsocket "$work/raw.sock" --dir "$work" --appendonly yes --appendfsync always \
  --save "" --maxmemory-policy noeviction --logfile "$work/raw.log" --auto-aof-rewrite-percentage 0 &
redis=$!
sleep 1

raw() { # connections, pipeline, requests, command...: requests/s
  local connections=$1 pipeline=$2 requests=$3
  shift 3
  redis-benchmark -s "$work/raw.sock" -c "$connections" -P "$pipeline" -n "$requests" -r 1000000000 --csv "$@" |
    tail -1 | tr -d '"' | awk -F, '{printf "%.0f\n", $2}'
}
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
cpu() { awk '{print ($14 + $15) * 10}' "/proc/$service/stat"; }   # ms; 100 ticks a second

body=$(head -c 1024 /dev/zero | tr '\0' x)
commit='if not redis.call("SET", KEYS[1] .. ":i:" .. ARGV[1], 1, "NX", "EX", 172800) then return 0 end
redis.call("HSET", KEYS[1] .. ":r:" .. ARGV[1], "body", ARGV[2], "state", "open")
redis.call("ZADD", KEYS[1] .. ":q", 1, ARGV[1])
redis.call("XADD", KEYS[1] .. ":log", "*", "report", ARGV[1])
return 1'
sha=$(redis-cli -s "$work/raw.sock" SCRIPT LOAD "$commit")
printf 'round   XADD -P 16   EVALSHA 4x16   singles/s   p50 ms   p99 ms   CPU us   NDJSON 100/s   p50 ms   p99 ms\n'
for round in $(seq 1 "$rounds"); do
  redis-cli -s "$work/raw.sock" FLUSHALL >/dev/null
  xadd=$(raw 64 16 200000 XADD log '*' body "$body")
  redis-cli -s "$work/raw.sock" FLUSHALL >/dev/null
  evalsha=$(raw 4 16 100000 EVALSHA "$sha" 1 '{s}' __rand_int__ "$body")
  before=$(cpu)
  read -r one p50 p99 wrong < <("$client" "$port" "$key" 64 1 "$seconds" "one-$round")
  used=$(($(cpu) - before))
  read -r many many50 many99 wrong_too < <("$client" "$port" "$key" 8 100 "$seconds" "many-$round")
  [ "$wrong $wrong_too" = "0 0" ] || { echo "answers other than accepted: $wrong $wrong_too; the figures do not count"; exit 1; }
  micros=$(awk -v u="$used" -v n="$one" -v s="$seconds" 'BEGIN {printf "%.1f", u * 1000 / (n * s)}')
  printf '%5d %12d %14d %11d %8s %8s %8s %14d %8s %8s\n' "$round" "$xadd" "$evalsha" "$one" "$p50" "$p99" "$micros" \
    "$many" "$many50" "$many99"
  echo "$xadd" >>"$work/xadd"; echo "$evalsha" >>"$work/evalsha"; echo "$one" >>"$work/one"; echo "$many" >>"$work/many"
  awk -v a="$one" -v b="$many" -v x="$xadd" -v e="$evalsha" -v d="$work" \
    'BEGIN {print a / x >(d "/one_x"); print a / e >(d "/one_e"); print b / x >(d "/many_x"); print b / e >(d "/many_e")}' \
    /dev/null
  for name in one_x one_e many_x many_e; do cat "$work/$name" >>"$work/all_$name"; done
done
printf 'median %11d %14d %11d %43d\n' "$(median <"$work/xadd")" "$(median <"$work/evalsha")" "$(median <"$work/one")" \
  "$(median <"$work/many")"
printf 'median of the ratios in a round: singles %.2f of XADD -P 16, %.2f of EVALSHA 4x16; NDJSON %.2f and %.2f\n' \
  "$(median <"$work/all_one_x")" "$(median <"$work/all_one_e")" "$(median <"$work/all_many_x")" "$(median <"$work/all_many_e")"
