#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# POST /v1/check against the real service with 10,000 regexes, 100,000 literals, 1,000,000 SHA-256 and 1,000,000
# PDQ loaded: latency, memory, time until it serves and until a reload is live. One client, one kept connection.
#   bench_check.sh PROGRAM [CHECKS]     published texts and patterns in $RAPPORTEUR_TEST_DATA or ../shared/data
set -euo pipefail
source=$(cd "$(dirname "$0")/../.." && pwd)
program=${1:?usage: bench_check.sh PROGRAM [CHECKS]}
data=${RAPPORTEUR_TEST_DATA:-$source/../shared/data}
[ -f "$data/text/tweets.csv" ] || { echo "no published texts below $data"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -B - "$program" "$source" "$data" "$folder" "${2:-5000}" <<'PYTHON'
import csv, hashlib, http.client, json, os, random, signal, sys, time

program, source, data, folder, checks = *sys.argv[1:5], int(sys.argv[5])
sys.path.insert(0, os.path.join(source, "tests", "api"))
import service as running

running.START_S = 300
REGEXES, LITERALS, HASHES, MARK = 10_000, 100_000, 1_000_000, "zyxwvutword"
random.seed(1)

with open(os.path.join(data, "text", "tweets.csv"), encoding="utf-8", newline="") as file:
    tweets = [row["tweet"] for row in csv.DictReader(file)]
random.shuffle(tweets)
half = len(tweets) // 2        # phrases come from one half, checks from the other


def patterns():
    for name in ("bad_keywords", "blacklisted_websites", "watched_keywords"):
        with open(os.path.join(data, "patterns", "smokedetector_%s.txt" % name), encoding="utf-8") as lines:
            for line in lines:
                line = line.rstrip("\n")
                pattern = line.split("\t")[-1] if name == "watched_keywords" else line
                if pattern and not pattern.startswith("#"):
                    yield pattern


def phrases():
    seen = set()
    for size in (3, 2, 4):
        for tweet in tweets[:half]:
            words = [w for w in tweet.split() if w.isalpha() and w.isascii()]
            for i in range(len(words) - size + 1):
                phrase = " ".join(words[i:i + size]).lower()
                if len(phrase) >= 10 and phrase not in seen:
                    seen.add(phrase)
                    yield phrase


def write(name, values):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as out:
        count = 0
        for value in values:
            out.write(value + "\n")
            count += 1
    print("%-9s %9d entries, %d MB" % (name, count, os.path.getsize(path) >> 20))
    return path


regexes = list(dict.fromkeys(patterns()))
random.shuffle(regexes)
found = []
for phrase in phrases():
    found.append(phrase)
    if len(found) == LITERALS:
        break
shas = [hashlib.sha256(str(i).encode()).hexdigest() for i in range(HASHES)]
pdqs = ["%064x" % random.getrandbits(256) for _ in range(HASHES)]
paths = {"regex": write("regex", regexes[:REGEXES]), "literal": write("literal", found),
         "sha256": write("sha256", shas), "pdq": write("pdq", pdqs)}
lines = ["- {id: bench-%s, file: %s, format: lines, kind: %s, max_bytes: 268435456}" % (kind, path, kind)
         for kind, path in paths.items()]

begun = time.monotonic()
service = running.Service(program, source, os.path.join(folder, "service"),
                          {"lists": lines, "limits": ["requests_per_second: 100000", "burst: 100000"]})
print("serving after %.1f s" % (time.monotonic() - begun))
try:
    key = service.make_key("partner", "bench")
    time.sleep(1)
    for line in map(json.loads, service.log_lines()):
        if line["message"] in ("list version taken", "list source refused", "snapshot built"):
            print("  log: %s %s %s" % (line["message"], line.get("list", line.get("place", "")), line.get("count", line.get("detail", ""))))
    print("patterns left out: %d" % sum("pattern is left out" in line for line in service.log_lines()))

    def memory(field):
        with open("/proc/%d/status" % service.process.pid) as status:
            return next(int(line.split()[1]) for line in status if line.startswith(field)) // 1024

    def connect():
        return http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)

    def check(connection, text, hashes):
        body = json.dumps({"content": {"id": "b", "type": "post", "text": text, "language": "en", "hashes": hashes},
                           "category": "incitement", "reason": "bench", "origin": {"kind": "user_notice"},
                           "jurisdictions": ["DE"]})
        at = time.perf_counter()
        connection.request("POST", "/v1/check", body, {"Content-Type": "application/json", "Authorization": "Bearer " + key})
        answer = connection.getresponse()
        text = answer.read()
        spent = time.perf_counter() - at
        if answer.status != 200:
            sys.exit("status %d: %s" % (answer.status, text[:400]))
        return spent, text

    def hashes_of(i):
        sha = shas[i] if i % 10 == 0 else hashlib.sha256(b"other%d" % i).hexdigest()
        pdq = int(pdqs[i], 16) ^ 0b1011 if i % 10 == 0 else random.getrandbits(256)
        return [{"kind": "sha256", "value": sha}, {"kind": "pdq", "value": "%064x" % pdq, "quality": 90}]

    def series(name, texts, hashes):
        connection = connect()
        times, hits = [], 0
        for i, text in enumerate(texts):
            spent, answer = check(connection, text, hashes_of(i) if hashes else [])
            if i >= 200:
                times.append(spent * 1e6)
                hits += b'"entry"' in answer
        times.sort()
        print("%-34s %6d checks: p50 %5.0f us, p99 %5.0f us, max %6.0f us; with a hit %.0f %%" % (
            name, len(times), times[len(times) // 2], times[len(times) * 99 // 100], times[-1], 100 * hits / len(times)))

    print("resident %d MB, at most so far %d MB" % (memory("VmRSS"), memory("VmHWM")))
    fresh = tweets[half:half + checks + 200]
    series("short post", fresh, False)
    series("short post, a SHA-256 and a PDQ", fresh, True)
    long_posts = [" ".join(fresh[i:i + 12])[:1000] for i in range(0, len(fresh) - 12, 3)]
    series("post of 1,000 characters, hashes", long_posts, True)

    def reload(number):
        """One more literal: until it is found, then until the old snapshot is gone."""
        connection, word, slowest = connect(), "%s%d" % (MARK, number), 0
        with open(paths["literal"], "a", encoding="utf-8") as out:
            out.write(word + "\n")
        at = time.monotonic()
        service.signal(signal.SIGHUP)
        while True:
            spent, answer = check(connection, "here is " + word, [])
            slowest = max(slowest, spent)
            if b"bench-literal" in answer:
                break
            if time.monotonic() - at > 300:
                sys.exit("the reload did not become live: %s" % answer[:400])
            time.sleep(0.01)
        print("reload %d live after %.1f s; slowest check meanwhile %.1f ms" % (
            number, time.monotonic() - at, slowest * 1e3))
        time.sleep(2)
        print("resident %d MB, at most so far %d MB" % (memory("VmRSS"), memory("VmHWM")))

    for number in (1, 2, 3):
        reload(number)
finally:
    for line in service.stop():
        print(line)
PYTHON
