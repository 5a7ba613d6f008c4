/* SPDX-License-Identifier: Apache-2.0 */
/* limner serve: the portrait on a page of this machine, or of the network. The server itself is in
 * server/; without the packages that it needs the command says so. */
#include "commands.h"
#include "talk.h"

#ifdef LIMNER_HAVE_SERVER

#include <string.h>

#include "face.h"
#include "io/models.h"
#include "limner/version.h"
#include "models.h"
#include "server/server.h"

static void log_line(void *user, const char *line)
{
    (void)user;
    cli_note(false, "limner serve: %s", line);
}

static void show_address(void *user, const char *url)
{
    const cli_args *args = user;

    cli_note(args->is_quiet, "limner serve: open %s in a browser; Ctrl-C ends it", url);
}

/* A token is part of an address, where other characters would be something else. An empty one, as
 * that of a shell's unset variable, would let everybody in. */
static bool is_token(const char *text)
{
    static const char unreserved[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789-._~"; /* RFC 3986, section 2.3 */

    return *text && text[strspn(text, unreserved)] == 0;
}

static int check(const cli_args *args)
{
    if (!args->cert != !args->key)
        cli_fail("--cert and --key belong together; give both");
    else if (args->token && !is_token(args->token))
        cli_fail("--token: is empty or holds more than letters, digits, - . _ and ~");
    else
        return CLI_OK;
    return CLI_USAGE;
}

int cli_serve(const cli_args *args)
{
    const cli_args any = *args;
    char demo[LIMNER_IO_PATH_SIZE];
    const char *path = args->portrait;
    server_settings set;
    cli_face face = {0};
    int status = check(args);

    if (status != CLI_OK)
        return status;
    if (!path && !limner_io_asset_find("demo.jpg", demo))
        return cli_fail("the demo portrait is not found; give --portrait FILE");
    server_prepare();
    if (!cli_face_open(&face, &any, path ? path : demo, NULL, NULL))
        return CLI_FAILED;
    server_settings_init(&set);
    set.address = args->listen;
    set.port = (uint16_t)args->port;
    set.token = args->token;
    set.origin = args->origin;
    set.cert = args->cert;
    set.key = args->key;
    set.max_sessions = (uint32_t)args->sessions;
    set.max_seconds = (uint32_t)args->session_s;
    set.program_version = LIMNER_VERSION_STRING;
    set.log = log_line;
    set.ready = show_address;
    set.user = (void *)(uintptr_t)args;
    status = cli_models_check_speech(&face.models, args) &&
                     server_run(&set, face.models.model, face.portrait) == 0
                 ? CLI_OK
                 : CLI_FAILED;
    cli_face_close(&face);
    return status;
}

#else

int cli_serve(const cli_args *args)
{
    (void)args;
    return cli_fail("this limner was built without its server; install libwebsockets-dev and "
                    "libjansson-dev, and build again");
}

#endif
