/* SPDX-License-Identifier: Apache-2.0 */
/* Messages by a table of types, each with a reader of its own; a name that is not known is an
 * error, so that a slip of the pen is seen at once. */
#include "protocol.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "controls_json.h"

#define MAX_SEED 9007199254740992.0 /* what every JSON reader keeps exactly */

typedef struct reader {
    const json_t *object;
    const char *type;
    char *why;
    bool is_wrong;
} reader;

__attribute__((format(printf, 2, 3))) static void fail(reader *r, const char *format, ...)
{
    va_list args;

    if (r->is_wrong)
        return;
    r->is_wrong = true;
    va_start(args, format);
    vsnprintf(r->why, SERVER_WHY_SIZE, format, args);
    va_end(args);
}

/* ---- values ---- */

static void read_text(reader *r, const char *key, char *out, size_t size)
{
    const json_t *v = json_object_get(r->object, key);

    if (!v)
        return;
    if (!json_is_string(v))
        fail(r, "%s: %s must be a text", r->type, key);
    else if (json_string_length(v) >= size)
        fail(r, "%s: %s has %zu bytes, the limit is %zu", r->type, key, json_string_length(v),
             size - 1);
    else
        snprintf(out, size, "%s", json_string_value(v));
}

static double read_number(reader *r, const char *key, double low, double high, double otherwise)
{
    const json_t *v = json_object_get(r->object, key);

    if (!v)
        return otherwise;
    const double x = json_number_value(v);
    if (!json_is_number(v))
        fail(r, "%s: %s must be a number", r->type, key);
    else if (!(x >= low && x <= high))
        fail(r, "%s: %s must be %g to %g", r->type, key, low, high);
    else
        return x;
    return otherwise;
}

static uint32_t read_count(reader *r, const char *key, uint32_t low, uint32_t high,
                           uint32_t otherwise)
{
    const double x = read_number(r, key, low, high, otherwise);

    if (x != floor(x))
        fail(r, "%s: %s must be a whole number", r->type, key);
    return (uint32_t)x;
}

static bool read_flag(reader *r, const char *key)
{
    const json_t *v = json_object_get(r->object, key);

    if (v && !json_is_boolean(v))
        fail(r, "%s: %s must be true or false", r->type, key);
    return json_is_true(v);
}

/* ---- messages ---- */

static void read_hello(reader *r, server_message *out)
{
    static const char *const codecs[] = {"auto", "h264", "jpeg"};
    server_hello *h = &out->as.hello;
    char codec[8] = "auto";
    int i = 2;

    read_text(r, "token", h->token, sizeof(h->token));
    read_text(r, "codec", codec, sizeof(codec));
    while (i >= 0 && strcmp(codec, codecs[i]) != 0)
        i--;
    if (i < 0)
        fail(r, "hello: codec must be auto, h264 or jpeg");
    h->codec = (server_codec)(i < 0 ? 0 : i);
    h->size_px = read_count(r, "size", 128, 1024, 512);
    if (h->size_px % 2)
        fail(r, "hello: size must be even");
    h->fps = read_count(r, "fps", 5, 40, 25);
    h->rate_hz = read_count(r, "rate_hz", 8000, 48000, 16000);
    h->has_echo = read_flag(r, "echo");
    h->seed = (uint64_t)read_number(r, "seed", 0, MAX_SEED, 0);
    if (read_count(r, "version", 0, 1000, SERVER_PROTOCOL_VERSION) != SERVER_PROTOCOL_VERSION)
        fail(r, "hello: this server speaks version %d", SERVER_PROTOCOL_VERSION);
}

static void read_say(reader *r, server_message *out)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "+-_";
    server_say *s = &out->as.say;

    read_text(r, "text", s->text, sizeof(s->text));
    strcpy(s->voice, "en");
    read_text(r, "voice", s->voice, sizeof(s->voice));
    s->speed = read_count(r, "speed", 80, 450, 160);
    if (strspn(s->text, " \t\r\n") == strlen(s->text))
        fail(r, "say: text is empty");
    if (!s->voice[0] || s->voice[0] == '-' || s->voice[strspn(s->voice, allowed)])
        fail(r, "say: voice must be a name of espeak-ng's, as en-gb or de");
}

static void read_record(reader *r, server_message *out)
{
    if (!json_object_get(r->object, "on"))
        fail(r, "record: on is missing");
    out->as.is_on = read_flag(r, "on");
}

static void read_ping(reader *r, server_message *out)
{
    out->as.ping = read_number(r, "t", -1e15, 1e15, 0);
}

static void read_controls(reader *r, server_message *out)
{
    r->is_wrong |= server_controls_read(&out->as.controls, r->object, r->why) < 0;
}

static const struct {
    const char *name;
    server_kind kind;
    void (*read)(reader *r, server_message *out); /* NULL: it has no fields */
    const char *fields;                           /* " a b "; NULL: the reader looks itself */
} types[] = {
    {"hello", SERVER_HELLO, read_hello, " type version token codec size fps rate_hz echo seed "},
    {"controls", SERVER_CONTROLS, read_controls, NULL},
    {"say", SERVER_SAY, read_say, " type text voice speed "},
    {"stop", SERVER_STOP, NULL, " type "},
    {"demo", SERVER_DEMO, NULL, " type "},
    {"record", SERVER_RECORD, read_record, " type on "},
    {"key", SERVER_KEY, NULL, " type "},
    {"ping", SERVER_PING, read_ping, " type t "},
};

static void check_fields(reader *r, const char *fields)
{
    const char *key;
    json_t *value;
    char word[40];

    json_object_foreach((json_t *)(uintptr_t)r->object, key, value)
    {
        if (snprintf(word, sizeof(word), " %s ", key) >= (int)sizeof(word) || !strstr(fields, word))
            fail(r, "%s: there is no field '%.32s'", r->type, key);
    }
}

static void read_object(reader *r, server_message *out)
{
    const char *type = json_string_value(json_object_get(r->object, "type"));

    for (size_t i = 0; type && i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(type, types[i].name) != 0)
            continue;
        r->type = types[i].name;
        out->kind = types[i].kind;
        if (types[i].fields)
            check_fields(r, types[i].fields);
        if (types[i].read)
            types[i].read(r, out);
        return;
    }
    fail(r, type ? "there is no type '%.32s'" : "type is missing", type);
}

static int parse_text(server_message *out, const uint8_t *bytes, size_t n, char *why)
{
    reader r = {.why = why};
    json_error_t error;

    if (n > SERVER_MAX_JSON_BYTES) {
        fail(&r, "a text message has %zu bytes, the limit is %d", n, SERVER_MAX_JSON_BYTES);
        return -1;
    }
    json_t *root = json_loadb((const char *)bytes, n, JSON_REJECT_DUPLICATES, &error);
    r.object = root;
    if (!root)
        fail(&r, "no JSON: %.120s (line %d, column %d)", error.text, error.line, error.column);
    else if (!json_is_object(root))
        fail(&r, "a message must be an object");
    else
        read_object(&r, out);
    json_decref(root);
    return r.is_wrong ? -1 : 0;
}

static int parse_binary(server_message *out, const uint8_t *bytes, size_t n, char *why)
{
    reader r = {.why = why};
    const uint8_t first = n ? bytes[0] : 0;

    out->kind = first == 'S' ? SERVER_SOUND : first == 'P' ? SERVER_PHOTO : SERVER_VOICE;
    if (first != 'S' && first != 'P' && first != 'A')
        fail(&r, "a binary message must begin with S, P or A");
    else if (n > server_protocol_limit(true, first))
        fail(&r, "a message of kind %c has %zu bytes, the limit is %zu", first, n,
             server_protocol_limit(true, first));
    else if (n == 1)
        fail(&r, "a message of kind %c is empty", first);
    else if (first == 'S' && n % 2 == 0)
        fail(&r, "samples must be whole: 2 bytes each");
    out->payload = bytes + 1;
    out->len_bytes = n - 1;
    return r.is_wrong ? -1 : 0;
}

int server_protocol_parse(server_message *out, const uint8_t *bytes, size_t n, bool is_binary,
                          const limner_controls *now, char why[SERVER_WHY_SIZE])
{
    memset(out, 0, sizeof(*out));
    out->as.controls = *now;
    const int failed =
        is_binary ? parse_binary(out, bytes, n, why) : parse_text(out, bytes, n, why);
    if (failed)
        memset(out, 0, sizeof(*out));
    return failed;
}

size_t server_protocol_limit(bool is_binary, uint8_t first)
{
    if (!is_binary)
        return SERVER_MAX_JSON_BYTES;
    return first == 'P'   ? 1 + SERVER_MAX_PHOTO_BYTES
           : first == 'A' ? 1 + SERVER_MAX_VOICE_BYTES
                          : 1 + SERVER_MAX_SOUND_BYTES;
}

static void put_le(uint8_t *out, uint64_t v, int n)
{
    for (int i = 0; i < n; i++)
        out[i] = (uint8_t)(v >> (8 * i));
}

void server_protocol_header(uint8_t out[SERVER_HEADER_BYTES], char kind, bool is_key,
                            uint32_t number, int64_t pts_samples)
{
    out[0] = (uint8_t)kind;
    out[1] = is_key;
    out[2] = out[3] = 0;
    put_le(out + 4, number, 4);
    put_le(out + 8, (uint64_t)pts_samples, 8);
}
