/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands are called, take and do: the tables behind parsing, --help, limner(1) and
 * completion. */
#include "commands.h"

#define AT(member) offsetof(cli_args, member)
/* clang-format off */
#define SIZE_HELP                                                                                  \
    "longer side in pixels, 64 to 2048 for crop and alpha, to 3840 for full (512; full: as the "   \
    "photo)"
#define FRAME_HELP                                                                                 \
    "crop: head and shoulders; full: the whole photo; alpha: crop on a transparent background, "   \
    "straight (not premultiplied) alpha (crop)"
#define END { NULL, 0, CLI_FLAG, 0, NULL, NULL, 0, 0, NULL }

static const char *const framings[] = { "crop", "full", "alpha", NULL };
static const char *const formats[] = { "mp4", "mov", "webm", "png", "y4m", "raw", NULL };
static const char *const presets[] = { "ultrafast", "superfast", "veryfast", "faster", "fast",
                                       "medium", "slow", "slower", "veryslow", NULL };

static const char *const raw_pixels[] = { "rgb24", "yuv420p", NULL };

static const cli_option output_video[] = {
    { "output", 'o', CLI_TEXT, AT(output), "FILE",
      "the video: .mp4, .mov, .webm, .png (a sequence), .y4m or .yuv; - is standard output",
      0, 0, NULL },
    { "format", 0, CLI_WORD, AT(format), "NAME",
      "mp4, mov, webm, png, y4m or raw, whatever the file is called (by its ending; mp4 on a pipe)",
      0, 0, formats },
    { "fps", 0, CLI_RATE, AT(fps_num), "N",
      "frames per second, 1 to 120, as 25 or 30000/1001 (25)", 1, 120, NULL },
    { "size", 0, CLI_COUNT, AT(size), "N", SIZE_HELP, 64, LIMNER_MAX_FULL_PX, NULL },
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

static const cli_option control[] = {
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

static const cli_option gains[] = {
    { "head-gain", 0, CLI_REAL, AT(controls.head_gain), "G",
      "strength of head motion, 0 to 3 (1)", 0, 3, NULL },
    { "expression-gain", 0, CLI_REAL, AT(controls.expression_gain), "G",
      "strength of brows, cheeks and smile, 0 to 3 (1)", 0, 3, NULL },
    { "mouth-gain", 0, CLI_REAL, AT(controls.mouth_gain), "G",
      "strength of articulation, 0 to 3 (1)", 0, 3, NULL },
    END
};

static const cli_option drive[] = {
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

static const cli_option faces[] = {
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

static const cli_option face[] = {
    { "face", 0, CLI_COUNT, AT(face), "N",
      "which face of the photo, 0 is the largest (the only one)",
      0, 31, NULL },
    { "force", 0, CLI_FLAG, AT(is_forced), NULL,
      "take a face that is small, turned away, cut off or not human all the same", 0, 0, NULL },
    END
};

static const cli_option checks[] = {
    { "hash", 0, CLI_FLAG, AT(prints_hash), NULL,
      "print a hash of all pixels and motion", 0, 0, NULL },
    { "verify", 0, CLI_TEXT, AT(verify), "HASH", "fail unless the hash is this one", 0, 0, NULL },
    { "frame-times", 0, CLI_FLAG, AT(prints_frame_times), NULL,
      "print the 50th, 95th and 99th percentile of the time per frame", 0, 0, NULL },
    END
};

static const cli_option machine[] = {
    { "threads", 0, CLI_COUNT, AT(threads), "N", "threads, 0 to 64, 0 is one per core (0)",
      0, 64, NULL },
    { "cpumask", 0, CLI_MASK, AT(cpumask), "MASK",
      "CPU features that may be used: 1 SSE4.1, 2 AVX2, 4 AVX-512, 0x100 NEON (all)", 0, 0, NULL },
    { "models", 0, CLI_TEXT, AT(models), "DIR", "where the model files are", 0, 0, NULL },
    { "json", 0, CLI_FLAG, AT(is_json), NULL, "print the result as JSON", 0, 0, NULL },
    { "quiet", 'q', CLI_FLAG, AT(is_quiet), NULL, "no progress, no summary", 0, 0, NULL },
    END
};

static const cli_option voice[] = {
    { "voice", 0, CLI_TEXT, AT(voice), "NAME",
      "espeak-ng's voice or language, as en-gb or de; espeak-ng --voices lists them (en)",
      0, 0, NULL },
    { "speed", 0, CLI_COUNT, AT(speed), "N", "words per minute, 80 to 450 (160)", 80, 450, NULL },
    END
};

static const cli_option pose[] = {
    { "output", 'o', CLI_TEXT, AT(output), "FILE", "the picture, a PNG", 0, 0, NULL },
    { "size", 0, CLI_COUNT, AT(size), "N", SIZE_HELP, 64, LIMNER_MAX_FULL_PX, NULL },
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

static const cli_option preview[] = {
    { "output", 'o', CLI_TEXT, AT(output), "FILE",
      "curves: .svg; the face model speaking: .mp4, .y4m or .yuv; - is standard output", 0, 0,
      NULL },
    { "fps", 0, CLI_RATE, AT(fps_num), "N", "frames per second, 1 to 120 (25)", 1, 120, NULL },
    { "size", 0, CLI_COUNT, AT(size), "N", "side of the video in pixels, 64 to 2048 (480)",
      64, 2048, NULL },
    END
};

static const cli_option portrait[] = {
    { "output", 'o', CLI_TEXT, AT(output), "FILE", "the portrait, a .portrait file; - is standard output",
      0, 0, NULL },
    { "debug", 0, CLI_TEXT, AT(debug), "DIR", "write every intermediate picture as a PNG there",
      0, 0, NULL },
    END
};

static const cli_option track[] = {
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

static const cli_option listen[] = {
    { "csv", 0, CLI_FLAG, AT(is_csv), NULL, "print every 20 ms as a line of a CSV table", 0, 0,
      NULL },
    { "plot", 0, CLI_TEXT, AT(plot), "FILE",
      "draw it: level, classes, closure, rounding, jaw and pitch over time, an SVG file", 0, 0,
      NULL },
    END
};

static const cli_option serve[] = {
    { "portrait", 0, CLI_TEXT, AT(portrait), "FILE", "whom visitors see first (the demo portrait)",
      0, 0, NULL },
    { "port", 0, CLI_COUNT, AT(port), "N", "port, 0 to 65535, 0: any that is free (8080)",
      0, 65535, NULL },
    { "listen", 0, CLI_TEXT, AT(listen), "ADDR",
      "address to listen at, 0.0.0.0: all of this machine (127.0.0.1, this machine only)",
      0, 0, NULL },
    { "token", 0, CLI_TEXT, AT(token), "TEXT",
      "what clients must know (none for 127.0.0.1, else one that is made at the start)",
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

static const cli_option bench[] = {
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
    { "size", 0, CLI_COUNT, AT(size), "N", "live: side of the frame, pixels, 64 to 2048 (512)",
      64, 2048, NULL },
    { "fast", 0, CLI_FLAG, AT(is_fast), NULL, "live: do not wait for the clock", 0, 0, NULL },
    END
};

static const cli_option eval[] = {
    { "output", 'o', CLI_TEXT, AT(output), "FILE",
      "tables, plots and pictures as one HTML page; - is standard output", 0, 0, NULL },
    { "report", 0, CLI_TEXT, AT(report), "FILE", "write what --json prints", 0, 0, NULL },
    { "size", 0, CLI_COUNT, AT(size), "N", "side of what is rendered, in pixels, 64 to 2048 (512)",
      64, 2048,
      NULL },
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
/* clang-format on */

static const char *const speak_examples[] = {
    "limner speak photo.jpg voice.wav -o talk.mp4",
    "limner speak photo.jpg voice.mp3 -o talk.mp4 --emotion happy:0.6 --gaze 10,0 --seed 7",
    "limner speak photo.jpg voice.wav --frame alpha -o talk.webm",
    "limner speak group.jpg --face 0 anna.wav --face 1 ben.wav --idle 2 -o talk.mp4",
    "limner speak photo.jpg voice.wav -o - | ffplay -", NULL};

static const char *const say_examples[] = {
    "limner say photo.jpg \"Hello, I was a picture a moment ago.\" -o hello.mp4",
    "echo Guten Tag | limner say photo.jpg - --voice de -o tag.mp4", NULL};

static const char *const track_examples[] = {
    "limner track selfie.mp4 -o selfie.csv",
    "limner track selfie.mp4 -o selfie.csv --landmarks selfie.f32 --report selfie.json",
    "ffmpeg -f v4l2 -i /dev/video0 -f rawvideo -pix_fmt rgb24 -s 640x480 -r 30 - | "
    "limner track - --raw 640x480@30 -o - | limner drive photo.jpg - --fps 30 -o - | ffplay -",
    NULL};

static const char *const drive_examples[] = {
    "limner drive photo.jpg selfie.mp4 -o out.mp4",
    "limner drive photo.jpg take.csv -o out.mp4 --audio take.mov",
    "limner drive photo.jpg take.csv -o out.mp4 --head-gain 0.5 --mouth-gain 1.2",
    "limner speak photo.jpg voice.wav -o a.mp4 --motion-out talk.csv && "
    "limner drive other.jpg talk.csv -o b.mp4 --audio voice.wav",
    NULL};

static const char *const pose_examples[] = {
    "limner pose photo.jpg -o turned.png --yaw 15 --set jawOpen=0.5", NULL};

static const char *const preview_examples[] = {
    "limner preview voice.wav -o voice.svg",
    "limner preview voice.wav -o voice.mp4 --emotion sad:0.7 --energy 0.5", NULL};

static const char *const portrait_examples[] = {
    "limner portrait photo.jpg -o face.portrait && "
    "limner speak face.portrait voice.wav -o talk.mp4",
    "limner portrait group.jpg --face 1 -o second.portrait --debug steps/", NULL};

static const char *const listen_examples[] = {
    "limner listen voice.wav", "limner listen voice.wav --csv --plot voice.svg > voice.csv",
    "espeak-ng --stdout -v de 'Guten Tag' | limner listen - --json", NULL};

static const char *const info_examples[] = {"limner info", "limner info group.jpg --json", NULL};

static const char *const serve_examples[] = {
    "limner serve", "limner serve --portrait photo.jpg --port 8000",
    "limner serve --listen 0.0.0.0 --cert cert.pem --key key.pem", NULL};

static const char *const bench_examples[] = {
    "limner bench --portrait photo.jpg --audio voice.wav --json",
    "limner bench --live --fps 40", "limner bench --live --streams 8 --json",
    "limner bench --live --seconds 3600 --size 128 --fast", NULL};

static const char *const eval_examples[] = {
    "limner eval control portraits/ -o control.html",
    "limner eval speech clips.txt -o speech.html --report speech.json",
    "limner eval reenact clip.mp4 --seconds 10 --json", NULL};

const cli_command cli_commands[] = {
    {"speak",
     "PORTRAIT AUDIO...",
     2,
     CLI_MAX_OPERANDS,
     true,
     "a portrait speaks a recorded voice",
     "PORTRAIT is a photo, painting or drawing of a face, or a .portrait file made by limner "
     "portrait. AUDIO is a sound file of any format, or a video whose sound is taken. Either may "
     "be - for standard input.\n\n"
     "The video is as long as the sound and holds the original sound. It appears under its name "
     "only when it is complete.\n\n"
     "Several people of one photo speak in one picture: as many --face as AUDIO, the first for the "
     "first, and so on (limner info PHOTO numbers the faces). The whole photo is shown, and the "
     "voices are mixed, each from where its face is; the longest counts. With --idle a face "
     "without a voice is alive.",
     {output_video, control, gains, faces, checks, machine, NULL},
     speak_examples,
     cli_speak,
     NULL},
    {"say",
     "PORTRAIT TEXT",
     2,
     2,
     true,
     "a portrait says a text, spoken by espeak-ng",
     "TEXT may be - for standard input. Everything else is as in limner speak.",
     {output_video, voice, control, gains, face, checks, machine},
     say_examples,
     cli_say,
     NULL},
    {"drive",
     "PORTRAIT MOTION...",
     2,
     CLI_MAX_OPERANDS,
     true,
     "a portrait moves as a face in a video or a motion file",
     "MOTION is a video of a face, or a CSV file (.csv, or - for standard input) with the columns "
     "of Live Link Face, in any order and at any rate: a take of an iPhone, of Audio2Face or "
     "MetaHuman, what limner track or --motion-out wrote. In a video with several faces the "
     "largest is followed; limner track can follow another.\n\n"
     "The portrait keeps its own neutral face: what is transferred is how the recorded face "
     "differs from its own neutral one, which is estimated from the whole take, unless the file "
     "says that it is relative already, as that of --motion-out does. The video is as long as the "
     "motion.\n\n"
     "From a pipe to a pipe it is live: each frame is written as soon as the rows that it is "
     "interpolated from have come (its own, and at another rate two more), after the first second, "
     "from which the neutral face is taken.\n\n"
     "Several motions move several faces of one photo, as in limner speak; a face whose motion has "
     "ended stays as it is.",
     {output_video, drive, gains, faces, checks, machine, NULL},
     drive_examples,
     cli_run_drive,
     NULL},
    {"track",
     "VIDEO",
     1,
     1,
     true,
     "follow a face through a video, as a motion file",
     "VIDEO is a video of any format and frame rate, or a photo. The motion is that of the person "
     "seen, at the video's mean rate; where the face is lost it is interpolated. --json says "
     "in how many frames that was.\n\n"
     "To a pipe it is live: each frame's row is written at most five frames later, at its own "
     "time, and a face that is lost keeps its last motion until it is found; before it is first "
     "seen there are no rows.",
     {track, machine, NULL},
     track_examples,
     cli_run_track,
     NULL},
    {"pose",
     "PORTRAIT",
     1,
     1,
     true,
     "one picture of a portrait in a pose",
     "What is not given is as in the photo; without any option the photo itself is drawn again. "
     "The subject looking into the camera is 0,0,0.",
     {pose, face, machine, NULL},
     pose_examples,
     cli_pose,
     NULL},
    {"preview",
     "AUDIO",
     1,
     1,
     true,
     "the motion for a voice without a portrait: curves, or the bare face model",
     "For tuning and for papers: what limner speak would show of the same sound, options and seed, "
     "before it is fitted to a portrait.",
     {preview, control, gains, machine, NULL},
     preview_examples,
     cli_run_preview,
     NULL},
    {"portrait",
     "PHOTO",
     1,
     1,
     false,
     "make a .portrait file, which loads at once",
     "Without -o only says what is found.",
     {portrait, face, machine, NULL},
     portrait_examples,
     cli_portrait,
     NULL},
    {"listen",
     "AUDIO",
     1,
     1,
     false,
     "what is heard in a voice: sounds, lips, jaw, loudness, pitch",
     "AUDIO is a sound file of any format, or a video, or - for standard input. What is heard "
     "moves the lips of limner speak: one of 18 classes of speech sounds shared by all languages "
     "(silence, closure as in p b m, labiodental as in f v ...), how far the lips are pressed "
     "together, rounded, and the jaw lowered (each 0 to 1), loudness (dB, A-weighted, 0 is full "
     "scale) and pitch.\n\n"
     "Without --csv or --json it prints a line for each run of a class. Either prints every 20 ms "
     "as soon as it is known, with the probability of each class.",
     {listen, machine, NULL},
     listen_examples,
     cli_run_listen,
     NULL},
    {"serve",
     "",
     0,
     0,
     false,
     "a page to talk to the portrait, live",
     "Opens a page at http://127.0.0.1:8080/ where the portrait answers to a microphone, a sound "
     "file or a text, with a slider for each control, other photos and recordings. Programs use "
     "the same WebSocket: see doc/protocol.md.\n\n"
     "Each client has a session of its own; one more than --sessions is refused. At another "
     "address than 127.0.0.1 a token is needed, which is part of the address that is printed. "
     "Browsers give a page the microphone, and H.264, only at this machine or over TLS.\n\n"
     "/health says whether it works, /metrics counts for Prometheus.",
     {serve, face, machine, NULL},
     serve_examples,
     cli_serve,
     NULL},
    {"info",
     "[FILE]",
     0,
     1,
     false,
     "facts about this limner, a photo, a .portrait or a sound",
     "Without a file: version, CPU features, where the models are.",
     {machine, NULL},
     info_examples,
     cli_info,
     NULL},
    {"bench",
     "",
     0,
     0,
     false,
     "measure the speed on this machine",
     "Renders with one thread; goes from photo and sound to a finished MP4 with two threads (or "
     "--threads); makes a portrait; reports the median of several runs and the peak memory of a "
     "process that does it all once.\n\n"
     "With --live, faces hear syllables as from a microphone and show frames when they are due: "
     "how long from sound to picture, how long a frame takes, how many are late, does memory grow?",
     {bench, machine, NULL},
     bench_examples,
     cli_bench,
     NULL},
    {"eval",
     "WHAT INPUT",
     2,
     2,
     false,
     "judge this limner on photos or videos of your own",
     "WHAT is control (photos: is each pose, gaze and expression obeyed, and nothing else moved?), "
     "reenact (videos: first frame and tracked motion in, how near is what comes out?), speech "
     "(videos: first frame and sound in, does it move as the person did?) or motion (videos: how "
     "the people in them move). INPUT is a folder, whose photos or videos are taken in the order "
     "of their names, and those of the folders in it; or one photo or video; or a .txt file with "
     "one a line, relative to that file, where # starts a comment.\n\n"
     "Prints what was reached and what was asked for, and the medians. An input that cannot be "
     "used is said and left out; only when none can be used is it a failure.",
     {eval, machine, NULL},
     eval_examples,
     cli_run_eval,
     cli_judges},
    {NULL, NULL, 0, 0, false, NULL, NULL, {NULL}, NULL, NULL, NULL},
};

const int cli_n_commands = sizeof(cli_commands) / sizeof(cli_commands[0]) - 1;
