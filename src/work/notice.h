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
struct both both_f(struct cx *cx, const char *n_format, ...)
    __attribute__((format(printf, 2, 3)));
struct both both_of(struct label label);
struct both both_typed(const char *text); /* typed by a person: the same in both */

struct notice {
    int64_t county, id, user_id, at, read_at; /* read_at 0: new */
    enum notice_weight weight;
    const char *key;  /* what it is about, e.g. "task:812:due" */
    struct both text; /* never names a person: "A household in Xinjian Village …" */
    const char *href; /* own page; "" */
};
/* In a write closure. Does nothing for a (user, key) that exists. `at` 0: now; id and read_at
 * are not looked at; user_id 0 (the system) is told nothing. */
enum rc notice_add(struct cx *cx, const struct notice *n) MUST_USE;
/* … to several. */
enum rc notice_tell(struct cx *cx, const int64_t *user_ids, size_t count,
                    const struct notice *n) MUST_USE;
/* The actor's own, newest first, before `before_id` (0). */
enum rc notice_list(struct notice **out, size_t *count, struct cx *cx, int64_t before_id,
                    bool only_new, size_t max) MUST_USE;
/* Counted to at most 1,000; 0 for the system. */
enum rc notice_count_new(int64_t *count, struct cx *cx) MUST_USE;
/* Marks as read (id 0: all up to now). RC_NOTFOUND: not one of the actor's own. Opens its own
 * write. */
enum rc notice_read(struct cx *cx, int64_t id) MUST_USE;

/* ---- sending ---- */
/* How the office sends: settings of the county (0: of all counties that have none for that
 * channel), secrets sealed. Permission notice.manage in the county (0: everywhere). */
struct notice_settings {
    const char *mail_url, *mail_from, *mail_user, *mail_password; /* smtp://host:port; "" off */
    const char *sms_url, *sms_token;                              /* POST JSON; "" off */
    const char *page_url; /* address of the office in links */
};
#define NOTICE_MASK "********"
/* The county's own, "" where it has none; secrets are NOTICE_MASK for actors, plain for the
 * system. */
enum rc notice_settings_get(struct notice_settings *out, struct cx *cx,
                            int64_t county) MUST_USE;
/* A secret that is NOTICE_MASK stays as it is. RC_INVALID: *field names what is wrong
 * ("mail_url" …). Opens its own write. */
enum rc notice_settings_set(const char **field, struct cx *cx, int64_t county,
                            const struct notice_settings *s) MUST_USE;
/* What is used for a county: its own, or those of all; plain, for sending only. */
enum rc notice_settings_used(struct notice_settings *out, struct cx *cx,
                             int64_t county) MUST_USE;
/* May the actor set how a county (0: all) sends? */
enum rc notice_may_manage(bool *may, struct cx *cx, int64_t county) MUST_USE;
/* The counties whose sending the actor manages, by path; first 0 ("all counties") where they
 * manage everywhere. */
struct notice_county {
    int64_t county;
    const char *name;
};
enum rc notice_counties(struct notice_county **out, size_t *count, struct cx *cx) MUST_USE;

struct webhook {
    int64_t county, id;
    const char *url, *events; /* events: kinds by blanks, "*" all */
    bool active;
    int64_t failed_since; /* 0: the last delivery worked */
    const char *last_error;
};
/* *secret: the signing secret, shown once. RC_INVALID: not http(s), a private address. Opens
 * its own write, as the next. Permission notice.manage. */
enum rc webhook_add(int64_t *id, const char **secret, struct cx *cx,
                    const struct webhook *w) MUST_USE;
/* Switched off, what waits for it is given up. */
enum rc webhook_set_active(struct cx *cx, int64_t id, bool active) MUST_USE;
enum rc webhook_list(struct webhook **out, size_t *count, struct cx *cx,
                     int64_t county) MUST_USE;
/* Tells the county's webhooks (and those of all counties) of an event: a JSON body without
 * personal data, signed (HMAC-SHA-256 over "time.body"), with an id that stays the same over
 * repeats. In a write closure. */
enum rc webhook_tell(struct cx *cx, int64_t county, const char *event,
                     struct str json) MUST_USE;

/* Messages under way, newest first; state: waiting, sent, failed (given up after 3 days), ""
 * all. Permission notice.manage. */
struct notice_send {
    int64_t county, id, user_id, at, next_at, sent_at;
    const char *channel, *state, *error; /* mail sms webhook; the address is not shown */
    int32_t tries;
};
enum rc notice_send_list(struct notice_send **out, size_t *count, struct cx *cx, int64_t county,
                         struct str state, size_t max) MUST_USE;
/* The reason a message was not sent, in words. */
const char *notice_error_text(struct cx *cx, const char *error);
/* Tries a waiting or failed one again at once, for another 3 days. RC_NOTFOUND, RC_CONFLICT (it
 * was sent). Opens its own write. */
enum rc notice_send_again(struct cx *cx, int64_t county, int64_t id) MUST_USE;
/* A message to the actor by the county's settings; channel: mail, sms. RC_INVALID: no address,
 * or the channel is off. Opens its own write. */
enum rc notice_send_test(struct cx *cx, int64_t county, struct str channel) MUST_USE;
/* For the status page: messages that wait, those of them tried in vain, and those given up;
 * each counted to at most 10,000. */
struct notice_figures {
    int64_t waiting, failing, failed;
};
enum rc notice_figures_get(struct notice_figures *out, struct cx *cx) MUST_USE;

/* Makes messages of what waits and sends what is due; returns when nothing is, or after about
 * 50 s. Each try is bounded to 10 s for connecting and 20 s in all, many run beside each other,
 * at most two to one target. Never in a write closure. A clock of the server does this every 2
 * s (job.h), and the next every minute. */
enum rc notice_send_due(int64_t *sent, struct cx *cx) MUST_USE;
/* Makes the daily summaries that are due: one per user and day. */
enum rc notice_summaries_due(int64_t *made, struct cx *cx) MUST_USE;
/* Adds a line to daily summaries ("12 households of yours wait for a check"): told by the
 * office's other rooms before the clocks run. cx->actor is the user and cx->lang their language
 * while it is called; `county` is one of their grants' (0: above counties). What fails with a
 * line adds none. */
typedef enum rc (*summary_fn)(struct cx *cx, struct buf *out, int64_t county, int64_t user_id,
                              enum lang lang);
void notice_summary_add(summary_fn fn);

#endif
