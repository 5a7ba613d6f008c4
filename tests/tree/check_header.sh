#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# check_header.sh INCLUDE_DIR CC...: each public header compiles alone, as C99 and as C++.
set -eu
dir=$1
shift
for header in limner/limner.h limner/version.h; do
    unit=$(printf '#include <%s>\nextern int unit_is_not_empty;' "$header")
    echo "$unit" | "$@" -x c -std=c99 -pedantic -Wall -Wextra -Werror -I"$dir" -fsyntax-only -
    if command -v c++ >/dev/null 2>&1; then
        echo "$unit" | c++ -x c++ -std=c++11 -pedantic -Wall -Werror -I"$dir" -fsyntax-only -
    fi
done
