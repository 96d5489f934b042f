/* Notices: what somebody is told, on their page and, if they want, by mail, SMS or a webhook. A
 * notice is a row written in the same transaction as what it tells; sending goes on from there
 * and survives any crash. At most one notice per (user, key): a repeated cause tells nobody
 * twice. Ordinary notices are sent together in one summary a day; urgent ones at once, but in
 * the quiet hours only emergencies. Tables `notice`, `notice_send`, `webhook`. */
#ifndef WORK_NOTICE_H
#define WORK_NOTICE_H

#include "base/buf.h"
#include "base/cx.h"
#include "base/text.h"
#include "profile/profile.h"
#include "work/job.h"

enum notice_weight { NOTICE_ORDINARY = 0, NOTICE_URGENT = 1, NOTICE_EMERGENCY = 2 };
/* A text in both languages: generated texts are kept in both, so that everybody reads theirs.
 */
struct both {
    const char *in[LANG_COUNT];
};
/* Formats one N_() text in both languages; the arguments are the same in both. */
struct both both_f(struct cx *cx, const char *n_format, ...);
struct both both_of(struct label label);
struct both both_typed(const char *text); /* typed by a person: the same in both */

struct notice {
    int64_t county, id, user_id, at, read_at; /* read_at 0: new */
    enum notice_weight weight;
    const char *key;  /* what it is about, e.g. "task:812:due" */
    struct both text; /* never names a person: "A household in Xinjian Village …" */
    const char *href; /* own page; "" */
};
/* In a write closure. Does nothing for a (user, key) that exists. */
enum rc notice_add(struct cx *cx, const struct notice *n) MUST_USE;
/* … to several. */
enum rc notice_tell(struct cx *cx, const int64_t *user_ids, size_t count,
                    const struct notice *n) MUST_USE;
/* The actor's own, newest first, before `before_id` (0). */
enum rc notice_list(struct notice **out, size_t *count, struct cx *cx, int64_t before_id,
                    bool only_new, size_t max) MUST_USE;
enum rc notice_count_new(int64_t *count, struct cx *cx) MUST_USE;
/* Marks as read (id 0: all up to now). Own ones. */
enum rc notice_read(struct cx *cx, int64_t id) MUST_USE;

/* ---- sending ---- */
/* How the office sends: settings of the county (0: of all), secrets sealed. */
struct notice_settings {
    const char *mail_url, *mail_from, *mail_user, *mail_password; /* smtp://host:port; "" off */
    const char *sms_url, *sms_token;                              /* POST JSON; "" off */
    const char *page_url; /* address of the office in links */
};
enum rc notice_settings_get(struct notice_settings *out, struct cx *cx,
                            int64_t county) MUST_USE; /* secrets masked for actors */
enum rc notice_settings_set(struct cx *cx, int64_t county,
                            const struct notice_settings *s) MUST_USE;
struct webhook {
    int64_t county, id;
    const char *url, *events; /* events: kinds by blanks, "*" all */
    bool active;
    int64_t failed_since; /* 0: the last delivery worked */
    const char *last_error;
};
enum rc webhook_add(int64_t *id, const char **secret, struct cx *cx,
                    const struct webhook *w) MUST_USE; /* the signing secret, shown once */
enum rc webhook_set_active(struct cx *cx, int64_t id, bool active) MUST_USE;
enum rc webhook_list(struct webhook **out, size_t *count, struct cx *cx,
                     int64_t county) MUST_USE;
/* Tells the county's webhooks of an event: a JSON body without personal data, signed
 * (HMAC-SHA-256 over "time.body"), with an id that stays the same over repeats. In a write
 * closure. */
enum rc webhook_tell(struct cx *cx, int64_t county, const char *event,
                     struct str json) MUST_USE;

/* Messages under way, newest first; state: waiting, sent, failed (given up after 3 days). */
struct notice_send {
    int64_t county, id, user_id, at, next_at, sent_at;
    const char *channel, *state, *error; /* mail sms webhook; the address is not shown */
    int32_t tries;
};
enum rc notice_send_list(struct notice_send **out, size_t *count, struct cx *cx, int64_t county,
                         struct str state, size_t max) MUST_USE;
/* Job kinds "notice.send" (every few seconds: what is due; each call bounded to 20 s, never in
 * a write closure) and "notice.summary" (every minute: who is due their daily summary). */
extern const struct job_kind notice_job_kinds[];
extern const size_t notice_job_kind_count;
/* Adds a line to daily summaries ("12 households of yours wait for a check"): told to the
 * office's rooms above (watch) when a summary is made. */
typedef enum rc (*summary_fn)(struct cx *cx, struct buf *out, int64_t county, int64_t user_id,
                              enum lang lang);
void notice_summary_add(summary_fn fn);

#endif
