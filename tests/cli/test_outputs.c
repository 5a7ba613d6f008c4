/* SPDX-License-Identifier: Apache-2.0 */
/* What the real program leaves on the disk: whole files or nothing, whatever stops it, and never
 * over an input. Skipped where the nets that tools/fetch-models gets are not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "files.h"
#include "io/media.h"
#include "run.h"

#define QUICK " -o out.mp4 --size 64 --fps 10 -q"

static run_result r;
static char err[LIMNER_IO_ERROR_SIZE];

static void outputs_that_cannot_be_written_leave_nothing(void **state)
{
    const run_setup small = {.max_file_bytes = 4000}, closed = {.is_output_closed = 1};

    (void)state;
    run_expect("speak demo.portrait sound.wav -o /dev/full --format mp4 --size 64 -q", 1, "",
               "limner: /dev/full: the disk is full; free some space or write elsewhere\n");
    run_expect("speak demo.portrait sound.wav -o absent/out.mp4 -q", 1, "",
               "limner: absent/out.mp4: its folder does not exist; make it first\n");
    run_expect("speak demo.portrait sound.wav -o . --format mp4 -q", 1, "",
               "limner: .: is a folder; give a file name\n");
    run_limner(&r, &small, "speak demo.portrait sound.wav" QUICK);
    run_assert_refused(&r, "out.mp4: would become larger than a file may be here");
    run_limner(&r, &closed, "speak demo.portrait sound.wav -o - --format y4m --size 64 -q");
    run_assert_refused(&r, "standard output: the reader has closed the pipe; nothing more is "
                           "written");
    run_expect("pose demo.portrait -o absent/out.png", 1, "",
               "limner: absent/out.png: its folder does not exist; make it first\n");
    run_expect("pose demo.portrait -o out.jpg", 2, "",
               "limner: out.jpg: the picture is written as PNG; end it in .png\n");
    run_expect("portrait demo.portrait -o /dev/full -q", 1, "",
               "limner: /dev/full: the disk is full; free some space or write elsewhere\n");
    assert_int_equal(test_count(".partial-"), 0);
}

static void inputs_are_not_overwritten(void **state)
{
    limner_io_file before, after;

    (void)state;
    test_copy(test_data("../../assets/demo.jpg"), "mine.png", 0);
    test_copy(test_path("sound.wav"), "mine.mp4", 0);
    run_expect("pose mine.png -o mine.png", 1, "",
               "limner: mine.png: is an input and would be overwritten; choose another output\n");
    run_expect("portrait demo.portrait -o ./demo.portrait", 1, "",
               "limner: ./demo.portrait: is an input and would be overwritten; choose another "
               "output\n");
    run_expect("speak demo.portrait mine.mp4 -o mine.mp4 -q", 1, "",
               "limner: mine.mp4: is an input and would be overwritten; choose another output\n");
    run_expect("speak demo.portrait sound.wav --motion-out sound.wav" QUICK, 1, "",
               "limner: sound.wav: is an input and would be overwritten; choose another output\n");
    test_write(test_path("mine.json"), "{\"keys\": [{\"at\": 0}]}", 22);
    run_expect("speak demo.portrait sound.wav --controls mine.json --motion-out mine.json" QUICK, 1,
               "",
               "limner: mine.json: is an input and would be overwritten; choose another output\n");
    run_expect("track mine.mp4 -o mine.mp4", 1, "",
               "limner: mine.mp4: is an input and would be overwritten; choose another output\n");
    run_expect("track mine.mp4 -o a.csv --landmarks mine.mp4", 1, "",
               "limner: mine.mp4: is an input and would be overwritten; choose another output\n");
    run_expect("track mine.mp4 -o a.csv --report ./mine.mp4", 1, "",
               "limner: ./mine.mp4: is an input and would be overwritten; choose another output\n");
    assert_int_equal(limner_io_file_read(&before, test_path("sound.wav"), 1 << 26, err), 0);
    assert_int_equal(limner_io_file_read(&after, test_path("mine.mp4"), 1 << 26, err), 0);
    assert_int_equal(before.len_bytes, after.len_bytes);
    assert_memory_equal(before.bytes, after.bytes, before.len_bytes);
    limner_io_file_close(&before);
    limner_io_file_close(&after);
}

static void results_want_a_file_each(void **state)
{
    (void)state;
    run_expect("track sound.wav -o a.csv --report a.csv", 2, "",
               "limner: a.csv: two results would be written there; name two files\n");
    run_expect("track sound.wav -o - --landmarks -", 2, "",
               "limner: standard output: two results would be written there; name two files\n");
    run_expect("eval control mine.png --json --report -", 2, "",
               "limner: standard output: two results would be written there; name two files\n");
    run_expect("track sound.wav -o absent/a.csv", 1, "",
               "limner: absent/a.csv: its folder does not exist; make it first\n");
    run_expect("track sound.wav -o /dev/null --report /dev/null", 1, "",
               "limner: sound.wav: has no pictures; give a video or a photo\n");
    assert_int_equal(test_count("a.csv"), 0);
}

static void names_that_would_mislead_are_refused(void **state)
{
    (void)state;
    run_expect("track sound.wav -o a.json", 2, "",
               "limner: a.json: the motion is a CSV file; end it in .csv\n");
    run_expect("speak demo.portrait sound.wav --motion-out a.mp4" QUICK, 2, "",
               "limner: a.mp4: the motion is a CSV file; end it in .csv\n");
    run_expect("eval control mine.png -o a.txt", 2, "",
               "limner: a.txt: the page is HTML; end it in .html\n");
    assert_int_equal(test_count("a.txt") + test_count("a.json") + test_count("a.mp4"), 0);
}

/* An hour's rendering would be lost if this were found at the end. */
static void motion_that_cannot_be_kept_is_refused_at_once(void **state)
{
    (void)state;
    test_wav(test_path("long.wav"), TEST_PCM, 16, 16000, 1, 600, -1);
    const time_t started = time(NULL);
    run_expect("speak demo.portrait long.wav --motion-out absent/m.csv" QUICK, 1, "",
               "limner: absent/m.csv: its folder does not exist; make it first\n");
    assert_true(difftime(time(NULL), started) < 5);
    run_expect("speak demo.portrait sound.wav --motion-out out.mp4" QUICK, 2, "",
               "limner: out.mp4: the video and --motion-out want the same file; name two\n");
    assert_int_equal(test_count("out.mp4"), 0);
    assert_int_equal(test_count(".partial-"), 0);
}

/* Waits until the running program has its temporary file; false after ten seconds. */
static int has_started(void)
{
    const struct timespec pause = {0, 10000000};

    for (int i = 0; i < 1000 && test_count("out.mp4.partial-") == 0; i++)
        nanosleep(&pause, NULL);
    return test_count("out.mp4.partial-") == 1;
}

static void stopped_program_removes_its_file(void **state)
{
    static const int signals[] = {SIGINT, SIGTERM};

    (void)state;
    test_wav(test_path("long.wav"), TEST_PCM, 16, 16000, 1, 600, -1);
    for (int i = 0; i < 2; i++) {
        const pid_t child = run_start("speak demo.portrait long.wav -o out.mp4 --size 64 -q");
        assert_true(has_started());
        kill(child, signals[i]);
        assert_int_equal(run_wait(child), -signals[i]);
        assert_int_equal(test_count("out.mp4"), 0);
    }
}

static void killed_program_leaves_no_half_video(void **state)
{
    (void)state;
    const pid_t child = run_start("speak demo.portrait long.wav -o out.mp4 --size 64 -q");
    assert_true(has_started());
    kill(child, SIGKILL);
    assert_int_equal(run_wait(child), -SIGKILL);
    assert_int_equal(test_count("out.mp4"), 1);
    assert_int_equal(test_count("out.mp4.partial-"), 1);
}

/* The next video of that name takes it away; what is another's, or is no temporary, stays. */
static void killed_programs_file_goes_with_the_next(void **state)
{
    const char *const kept[] = {"out.mp4.partial-x", "out.mp4.partial-", "out.mp4.partial-1",
                                "out.mp4.partial--5", "other.mp4.partial-999999999"};

    (void)state;
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        test_write(test_path(kept[i]), "mine", 4);
    assert_int_equal(test_count(".partial-"), 6);
    run_expect("speak demo.portrait sound.wav" QUICK, 0, "", "");
    assert_int_equal(test_count(".partial-"), 5);
    unlink(test_path("out.mp4"));
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        assert_int_equal(unlink(test_path(kept[i])), 0);
}

static void file_of_a_running_program_stays(void **state)
{
    (void)state;
    const pid_t child = run_start("speak demo.portrait long.wav -o out.mp4 --size 64 -q");
    assert_true(has_started());
    run_expect("speak demo.portrait sound.wav" QUICK, 0, "", "");
    assert_int_equal(test_count("out.mp4.partial-"), 1);
    kill(child, SIGTERM);
    run_wait(child);
    assert_int_equal(test_count("out.mp4.partial-"), 0);
    unlink(test_path("out.mp4"));
}

/* Whoever holds the lock lives, on whatever machine its number is counted. */
static void locked_file_stays(void **state)
{
    const char *path = test_path("out.mp4.partial-999999999");

    (void)state;
    test_write(path, "theirs", 6);
    const int fd = open(path, O_RDWR);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    run_expect("speak demo.portrait sound.wav" QUICK, 0, "", "");
    assert_int_equal(test_count("out.mp4.partial-"), 1);
    close(fd);
    run_expect("speak demo.portrait sound.wav" QUICK, 0, "", "");
    assert_int_equal(test_count("out.mp4.partial-"), 0);
    unlink(test_path("out.mp4"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_that_cannot_be_written_leave_nothing),
        cmocka_unit_test(inputs_are_not_overwritten),
        cmocka_unit_test(results_want_a_file_each),
        cmocka_unit_test(names_that_would_mislead_are_refused),
        cmocka_unit_test(motion_that_cannot_be_kept_is_refused_at_once),
        cmocka_unit_test(stopped_program_removes_its_file),
        cmocka_unit_test(killed_program_leaves_no_half_video),
        cmocka_unit_test(killed_programs_file_goes_with_the_next),
        cmocka_unit_test(file_of_a_running_program_stays),
        cmocka_unit_test(locked_file_stays),
    };

    return run_has_nets() ? cmocka_run_group_tests(tests, run_make_inputs, test_clean_up)
                          : RUN_SKIPPED;
}
