/* What the pages of notices show. */
#ifndef WORK_NOTICE_VIEW_H
#define WORK_NOTICE_VIEW_H

#include "web/page.h"
#include "work/notice.h"

struct notice_list_view {
    const char *csrf;
    const struct notice *notices;
    size_t count;
    bool only_new, may_manage;
    int64_t new_count;
    const char *more_href; /* NULL: the end */
};

/* Whose settings are shown. */
struct notice_place {
    int64_t county;
    const char *name;
    const struct notice_county *choices;
    size_t choice_count;
};
/* By ?county= or the form's; the first of those the actor manages when it says none.
 * RC_NOTFOUND: not one of them. */
enum rc notice_place_find(struct notice_place *out, struct cx *cx, const struct request *q);
/* A county's address for a redirect: "/notice/settings?county=3". */
const char *notice_place_href(struct cx *cx, const char *path, const struct notice_place *p);

struct notice_message_view {
    const struct notice_send *m;
    const char *channel, *who, *state, *tone, *error, *when;
};
struct notice_setting_view {
    const char *csrf;
    const struct notice_place *place;
    struct notice_settings s;
    const char *field, *error; /* what is wrong with the form; NULL */
    const char *quiet, *summary_at;
    const struct notice_message_view *messages;
    size_t message_count;
};

struct webhook_row_view {
    const struct webhook *w;
    const char *since, *error;
};
struct webhook_view {
    const char *csrf;
    const struct notice_place *place;
    const struct webhook_row_view *rows;
    size_t count;
    const char *url, *events, *error; /* of the form */
    const char *secret;               /* of the one just added; NULL */
};

#endif
