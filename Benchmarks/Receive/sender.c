// SPDX-License-Identifier: Apache-2.0

// Sends one encoded video to a receiver over any number of connections, and measures that receiver.
//
//     sender FILE STREAMS SECONDS COMMAND...
//
// FILE is a Matroska file of H264 or VP8 that begins with a keyframe; it is repeated for ever. COMMAND is started with
// the conversation on its standard input and output, a line each (the line ends of an SDP are tabs):
//
//     > offer N SDP    > ice N SECTION CANDIDATE    > count
//     < answer N SDP   < ice N SECTION CANDIDATE    < first N    < frames TOTAL
//
// Where COMMAND is only a bridge to the receiver, it says so with `pid P` first.
//
// It prints, as JSON, processor seconds for 1,000 frames, frames a second, resident MB, threads, and the median of the
// seconds from offer to first frame; with 0 SECONDS that median alone, as soon as there is one.

#define GST_USE_UNSTABLE_API
#include <gst/app/app.h>
#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

typedef struct {
    int number;
    GstElement *webrtcbin;
    GstElement *source;
    gint64 offered;
    double first_frame;
} Stream;

typedef struct {
    double cpu;
    long frames;
    gint64 at;
} Sample;

static GMainLoop *loop;
static Stream *streams;
static int stream_count, streams_flowing, seconds;
static GPtrArray *frames;
static gboolean is_h264;
static FILE *to_receiver;
// The child, and whose costs are measured.
static GPid child, receiver;
static Sample before;
static gboolean measuring;

static void say(const char *format, ...) {
    static GMutex lock;
    va_list arguments;
    va_start(arguments, format);
    char *line = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_mutex_lock(&lock);
    fprintf(to_receiver, "%s\n", line);
    fflush(to_receiver);
    g_mutex_unlock(&lock);
    g_free(line);
}

static double receiver_cpu(void) {
    clockid_t clock;
    struct timespec time = {0};
    if (clock_getcpuclockid(receiver, &clock) == 0) clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static long receiver_status(const char *key) {
    char *path = g_strdup_printf("/proc/%d/status", receiver), *text = NULL;
    long value = 0;
    if (g_file_get_contents(path, &text, NULL, NULL)) {
        const char *found = strstr(text, key);
        if (found) value = atol(found + strlen(key));
    }
    g_free(path);
    g_free(text);
    return value;
}

// Frames are read once, so that sending costs as little as it can.

static void read_frames(const char *file) {
    // Which parser parsebin picks depends on what else is installed.
    const char *parser = g_str_has_suffix(file, "h264.mkv") ? "h264parse" : "identity";
    char *text = g_strdup_printf(
        "filesrc location=\"%s\" ! matroskademux ! %s ! appsink name=sink sync=false", file, parser);
    GstElement *pipeline = gst_parse_launch(text, NULL);
    GstElement *sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
    frames = g_ptr_array_new();
    GstCaps *caps = gst_caps_from_string("video/x-h264,stream-format=byte-stream,alignment=au;video/x-vp8");
    gst_app_sink_set_caps(GST_APP_SINK(sink), caps);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
    GstSample *sample;
    while ((sample = gst_app_sink_pull_sample(GST_APP_SINK(sink)))) {
        const GstStructure *format = gst_caps_get_structure(gst_sample_get_caps(sample), 0);
        is_h264 = gst_structure_has_name(format, "video/x-h264");
        g_ptr_array_add(frames, gst_buffer_copy_deep(gst_sample_get_buffer(sample)));
        gst_sample_unref(sample);
    }
    gst_element_set_state(pipeline, GST_STATE_NULL);
    if (!frames->len) g_error("no frames in %s", file);
    g_free(text);
}

static gpointer send_frames(gpointer unused) {
    const gint64 start = g_get_monotonic_time();
    for (guint64 count = 0;; count++) {
        const gint64 due = start + (gint64)(count * G_USEC_PER_SEC / 30);
        const gint64 wait = due - g_get_monotonic_time();
        if (wait > 0) g_usleep(wait);
        for (int i = 0; i < stream_count; i++) {
            // Spread over the frame's time, as cameras that know nothing of each other are.
            if (stream_count > 1) g_usleep(G_USEC_PER_SEC / 30 / stream_count / 2);
            GstBuffer *frame = gst_buffer_copy(g_ptr_array_index(frames, count % frames->len));
            GST_BUFFER_PTS(frame) = GST_BUFFER_DTS(frame) = gst_util_uint64_scale(count, GST_SECOND, 30);
            gst_app_src_push_buffer(GST_APP_SRC(streams[i].source), frame);
        }
    }
    return unused;
}

static void on_offer_created(GstPromise *promise, gpointer data) {
    Stream *stream = data;
    GstWebRTCSessionDescription *offer = NULL;
    gst_structure_get(gst_promise_get_reply(promise), "offer", GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &offer, NULL);
    g_signal_emit_by_name(stream->webrtcbin, "set-local-description", offer, NULL);
    char *text = gst_sdp_message_as_text(offer->sdp);
    char **lines = g_strsplit(text, "\r\n", -1);
    char *line = g_strjoinv("\t", lines);
    g_strfreev(lines);
    stream->offered = g_get_monotonic_time();
    say("offer %d %s", stream->number, line);
    g_free(line);
    g_free(text);
    gst_webrtc_session_description_free(offer);
    gst_promise_unref(promise);
}

static void on_negotiation_needed(GstElement *webrtcbin, gpointer stream) {
    g_signal_emit_by_name(
        webrtcbin, "create-offer", NULL, gst_promise_new_with_change_func(on_offer_created, stream, NULL));
}

static void on_candidate(GstElement *webrtcbin, guint section, const char *candidate, gpointer stream) {
    (void)webrtcbin;
    if (*candidate) say("ice %d %u %s", ((Stream *)stream)->number, section, candidate);
}

static void add_stream(Stream *stream, int number) {
    const char *payloader = is_h264 ? "rtph264pay aggregate-mode=zero-latency config-interval=-1" : "rtpvp8pay picture-id-mode=2";
    char *text = g_strdup_printf(
        "appsrc name=source is-live=true format=time caps=%s ! %s mtu=1200 ! "
        "application/x-rtp,media=video,encoding-name=%s,payload=96 ! webrtcbin name=webrtcbin bundle-policy=max-bundle",
        is_h264 ? "video/x-h264,stream-format=byte-stream,alignment=au" : "video/x-vp8", payloader,
        is_h264 ? "H264" : "VP8");
    GstElement *pipeline = gst_parse_launch(text, NULL);
    g_free(text);
    stream->number = number;
    stream->webrtcbin = gst_bin_get_by_name(GST_BIN(pipeline), "webrtcbin");
    stream->source = gst_bin_get_by_name(GST_BIN(pipeline), "source");
    GObject *ice, *agent;
    g_object_get(stream->webrtcbin, "ice-agent", &ice, NULL);
    g_object_get(ice, "agent", &agent, NULL);
    g_object_set(agent, "upnp", FALSE, "ice-tcp", FALSE, NULL);
    g_signal_connect(stream->webrtcbin, "on-negotiation-needed", G_CALLBACK(on_negotiation_needed), stream);
    g_signal_connect(stream->webrtcbin, "on-ice-candidate", G_CALLBACK(on_candidate), stream);
    gst_element_set_state(pipeline, GST_STATE_READY);
    // As a phone has one; SCTP's timer is part of the cost.
    GstWebRTCDataChannel *channel = NULL;
    g_signal_emit_by_name(stream->webrtcbin, "create-data-channel", "keepalive", NULL, &channel);
    gst_element_set_state(pipeline, GST_STATE_PLAYING);
}

static gboolean begin_measuring(gpointer unused) {
    (void)unused;
    say("count");
    return G_SOURCE_REMOVE;
}

static int compare(const void *left, const void *right) {
    const double a = ((const Stream *)left)->first_frame, b = ((const Stream *)right)->first_frame;
    return (a > b) - (a < b);
}

static double median_first_frame(void) {
    qsort(streams, (size_t)stream_count, sizeof *streams, compare);
    return streams[stream_count / 2].first_frame;
}

static void end(void) {
    fflush(stdout);
    // A bridge ends with its input, and takes the receiver with it.
    fclose(to_receiver);
    if (child == receiver) kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    exit(0);
}

static void all_flow(void) {
    if (seconds) {
        g_timeout_add_seconds(3, begin_measuring, NULL);
        return;
    }
    printf("{\"first\": %.4f}\n", median_first_frame());
    end();
}

static void counted(long total) {
    const Sample now = {receiver_cpu(), total, g_get_monotonic_time()};
    if (!measuring) {
        measuring = TRUE;
        before = now;
        g_timeout_add_seconds((guint)seconds, begin_measuring, NULL);
        return;
    }
    const long received = now.frames - before.frames;
    const double rate = (double)received / ((double)(now.at - before.at) / G_USEC_PER_SEC);
    printf(
        "{\"cpu\": %.4f, \"rate\": %.1f, \"memory\": %.1f, \"threads\": %ld, \"first\": %.4f}\n",
        (now.cpu - before.cpu) * 1000 / (double)received, rate, (double)receiver_status("VmRSS:") / 1024,
        receiver_status("Threads:"), median_first_frame());
    end();
}

static void answered(Stream *stream, char *text) {
    GstSDPMessage *message;
    g_strdelimit(text, "\t", '\n');
    gst_sdp_message_new_from_text(text, &message);
    GstWebRTCSessionDescription *answer = gst_webrtc_session_description_new(GST_WEBRTC_SDP_TYPE_ANSWER, message);
    g_signal_emit_by_name(stream->webrtcbin, "set-remote-description", answer, NULL);
    gst_webrtc_session_description_free(answer);
}

static gboolean on_line(GIOChannel *channel, GIOCondition condition, gpointer unused) {
    (void)condition, (void)unused;
    char *line = NULL;
    int number = 0, offset = 0;
    unsigned section;
    long total;
    if (g_io_channel_read_line(channel, &line, NULL, NULL, NULL) != G_IO_STATUS_NORMAL) g_error("the receiver left");
    g_strchomp(line);
    if (sscanf(line, "pid %d", &receiver) == 1) {
        // What it says from now on is the receiver's.
    } else if (sscanf(line, "answer %d %n", &number, &offset) == 1) {
        answered(&streams[number], line + offset);
    } else if (sscanf(line, "ice %d %u %n", &number, &section, &offset) == 2) {
        g_signal_emit_by_name(streams[number].webrtcbin, "add-ice-candidate", section, line + offset);
    } else if (sscanf(line, "first %d", &number) == 1) {
        streams[number].first_frame = (double)(g_get_monotonic_time() - streams[number].offered) / G_USEC_PER_SEC;
        if (++streams_flowing == stream_count) all_flow();
    } else if (sscanf(line, "frames %ld", &total) == 1) {
        counted(total);
    }
    g_free(line);
    return G_SOURCE_CONTINUE;
}

int main(int count, char **arguments) {
    gst_init(NULL, NULL);
    if (count < 5) return 64;
    stream_count = atoi(arguments[2]);
    seconds = atoi(arguments[3]);
    streams = g_new0(Stream, stream_count);
    read_frames(arguments[1]);
    int input, output;
    GError *error = NULL;
    if (!g_spawn_async_with_pipes(
            NULL, arguments + 4, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &child, &input, &output, NULL, &error))
        g_error("%s", error->message);
    receiver = child;
    to_receiver = fdopen(input, "w");
    GIOChannel *channel = g_io_channel_unix_new(output);
    g_io_add_watch(channel, G_IO_IN | G_IO_HUP, on_line, NULL);
    for (int i = 0; i < stream_count; i++) add_stream(&streams[i], i);
    g_thread_new("frames", send_frames, NULL);
    loop = g_main_loop_new(NULL, FALSE);
    g_main_loop_run(loop);
}
