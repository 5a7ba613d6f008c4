/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds are told by endings. Of a folder, and of the folders in it, files of the wanted kind are
 * taken and all others passed over; a file that is named must not be of the other kind. */
#include "inputs.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "io/media.h"
#include "models.h"
#include "talk.h"

enum { MAX_INPUTS = 100000, MAX_LIST_BYTES = 16 << 20 };

static const char *const photos[] = {".jpg",  ".jpeg", ".png",  ".webp", ".bmp", ".tif",
                                     ".tiff", ".gif",  ".avif", ".ppm",  NULL};
static const char *const videos[] = {".mp4", ".m4v",  ".mov", ".mkv", ".webm", ".avi",
                                     ".mpg", ".mpeg", ".ts",  ".ogv", ".wmv",  NULL};
static const char *const kinds[] = {"photo", "video"};

static bool is_of(const char *path, cli_media media)
{
    const char *const *endings = media == CLI_PHOTOS ? photos : videos;
    const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');

    for (int i = 0; dot && endings[i]; i++) {
        if (strcasecmp(dot, endings[i]) == 0)
            return true;
    }
    return false;
}

static bool add(cli_inputs *in, const char *path)
{
    if (in->n == in->room && in->n < MAX_INPUTS) {
        const size_t room = in->room ? 2 * in->room : 64;
        char **grown = realloc(in->path, room * sizeof(*grown));
        in->path = grown ? grown : in->path;
        in->room = grown ? room : in->room;
    }
    char *copy = in->n < in->room ? strdup(path) : NULL;
    if (copy)
        in->path[in->n++] = copy;
    else
        cli_fail("%s", in->n < MAX_INPUTS ? "not enough memory" : "more than 100000 inputs");
    return copy;
}

static bool add_named(cli_inputs *in, const char *path, cli_media media)
{
    const cli_media other = media == CLI_PHOTOS ? CLI_VIDEOS : CLI_PHOTOS;

    if (!is_of(path, other))
        return add(in, path);
    cli_fail("%s: is a %s; give %ss", path, kinds[other], kinds[media]);
    return false;
}

/* Adds what a folder holds; n_levels of folders in it are looked into. */
static bool add_folder(cli_inputs *in, const char *folder, cli_media media, int n_levels)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    char path[LIMNER_IO_PATH_SIZE];
    bool is_good = dir;

    if (!dir)
        cli_fail("%s: cannot be read: %s", folder, strerror(errno));
    while (is_good && (entry = readdir(dir))) {
        const size_t n = strlen(folder);
        const bool has_slash = n && folder[n - 1] == '/';
        struct stat info;

        if (entry->d_name[0] == '.' ||
            snprintf(path, sizeof(path), "%s%s%s", folder, has_slash ? "" : "/", entry->d_name) >=
                (int)sizeof(path) ||
            stat(path, &info) < 0)
            continue;
        if (S_ISDIR(info.st_mode))
            is_good = n_levels == 0 || add_folder(in, path, media, n_levels - 1);
        else if (is_of(path, media))
            is_good = add(in, path);
    }
    if (dir)
        closedir(dir);
    return is_good;
}

/* One line of a list, without its end. */
static bool add_line(cli_inputs *in, const char *list, const char *line, size_t n, cli_media media)
{
    const char *slash = strrchr(list, '/');
    const size_t n_folder = slash && line[0] != '/' ? (size_t)(slash - list) + 1 : 0;
    char path[LIMNER_IO_PATH_SIZE];

    if (n_folder + n >= sizeof(path)) {
        cli_fail("%s: a name in it is longer than %zu bytes", list, sizeof(path) - 1);
        return false;
    }
    memcpy(path, list, n_folder);
    memcpy(path + n_folder, line, n);
    path[n_folder + n] = 0;
    return add_named(in, path, media);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool add_list(cli_inputs *in, const char *list, cli_media media)
{
    char err[LIMNER_IO_ERROR_SIZE];
    limner_io_file file;
    bool is_good = true;

    if (limner_io_file_read(&file, list, MAX_LIST_BYTES, err) < 0) {
        cli_fail("%s", err);
        return false;
    }
    const char *at = file.bytes, *end = at + file.len_bytes;
    while (is_good && at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at)), *last = stop ? stop : end;
        const char *first = at;
        at = last + 1;
        while (first < last && is_blank(*first))
            first++;
        while (last > first && is_blank(last[-1]))
            last--;
        if (first < last && *first != '#' && memchr(first, 0, (size_t)(last - first)))
            is_good = !cli_fail("%s: is no text; give a list, one name a line", list);
        else if (first < last && *first != '#')
            is_good = add_line(in, list, first, (size_t)(last - first), media);
    }
    limner_io_file_close(&file);
    return is_good;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

bool cli_inputs_open(cli_inputs *out, const char *name, cli_media media)
{
    const char *dot = strrchr(name, '.');
    struct stat info;
    bool is_good;

    memset(out, 0, sizeof(*out));
    if (stat(name, &info) < 0) {
        is_good = false;
        cli_fail("%s: %s", name,
                 errno == ENOENT ? "there is no such file; check the name" : strerror(errno));
    } else if (S_ISDIR(info.st_mode)) {
        is_good = add_folder(out, name, media, 1);
        if (out->n)
            qsort(out->path, out->n, sizeof(*out->path), compare);
    } else if (dot && strcasecmp(dot, ".txt") == 0) {
        is_good = add_list(out, name, media);
    } else {
        is_good = add_named(out, name, media);
    }
    if (is_good && out->n == 0) {
        is_good = false;
        cli_fail("%s: %s no %ss; give %s", name, S_ISDIR(info.st_mode) ? "holds" : "names",
                 kinds[media], media == CLI_PHOTOS ? "JPEG or PNG files" : "MP4 or WebM files");
    }
    if (!is_good)
        cli_inputs_close(out);
    return is_good;
}

void cli_inputs_close(cli_inputs *in)
{
    if (!in)
        return;
    for (size_t i = 0; i < in->n; i++)
        free(in->path[i]);
    free(in->path);
    memset(in, 0, sizeof(*in));
}
