/* SPDX-License-Identifier: Apache-2.0 */
/* The words of the public interface: statuses, ARKit's blendshapes in ARKit's order (Apple, ARKit
 * documentation, ARFaceAnchor.BlendShapeLocation), emotions, classes of speech, version. */
#include <string.h>

#include "limner/limner.h"
#include "limner/version.h"

static const char *const expression_names[LIMNER_N_EXPRESSION] = {
    "eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft",
    "eyeSquintLeft", "eyeWideLeft", "eyeBlinkRight", "eyeLookDownRight", "eyeLookInRight",
    "eyeLookOutRight", "eyeLookUpRight", "eyeSquintRight", "eyeWideRight", "jawForward",
    "jawLeft", "jawRight", "jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthLeft",
    "mouthRight", "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft", "mouthFrownRight",
    "mouthDimpleLeft", "mouthDimpleRight", "mouthStretchLeft", "mouthStretchRight",
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthPressLeft",
    "mouthPressRight", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft",
    "mouthUpperUpRight", "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft",
    "browOuterUpRight", "cheekPuff", "cheekSquintLeft", "cheekSquintRight", "noseSneerLeft",
    "noseSneerRight", "tongueOut"
};

static const char *const emotion_names[LIMNER_N_EMOTION] = {
    "happy", "sad", "surprised", "angry", "afraid", "disgusted", "contempt"
};

static const char *const class_names[LIMNER_SPEECH_N_CLASSES] = {
    "silence", "closure", "labiodental", "dental", "alveolar", "lateral", "sibilant",
    "postalveolar", "velar", "rhotic", "rounded_glide", "spread", "mid", "open", "schwa",
    "rounded_open", "rounded_close", "rounded_front"
};

static int index_of(const char *const *names, int n, const char *name)
{
    for (int i = 0; name && i < n; i++)
        if (!strcmp(names[i], name))
            return i;
    return -1;
}

const char *limner_expression_name(int index)
{
    return index >= 0 && index < LIMNER_N_EXPRESSION ? expression_names[index] : NULL;
}

int limner_expression_index(const char *name)
{
    return index_of(expression_names, LIMNER_N_EXPRESSION, name);
}

const char *limner_emotion_name(int index)
{
    return index >= 0 && index < LIMNER_N_EMOTION ? emotion_names[index] : NULL;
}

int limner_emotion_index(const char *name)
{
    return index_of(emotion_names, LIMNER_N_EMOTION, name);
}

const char *limner_speech_class_name(int index)
{
    return index >= 0 && index < LIMNER_SPEECH_N_CLASSES ? class_names[index] : NULL;
}

const char *limner_strerror(limner_status st)
{
    switch (st) {
    case LIMNER_OK:
        return "done";
    case LIMNER_AGAIN:
        return "nothing to do on this side for now";
    case LIMNER_EOS:
        return "finished";
    case LIMNER_E_ARG:
        return "an argument is out of its range";
    case LIMNER_E_NOMEM:
        return "out of memory";
    case LIMNER_E_FORMAT:
        return "damaged or of an unknown format";
    case LIMNER_E_LIMIT:
        return "larger than a limit of the library";
    case LIMNER_E_STATE:
        return "not possible in this state";
    case LIMNER_E_NO_FACE:
        return "no face found";
    case LIMNER_E_MANY_FACES:
        return "several faces found";
    case LIMNER_E_POOR_FACE:
        return "the face is too small, turned away, cut off or not human-like";
    }
    return "unknown status";
}

const char *limner_version(void)
{
    return LIMNER_VERSION_STRING;
}
