#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each check must fail when it should: plants one violation at a time in a scratch copy of the tree,
# runs the check, and wants it to fail and to name the planted place. Usage: selftest.sh ROOT COMPILER...
set -u
root=$(cd "$1" && pwd)
shift
here=$root/tests/checks
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0 failed=0

mkdir "$scratch/tree" && cd "$scratch/tree" || exit 1
cp "$root/meson.build" .
(cd "$root" && find lib service tests deploy \( -name corpus -o -name node_modules \) -prune -o -type f -print | tar cf - -T -) | tar xf -

# wants NAME PLACE COMMAND...: the command fails and prints PLACE.
wants() {
    name=$1 place=$2
    shift 2
    if output=$("$@" 2>&1); then
        echo "not ok: $name: the check passed over it"
        failed=$((failed + 1))
    elif ! printf '%s\n' "$output" | grep -qF -- "$place"; then
        echo "not ok: $name: the check failed without naming $place"
        failed=$((failed + 1))
    else
        passed=$((passed + 1))
    fi
}

# plant FILE CHECK TEXT RULE: a file with that text makes the check name it; then it goes away.
plant() {
    mkdir -p "$(dirname "$1")"
    printf '/* SPDX-License-Identifier: Apache-2.0 */\n%b\n' "$3" >"$1"
    wants "$2: $4" "$1" "$here/$2.sh" .
    rm -f "$1"
}

plant lib/json/planted.c floors '#include "lib/audit/tile.h"' 'an include that runs upwards'
plant lib/match/planted.c floors '#include "lib/rules/rule.h"' 'an include that runs sideways'
plant lib/base/planted.h floors '#include "service/runtime/log.h"' 'lib includes service'
plant lib/audit/planted.c floors '#include "lib/report/hit.h"' 'an exception is for one folder only'
plant lib/signal/planted.c floors '#include "lib/report/report.h"' 'an exception is for one header only'
plant service/http/planted.c floors '#include "service/store/store.h"' 'http knows the store'
plant service/store/planted.c floors '#include "service/api/api.h"' 'the store knows the API'
plant service/api/planted.c floors '#include "service/cli/command.h"' 'the API knows the command line'
plant lib/base/planted.c floors '#include "buf.h"' 'an include that does not start at the root'
plant lib/base/planted.c floors '#include "lib/base/../audit/tile.h"' 'an include that hides its way'
plant lib/elsewhere/planted.c floors '#include "lib/base/buf.h"' 'a folder without a floor'
plant service/api/planted.c floors '#include <hiredis/hiredis.h>' 'hiredis outside the store'
plant service/api/planted.c floors '#  include <curl/curl.h>' 'curl outside sync'
plant service/audit/planted.c floors '#include <event2/event.h>' 'libevent outside its folders'
plant service/sync/planted.c floors '#include <openssl/ssl.h>' 'TLS outside http'
plant lib/rights/planted.c floors '#include <openssl/evp.h>' 'libcrypto beside digest.c'
plant lib/cel/planted.c floors '#include <time.h>' 'a clock in lib'
plant lib/text/planted.c floors '#include <sys/stat.h>' 'the file system in lib'

plant lib/base/planted.c size "$(i=0; while [ $i -lt 601 ]; do printf 'int a%d;\\n' $i; i=$((i + 1)); done)" 'a file of 602 lines'
plant lib/base/planted.c size "void f(void)\n{\n$(i=0; while [ $i -lt 79 ]; do printf ';\\n'; i=$((i + 1)); done)}" 'a function of 81 lines'
plant service/cli/planted.c size 'int f(void) {\n    return 0;\n}' 'a function the count would not see'

for name in strcpy strcat strncpy sprintf strtok atoi gets gmtime localtime alloca setlocale; do
    plant lib/base/planted.c banned "void f(void)\n{\n    $name (x);\n}" "$name"
done
plant service/cli/planted.c banned 'int r = system("ls");' 'system outside tests'
plant service/cli/planted.c banned '    goto out;' 'goto'
plant service/cli/planted.c banned '/* strcpy( in a comment\n * is fine */ x = "a /* b"; y = atoi(z);' 'a comment or string hides nothing behind it'

plant lib/base/planted.c names '/* TODO: later */' 'a word that says it is not done'
plant config/planted.yaml names 'folder: /home/someone/build' 'a path of a machine'

printf 'int planted;\n' >lib/base/planted.c
wants 'spdx: a source without its licence' lib/base/planted.c "$here/spdx.sh" .
rm lib/base/planted.c

mkdir lib/planted
wants 'readmes: a folder that says nothing' lib/planted "$here/readmes.sh" .
printf '# planted\n\n## Why it is so\n\n- Because.\n\n## More\n' >lib/planted/README.md
wants 'readmes: another section at the end' lib/planted/README.md "$here/readmes.sh" .
awk 'BEGIN { for (i = 0; i < 60; i++) print "a line"; print "## Why it is so" }' >lib/planted/README.md
wants 'readmes: more than a screen' lib/planted/README.md "$here/readmes.sh" .
rm -r lib/planted

mkdir -p small/lib
printf '#pragma once\nstruct planted { struct span a; };\n' >small/lib/planted.h
wants 'headers: needs another header' lib/planted.h "$here/headers.sh" small lib "$@"
printf 'struct planted { int a; };\n' >small/lib/planted.h
wants 'headers: no include guard' lib/planted.h "$here/headers.sh" small lib "$@"

# archive TEXT: libplanted.a of one object, built as a release is.
archive() {
    printf '%b\n' "$1" >planted.c
    rm -f libplanted.a
    $compiler -std=gnu17 -D_GNU_SOURCE -O2 -D_FORTIFY_SOURCE=2 -fPIE -c planted.c -o planted.o && ar rcs libplanted.a planted.o
}
compiler="$*"     # "ccache cc" is two words
while read -r symbol text; do
    archive "$text"
    wants "pure: $symbol" "$symbol" "$here/pure.sh" libplanted.a
done <<'PLANTED'
getenv #include <stdlib.h>\nchar *f(void) { return getenv("A"); }
fopen #include <stdio.h>\nFILE *f(const char *p) { return fopen(p, "r"); }
open #include <fcntl.h>\nint f(const char *p, int flags) { return open(p, flags); }
printf #include <stdio.h>\nint f(const char *p, int n) { return printf("%s %d", p, n); }
fprintf #include <stdio.h>\nint f(FILE *o, int n) { return fprintf(o, "%d %d", n, n); }
clock_gettime #include <time.h>\nint f(struct timespec *t) { return clock_gettime(CLOCK_REALTIME, t); }
socket #include <sys/socket.h>\nint f(void) { return socket(AF_INET, SOCK_STREAM, 0); }
read #include <unistd.h>\nlong f(int d, char *b, unsigned long n) { char k[64]; long r = read(d, k, n); b[0] = k[0]; return r; }
pthread_mutex_lock #include <pthread.h>\nint f(pthread_mutex_t *m) { return pthread_mutex_lock(m); }
sscanf #include <stdio.h>\nint f(const char *s, int *n) { return sscanf(s, "%d", n); }
.bss #include <stdlib.h>\nstatic int seen;\nint f(void *p) { free(p); return ++seen; }
.data #include <stdlib.h>\nstatic int seen = 7;\nint f(void *p) { free(p); return ++seen; }
PLANTED

# lua RULE PLACE TEXT: a function with that text makes functions.sh name the place.
lua() {
    printf -- '-- SPDX-License-Identifier: Apache-2.0\n%b\n' "$3" >service/store/functions/planted.lua
    wants "functions: $1" "$2" "$here/functions.sh" .
    rm -f service/store/functions/planted.lua
}
head='-- KEYS   the tag; touches c:\n-- ARGV   4: case\n-- REPLY  ok\n'
lua 'a function without a header' 'planted: no KEYS line' "register('planted', {'no-writes'}, function(tag)\nend)"
lua 'a second function without a header of its own' 'second: no REPLY line' "${head}register('planted', {'no-writes'}, function(tag)\nend)\nregister('second', {'no-writes'}, function(tag)\nend)"
lua 'arguments that are not named' 'planted: no ARGV line' "-- KEYS   the tag\n-- REPLY  ok\nregister('planted', {'no-writes'}, function(tag, args, now, at)\n    return {args[at]}\nend)"
lua 'a writer without an invariant' 'planted: it writes and says not' "${head}register('planted', {}, function(tag)\nend)"
lua 'entries that are not named' 'planted: it writes entries and has no LOG' "${head}-- KEEPS  I3\nregister('planted', {}, function(tag)\n    log_write(log)\nend)"
lua 'entries that are not written' 'planted: its LOG line names entries' "${head}-- LOG    claim\n-- KEEPS  I3\nregister('planted', {}, function(tag)\nend)"
lua 'a key that is not named' 'key zz: is in no KEYS line' "${head}register('planted', {'no-writes'}, function(tag)\n    call('GET', tag .. 'zz:' .. 1)\nend)"
lua 'a command the user may not run' 'getdel is used and not allowed' "${head}-- KEEPS  I3\nregister('planted', {}, function(tag)\n    call('GETDEL', tag .. 'c:')\nend)"
sed -i 's/ +del / +del +flushall /' deploy/redis/rapporteur.conf
wants 'functions: a right that nobody needs' 'flushall is allowed and not used' "$here/functions.sh" .
sed -i 's/ +flushall / /' deploy/redis/rapporteur.conf

sed -i 's/lease_drop(tag, id, case)/lease_lost(tag, id, case)/' service/store/functions/decide.lua
wants 'mutants: a planted bug that no longer fits' lease-outlives-decision.patch "$here/mutants.sh" .
sed -i 's/lease_lost(tag, id, case)/lease_drop(tag, id, case)/' service/store/functions/decide.lua

echo "$passed planted violations found, $failed missed"
[ "$failed" -eq 0 ]
