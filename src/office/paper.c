/* Policy papers: saving with what they set, in force on a day, replacing. */
#include "office/paper.h"

#include "base/format.h"
#include "base/text.h"
#include "base/time.h"
#include "base/utf8.h"
#include "office/office.sql.h"
#include "office/office_inner.h"
#include "profile/measures.h"
#include "profile/rules.h"
#include "profile/workflows.h"

#include <string.h>

enum {
    NUMBER_MAX_CHARS = 60,
    TITLE_MAX_CHARS = 150,
    SUMMARY_MAX_CHARS = 3000,
    NOTE_MAX_CHARS = 200
};

/* ---- what a paper sets ---- */

const char *const paper_link_kinds[] = {"check",  "threshold", "measure", "workflow",
                                        "option", "own_rule",  NULL};

const char *paper_kind_label(struct cx *cx, const char *kind)
{
    const char *const labels[] = {_("Check"),    _("Threshold"), _("Measure of help"),
                                  _("Workflow"), _("Switch"),    _("Rule of the county's own")};
    for (size_t i = 0; paper_link_kinds[i]; i++)
        if (!strcmp(kind, paper_link_kinds[i]))
            return labels[i];
    return kind;
}

static const struct threshold *threshold_of(const struct cx *cx, const char *code)
{
    const struct profile *p = cx->profile;
    for (size_t i = 0; i < p->threshold_count; i++)
        if (!strcmp(p->thresholds[i].code, code))
            return &p->thresholds[i];
    return NULL;
}

/* What the profile calls it; NULL: it is not known. */
static const struct label *label_of(const struct cx *cx, const struct paper_link *l)
{
    const struct profile *p = cx->profile;
    struct str code = str_of(l->code);
    int64_t number;
    if (!strcmp(l->kind, "check")) {
        const struct check *c = str_to_i64(&number, code) ? profile_check(p, number) : NULL;
        return c ? &c->message : NULL;
    }
    if (!strcmp(l->kind, "threshold")) {
        const struct threshold *t = threshold_of(cx, l->code);
        return t ? &t->label : NULL;
    }
    if (!strcmp(l->kind, "measure")) {
        const struct measure *m = profile_measure_code(p, code);
        return m ? &m->label : NULL;
    }
    if (!strcmp(l->kind, "workflow")) {
        const struct workflow *w = profile_workflow(p, code);
        return w ? &w->label : NULL;
    }
    if (!strcmp(l->kind, "option")) {
        const struct option *o = profile_option(p, code, NULL, 0);
        return o ? &o->label : NULL;
    }
    return NULL;
}

bool paper_link_known(const struct cx *cx, const struct paper_link *l)
{
    int64_t id;
    if (!strcmp(l->kind, "own_rule"))
        return str_to_i64(&id, str_of(l->code)) && id > 0;
    return label_of(cx, l) != NULL;
}

const char *paper_link_label(struct cx *cx, const struct paper_link *l)
{
    const struct label *label = label_of(cx, l);
    return label ? LABEL(cx, *label) : l->code;
}

const char *paper_link_href(struct cx *cx, const struct paper_link *l)
{
    const char *base = !strcmp(l->kind, "check")      ? "/check/"
                       : !strcmp(l->kind, "own_rule") ? "/rule/"
                                                      : NULL;
    return base ? arena_printf(cx->arena, "%s%s", base, l->code) : "";
}

/* ---- reading ---- */

static enum rc no_paper(struct cx *cx, int64_t id)
{
    return fail(cx, RC_NOTFOUND, _("There is no such paper, or not for you to see."),
                "paper=%" PRId64, id);
}

/* All statements have the same columns. */
static struct paper of_row(const struct db_rows *r)
{
    return (struct paper){.county = row_i64(r, PAPER_ONE_COUNTY),
                          .id = row_i64(r, PAPER_ONE_ID),
                          .area_id = row_i64(r, PAPER_ONE_AREA_ID),
                          .area_path = row_null(r, PAPER_ONE_AREA_PATH)
                                           ? "?"
                                           : row_copy(r, PAPER_ONE_AREA_PATH).p,
                          .document_id = row_i64(r, PAPER_ONE_DOCUMENT_ID),
                          .replaces_id = row_i64(r, PAPER_ONE_REPLACES_ID),
                          .number = row_copy(r, PAPER_ONE_NUMBER).p,
                          .title = row_copy(r, PAPER_ONE_TITLE).p,
                          .summary = row_copy(r, PAPER_ONE_SUMMARY).p,
                          .from_day = (int32_t)row_i64(r, PAPER_ONE_FROM_DAY),
                          .to_day = (int32_t)row_i64(r, PAPER_ONE_TO_DAY),
                          .version = (int32_t)row_i64(r, PAPER_ONE_VERSION)};
}

static enum rc read_papers(struct paper **out, size_t *count, struct db_rows *rows)
{
    struct cx *cx = rows->cx;
    struct paper *list = arena_new(cx->arena, PAPER_LIST_MAX * sizeof *list);
    size_t n = 0;
    while (n < PAPER_LIST_MAX && db_next(rows))
        list[n++] = of_row(rows);
    TRY(db_done(rows));
    if (n && !org_may_look(cx, str_of(list[0].area_path))) /* all are of one county */
        n = 0;
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc paper_list(struct paper **out, size_t *count, struct cx *cx, int64_t county,
                   int32_t in_force_on, struct str search)
{
    struct db_rows rows;
    struct str needle =
        utf8_bad_at(search) < search.len ? STR("\x01") : utf8_fold(cx, str_trim(search));
    TRY(DB_SELECT(&rows, cx, &PAPER_PAGE, V_I(county), V_I(in_force_on), V_S(needle),
                  V_I(PAPER_LIST_MAX)));
    return read_papers(out, count, &rows);
}

enum rc papers_of(struct paper **out, size_t *count, struct cx *cx, int64_t county,
                  const char *kind, struct str code)
{
    struct db_rows rows;
    TRY(DB_SELECT(&rows, cx, &PAPER_SETTING, V_I(county), V_T(kind), V_S(code),
                  V_I(day_at(cx->now_at, format_zone()))));
    return read_papers(out, count, &rows);
}

enum rc paper_get(struct paper *out, struct paper_link **links, size_t *count, struct cx *cx,
                  int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &PAPER_ONE, V_I(id));
    if (rc == RC_NOTFOUND)
        return no_paper(cx, id);
    TRY(rc);
    struct paper p = of_row(&rows);
    TRY(db_done(&rows));
    if (!org_may_look(cx, str_of(p.area_path)))
        return no_paper(cx, id);
    if (links) {
        struct paper_link *list = arena_new(cx->arena, PAPER_LINKS_MAX * sizeof *list);
        size_t n = 0;
        TRY(DB_SELECT(&rows, cx, &PAPER_LINK_LIST, V_I(p.county), V_I(id)));
        while (n < PAPER_LINKS_MAX && db_next(&rows))
            list[n++] = (struct paper_link){.kind = row_copy(&rows, PAPER_LINK_LIST_KIND).p,
                                            .code = row_copy(&rows, PAPER_LINK_LIST_CODE).p,
                                            .note = row_copy(&rows, PAPER_LINK_LIST_NOTE).p};
        TRY(db_done(&rows));
        *links = list;
        *count = n;
    }
    *out = p;
    return RC_OK;
}

enum rc paper_replaced_by(int64_t *id, struct cx *cx, int64_t county, int64_t paper_id)
{
    struct db_rows rows;
    *id = 0;
    enum rc rc = DB_ONE(&rows, cx, &PAPER_HEIR, V_I(county), V_I(paper_id));
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    *id = row_i64(&rows, 0);
    return db_done(&rows);
}

/* ---- saving ---- */

struct saving {
    struct paper p;
    const char *key;
    struct paper_link *links;
    size_t count;
};

static enum rc links_write(struct cx *cx, const struct saving *s)
{
    TRY(DB_RUN(cx, &PAPER_LINK_CLEAR, V_I(s->p.county), V_I(s->p.id)));
    for (size_t i = 0; i < s->count; i++)
        TRY(DB_RUN(cx, &PAPER_LINK_INSERT, V_I(s->p.county), V_I(s->p.id), V_I(i),
                   V_T(s->links[i].kind), V_T(s->links[i].code), V_T(s->links[i].note)));
    return RC_OK;
}

/* What it replaces must be of the county and older, and not replace this one. */
static enum rc replaced_ok(struct cx *cx, const struct paper *p)
{
    struct paper old;
    if (!p->replaces_id)
        return RC_OK;
    enum rc rc = paper_get(&old, NULL, NULL, cx, p->replaces_id);
    bool missing = rc == RC_NOTFOUND;
    if (missing)
        err_clear(cx);
    else
        TRY(rc);
    if (missing || old.county != p->county || old.id == p->id || old.from_day >= p->from_day)
        return fail(cx, RC_INVALID,
                    _("Replaces: choose another paper of the county that came into force "
                      "earlier."),
                    "replaces=%" PRId64, p->replaces_id);
    return RC_OK;
}

static enum rc save_write(struct cx *cx, void *arg)
{
    struct saving *s = arg;
    struct paper *p = &s->p;
    struct db_rows rows;
    int64_t changed;
    TRY(replaced_ok(cx, p));
    TRY(DB_ONE(&rows, cx, &PAPER_SAME_NUMBER, V_I(p->county), V_T(p->number),
               V_I(p->version ? p->id : 0)));
    bool taken = row_i64(&rows, 0) > 0;
    TRY(db_done(&rows));
    if (taken)
        return fail(cx, RC_CONFLICT, _("Number: another paper has this number."), "number");
    if (!p->version) {
        TRY(db_ids(&p->id, cx, 1));
        TRY(DB_RUN(cx, &PAPER_INSERT, V_I(p->county), V_I(p->id), V_I(p->area_id),
                   V_I(p->document_id), V_I(p->replaces_id), V_T(p->number), V_T(p->title),
                   V_T(p->summary), V_T(s->key), V_I(p->from_day), V_I(p->to_day)));
    } else {
        TRY(DB_RUN_COUNT(&changed, cx, &PAPER_UPDATE, V_I(p->id), V_I(p->version),
                         V_I(p->area_id), V_I(p->document_id), V_I(p->replaces_id),
                         V_T(p->number), V_T(p->title), V_T(p->summary), V_T(s->key),
                         V_I(p->from_day), V_I(p->to_day)));
        if (!changed)
            return fail(cx, RC_CONFLICT,
                        _("Somebody changed this since you opened it. Look at it again."),
                        "paper=%" PRId64, p->id);
    }
    if (p->replaces_id)
        TRY(DB_RUN(cx, &PAPER_END, V_I(p->county), V_I(p->replaces_id), V_I(p->from_day - 1)));
    return links_write(cx, s);
}

static enum rc links_ok(struct saving *s, struct cx *cx, const struct paper_link *links,
                        size_t count)
{
    if (count > PAPER_LINKS_MAX)
        return fail_f(cx, RC_INVALID, _("What it sets: at most %d things."),
                      (int)PAPER_LINKS_MAX);
    s->links = arena_new(cx->arena, (count + 1) * sizeof *s->links);
    for (size_t i = 0; i < count; i++) {
        struct paper_link *l = &s->links[s->count++];
        *l = links[i];
        TRY(office_text(&l->code, cx, links[i].code, _("What it sets"), NUMBER_MAX_CHARS,
                        false));
        TRY(office_text(&l->note, cx, links[i].note, _("Remark"), NOTE_MAX_CHARS, true));
        bool kind = false;
        for (size_t k = 0; paper_link_kinds[k]; k++)
            kind = kind || !strcmp(paper_link_kinds[k], l->kind);
        if (!kind || !paper_link_known(cx, l))
            return fail_f(cx, RC_INVALID,
                          _("What it sets: the profile knows no such thing: %s %s"),
                          kind ? paper_kind_label(cx, l->kind) : "", l->code);
    }
    return RC_OK;
}

enum rc paper_save(int64_t *id, struct cx *cx, const struct paper *p,
                   const struct paper_link *links, size_t count)
{
    struct saving s = {.p = *p};
    struct paper now;
    const char *path;
    if (p->id) {
        TRY(paper_get(&now, NULL, NULL, cx, p->id));
        TRY(actor_require_in(cx, "paper.edit", str_of(now.area_path)));
        s.p.version = p->version > 0 ? p->version : -1;
    } else {
        s.p.version = 0;
    }
    TRY(office_area(&s.p.county, &path, cx, p->area_id));
    TRY(actor_require_in(cx, "paper.edit", str_of(path)));
    if (p->id && s.p.county != now.county)
        return fail(cx, RC_INVALID, _("Area: it cannot move to another county."), "area");
    TRY(office_text(&s.p.number, cx, p->number, _("Number"), NUMBER_MAX_CHARS, false));
    TRY(office_text(&s.p.title, cx, p->title, _("Title"), TITLE_MAX_CHARS, false));
    TRY(office_text(&s.p.summary, cx, p->summary, _("Summary"), SUMMARY_MAX_CHARS, true));
    if (p->from_day < 1 || p->from_day > OFFICE_DAY_LATEST || p->to_day > OFFICE_DAY_LATEST ||
        (p->to_day && p->to_day < p->from_day))
        return fail(cx, RC_INVALID, _("In force: the last day cannot lie before the first."),
                    "days");
    TRY(links_ok(&s, cx, links, count));
    const char *text = arena_printf(cx->arena, "%s %s", s.p.number, s.p.title);
    struct str folded = utf8_fold(cx, str_of(text)), pinyin = utf8_pinyin(cx, str_of(text));
    s.key = arena_printf(cx->arena, "%.*s %.*s", STR_ARG(folded), STR_ARG(pinyin));
    TRY(db_write(cx, s.p.county, save_write, &s));
    *id = s.p.id;
    return RC_OK;
}
