/* SPDX-License-Identifier: Apache-2.0 */
/* Walks over a text that a parser has found valid; every step checks the end all the same. */
#include "json_place.h"

#include <string.h>

typedef struct walk {
    const char *text;
    size_t n, at;
} walk;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static char here(const walk *w)
{
    return w->at < w->n ? w->text[w->at] : '\0';
}

static void skip_blanks(walk *w)
{
    while (w->at < w->n && is_blank(w->text[w->at]))
        w->at++;
}

/* From the opening quote to behind the closing one. */
static void skip_string(walk *w)
{
    for (w->at++; w->at < w->n && w->text[w->at] != '"'; w->at++)
        w->at += w->text[w->at] == '\\';
    w->at = w->at < w->n ? w->at + 1 : w->n;
}

static void skip_value(walk *w)
{
    int depth = 0;

    do {
        const char c = here(w);

        if (c == '"') {
            skip_string(w);
            continue;
        }
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        w->at++;
    } while (w->at < w->n && (depth > 0 || !strchr(",]} \t\n\r", here(w))));
}

/* Whether the string here is `name`. */
static bool is_name(const walk *w, const char *name)
{
    const size_t n = strlen(name);

    return w->n - w->at > n + 1 && memcmp(w->text + w->at + 1, name, n) == 0 &&
           w->text[w->at + 1 + n] == '"';
}

/* To the member or element; false, and back at the container: there is none. */
static bool enter(walk *w, const cli_json_step *step, bool of_name)
{
    const size_t start = w->at;

    w->at++;
    for (size_t i = 0;; i++) {
        skip_blanks(w);
        if (w->at >= w->n || here(w) == '}' || here(w) == ']')
            break;
        const bool is_it = step->key ? is_name(w, step->key) : i == step->index;
        if (is_it && (of_name || !step->key))
            return true;
        if (step->key) {
            skip_string(w);
            skip_blanks(w);
            w->at++; /* the colon */
            skip_blanks(w);
        }
        if (is_it)
            return true;
        skip_value(w);
        skip_blanks(w);
        if (here(w) == ',')
            w->at++;
    }
    w->at = start;
    return false;
}

cli_json_place cli_json_place_at(const char *text, size_t at)
{
    cli_json_place p = {1, 1};

    for (size_t i = 0; i < at; i++) {
        if (text[i] == '\n') {
            p.line++;
            p.column = 1;
        } else {
            p.column += ((unsigned char)text[i] & 0xC0) != 0x80;
        }
    }
    return p;
}

cli_json_place cli_json_place_of(const char *text, size_t n_bytes, const cli_json_step *path,
                                 int n_steps, bool of_name)
{
    walk w = {.text = text, .n = n_bytes};

    skip_blanks(&w);
    for (int i = 0; i < n_steps; i++) {
        if (!enter(&w, &path[i], of_name && i + 1 == n_steps))
            break;
    }
    return cli_json_place_at(text, w.at);
}

size_t cli_json_too_deep(const char *text, size_t n_bytes, int most)
{
    walk w = {.text = text, .n = n_bytes};
    int depth = 0;

    while (w.at < n_bytes) {
        const char c = text[w.at];

        if (c == '"') {
            skip_string(&w);
            continue;
        }
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
        if (depth > most)
            return w.at;
        w.at++;
    }
    return n_bytes;
}
