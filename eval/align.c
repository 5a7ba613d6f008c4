/* SPDX-License-Identifier: Apache-2.0 */
/* Two passes of the decoder over the whole sound, both over a graph that allows nothing but the
 * text. The first spells words through the dictionary (CMUdict), with its other pronunciations and
 * with pauses between words, and settles which were spoken. The second goes over the phones of
 * these, each a "word" of its own, so that their times come out; pauses only where words meet.
 * Frames are 10 ms. Accuracy: see tests/eval/test_align.c. */
#include "eval/align.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#include "io/media.h"

#ifndef LIMNER_SPHINX_MODELS

int eval_can_align(void)
{
    return 0;
}

int eval_align(eval_phone **phones, size_t *n_phones, const float *pcm, size_t n_samples,
               const char *text, char *err)
{
    (void)pcm, (void)n_samples, (void)text;
    *phones = NULL;
    *n_phones = 0;
    snprintf(err, LIMNER_IO_ERROR_SIZE, "this build has no pocketsphinx, which aligns text and "
             "sound: install libpocketsphinx-dev and pocketsphinx-en-us and build again");
    return -1;
}

#else

#include <ctype.h>
#include <pocketsphinx.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HMM LIMNER_SPHINX_MODELS "/en-us/en-us"
#define DICTIONARY LIMNER_SPHINX_MODELS "/en-us/cmudict-en-us.dict"

enum { MAX_WORDS = 4096, MAX_WORD_LEN = 64, MAX_SPELLING = 256, FRAMES_PER_S = 100 };
/* Probability of a pause where words meet. */
#define PAUSE_SHARE 0.1f
/* Of the spoken frames of the first pass, relative to the best sound of all, in the decoder's unit
 * of 0.1 nepers. Right texts of read, GRID and synthetic speech: -9 to -20; wrong ones: -35 to -56.
 */
#define LEAST_FIT -28.0

typedef struct text_words {
    char (*word)[MAX_WORD_LEN]; /* lower case; after the first pass as in the dictionary: "a(2)" */
    size_t n;
} text_words;

int eval_can_align(void)
{
    return 1;
}

static int fail(char *err, const char *what, const char *word)
{
    snprintf(err, LIMNER_IO_ERROR_SIZE, what, word);
    return -1;
}

/* Letters and inner apostrophes make words; all else parts them. 0, -1: no memory, too long. */
static int split(text_words *out, const char *text, char *err)
{
    size_t len = 0;

    out->n = 0;
    out->word = calloc(MAX_WORDS, sizeof(*out->word));
    if (!out->word)
        return fail(err, "out of memory%s", "");
    for (const char *c = text;; c++) {
        const bool is_letter = isalnum((unsigned char)*c) || (unsigned char)*c >= 0x80 ||
                               (*c == '\'' && isalpha((unsigned char)c[1]));
        if (is_letter && len + 1 < MAX_WORD_LEN && out->n < MAX_WORDS) {
            out->word[out->n][len++] = (char)tolower((unsigned char)*c);
        } else if (is_letter) {
            return fail(err, "the text has more words, or longer ones, than can be aligned%s", "");
        } else if (len) {
            out->n++;
            len = 0;
        }
        if (!*c)
            break;
    }
    return out->n ? 0 : fail(err, "the text has no words%s", "");
}

static ps_decoder_t *open_decoder(char *err)
{
    if (access(HMM "/mdef", R_OK) || access(DICTIONARY, R_OK)) {
        fail(err, "pocketsphinx' US English model is not in %s: install pocketsphinx-en-us",
             LIMNER_SPHINX_MODELS);
        return NULL;
    }
    /* Beams wide enough never to lose the one text there is; nothing is cut out of the sound, so
     * that times hold. */
    cmd_ln_t *set = cmd_ln_init(
        NULL, ps_args(), TRUE, "-hmm", HMM, "-dict", DICTIONARY, "-logfn", "/dev/null",
        "-remove_silence", "no", "-beam", "1e-120", "-pbeam", "1e-120", "-wbeam", "1e-120", "-lw",
        "1", "-wip", "1", "-pip", "1", "-maxhmmpf", "-1", "-bestpath", "no", NULL);
    ps_decoder_t *ps = set ? ps_init(set) : NULL;

    cmd_ln_free_r(set);
    if (!ps)
        fail(err, "pocketsphinx does not start with its model in %s", LIMNER_SPHINX_MODELS);
    return ps;
}

/* Runs the decoder over the sound with the graph, which it takes over. 0, or -1: no way through. */
static int decode(ps_decoder_t *ps, fsg_model_t *graph, const int16 *sound, size_t n_samples)
{
    const char *name = fsg_model_name(graph);
    int32 score;

    int bad = ps_set_fsg(ps, name, graph) || ps_set_search(ps, name);
    fsg_model_free(graph);
    if (bad || ps_start_utt(ps))
        return -1;
    bad = ps_process_raw(ps, sound, n_samples, FALSE, TRUE) < 0;
    return ps_end_utt(ps) || bad || !ps_get_hyp(ps, &score) ? -1 : 0;
}

/* Every word must be in the dictionary. */
static int check_words(ps_decoder_t *ps, const text_words *words, char *err)
{
    for (size_t i = 0; i < words->n; i++) {
        char *spelling = ps_lookup_word(ps, words->word[i]);
        if (!spelling)
            return fail(err, "\"%s\" is not in pocketsphinx' dictionary", words->word[i]);
        ckd_free(spelling);
    }
    return 0;
}

static void add_arc(fsg_model_t *graph, int from, int to, const char *word)
{
    fsg_model_trans_add(graph, from, to, 0, fsg_model_word_add(graph, word));
}

/* Which pronunciation of each word was spoken: words->word[i] becomes "a(2)". */
static int choose_pronunciations(ps_decoder_t *ps, text_words *words, const int16 *sound,
                                 size_t n_samples, char *err)
{
    fsg_model_t *graph = fsg_model_init("words", ps_get_logmath(ps), 1, (int)words->n + 1);
    int64_t fit = 0, n_frames = 0;
    size_t n = 0;

    if (!graph)
        return fail(err, "out of memory%s", "");
    graph->start_state = 0;
    graph->final_state = (int)words->n;
    for (size_t i = 0; i < words->n; i++)
        add_arc(graph, (int)i, (int)i + 1, words->word[i]);
    if (decode(ps, graph, sound, n_samples))
        return fail(err, "the sound does not fit its text%s", "");
    for (ps_seg_t *s = ps_seg_iter(ps); s; s = ps_seg_next(s)) {
        const char *word = ps_seg_word(s);
        int first, last;
        int32 score, unused[2];
        if (strchr("<[(+", word[0]) || n == words->n)
            continue;
        ps_seg_frames(s, &first, &last);
        ps_seg_prob(s, &score, &unused[0], &unused[1]);
        fit += score;
        n_frames += last + 1 - first;
        snprintf(words->word[n++], MAX_WORD_LEN, "%s", word);
    }
    if (n < words->n || (double)fit < LEAST_FIT * (double)n_frames)
        return fail(err, "the sound does not fit its text%s", "");
    return 0;
}

/* The phones of the chosen pronunciations, in order. *n_phones of them, to be freed; NULL: no
 * memory. Their times are still 0; start_s is 1 for the first phone of a word. */
static eval_phone *spell(ps_decoder_t *ps, const text_words *words, size_t *n_phones)
{
    eval_phone *phones = calloc(words->n * MAX_SPELLING, sizeof(*phones));
    size_t n = 0;

    for (size_t i = 0; phones && i < words->n; i++) {
        char *spelling = ps_lookup_word(ps, words->word[i]), *at;
        const size_t most = n + MAX_SPELLING;
        phones[n].start_s = 1;
        for (char *p = strtok_r(spelling, " ", &at); p && n < most; p = strtok_r(NULL, " ", &at))
            snprintf(phones[n++].name, sizeof(phones->name), "%s", p);
        ckd_free(spelling);
    }
    *n_phones = n;
    return phones;
}

/* A graph of the phones in a row, each as a word "@B" of the dictionary, with pauses and noises
 * before the first phone of a word and at the end. NULL: no memory. */
static fsg_model_t *phone_graph(ps_decoder_t *ps, const eval_phone *phones, size_t n_phones)
{
    fsg_model_t *graph = fsg_model_init("phones", ps_get_logmath(ps), 1, (int)n_phones + 1);

    if (!graph)
        return NULL;
    graph->start_state = 0;
    graph->final_state = (int)n_phones;
    for (size_t i = 0; i < n_phones; i++) {
        char name[16];
        snprintf(name, sizeof(name), "@%s", phones[i].name);
        char *known = ps_lookup_word(ps, name);
        if (!known)
            ps_add_word(ps, name, phones[i].name, FALSE);
        ckd_free(known);
        add_arc(graph, (int)i, (int)i + 1, name);
    }
    for (size_t i = 0; i <= n_phones; i++)
        if (i == n_phones || phones[i].start_s > 0)
            fsg_model_add_silence(graph, "<sil>", (int)i, PAUSE_SHARE);
    return graph;
}

/* Where each phone lies. *out gets the pauses too. */
static int time_phones(eval_phone **out, size_t *n_out, ps_decoder_t *ps, const eval_phone *phones,
                       size_t n_phones, const int16 *sound, size_t n_samples, char *err)
{
    fsg_model_t *graph = phone_graph(ps, phones, n_phones);
    eval_phone *timed = calloc(2 * n_phones + 1, sizeof(*timed));
    size_t n = 0, n_spoken = 0;

    /* The decoder would allow a pause between any two phones. */
    cmd_ln_set_boolean_r(ps_get_config(ps), "-fsgusefiller", FALSE);
    if (!graph || !timed || decode(ps, graph, sound, n_samples)) {
        free(timed);
        return fail(err, "the sound does not fit its text%s", "");
    }
    for (ps_seg_t *s = ps_seg_iter(ps); s; s = ps_seg_next(s)) {
        const char *word = ps_seg_word(s);
        int first, last;
        ps_seg_frames(s, &first, &last);
        if (n > 2 * n_phones || (word[0] != '@' && strcmp(word, "<sil>")))
            continue;
        snprintf(timed[n].name, sizeof(timed->name), "%s", word[0] == '@' ? word + 1 : "SIL");
        timed[n].start_s = (double)first / FRAMES_PER_S;
        timed[n++].end_s = (double)(last + 1) / FRAMES_PER_S;
        n_spoken += word[0] == '@';
    }
    *out = timed;
    *n_out = n;
    return n_spoken == n_phones ? 0 : fail(err, "the sound does not fit its text%s", "");
}

int eval_align(eval_phone **phones, size_t *n_phones, const float *pcm, size_t n_samples,
               const char *text, char *err)
{
    text_words words = {0};
    eval_phone *spelt = NULL;
    size_t n_spelt = 0;
    int bad = -1;

    *phones = NULL;
    *n_phones = 0;
    int16 *sound = malloc((n_samples + 1) * sizeof(*sound));
    ps_decoder_t *ps = sound && !split(&words, text, err) ? open_decoder(err) : NULL;
    for (size_t i = 0; sound && i < n_samples; i++)
        sound[i] = (int16)lrintf(32767 * fminf(fmaxf(pcm[i], -1), 1));
    if (!sound)
        fail(err, "out of memory%s", "");
    else if (ps && !check_words(ps, &words, err) &&
             !choose_pronunciations(ps, &words, sound, n_samples, err)) {
        spelt = spell(ps, &words, &n_spelt);
        bad = spelt ? time_phones(phones, n_phones, ps, spelt, n_spelt, sound, n_samples, err)
                    : fail(err, "out of memory%s", "");
    }
    if (bad) {
        free(*phones);
        *phones = NULL;
        *n_phones = 0;
    }
    free(spelt);
    free(sound);
    free(words.word);
    if (ps)
        ps_free(ps);
    return bad;
}

#endif
