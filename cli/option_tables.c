/* SPDX-License-Identifier: Apache-2.0 */
/* The options of the commands, their help and defaults, in groups that commands share. */
#include "option_tables.h"

#define AT(member) offsetof(cli_args, member)
/* clang-format off */
#define SIZE_HELP                                                                                  \
    "longer side in pixels, even, 64 to 2048 for crop and alpha, to 3840 for full (512; full: as " \
    "the photo)"
#define FRAME_HELP                                                                                 \
    "crop: head and shoulders; full: the whole photo; alpha: crop on a transparent background, "   \
    "straight (not premultiplied) alpha (crop)"
#define END { NULL, 0, CLI_FLAG, 0, NULL, NULL, 0, 0, NULL }

static const char *const framings[] = { "crop", "full", "alpha", NULL };
static const char *const formats[] = { "mp4", "mov", "webm", "png", "y4m", "raw", NULL };
static const char *const presets[] = { "ultrafast", "superfast", "veryfast", "faster", "fast",
                                       "medium", "slow", "slower", "veryslow", NULL };

static const char *const raw_pixels[] = { "rgb24", "yuv420p", NULL };

const cli_option cli_output_video_options[] = {
    { "output", 'o', CLI_TEXT, AT(output), "FILE",
      "the video: .mp4, .mov, .webm, .png (a sequence), .y4m or .yuv; - is standard output",
      0, 0, NULL },
    { "format", 0, CLI_WORD, AT(format), "NAME",
      "mp4, mov, webm, png, y4m or raw, whatever the file is called (by its ending; mp4 on a pipe)",
      0, 0, formats },
    { "fps", 0, CLI_RATE, AT(fps_num), "N",
      "frames per second, 1 to 120, as 25 or 30000/1001 (25)", 1, 120, NULL },
    { "size", 0, CLI_EVEN, AT(size), "N", SIZE_HELP, 64, LIMNER_MAX_FULL_PX, NULL },
    { "frame", 0, CLI_CHOICE, AT(framing), "KIND",
      FRAME_HELP,
      0, 0, framings },
    { "preset", 0, CLI_WORD, AT(preset), "NAME", "libx264's preset (superfast)", 0, 0, presets },
    { "crf", 0, CLI_COUNT, AT(crf), "N",
      "quality of the video, 0 to 51, lower is better (18)", 0, 51, NULL },
    { "motion-out", 0, CLI_TEXT, AT(motion_out), "FILE",
      "write the motion, fit for any portrait, as a CSV file with Live Link Face's columns",
      0, 0, NULL },
    END
};

const cli_option cli_control_options[] = {
    { "gaze", 0, CLI_GAZE, 0, "YAW,PITCH|camera|at:X,Y",
      "where to look: degrees from the camera, -30 to 30; camera: it, without glances away; a "
      "point of the picture in shares of it, -1 to 2, 0,0 its upper left corner (as the photo "
      "looks)",
      -30, 30, NULL },
    { "distance", 0, CLI_REAL, AT(controls.distance), "R",
      "camera distance, 0.5 to 2 times that of the photo (1)", 0.5, 2, NULL },
    { "emotion", 0, CLI_EMOTION, 0, "NAME:W,...",
      "mix of happy, sad, surprised, angry, afraid, disgusted and contempt, 0 to 1 each",
      0, 1, NULL },
    { "pose", 0, CLI_REALS_3, AT(controls.yaw), "YAW,PITCH,ROLL",
      "degrees added to the head's pose, -45 to 45 (0,0,0)", -45, 45, NULL },
    { "blink-rate", 0, CLI_REAL, AT(controls.blink_rate), "N",
      "blinks per minute, 0 to 60 (natural)", 0, 60, NULL },
    { "still", 0, CLI_FLAG, AT(is_still), NULL, "head and shoulders at rest", 0, 0, NULL },
    { "energy", 0, CLI_REAL, AT(controls.energy), "E",
      "how lively, 0 to 2: head, brows, gaze, blinks, lips a little (1)", 0, 2, NULL },
    { "controls", 0, CLI_TEXT, AT(timeline), "FILE",
      "these and the gains over time: a JSON file with key frames, see doc/controls.md",
      0, 0, NULL },
    { "seed", 0, CLI_SEED, AT(seed), "N",
      "of head motion, blinks and gaze; a seed repeats a take (0)",
      0, 0, NULL },
    END
};

const cli_option cli_gains_options[] = {
    { "head-gain", 0, CLI_REAL, AT(controls.head_gain), "G",
      "strength of head motion, 0 to 3 (1)", 0, 3, NULL },
    { "expression-gain", 0, CLI_REAL, AT(controls.expression_gain), "G",
      "strength of brows, cheeks and smile, 0 to 3 (1)", 0, 3, NULL },
    { "mouth-gain", 0, CLI_REAL, AT(controls.mouth_gain), "G",
      "strength of articulation, 0 to 3 (1)", 0, 3, NULL },
    END
};

const cli_option cli_drive_options[] = {
    { "audio", 0, CLI_TEXT, AT(audio), "FILE",
      "the video's sound, a sound file or a video with sound (that of MOTION, if it is a video)",
      0, 0, NULL },
    { "absolute", 0, CLI_FLAG, AT(is_absolute), NULL,
      "show the motion as it is, without regard to the neutral face of the recorded person and of "
      "the portrait",
      0, 0, NULL },
    { "neutral", 0, CLI_REAL, AT(neutral_s), "S",
      "take the recorded neutral face from the first S seconds, 0 to 60, 0: the first frame (the "
      "whole take; live 1)",
      0, 60, NULL },
    END
};

const cli_option cli_faces_options[] = {
    { "face", 0, CLI_COUNTS, AT(faces), "N",
      "which face of the photo, 0 is the largest (the only one); once for each sound or motion "
      "where there are several, in their order",
      0, 31, NULL },
    { "idle", 0, CLI_COUNTS, AT(idle), "N",
      "another face that blinks, breathes and looks about; may be repeated", 0, 31, NULL },
    { "force", 0, CLI_FLAG, AT(is_forced), NULL,
      "take a face that is small, turned away, cut off or not human all the same", 0, 0, NULL },
    END
};

const cli_option cli_face_options[] = {
    { "face", 0, CLI_COUNT, AT(face), "N",
      "which face of the photo, 0 is the largest (the only one)",
      0, 31, NULL },
    { "force", 0, CLI_FLAG, AT(is_forced), NULL,
      "take a face that is small, turned away, cut off or not human all the same", 0, 0, NULL },
    END
};

const cli_option cli_checks_options[] = {
    { "hash", 0, CLI_FLAG, AT(prints_hash), NULL,
      "print a hash of all pixels and motion", 0, 0, NULL },
    { "verify", 0, CLI_TEXT, AT(verify), "HASH", "fail unless the hash is this one", 0, 0, NULL },
    { "frame-times", 0, CLI_FLAG, AT(prints_frame_times), NULL,
      "print the 50th, 95th and 99th percentile of the time per frame", 0, 0, NULL },
    END
};

const cli_option cli_machine_options[] = {
    { "threads", 0, CLI_COUNT, AT(threads), "N", "threads, 0 to 64, 0 is one per core (0)",
      0, 64, NULL },
    { "cpumask", 0, CLI_MASK, AT(cpumask), "MASK",
      "CPU features that may be used: 1 SSE4.1, 2 AVX2, 4 AVX-512, 0x100 NEON (all)", 0, 0, NULL },
    { "models", 0, CLI_TEXT, AT(models), "DIR", "where the model files are", 0, 0, NULL },
    { "json", 0, CLI_FLAG, AT(is_json), NULL, "print the result as JSON", 0, 0, NULL },
    { "quiet", 'q', CLI_FLAG, AT(is_quiet), NULL, "no progress, no summary", 0, 0, NULL },
    END
};

const cli_option cli_voice_options[] = {
    { "voice", 0, CLI_TEXT, AT(voice), "NAME",
      "espeak-ng's voice or language, as en-gb or de; espeak-ng --voices lists them (en)",
      0, 0, NULL },
    { "speed", 0, CLI_COUNT, AT(speed), "N", "words per minute, 80 to 450 (160)", 80, 450, NULL },
    END
};

const cli_option cli_pose_options[] = {
    { "output", 'o', CLI_TEXT, AT(output), "FILE", "the picture, a PNG", 0, 0, NULL },
    { "size", 0, CLI_EVEN, AT(size), "N", SIZE_HELP, 64, LIMNER_MAX_FULL_PX, NULL },
    { "frame", 0, CLI_CHOICE, AT(framing), "KIND",
      FRAME_HELP,
      0, 0, framings },
    { "yaw", 0, CLI_REAL, AT(pose.yaw), "D",
      "head, degrees to the picture's right, -90 to 90", -90, 90, NULL },
    { "pitch", 0, CLI_REAL, AT(pose.pitch), "D", "head, degrees down, -90 to 90", -90, 90, NULL },
    { "roll", 0, CLI_REAL, AT(pose.roll), "D",
      "head, degrees of its top to the picture's left, -180 to 180",
      -180, 180, NULL },
    { "x", 0, CLI_REAL, AT(pose.x), "CM", "head's shift to the picture's right, -50 to 50",
      -50, 50, NULL },
    { "y", 0, CLI_REAL, AT(pose.y), "CM", "head's shift up, -50 to 50", -50, 50, NULL },
    { "z", 0, CLI_REAL, AT(pose.z), "CM", "head's shift to the camera, -50 to 50", -50, 50, NULL },
    { "distance", 0, CLI_REAL, AT(pose.distance), "R",
      "camera distance, 0.5 to 2 times that of the photo",
      0.5, 2, NULL },
    { "gaze", 0, CLI_REALS_2, AT(pose.gaze_yaw), "YAW,PITCH",
      "gaze, degrees from the camera, -45 to 45",
      -45, 45, NULL },
    { "set", 0, CLI_SETTING, 0, "NAME=VALUE",
      "one of ARKit's 52 expressions, or tongueUp, 0 to 1; may be repeated", 0, 1, NULL },
    END
};

const cli_option cli_preview_options[] = {
    { "output", 'o', CLI_TEXT, AT(output), "FILE",
      "curves: .svg; the face model speaking: .mp4, .y4m or .yuv; - is standard output", 0, 0,
      NULL },
    { "fps", 0, CLI_RATE, AT(fps_num), "N", "frames per second, 1 to 120 (25)", 1, 120, NULL },
    { "size", 0, CLI_EVEN, AT(size), "N", "side of the video in pixels, even, 64 to 2048 (480)",
      64, 2048, NULL },
    END
};

const cli_option cli_portrait_options[] = {
    { "output", 'o', CLI_TEXT, AT(output), "FILE",
      "the portrait, a .portrait file; - is standard output", 0, 0, NULL },
    { "debug", 0, CLI_TEXT, AT(debug), "DIR", "write every intermediate picture as a PNG there",
      0, 0, NULL },
    END
};

const cli_option cli_track_options[] = {
    { "output", 'o', CLI_TEXT, AT(output), "FILE",
      "the motion, a CSV file with Live Link Face's columns; - is standard output", 0, 0, NULL },
    { "landmarks", 0, CLI_TEXT, AT(landmarks), "FILE",
      "write 478 landmarks a frame: x, y in pixels as 32-bit floats, NaN without a face",
      0, 0, NULL },
    { "report", 0, CLI_TEXT, AT(report), "FILE", "write what --json prints", 0, 0, NULL },
    { "face", 0, CLI_COUNT, AT(face), "N",
      "which face where several are, 0 is the largest (0)", 0, 31, NULL },
    { "raw", 0, CLI_RAW, AT(raw_size), "WxH@FPS",
      "VIDEO is raw frames, one after another, as 640x480@30", 1, 120, NULL },
    { "pixels", 0, CLI_WORD, AT(raw_pixel), "NAME", "of raw frames: rgb24 or yuv420p (rgb24)",
      0, 0, raw_pixels },
    END
};

const cli_option cli_listen_options[] = {
    { "csv", 0, CLI_FLAG, AT(is_csv), NULL, "print every 20 ms as a line of a CSV table", 0, 0,
      NULL },
    { "plot", 0, CLI_TEXT, AT(plot), "FILE",
      "draw it: level, classes, closure, rounding, jaw and pitch over time, an SVG file", 0, 0,
      NULL },
    END
};

const cli_option cli_serve_options[] = {
    { "portrait", 0, CLI_TEXT, AT(portrait), "FILE", "whom visitors see first (the demo portrait)",
      0, 0, NULL },
    { "port", 0, CLI_COUNT, AT(port), "N", "port, 0 to 65535, 0: any that is free (8080)",
      0, 65535, NULL },
    { "listen", 0, CLI_TEXT, AT(listen), "ADDR",
      "address to listen at, 0.0.0.0: all of this machine (127.0.0.1, this machine only)",
      0, 0, NULL },
    { "token", 0, CLI_TEXT, AT(token), "TEXT",
      "what clients must know: letters, digits, - . _ ~ (none for 127.0.0.1, else one that is "
      "made at the start)",
      0, 0, NULL },
    { "origin", 0, CLI_TEXT, AT(origin), "URL",
      "another page's origin that may connect, as https://example.org", 0, 0, NULL },
    { "cert", 0, CLI_TEXT, AT(cert), "FILE", "TLS: the certificate and its chain, PEM",
      0, 0, NULL },
    { "key", 0, CLI_TEXT, AT(key), "FILE", "TLS: the certificate's key, PEM", 0, 0, NULL },
    { "sessions", 0, CLI_COUNT, AT(sessions), "N", "clients at a time, 1 to 64 (4)", 1, 64, NULL },
    { "seconds", 0, CLI_COUNT, AT(session_s), "N", "longest session, 1 to 86400 (3600)",
      1, 86400, NULL },
    END
};

const cli_option cli_bench_options[] = {
    { "portrait", 0, CLI_TEXT, AT(portrait), "FILE", "a photo (the demo portrait)", 0, 0, NULL },
    { "audio", 0, CLI_TEXT, AT(audio), "FILE", "a sound of some seconds (a made-up one of 60 s)",
      0, 0, NULL },
    { "runs", 0, CLI_COUNT, AT(runs), "N",
      "runs of each measurement, 1 to 99; the median counts (3)",
      1, 99,
      NULL },
    { "live", 0, CLI_FLAG, AT(is_live), NULL, "measure faces that talk in real time instead", 0, 0,
      NULL },
    { "streams", 0, CLI_COUNT, AT(streams), "N", "live: so many side by side, 1 to 256 (1)",
      1, 256, NULL },
    { "seconds", 0, CLI_REAL, AT(max_s), "S", "live: how long, 2 to 36000 (20)", 2, 36000, NULL },
    { "fps", 0, CLI_RATE, AT(fps_num), "N", "live: frames per second, 1 to 120 (25)",
      1, 120, NULL },
    { "size", 0, CLI_EVEN, AT(size), "N", "live: side of the frame, pixels, even, 64 to 2048 (512)",
      64, 2048, NULL },
    { "fast", 0, CLI_FLAG, AT(is_fast), NULL, "live: do not wait for the clock", 0, 0, NULL },
    END
};

const cli_option cli_eval_options[] = {
    { "output", 'o', CLI_TEXT, AT(output), "FILE",
      "tables, plots and pictures as one HTML page; - is standard output", 0, 0, NULL },
    { "report", 0, CLI_TEXT, AT(report), "FILE", "write what --json prints", 0, 0, NULL },
    { "size", 0, CLI_EVEN, AT(size), "N",
      "side of what is rendered, in pixels, even, 64 to 2048 (512)", 64, 2048, NULL },
    { "seconds", 0, CLI_REAL, AT(max_s), "S", "at most so much of each video, 0.5 to 36000 (all)",
      0.5, 36000,
      NULL },
    { "seed", 0, CLI_SEED, AT(seed), "N", "speech: of the first take (0)", 0, 0, NULL },
    { "seeds", 0, CLI_COUNT, AT(seeds), "N", "speech: takes of each video, 1 to 99 (3)",
      1, 99, NULL },
    { "portrait", 0, CLI_TEXT, AT(portrait), "FILE",
      "speech: a photo that says everything (each video's first frame)", 0, 0, NULL },
    { "transcripts", 0, CLI_TEXT, AT(transcripts), "FILE",
      "speech: lines NAME|text or NAME|text|MS: what is said in the video of that name (without "
      "its ending), to judge closed lips at p, b and m, and by how much its picture is late",
      0, 0, NULL },
    END
};

const cli_bond cli_bonds[] = {
    { "track", "pixels", "raw", false },
    { "drive", "neutral", "absolute", true },
    { "bench", "streams", "live", false },
    { "bench", "seconds", "live", false },
    { "bench", "fps", "live", false },
    { "bench", "size", "live", false },
    { "bench", "fast", "live", false },
    { "bench", "runs", "live", true },
    { "bench", "audio", "live", true },
    { "eval", "seed", "speech", false },
    { "eval", "seeds", "speech", false },
    { "eval", "portrait", "speech", false },
    { "eval", "transcripts", "speech", false },
    { "eval", "seconds", "control", true },
    { NULL, NULL, NULL, false }
};
/* clang-format on */
