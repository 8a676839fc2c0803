// SPDX-License-Identifier: Apache-2.0

// What receiving costs without us: webrtcbin and a depayloader whose frames are counted, in C. See sender.c for the
// conversation.

#define GST_USE_UNSTABLE_API
#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    int number;
    GstElement *pipeline;
    GstElement *webrtcbin;
    gint has_frames;
} Stream;

static Stream streams[64];
static gint64 total;

static void say(const char *format, ...) {
    static GMutex lock;
    va_list arguments;
    va_start(arguments, format);
    char *line = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_mutex_lock(&lock);
    puts(line);
    fflush(stdout);
    g_mutex_unlock(&lock);
    g_free(line);
}

static GstPadProbeReturn on_frame(GstPad *pad, GstPadProbeInfo *info, gpointer data) {
    (void)pad, (void)info;
    Stream *stream = data;
    __atomic_add_fetch(&total, 1, __ATOMIC_RELAXED);
    if (g_atomic_int_compare_and_exchange(&stream->has_frames, 0, 1)) say("first %d", stream->number);
    return GST_PAD_PROBE_OK;
}

static void on_pad_added(GstElement *webrtcbin, GstPad *pad, gpointer data) {
    (void)webrtcbin;
    Stream *stream = data;
    GstCaps *caps = gst_pad_get_current_caps(pad);
    const char *encoding = gst_structure_get_string(gst_caps_get_structure(caps, 0), "encoding-name");
    GstElement *depayloader = gst_element_factory_make(g_str_equal(encoding, "VP8") ? "rtpvp8depay" : "rtph264depay", NULL);
    GstElement *sink = gst_element_factory_make("fakesink", NULL);
    g_object_set(sink, "sync", FALSE, "async", FALSE, NULL);
    gst_bin_add_many(GST_BIN(stream->pipeline), depayloader, sink, NULL);
    gst_element_link(depayloader, sink);
    GstPad *frames = gst_element_get_static_pad(depayloader, "src");
    gst_pad_add_probe(frames, GST_PAD_PROBE_TYPE_BUFFER, on_frame, stream, NULL);
    gst_element_sync_state_with_parent(sink);
    gst_element_sync_state_with_parent(depayloader);
    GstPad *input = gst_element_get_static_pad(depayloader, "sink");
    gst_pad_link(pad, input);
    gst_object_unref(input);
    gst_object_unref(frames);
    gst_caps_unref(caps);
}

static void on_answer_created(GstPromise *promise, gpointer data) {
    Stream *stream = data;
    GstWebRTCSessionDescription *answer = NULL;
    gst_structure_get(gst_promise_get_reply(promise), "answer", GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &answer, NULL);
    g_signal_emit_by_name(stream->webrtcbin, "set-local-description", answer, NULL);
    char *text = gst_sdp_message_as_text(answer->sdp);
    char **lines = g_strsplit(text, "\r\n", -1);
    char *line = g_strjoinv("\t", lines);
    g_strfreev(lines);
    say("answer %d %s", stream->number, line);
    g_free(line);
    g_free(text);
    gst_webrtc_session_description_free(answer);
    gst_promise_unref(promise);
}

static void on_candidate(GstElement *webrtcbin, guint section, const char *candidate, gpointer stream) {
    (void)webrtcbin;
    if (*candidate) say("ice %d %u %s", ((Stream *)stream)->number, section, candidate);
}

static void on_transceiver(GstElement *webrtcbin, GstWebRTCRTPTransceiver *transceiver, gpointer unused) {
    (void)webrtcbin, (void)unused;
    g_object_set(transceiver, "do-nack", TRUE, NULL);
}

static void answer(Stream *stream, char *text) {
    stream->pipeline = gst_pipeline_new(NULL);
    stream->webrtcbin = gst_element_factory_make("webrtcbin", NULL);
    g_object_set(stream->webrtcbin, "bundle-policy", GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, NULL);
    GObject *ice, *agent;
    g_object_get(stream->webrtcbin, "ice-agent", &ice, NULL);
    g_object_get(ice, "agent", &agent, NULL);
    g_object_set(agent, "upnp", FALSE, "ice-tcp", FALSE, NULL);
    g_object_unref(agent);
    g_object_unref(ice);
    gst_bin_add(GST_BIN(stream->pipeline), stream->webrtcbin);
    g_signal_connect(stream->webrtcbin, "pad-added", G_CALLBACK(on_pad_added), stream);
    g_signal_connect(stream->webrtcbin, "on-ice-candidate", G_CALLBACK(on_candidate), stream);
    g_signal_connect(stream->webrtcbin, "on-new-transceiver", G_CALLBACK(on_transceiver), stream);
    gst_element_set_state(stream->pipeline, GST_STATE_PLAYING);

    GstSDPMessage *message;
    g_strdelimit(text, "\t", '\n');
    gst_sdp_message_new_from_text(text, &message);
    GstWebRTCSessionDescription *offer = gst_webrtc_session_description_new(GST_WEBRTC_SDP_TYPE_OFFER, message);
    g_signal_emit_by_name(stream->webrtcbin, "set-remote-description", offer, NULL);
    gst_webrtc_session_description_free(offer);
    g_signal_emit_by_name(
        stream->webrtcbin, "create-answer", NULL, gst_promise_new_with_change_func(on_answer_created, stream, NULL));
}

static gboolean on_line(GIOChannel *channel, GIOCondition condition, gpointer unused) {
    (void)condition, (void)unused;
    char *line = NULL;
    int number = 0, offset = 0;
    unsigned section;
    if (g_io_channel_read_line(channel, &line, NULL, NULL, NULL) != G_IO_STATUS_NORMAL) exit(0);
    g_strchomp(line);
    if (sscanf(line, "offer %d %n", &number, &offset) == 1) {
        streams[number].number = number;
        answer(&streams[number], line + offset);
    } else if (sscanf(line, "ice %d %u %n", &number, &section, &offset) == 2) {
        g_signal_emit_by_name(streams[number].webrtcbin, "add-ice-candidate", section, line + offset);
    } else if (g_str_equal(line, "count")) {
        say("frames %" G_GINT64_FORMAT, __atomic_load_n(&total, __ATOMIC_RELAXED));
    }
    g_free(line);
    return G_SOURCE_CONTINUE;
}

int main(void) {
    gst_init(NULL, NULL);
    g_io_add_watch(g_io_channel_unix_new(0), G_IO_IN | G_IO_HUP, on_line, NULL);
    g_main_loop_run(g_main_loop_new(NULL, FALSE));
}
