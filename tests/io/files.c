/* SPDX-License-Identifier: Apache-2.0 */
/* Test inputs on disk. */
#include "files.h"

#include <assert.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_PATH = 512 };

const char *test_folder(void)
{
    static char folder[] = "/tmp/limner-test-XXXXXX";
    static int is_made;

    if (!is_made && !mkdtemp(folder))
        abort();
    is_made = 1;
    return folder;
}

static char *next_path(void)
{
    static char paths[8][MAX_PATH];
    static int n;

    return paths[n++ % 8];
}

const char *test_path(const char *name)
{
    char *path = next_path();

    snprintf(path, MAX_PATH, "%s/%s", test_folder(), name);
    return path;
}

const char *test_data(const char *name)
{
    char *path = next_path();
    const char *source = getenv("LIMNER_SOURCE");

    snprintf(path, MAX_PATH, "%s/tests/data/%s", source ? source : ".", name);
    return path;
}

void test_write(const char *path, const void *bytes, size_t n)
{
    FILE *f = fopen(path, "wb");

    if (!f || (n > 0 && fwrite(bytes, 1, n, f) != n) || fclose(f) != 0)
        abort();
}

void test_copy(const char *from, const char *to, size_t n_missing)
{
    FILE *f = fopen(from, "rb");

    if (!f || fseek(f, 0, SEEK_END) < 0)
        abort();
    const size_t n = (size_t)ftell(f);
    char *bytes = malloc(n + 1);
    rewind(f);
    if (!bytes || n < n_missing || fread(bytes, 1, n, f) != n)
        abort();
    fclose(f);
    test_write(test_path(to), bytes, n - n_missing);
    free(bytes);
}

int test_count(const char *part)
{
    DIR *folder = opendir(test_folder());
    int n = 0;

    for (struct dirent *e = folder ? readdir(folder) : NULL; e; e = readdir(folder))
        n += strstr(e->d_name, part) != NULL;
    if (folder)
        closedir(folder);
    return n;
}

void test_remove_folder(void)
{
    DIR *folder = opendir(test_folder());

    for (struct dirent *e = folder ? readdir(folder) : NULL; e; e = readdir(folder)) {
        if (e->d_name[0] != '.')
            unlink(test_path(e->d_name));
    }
    if (folder)
        closedir(folder);
    rmdir(test_folder());
}

int test_clean_up(void **state)
{
    (void)state;
    test_remove_folder();
    return 0;
}

static void put_le(uint8_t *at, uint32_t v, int n)
{
    for (int i = 0; i < n; i++)
        at[i] = (uint8_t)(v >> (8 * i));
}

static void put_sample(uint8_t *at, double v, int form, int bits)
{
    const float f = (float)v;

    if (form == TEST_FLOAT)
        memcpy(at, &f, sizeof(f));
    else if (bits == 8)
        *at = (uint8_t)lrint(128 + 127 * v);
    else
        put_le(at, (uint32_t)lrint(v * ldexp(1, bits - 1) * 0.9999), bits / 8);
}

void test_wav(const char *path, int form, int bits, int rate_hz, int n_channels, double seconds,
              double click_s)
{
    const int n = (int)lrint(seconds * rate_hz), block = n_channels * bits / 8;
    const size_t n_bytes = 44 + (size_t)n * (size_t)block;
    uint8_t *b = calloc(1, n_bytes);

    if (!b)
        abort();
    memcpy(b, "RIFF", 4);
    put_le(b + 4, (uint32_t)n_bytes - 8, 4);
    memcpy(b + 8, "WAVEfmt ", 8);
    put_le(b + 16, 16, 4);
    put_le(b + 20, form == TEST_FLOAT ? 3 : 1, 2);
    put_le(b + 22, (uint32_t)n_channels, 2);
    put_le(b + 24, (uint32_t)rate_hz, 4);
    put_le(b + 28, (uint32_t)(rate_hz * block), 4);
    put_le(b + 32, (uint32_t)block, 2);
    put_le(b + 34, (uint32_t)bits, 2);
    memcpy(b + 36, "data", 4);
    put_le(b + 40, (uint32_t)n_bytes - 44, 4);
    for (int i = 0; i < n; i++) {
        const double t = (double)i / rate_hz, since = t - click_s;
        const int is_click = click_s >= 0 && since >= 0 && since < 0.001;
        const double v = is_click ? 1 : 0.1 * sin(2 * 3.14159265358979 * 440 * t);
        for (int c = 0; c < n_channels; c++)
            put_sample(b + 44 + (size_t)(i * block + c * bits / 8), v, form, bits);
    }
    test_write(path, b, n_bytes);
    free(b);
}
