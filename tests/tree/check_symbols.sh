#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check_symbols.sh STATIC_LIBRARY SHARED_LIBRARY HEADER: every global symbol of the library starts
# with limner_, and the shared library exports what the header declares and nothing else.
set -eu
status=0
bad=$(nm -g --defined-only "$1" 2>/dev/null | awk 'NF == 3 && $3 !~ /^limner_/ { print $3 }' |
    grep -v '^__\(asan\|ubsan\|odr\|start\|stop\)' || true)
if [ -n "$bad" ]; then
    echo "global symbols without the limner_ prefix:" $bad
    status=1
fi
declared=$(grep -v '^#' "$3" | tr '\n' ' ' | grep -o 'LIMNER_API [^(]*(' |
    sed 's/.*[ *]\(limner_[a-z0-9_]*\)($/\1/' | sort -u)
exported=$(nm -D --defined-only "$2" | awk '$3 ~ /^limner_/ { print $3 }' | sort -u)
if [ "$declared" != "$exported" ]; then
    echo "declared in the header (<) and exported (>) differ:"
    t=$(mktemp -d)
    echo "$declared" >"$t/a"
    echo "$exported" >"$t/b"
    diff "$t/a" "$t/b" | grep '^[<>]' || true
    rm -r "$t"
    status=1
fi
exit $status
