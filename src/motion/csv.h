/* SPDX-License-Identifier: Apache-2.0 */
/* Motion as text: comma-separated values with the columns of Apple's Live Link Face, so that takes
 * from a phone, Audio2Face or MetaHuman import and ours export. Pure memory in and out.
 *
 * Timecode is hours:minutes:seconds:frames with a fraction of a frame; ours counts sixtieths of a
 * second. HeadYaw ... RightEyeRoll are radians. In real takes positive eye yaw is towards the
 * subject's right (the picture's left) and positive pitch down; eyes are relative to the head. The
 * head's own signs are taken to be the same and roll's to be mirrored with yaw (no take at hand has
 * head values). After these columns come ours: TongueUp, HeadX, HeadY, HeadZ (cm), Distance,
 * GazeYaw, GazePitch (degrees, relative to the camera, our signs), Breath, Sway. */
#ifndef LIMNER_MOTION_CSV_H
#define LIMNER_MOTION_CSV_H

#include "limner/limner.h"

enum {
    LIMNER_MOTION_CSV_HEADER_BYTES = 1200,      /* room enough for the header line ... */
    LIMNER_MOTION_CSV_ROW_BYTES = 1400,         /* ... and for any row, terminating 0 included */
    LIMNER_MOTION_CSV_MAX_FRAMES = 1 << 20      /* about 5 h at 60 Hz */
};

/* Write one line with its newline and a terminating 0; return its length without the 0. buf has
 * the room stated above. time_s: 0 or more, wraps after 24 h. Values are written as 0 if not
 * finite. */
size_t limner_motion_csv_header(char buf[LIMNER_MOTION_CSV_HEADER_BYTES]);
size_t limner_motion_csv_row(char buf[LIMNER_MOTION_CSV_ROW_BYTES], const limner_motion *m,
                             double time_s);

typedef struct limner_motion_take {
    limner_motion *motion;      /* [n_frames]; expression clamped to 0..1, eyeLook in gaze_* */
    double *time_s;             /* [n_frames] from the first row, strictly growing */
    size_t n_frames;            /* at least 1 */
} limner_motion_take;

/* Reads a whole file. Columns are found by name, in any order; Timecode and the 52 coefficients
 * must be there, columns of other names are checked to be numbers and ignored. Lines may end in CR
 * LF; a byte order mark and empty lines at the end are skipped. E_FORMAT (`detail` says what is
 * wrong with which line and column), E_LIMIT (too many rows), E_NOMEM. detail
 * [LIMNER_DETAIL_SIZE], may be NULL. *out is cleared on failure. */
limner_status limner_motion_csv_read(limner_motion_take *out, const char *text, size_t len_bytes,
                                     char *detail);
void limner_motion_take_close(limner_motion_take *take);        /* NULL-safe; clears *take */

#endif
