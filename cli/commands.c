/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands are called, take and do: the table behind parsing, --help, limner(1) and
 * completion. Their options are in option_tables.c. */
#include "commands.h"

#include "option_tables.h"

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
     {cli_output_video_options, cli_control_options, cli_gains_options, cli_faces_options,
      cli_checks_options, cli_machine_options, NULL},
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
     {cli_output_video_options, cli_voice_options, cli_control_options, cli_gains_options,
      cli_face_options, cli_checks_options, cli_machine_options},
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
     {cli_output_video_options, cli_drive_options, cli_gains_options, cli_faces_options,
      cli_checks_options, cli_machine_options, NULL},
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
     {cli_track_options, cli_machine_options, NULL},
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
     {cli_pose_options, cli_face_options, cli_machine_options, NULL},
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
     {cli_preview_options, cli_control_options, cli_gains_options, cli_machine_options, NULL},
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
     {cli_portrait_options, cli_face_options, cli_machine_options, NULL},
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
     {cli_listen_options, cli_machine_options, NULL},
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
     {cli_serve_options, cli_face_options, cli_machine_options, NULL},
     serve_examples,
     cli_serve,
     NULL},
    {"info",
     "[FILE]",
     0,
     1,
     false,
     "facts about this limner, a photo, a .portrait, a sound or a video",
     "Without a file: version, CPU features, where the models are.",
     {cli_machine_options, NULL},
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
     {cli_bench_options, cli_machine_options, NULL},
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
     {cli_eval_options, cli_machine_options, NULL},
     eval_examples,
     cli_run_eval,
     cli_judges},
    {NULL, NULL, 0, 0, false, NULL, NULL, {NULL}, NULL, NULL, NULL},
};

const int cli_n_commands = sizeof(cli_commands) / sizeof(cli_commands[0]) - 1;
