/* What of an assembly is shown: the wall, the minutes, and the parts that its pages share. */
#include "base/embed.h"
#include "base/format.h"
#include "base/text.h"
#include "base/time.h"
#include "casework/assembly.html.h"
#include "casework/assembly_inner.h"
#include "casework/assembly_view.h"
#include "casework/case_inner.h"
#include "casework/posting.h"
#include "people/actor.h"

enum { MINUTE_S = 60, HOUR_MIN = 60, DAY_MIN = 24 * HOUR_MIN };

const char *assembly_state_text(struct cx *cx, enum assembly_state s)
{
    switch (s) {
    case ASSEMBLY_PLANNED:
        return _("planned");
    case ASSEMBLY_OPEN:
        return _("people are counted");
    case ASSEMBLY_CLOSED:
        return _("closed");
    case ASSEMBLY_CLOSING:
        return _("being closed");
    }
    return "";
}

const char *assembly_state_tone(enum assembly_state s)
{
    return s == ASSEMBLY_CLOSED ? "good" : "warn";
}

const char *assembly_rule_text(struct cx *cx, const struct assembly_rule *rule)
{
    return rule->share
               ? arena_printf(cx->arena,
                              _("At least %d %% of those entitled are present; a case passes "
                                "with more than %d %% of those present."),
                              (int)rule->quorum, (int)rule->share)
               : arena_printf(cx->arena,
                              _("At least %d %% of those entitled are present; a case passes "
                                "with more votes for it than against it."),
                              (int)rule->quorum);
}

/* ---- moments ---- */

static int64_t local_min(const struct cx *cx, int64_t at)
{
    return at / MINUTE_S + cx->profile->zone_offset_min;
}

const char *assembly_date(struct cx *cx, int64_t at)
{
    return at > 0 ? day_iso(cx->arena, (int32_t)(local_min(cx, at) / DAY_MIN)) : "";
}

const char *assembly_clock(struct cx *cx, int64_t at)
{
    int64_t min = local_min(cx, at) % DAY_MIN;
    return at > 0 ? arena_printf(cx->arena, "%02d:%02d", (int)(min / HOUR_MIN),
                                 (int)(min % HOUR_MIN))
                  : "";
}

bool assembly_moment(int64_t *at, const struct cx *cx, struct str date, struct str clock)
{
    int32_t day;
    int64_t hour, min;
    struct str rest = str_trim(clock), h = str_cut(&rest, ':');
    struct str m = rest.p ? str_cut(&rest, ':') : STR("0");
    if (!day_parse(&day, str_trim(date)) || !str_to_i64(&hour, h) || !str_to_i64(&min, m) ||
        hour < 0 || hour > 23 || min < 0 || min > 59)
        return false;
    *at = ((int64_t)day * DAY_MIN + hour * HOUR_MIN + min - cx->profile->zone_offset_min) *
          MINUTE_S;
    return *at > 0;
}

/* ---- the cases ---- */

static const char *number(struct cx *cx, int32_t n)
{
    return n < 0 ? "" : arena_printf(cx->arena, "%d", (int)n);
}

static void fill_result(struct assembly_item_view *v, struct cx *cx, const struct assembly *a,
                        const struct assembly_rule *rule)
{
    const struct assembly_item *i = v->item;
    bool over = a->state == ASSEMBLY_CLOSED || a->state == ASSEMBLY_CLOSING;
    bool passes = over ? i->passed : assembly_passes(rule, a, i);
    v->tone = "muted";
    if (over && i->failed) {
        v->result = _("not carried out");
        v->tone = "warn";
    } else if (v->gone && !over) {
        v->result = v->away ? _("moved away") : _("decided in the meantime");
        v->tone = "warn";
    } else if (i->agree < 0) {
        v->result = _("no votes yet");
    } else {
        v->result = passes ? _("passed") : _("not passed");
        v->tone = passes ? "good" : "bad";
    }
}

static enum rc fill_item(struct assembly_item_view *v, struct cx *cx, const struct assembly *a,
                         const struct assembly_rule *rule)
{
    struct flow f;
    struct case_subject s;
    TRY(assembly_case(&f, &s, cx, v->item->flow_id));
    v->title = v->shown = s.title;
    v->away = !f.id;
    if (!v->away)
        TRY(posting_shown(&v->shown, cx, &f));
    v->workflow = f.workflow ? LABEL(cx, f.workflow->label) : v->away ? "–" : f.workflow_code;
    v->told = f.state ? LABEL(cx, f.state->told) : "";
    v->agree = number(cx, v->item->agree);
    v->disagree = number(cx, v->item->disagree);
    v->abstain = number(cx, v->item->abstain);
    v->gone = f.closed_at || !f.state || f.state->kind != STATE_VOTE;
    fill_result(v, cx, a, rule);
    return RC_OK;
}

enum rc assembly_items_fill(struct assembly_item_view **out, size_t *count, struct cx *cx,
                            const struct assembly *a)
{
    struct assembly_item *items;
    struct assembly_rule rule;
    TRY(assembly_rule_get(&rule, cx, a->area_id));
    TRY(assembly_items(&items, count, cx, a->id));
    struct assembly_item_view *list = arena_new(cx->arena, (*count + 1) * sizeof *list);
    for (size_t i = 0; i < *count; i++) {
        list[i].item = &items[i];
        TRY(fill_item(&list[i], cx, a, &rule));
    }
    *out = list;
    return RC_OK;
}

/* ---- the wall ---- */

static enum rc show_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id, n = query_id(q, "n");
    struct assembly m;
    struct assembly_item_view *items;
    struct assembly_show_view v = {.a = &m};
    const struct embedded *script = embed_find(STR("web/assembly.js"));
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(db_read_begin(cx));
    TRY(assembly_get(&m, cx, id));
    TRY(assembly_items_fill(&items, &v.count, cx, &m));
    v.place = area_label(cx, m.area_id);
    v.when = format_time(cx, m.at);
    v.script = script ? embedded_url(cx, "/static/", script) : NULL;
    if (n < 1 || (uint64_t)n > v.count)
        n = 1;
    v.number = (size_t)n;
    v.item = v.count ? &items[n - 1] : NULL;
    if (n > 1)
        v.previous =
            arena_printf(cx->arena, "/assembly/%" PRId64 "/show?n=%" PRId64, id, n - 1);
    if ((size_t)n < v.count)
        v.next = arena_printf(cx->arena, "/assembly/%" PRId64 "/show?n=%" PRId64, id, n + 1);
    struct out *o = page_begin(
        cx, q,
        &(struct page){.title = _("Village meeting"),
                       .nav = "case",
                       .wide = true,
                       .back_href = arena_printf(cx->arena, "/assembly/%" PRId64, id),
                       .back_label = _("To the meeting")});
    assembly_show_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

/* ---- the minutes ---- */

static enum rc minutes_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct assembly m;
    struct assembly_rule rule;
    struct assembly_item_view *items;
    struct assembly_page_view v = {.a = &m};
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(db_read_begin(cx));
    TRY(assembly_get(&m, cx, id));
    TRY(assembly_rule_get(&rule, cx, m.area_id));
    TRY(assembly_items_fill(&items, &v.item_count, cx, &m));
    v.items = items;
    v.place = area_label(cx, m.area_id);
    v.when = format_time(cx, m.at);
    v.state = assembly_state_text(cx, m.state);
    v.tone = assembly_state_tone(m.state);
    v.entitled = number(cx, m.entitled);
    v.present = number(cx, m.present);
    v.rule = assembly_rule_text(cx, &rule);
    struct out *o = page_begin(
        cx, q,
        &(struct page){.title = _("Minutes"),
                       .nav = "case",
                       .back_href = arena_printf(cx->arena, "/assembly/%" PRId64, id),
                       .back_label = _("To the meeting")});
    assembly_minutes_body(o, cx, &v);
    return page_end(cx, q, a, o);
}

static enum rc write_pdf(struct cx *cx, void *arg, int fd)
{
    const int64_t *id = arg;
    return assembly_pdf(cx, *id, fd);
}

static enum rc pdf_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(db_read_begin(cx));
    return public_pdf(cx, a, "minutes", write_pdf, &id);
}

#define SEES                                                                                   \
    .method = METHOD_GET, .scope = SCOPE_PERMISSION, .permission = "case.view",                \
    .csrf = CSRF_NONE
static const struct route rows[] = {
    {SEES, .path = "/assembly/{id}/show", .handle = show_get, .test_path = "/assembly/1/show"},
    {SEES, .path = "/assembly/{id}/minutes", .handle = minutes_get,
     .test_path = "/assembly/1/minutes"},
    {SEES, .path = "/assembly/{id}/minutes.pdf", .time_ms_max = 20000, .heavy = true,
     .handle = pdf_get, .test_path = "/assembly/1/minutes.pdf"},
};
const struct route_table assembly_show_routes = ROUTE_TABLE(rows);
