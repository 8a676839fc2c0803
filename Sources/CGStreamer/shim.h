// SPDX-License-Identifier: Apache-2.0
#pragma once

// First, so that GLib's types are CGLib's and not a second set.
#include "../CGLib/shim.h"

#include <linux/sched.h>
#include <malloc.h>
#include <sched.h>

#define GST_USE_UNSTABLE_API
#include <gst/gst.h>
#include <gst/app/gstappsrc.h>
#include <gst/sdp/sdp.h>
#include <gst/webrtc/webrtc.h>
#include <nice/agent.h>

// What Swift can't import: variadics and macros.

/// Emits one of webrtcbin's signals that take something and a promise.
static inline void cgst_ask(GstElement *webrtcbin, const char *signal, gpointer about, GstPromise *promise) {
    g_signal_emit_by_name(webrtcbin, signal, about, promise);
}

static inline void cgst_add_ice_candidate(GstElement *webrtcbin, guint section, const char *candidate) {
    g_signal_emit_by_name(webrtcbin, "add-ice-candidate", section, candidate);
}

/// Emits a signal that takes a text and says whether it was any good.
static inline gboolean cgst_accepts(gpointer object, const char *signal, const char *text) {
    gboolean accepted = FALSE;
    g_signal_emit_by_name(object, signal, text, &accepted);
    return accepted;
}

static inline GstWebRTCDataChannel *cgst_create_data_channel(GstElement *webrtcbin, const char *label) {
    GstWebRTCDataChannel *channel = NULL;
    g_signal_emit_by_name(webrtcbin, "create-data-channel", label, NULL, &channel);
    return channel;
}

/// Hands a copy of a buffer, without its times, to an appsrc.
static inline void cgst_push_untimed(GstElement *appsrc, GstBuffer *buffer) {
    GstBuffer *copy = gst_buffer_copy_region(buffer, GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_MEMORY, 0, (gsize)-1);
    GstFlowReturn result;
    g_signal_emit_by_name(appsrc, "push-buffer", copy, &result);
    gst_buffer_unref(copy);
}

static inline GArray *cgst_transceivers(GstElement *webrtcbin) {
    GArray *transceivers = NULL;
    g_signal_emit_by_name(webrtcbin, "get-transceivers", &transceivers);
    return transceivers;
}

static inline GstObject *cgst_transceiver(GArray *transceivers, guint index) {
    return g_array_index(transceivers, GstObject *, index);
}

static inline GstBuffer *cgst_probed_buffer(GstPadProbeInfo *info) { return GST_PAD_PROBE_INFO_BUFFER(info); }
static inline GstBufferList *cgst_probed_list(GstPadProbeInfo *info) { return GST_PAD_PROBE_INFO_BUFFER_LIST(info); }

/// Whether a decoder can begin with it.
static inline gboolean cgst_is_keyframe(GstBuffer *buffer) {
    return !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT);
}

/// Hands an appsrc a buffer at a time and an offset of its own; the bytes are shared. Its caps go ahead of it where they
/// changed.
static inline void cgst_push(GstElement *appsrc, GstBuffer *buffer, GstCaps *caps, GstClockTime time, guint64 offset) {
    GstBuffer *copy = gst_buffer_copy_region(
        buffer, GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_META | GST_BUFFER_COPY_MEMORY, 0, (gsize)-1);
    GST_BUFFER_PTS(copy) = time;
    GST_BUFFER_OFFSET(copy) = offset;
    GstSample *sample = gst_sample_new(copy, caps, NULL, NULL);
    gst_buffer_unref(copy);
    gst_app_src_push_sample(GST_APP_SRC(appsrc), sample);
    gst_sample_unref(sample);
}

static inline void cgst_end(GstElement *appsrc) { gst_app_src_end_of_stream(GST_APP_SRC(appsrc)); }

/// Answers a query for caps: whatever is asked for.
static inline void cgst_take_any_caps(GstQuery *query) {
    GstCaps *filter = NULL;
    gst_query_parse_caps(query, &filter);
    GstCaps *any = filter ? gst_caps_ref(filter) : gst_caps_new_any();
    gst_query_set_caps_result(query, any);
    gst_caps_unref(any);
}

static inline GstMessageType cgst_message_type(GstMessage *message) { return GST_MESSAGE_TYPE(message); }
static inline const char *cgst_message_source(GstMessage *message) { return GST_MESSAGE_SRC_NAME(message); }

/// What kind of element a message comes from; empty where it is from none.
static inline const char *cgst_message_factory(GstMessage *message) {
    GstObject *source = GST_MESSAGE_SRC(message);
    GstElementFactory *factory = GST_IS_ELEMENT(source) ? gst_element_get_factory(GST_ELEMENT(source)) : NULL;
    return factory ? gst_plugin_feature_get_name(GST_PLUGIN_FEATURE(factory)) : "";
}

// Swift reads <sched.h> without _GNU_SOURCE.
int sched_getaffinity(pid_t thread, size_t size, cpu_set_t *cores);
int sched_setaffinity(pid_t thread, size_t size, const cpu_set_t *cores);

/// Where a thread may run and how it is scheduled.
typedef struct {
    cpu_set_t cores;
    int policy;
} CGstScheduling;

/// Those of the calling thread.
static inline CGstScheduling cgst_scheduling(void) {
    CGstScheduling scheduling = {.policy = sched_getscheduler(0)};
    sched_getaffinity(0, sizeof scheduling.cores, &scheduling.cores);
    return scheduling;
}

static inline void cgst_schedule(CGstScheduling scheduling) {
    const struct sched_param plain = {0};
    sched_setaffinity(0, sizeof scheduling.cores, &scheduling.cores);
    sched_setscheduler(0, scheduling.policy, &plain);
}

/// One core, and no claim to be woken quickly.
static inline CGstScheduling cgst_batch_on(int core) {
    CGstScheduling scheduling = {.policy = SCHED_BATCH};
    __CPU_SET_S(core, sizeof scheduling.cores, &scheduling.cores);
    return scheduling;
}

static const int cgst_most_cores = __CPU_SETSIZE;

static inline gboolean cgst_includes(CGstScheduling scheduling, int core) {
    return __CPU_ISSET_S(core, sizeof scheduling.cores, &scheduling.cores) ? TRUE : FALSE;
}
