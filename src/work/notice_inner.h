/* What the files of notices share among themselves; no other room includes this. */
#ifndef WORK_NOTICE_INNER_H
#define WORK_NOTICE_INNER_H

#include "db/db.h"
#include "work/notice.h"

enum notice_channel { CHANNEL_MAIL = 1, CHANNEL_SMS = 2, CHANNEL_WEBHOOK = 3 };
enum { SEND_WAITING = 0, SEND_SENT = 1, SEND_FAILED = 2 };
enum {
    NOTICE_URL_MAX = 500,
    NOTICE_BODY_MAX = 256 * 1024,
    NOTICE_CONNECT_MS = 10000,
    NOTICE_TRY_MS = 20000,
    NOTICE_LEASE_S = 90, /* a message under way is due again after this */
};

/* ---- secrets ---- */
/* Hex of the sealed text, as stored; "" for "". `what` is authenticated ("notice.mail"). */
const char *notice_seal(struct cx *cx, const char *plain, const char *what, int64_t id);
enum rc notice_unseal(const char **plain, struct cx *cx, struct str hex, const char *what,
                      int64_t id) MUST_USE;
/* Begins with one of the schemes ("https://"), has a host, no blanks or control characters. */
bool notice_url_ok(const char *url, const char *const *schemes);
/* FUMIN_ALLOW_LOCAL=1: webhooks may go to this machine and to private addresses (tests). */
bool notice_local_allowed(void);

/* ---- messages ---- */
/* One to be stored; `lane` see the table. */
struct dispatch {
    int64_t county, lane, user_id, next_at;
    enum notice_channel channel;
    const char *event, *subject, *body;
};
/* In a write closure. */
enum rc notice_send_add(struct cx *cx, const struct dispatch *m) MUST_USE;
/* Makes messages of urgent notices that wait, at most 100; *count: how many were looked at. */
enum rc notice_fan_out(size_t *count, struct cx *cx) MUST_USE;
/* Which channels a notice or summary of a user may take, by their contact and the settings. */
struct reach {
    bool mail, sms; /* wanted, has an address, and is set up */
    bool wants_summary;
    int64_t mail_lane, sms_lane;
    struct notice_settings settings;
    const struct actor *actor; /* NULL: blocked or gone */
};
enum rc notice_reach(struct reach *out, struct cx *cx, int64_t county,
                     int64_t user_id) MUST_USE;
/* As notice_settings_used, with the county whose settings each channel uses. */
enum rc notice_settings_found(struct notice_settings *out, int64_t *mail_county,
                              int64_t *sms_county, struct cx *cx, int64_t county) MUST_USE;

/* ---- webhooks ---- */
/* The plain signing key and address; RC_NOTFOUND, or RC_CONFLICT when it is switched off. */
enum rc webhook_open(const char **url, const char **secret, struct cx *cx, int64_t id) MUST_USE;
/* Hex of HMAC-SHA-256 with the secret's characters as key over "time.body". */
const char *webhook_sign(struct arena *a, struct str secret, int64_t at, struct str body);

/* ---- carrying: one try of many messages beside each other; no database ---- */
/* What is to be sent; all texts live until the parcel's end. */
struct parcel {
    enum notice_channel channel;
    const char *url;
    const char *mail_from, *mail_to, *user, *password; /* mail */
    bool must_encrypt;                                 /* mail: the password needs TLS */
    const char *const *headers;                        /* "Name: value"; NULL-terminated */
    struct str body;
    bool no_local; /* refuse private addresses */
};
enum { CARRY_MAX = 16 };
struct carrier;
/* RC_IO when there is no memory. Free with carrier_close, which drops what is under way. */
enum rc carrier_open(struct carrier **out, struct cx *cx, int64_t connect_ms,
                     int64_t try_ms) MUST_USE;
void carrier_close(struct carrier *c);
/* Takes a parcel under way; `tag` names it. False: all places are taken. The parcel's memory is
 * the caller's until it is done. */
bool carrier_add(struct carrier *c, const struct parcel *p, void *tag);
/* Waits at most `wait_ms` for something to happen. */
void carrier_step(struct carrier *c, int wait_ms);
/* The next that is done: its tag, and "" or the reason it failed: connect, resolve, timeout,
 * tls, local, login, "http 500", "smtp 550", broken. NULL: none. */
void *carrier_done(struct carrier *c, const char **error);
/* Is the numeric address one of this machine or of a private network? */
bool carrier_is_local(int family, const void *address);

/* Texts of one mail: headers and body, ready for the wire. Until the arena ends. */
struct str notice_mail_text(struct arena *a, const struct parcel *p, const char *subject,
                            struct str body, const char *message_id, int64_t at);
/* RFC 2047 encoded words, folded. */
const char *notice_mail_word(struct arena *a, struct str text);

/* For tests: shorter limits of one try; 0 = the usual ones. */
void notice_send_limits(int64_t connect_ms, int64_t try_ms);

#endif
