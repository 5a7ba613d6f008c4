/* SPDX-License-Identifier: Apache-2.0 */
/* CPU names from /proc/cpuinfo; cores from the system; the commit from the build. */
#include "machine.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "limner/limner.h"
#include "commit.h"

enum { MAX_THREADS = 64 };            /* that a session takes */

void cli_cpu_flags(char *out, size_t size)
{
    static const struct {
        uint32_t flag;
        const char *name;
    } names[] = {{LIMNER_CPU_SSE41, "sse4.1"},
                 {LIMNER_CPU_AVX2, "avx2"},
                 {LIMNER_CPU_AVX512, "avx512"},
                 {LIMNER_CPU_NEON, "neon"}};
    const uint32_t flags = limner_cpu_flags();

    out[0] = 0;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const size_t n = strlen(out);
        if (flags & names[i].flag)
            snprintf(out + n, size - n, "%s%s", n ? " " : "", names[i].name);
    }
}

void cli_cpu_name(char *out, size_t size)
{
    FILE *f = fopen("/proc/cpuinfo", "r");
    char line[512];

    snprintf(out, size, "unknown");
    while (f && fgets(line, sizeof(line), f)) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || !colon)
            continue;
        snprintf(out, size, "%s", colon + 2);
        out[strcspn(out, "\n")] = 0;
        break;
    }
    if (f)
        fclose(f);
}

int cli_threads(int n)
{
    const long n_cores = n ? n : sysconf(_SC_NPROCESSORS_ONLN);

    return n_cores < 1 ? 1 : n_cores > MAX_THREADS ? MAX_THREADS : (int)n_cores;
}

const char *cli_commit(void)
{
    return LIMNER_COMMIT;
}
