/* SPDX-License-Identifier: Apache-2.0 */
/* Aligns speech made by flite, which says when it spoke what. Skips (77) without pocketsphinx, its
 * model, or flite. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval/align.h"
#include "io/media.h"

enum { SKIPPED = 77, MAX_PHONES = 400, MAX_SAMPLES = 16000 * 20 };
#define TEXT "Peter made a big bowl of pumpkin soup, but Mary's mob baked some bread by the tables."

typedef struct spoken {
    eval_phone phone[MAX_PHONES]; /* as flite says */
    size_t n_phones;
    float *pcm;
    size_t n_samples;
} spoken;

/* "pau:0.193 p:0.240 ...": each phone and its end. */
static void parse_times(spoken *s, FILE *pipe)
{
    double start_s = 0;

    for (char item[64]; s->n_phones < MAX_PHONES && fscanf(pipe, "%63s", item) == 1;) {
        eval_phone *p = &s->phone[s->n_phones++];
        char *colon = strchr(item, ':');
        assert_non_null(colon);
        *colon = 0;
        for (size_t i = 0; i < sizeof(p->name) - 1 && item[i]; i++)
            p->name[i] = (char)toupper((unsigned char)item[i]);
        p->start_s = start_s;
        p->end_s = start_s = atof(colon + 1);
    }
}

static void read_sound(spoken *s, const char *path)
{
    limner_io_audio *audio;
    char err[LIMNER_IO_ERROR_SIZE];
    int64_t n;

    assert_int_equal(limner_io_audio_open(&audio, path, err), 0);
    assert_int_equal(limner_io_audio_rate_hz(audio), 16000);
    s->pcm = malloc(MAX_SAMPLES * sizeof(float));
    while ((n = limner_io_audio_read(audio, s->pcm + s->n_samples, MAX_SAMPLES - s->n_samples,
                                     err)) > 0)
        s->n_samples += (size_t)n;
    limner_io_audio_close(&audio);
}

static void say(spoken *s, const char *text, const char *voice)
{
    char path[] = "/tmp/limner-align-XXXXXX", command[512];
    const int file = mkstemp(path);

    memset(s, 0, sizeof(*s));
    assert_true(file >= 0);
    close(file);
    snprintf(command, sizeof(command), "flite -voice %s -psdur -t \"%s\" %s", voice, text, path);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    parse_times(s, pipe);
    assert_int_equal(pclose(pipe), 0);
    read_sound(s, path);
    remove(path);
}

static bool closes_lips(const eval_phone *p)
{
    return p->name[1] == 0 && strchr("PBM", p->name[0]);
}

static size_t pick(const eval_phone **out, const eval_phone *phones, size_t n_phones)
{
    size_t n = 0;

    for (size_t i = 0; i < n_phones; i++)
        if (closes_lips(&phones[i]))
            out[n++] = &phones[i];
    return n;
}

static void check_voice(const char *voice)
{
    const eval_phone *true_ones[MAX_PHONES], *found[MAX_PHONES];
    char err[LIMNER_IO_ERROR_SIZE] = "";
    eval_phone *phones;
    size_t n;
    spoken s;
    double worst = 0, sum = 0;

    say(&s, TEXT, voice);
    assert_int_equal(eval_align(&phones, &n, s.pcm, s.n_samples, TEXT, err), 0);
    const size_t n_true = pick(true_ones, s.phone, s.n_phones);
    assert_int_equal(pick(found, phones, n), n_true);
    assert_true(n_true > 15);
    for (size_t i = 0; i < n_true; i++) {
        const double middle = (true_ones[i]->start_s + true_ones[i]->end_s) / 2;
        const double off_s = fabs((found[i]->start_s + found[i]->end_s) / 2 - middle);
        assert_string_equal(found[i]->name, true_ones[i]->name);
        worst = fmax(worst, off_s);
        sum += off_s;
    }
    print_message("%s: %zu lip closures, off by %.0f ms on average, %.0f ms at most\n", voice,
                  n_true, 1000 * sum / (double)n_true, 1000 * worst);
    assert_true(worst < 0.06);
    for (size_t i = 1; i < n; i++)
        assert_true(phones[i].start_s >= phones[i - 1].end_s - 1e-9);
    free(phones);
    free(s.pcm);
}

static void closures_are_found_where_they_were_spoken(void **state)
{
    (void)state;
    check_voice("slt");
    check_voice("rms");
}

static void failures_are_told(void **state)
{
    char err[LIMNER_IO_ERROR_SIZE];
    eval_phone *phones;
    size_t n;
    spoken s;

    (void)state;
    say(&s, "We will see.", "slt");
    assert_int_equal(eval_align(&phones, &n, s.pcm, s.n_samples, "we will zxqv", err), -1);
    assert_non_null(strstr(err, "zxqv"));
    assert_null(phones);
    assert_int_equal(eval_align(&phones, &n, s.pcm, s.n_samples, " ... ", err), -1);
    assert_int_equal(eval_align(&phones, &n, s.pcm, s.n_samples, TEXT " " TEXT, err), -1);
    assert_non_null(strstr(err, "does not fit"));
    assert_int_equal(eval_align(&phones, &n, s.pcm, s.n_samples, "hot soup", err), -1);
    assert_non_null(strstr(err, "does not fit"));
    assert_int_equal(eval_align(&phones, &n, s.pcm, 0, "we will see", err), -1);
    free(s.pcm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closures_are_found_where_they_were_spoken),
        cmocka_unit_test(failures_are_told),
    };
    eval_phone *phones;
    const float silence[16000] = {0};
    char err[LIMNER_IO_ERROR_SIZE] = "";
    size_t n;

    if (!eval_can_align() || system("command -v flite >/dev/null"))
        return SKIPPED;
    eval_align(&phones, &n, silence, 16000, "a", err);
    free(phones);
    if (strstr(err, "install pocketsphinx-en-us"))
        return SKIPPED;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
