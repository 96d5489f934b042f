/* What every page shares: the session in q->session, the layout, its answer. */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include "base/text.h"
#include "frame/frame.h"
#include "html/form.h"
#include "html/html.h"
#include "html/table.h"
#include "http/http.h"
#include "people/user.h"

/* Put into request.session by web/session.c; never NULL in a handler. */
struct visitor {
    bool signed_in;
    struct session session;
    const char *csrf;       /* masked token for this answer's forms */
    bool synthetic;         /* some county of this database is made up */
    const char *office;     /* name of the office on top of pages */
    bool market;            /* in the market's process */
    const char *market_url; /* in the office: where the market is; NULL: not open */
};
static inline const struct visitor *visitor_of(const struct request *q)
{
    return q->session;
}

struct page {
    const char *title;
    const char *nav; /* key of the marked entry of the navigation: "household", "import" … */
    const char *back_href, *back_label; /* a way back above the title; NULL */
    bool no_index;
    int refresh_s; /* 0; else the page reloads itself (progress without JavaScript) */
    bool wide;
};
/* Writes everything up to and with <main> and the title, and after it. Usage:
 *     struct out *o = page_begin(cx, q, &page);
 *     household_page_body(o, cx, &view);
 *     return page_end(cx, q, a, o); */
struct out *page_begin(struct cx *cx, const struct request *q, const struct page *page);
enum rc page_end(struct cx *cx, const struct request *q, struct response *a,
                 struct out *o) MUST_USE;

/* A message shown once on the next page ("Saved."), carried in a short-lived cookie as a key of
 * a fixed list (no text of others can be injected), see notices in layout.c. */
void page_notice(struct cx *cx, struct response *a, const char *notice_key);

/* A table page: HTML, or with ?format=csv|xlsx|json the same columns as a file (all rows the
 * caller passes; lists that page pass a larger limit when html_table_format says a file is
 * wanted). */
bool page_wants_file(const struct request *q);
enum rc page_table_file(struct cx *cx, const struct request *q, struct response *a,
                        const struct table *t, const char *file_name) MUST_USE;

/* Sends what `write` puts into an unnamed file, as an attachment NAME.ENDING. */
typedef enum rc (*page_file_fn)(struct cx *cx, int fd, enum frame_format format, void *arg);
enum rc page_file(struct cx *cx, struct response *a, const char *name, enum frame_format format,
                  page_file_fn write, void *arg) MUST_USE;

/* Route tables of the rooms' pages, joined in web/routes.c. */
struct route_table {
    const struct route *rows;
    size_t count;
};
#define ROUTE_TABLE(rows) {(rows), sizeof(rows) / sizeof((rows)[0])}

#endif
