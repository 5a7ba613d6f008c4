/* SPDX-License-Identifier: Apache-2.0 */
/* limner eval: which inputs it takes, and that page, JSON and words come out. Judging is skipped
 * where the nets that tools/fetch-models gets are not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "io/media.h"
#include "run.h"

static run_result r;
static char err[LIMNER_IO_ERROR_SIZE];

static void write_text(const char *name, const char *text)
{
    test_write(test_path(name), text, strlen(text));
}

static void inputs_of_the_wrong_kind_are_refused(void **state)
{
    static const struct {
        const char *arguments, *says;
    } cases[] = {
        {"control absent", "absent: there is no such file; check the name"},
        {"control clip.mp4", "clip.mp4: is a video; give photos"},
        {"motion photo.JPG", "photo.JPG: is a photo; give videos"},
        {"control void", "void: holds no photos; give JPEG or PNG files"},
        {"speech void/", "void/: holds no videos; give MP4 or WebM files"},
        {"control comments.txt", "comments.txt: names no photos; give JPEG or PNG files"},
        {"control mixed.txt", "./clip.mp4: is a video; give photos"},
        {"control zero.txt", "zero.txt: is empty (0 bytes); give another file"},
        {"control binary.txt", "binary.txt: is no text; give a list, one name a line"},
        {"control photo.JPG -o photo.JPG", "photo.JPG: is an input and would be overwritten; "
                                           "choose another output"},
        {"control photo.JPG -o no/page.html", "no/page.html: its folder does not exist; make it "
                                              "first"},
    };
    char arguments[128], says[256];

    (void)state;
    mkdir(test_path("void"), 0777);
    write_text("clip.mp4", "-");
    write_text("photo.JPG", "-");
    write_text("comments.txt", "# photo.JPG\n\n   \t\r\n");
    write_text("mixed.txt", "photo.JPG\n./clip.mp4 \r\n");
    write_text("zero.txt", "");
    test_write(test_path("binary.txt"), "a\0b.jpg\n", 8);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(arguments, sizeof(arguments), "eval %s", cases[i].arguments);
        snprintf(says, sizeof(says), "limner: %s\n", cases[i].says);
        run_expect(arguments, 1, "", says);
    }
    rmdir(test_path("void"));
}

static bool have_nets(void)
{
    run_limner(&r, NULL, "info");
    if (r.status != 0)
        print_message("skipped: %s", r.err);
    return r.status == 0;
}

static void nothing_to_judge_is_a_failure(void **state)
{
    (void)state;
    if (!have_nets())
        skip();
    write_text("broken.jpg", "no picture");
    run_limner(&r, NULL, "eval control broken.jpg -o page.html");
    assert_int_equal(r.status, 1);
    assert_string_equal(r.out, "");
    assert_non_null(strstr(r.err, "broken.jpg"));
    assert_int_equal(test_count("page.html"), 0);
    test_copy(test_data("quadrants.jpg"), "squares.jpg", 0);
    run_expect("eval control squares.jpg", 1, "",
               "limner: squares.jpg: no face found in the picture\n");
    run_expect("eval control squares.jpg -q", 1, "",
               "limner: squares.jpg: no face found in the picture\n");
    mkdir(test_path("squares"), 0777);
    test_copy(test_data("quadrants.jpg"), "squares/a.jpg", 0);
    test_copy(test_data("quadrants.jpg"), "squares/b.jpg", 0);
    run_expect("eval control squares --threads 1", 1, "",
               "squares/a.jpg: no face found in the picture\n"
               "squares/b.jpg: no face found in the picture\n"
               "limner: none of the 2 pictures could be used; the first: squares/a.jpg: no face "
               "found in the picture\n");
}

/* One run, all it writes: of two photos one cannot be read. */
static void page_and_json_come_out(void **state)
{
    limner_io_file page, report;

    (void)state;
    if (!have_nets())
        skip();
    mkdir(test_path("photos"), 0777);
    mkdir(test_path("photos/deep"), 0777);
    test_copy(test_data("../../assets/demo.jpg"), "photos/deep/demo.jpg", 0);
    write_text("photos/broken.png", "no picture");
    write_text("photos/notes.txt", "no photo either");
    run_limner(&r, NULL,
               "eval control photos --size 64 --json -o page.html --report 'a report.json'");
    assert_int_equal(r.status, 0);
    assert_non_null(strstr(r.err, "broken.png"));
    assert_null(strstr(r.err, "notes.txt"));
    assert_non_null(strstr(r.out, "\"command\": \"limner eval control photos --size 64 --json -o "
                                  "page.html --report \\\"a report.json\\\"\""));
    assert_non_null(strstr(r.out, "demo.jpg"));
    assert_int_equal(limner_io_file_read(&report, test_path("a report.json"), 1 << 24, err), 0);
    assert_int_equal(report.len_bytes, strlen(r.out));
    assert_memory_equal(report.bytes, r.out, report.len_bytes);
    limner_io_file_close(&report);
    assert_int_equal(limner_io_file_read(&page, test_path("page.html"), 1 << 24, err), 0);
    assert_memory_equal(page.bytes, "<!doctype html>\n", 16);
    limner_io_file_close(&page);
    for (int i = 0; i < 3; i++)
        unlink(test_path(
            (const char *[]){"photos/deep/demo.jpg", "photos/broken.png", "photos/notes.txt"}[i]));
    rmdir(test_path("photos/deep"));
    rmdir(test_path("photos"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inputs_of_the_wrong_kind_are_refused),
        cmocka_unit_test(nothing_to_judge_is_a_failure),
        cmocka_unit_test(page_and_json_come_out),
    };

    return cmocka_run_group_tests(tests, NULL, test_clean_up);
}
