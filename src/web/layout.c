/* The frame around every page: head, navigation by permission, notices, footer. */
#include "web/layout.h"

#include "base/text.h"
#include "web/layout.html.h"
#include "web/version.h"
#include "work/notice.h"

/* Fixed markup of this file: no value goes into it. */
#define HTML_LITERAL(text) {"" text, sizeof(text) - 1}

const struct html layout_mark = HTML_LITERAL(
    "<svg viewBox=\"0 0 32 32\" aria-hidden=\"true\" focusable=\"false\"><circle cx=\"16\" "
    "cy=\"16\" r=\"15\" "
    "fill=\"#e3f1ec\"/><path d=\"M16 27V13M16 18c-5 0-8-3-8-8 5 0 8 3 8 8zm0-3c0-5 3-8 8-8 0 "
    "5-3 8-8 8z\" "
    "fill=\"none\" stroke=\"#08513c\" stroke-width=\"2.4\" stroke-linejoin=\"round\"/></svg>");

static const struct html open_html[LANG_COUNT] = {
    HTML_LITERAL("<!doctype html><html lang=\"en\">"),
    HTML_LITERAL("<!doctype html><html lang=\"zh-CN\">")};
static const struct html body_open = HTML_LITERAL("<body>");
static const struct html main_open = HTML_LITERAL("<main id=\"main\">");
static const struct html main_close = HTML_LITERAL("</main>");
static const struct html body_close = HTML_LITERAL("</body></html>");

/* Texts shown once on the next page, by the key that the cookie carries. */
static const struct {
    const char *key, *text;
} notices[] = {
    {"saved", N_("Saved.")},
    {"created", N_("Created.")},
    {"password", N_("Your password was changed.")},
    {"signed-out", N_("You are signed out.")},
    {"session-ended", N_("That session was ended.")},
    {"compare-known", N_("This file was compared before; here is its result.")},
    {"area-merge", N_("The areas are being merged.")},
    {"import-undo", N_("The import is being taken back.")},
    {"import-apply", N_("The good rows are being taken over.")},
    {"blocked", N_("The account is blocked and its sessions have ended.")},
    {"unblocked", N_("The account may sign in again.")},
    {"granted", N_("The role was given.")},
    {"explained", N_("The finding is marked as explained.")},
    {"unexplained", N_("The explanation was taken back; the finding is open again.")},
    {"rule-undone",
     N_("The rule is what it was before; the undone version stays in the history.")},
    {"rule-draft", N_("The rule is what it was before, but as a draft: try it to see what does "
                      "not hold any more.")},
    {"revoked", N_("The role was taken back.")},
    {"notice-test", N_("A test message is under way; it arrives within a minute.")},
    {"notice-again", N_("The message is tried again now.")},
    {"case-moved", N_("The step was made.")},
    {"case-signed", N_("You have signed.")},
    {"case-open", N_("A case of this kind is open already; here it is.")},
};
static const char notice_cookie[] = "fumin_notice";

/* The market's: for everybody, then for those who sell or help to sell. */
#define ANYBODY ""
struct nav_row {
    const char *key, *href, *label, *permission; /* NULL: everybody who is signed in */
};
static const struct nav_row nav_rows[] = {
    {"home", "/", N_("Start"), NULL},
    {"task", "/task", N_("My tasks"), NULL},
    {"household", "/household", N_("Households"), "household.view"},
    {"alert", "/alert", N_("Alerts"), "alert.view"},
    {"case", "/case", N_("Cases"), "case.view"},
    {"plan", "/plan", N_("Help plans"), "household.view"},
    {"poverty", "/poverty", N_("Poverty"), "poverty.view"},
    /* Under "More": not of every day. */
    {"org", "/org", N_("Offices"), "household.view"},
    {"check", "/check", N_("Checks"), "household.view"},
    {"compare", "/compare", N_("Comparisons"), "compare.run"},
    {"area", "/area", N_("Areas"), "area.view"},
    {"import", "/import", N_("Imports"), "import.run"},
    {"export", "/export", N_("Exports"), "export.run"},
    {"user", "/user", N_("Users"), "user.manage"},
    {"rule", "/rule", N_("Rules"), "profile.view"},
    {"profile", "/codebook", N_("Codebook"), "profile.view"},
    {"market", "/market", N_("Market"), NULL},
    {"status", "/status", N_("Status"), "status.view"},
};
static const struct nav_row market_rows[] = {
    {"market", "/", N_("Market"), ANYBODY},
    {"basket", "/basket", N_("Basket"), ANYBODY},
    {"sell", "/sell/order", N_("Orders to pack"), NULL},
    {"shop", "/sell", N_("My shop"), NULL},
};
enum { NAV_COUNT = sizeof nav_rows / sizeof nav_rows[0], NAV_FIRST = 7, NOTICES_SHOWN = 99 };

void page_notice(struct cx *cx, struct response *a, const char *notice_key)
{
    response_cookie(cx, a, notice_cookie, notice_key, 20, false);
}

/* The page that follows a redirect shows the notice; page_end takes the cookie back. */
static const char *notice_text(struct cx *cx, const struct request *q)
{
    struct str key = request_cookie(q, notice_cookie);
    for (size_t i = 0; key.p && i < sizeof notices / sizeof notices[0]; i++)
        if (str_eq_z(key, notices[i].key))
            return text_in(cx->lang, notices[i].text);
    return NULL;
}

static bool may_go(const struct cx *cx, const struct nav_row *row)
{
    if (row->permission && !row->permission[0])
        return true;
    return cx->actor && (!row->permission || actor_may(cx, row->permission));
}

static void fill_navigation(struct layout *l, struct cx *cx, const struct page *page,
                            bool market)
{
    size_t count = market ? sizeof market_rows / sizeof *market_rows : NAV_COUNT;
    struct nav_entry *entries = arena_new(cx->arena, NAV_COUNT * sizeof *entries);
    for (size_t i = 0; i < count; i++) {
        const struct nav_row *row = market ? &market_rows[i] : &nav_rows[i];
        if (!may_go(cx, row))
            continue;
        bool current = page->nav && !strcmp(page->nav, row->key);
        if (i < NAV_FIRST)
            l->first_count++;
        else if (current)
            l->more_label = text_in(cx->lang, row->label);
        entries[l->entry_count++] = (struct nav_entry){
            .href = row->href, .label = text_in(cx->lang, row->label), .current = current};
    }
    l->entries = entries;
}

static struct layout make_layout(struct cx *cx, const struct request *q,
                                 const struct page *page)
{
    const struct visitor *v = visitor_of(q);
    bool in_english = cx->lang == LANG_EN;
    struct layout l = {
        .title = page->title,
        .office = v ? v->office : "",
        .user_name = v && v->signed_in && cx->actor ? cx->actor->name : NULL,
        .csrf = v ? v->csrf : "",
        .version = fumin_version,
        .back_href = page->back_href,
        .back_label = page->back_label,
        .notice = notice_text(cx, q),
        .other_language = in_english ? "中文" : "English",
        .other_language_tag = lang_tag(in_english ? LANG_ZH : LANG_EN),
        .synthetic = v && v->synthetic,
        .no_index = page->no_index || (v && v->signed_in),
        .refresh_s = page->refresh_s,
    };
    bool can_repeat = q->method == METHOD_GET || q->method == METHOD_HEAD;
    l.other_language_href = can_repeat
                                ? url_with(cx, q, "lang", l.other_language_tag)
                                : arena_printf(cx->arena, "/?lang=%s", l.other_language_tag);
    l.market = v && v->market;
    if (l.user_name || l.market)
        fill_navigation(&l, cx, page, l.market);
    return l;
}

/* By one indexed query; a page that tells of a failure is made without it. */
static const char *new_notices(struct cx *cx)
{
    int64_t count = 0;
    struct err kept = cx->err;
    if (!cx->db || !cx->actor || kept.rc)
        return NULL;
    if (notice_count_new(&count, cx))
        count = 0;
    cx->err = kept;
    if (count == 0)
        return NULL;
    return count > NOTICES_SHOWN ? arena_printf(cx->arena, "%d+", NOTICES_SHOWN)
                                 : arena_printf(cx->arena, "%" PRId64, count);
}

struct out *page_begin(struct cx *cx, const struct request *q, const struct page *page)
{
    struct out *o = out_new(cx->arena, NULL);
    struct layout l = make_layout(cx, q, page);
    if (l.user_name && !l.market)
        l.new_notices = new_notices(cx);
    html_put_raw(o, open_html[cx->lang]);
    layout_head(o, cx, &l);
    html_put_raw(o, body_open);
    layout_top(o, cx, &l);
    html_put_raw(o, main_open);
    layout_title(o, cx, &l);
    return o;
}

enum rc page_end(struct cx *cx, const struct request *q, struct response *a, struct out *o)
{
    struct layout l = make_layout(cx, q, &(struct page){.title = ""});
    if (l.notice)
        response_cookie(cx, a, notice_cookie, "", -1, false);
    html_put_raw(o, main_close);
    layout_foot(o, cx, &l);
    html_put_raw(o, body_close);
    if (request_cookie(q, notice_cookie).len) /* shown now: not again */
        response_cookie(cx, a, notice_cookie, "", 0, false);
    if (!out_ok(o))
        return fail(cx, RC_LIMIT, _("This page would be too large. Narrow it by a filter."),
                    "page limit");
    a->type = "text/html; charset=utf-8";
    a->body = o->buf;
    return RC_OK;
}

bool page_wants_file(const struct request *q)
{
    enum frame_format ignored;
    struct str format = request_query(q, "format");
    return format.p && frame_format_parse(&ignored, format);
}
