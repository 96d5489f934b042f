/* What the pages of the comparison share: words for states and levels, findings as shown. */
#include "base/format.h"
#include "register/compare_inner.h"
#include "register/compare_view.h"

const char *compare_state_text(struct cx *cx, enum compare_state state, const char **tone)
{
    *tone = "muted";
    switch (state) {
    case COMPARE_WAITING:
        return _("waiting to be compared");
    case COMPARE_RUNNING:
        return _("being compared");
    case COMPARE_DONE:
        *tone = "good";
        return _("in force");
    case COMPARE_REPLACED:
        return _("replaced by a newer list");
    case COMPARE_UNDOING:
        return _("being taken back");
    case COMPARE_UNDONE:
        return _("taken back");
    case COMPARE_FAILED:
        *tone = "bad";
        return _("failed");
    }
    return "";
}

const char *compare_percent(struct cx *cx, int64_t millionths)
{
    return arena_printf(cx->arena, "%s %%", format_f64(cx, (double)millionths / 10000, 2));
}

const char *match_field_text(struct cx *cx, enum match_field field)
{
    switch (field) {
    case MATCH_NAME:
        return _("Name");
    case MATCH_BIRTH:
        return _("Born");
    case MATCH_SEX:
        return _("Sex");
    case MATCH_AREA:
        return _("Village");
    case MATCH_IDENTITY:
        return _("Identity number");
    case MATCH_PHONE:
        return _("Phone");
    }
    return "";
}

static const char *const level_texts[MATCH_FIELDS][MATCH_LEVELS] = {
    [MATCH_NAME] = {N_("different"), N_("one character differs"), N_("sounds the same"),
                    N_("agrees")},
    [MATCH_BIRTH] = {N_("different"), N_("the same year"), N_("slip of the pen"), N_("agrees")},
    [MATCH_SEX] = {N_("different"), N_("agrees")},
    [MATCH_AREA] = {N_("different"), N_("the same township"), N_("the same village")},
    [MATCH_IDENTITY] = {N_("different"), N_("the last four digits agree"),
                        N_("all visible digits agree"), N_("all but one or two digits agree")},
    [MATCH_PHONE] = {N_("different"), N_("agrees")},
};

const char *match_level_text(struct cx *cx, enum match_field field, int level,
                             const char **tone)
{
    if (level == MATCH_MISSING || !level_texts[field][level]) {
        *tone = "muted";
        return _("not said");
    }
    int best = match_level_count(field) - 1;
    *tone = level == best ? "good" : level == 0 ? "bad" : "warn";
    return text_in(cx->lang, level_texts[field][level]);
}

static const char *finding_state_text(struct cx *cx, const struct compare_finding *f,
                                      const char **tone)
{
    *tone = "muted";
    switch (f->state) {
    case DIFFERENCE_OPEN:
        *tone = f->overdue ? "bad" : "warn";
        return f->overdue ? _("overdue") : _("open");
    case DIFFERENCE_EXPLAINED:
        *tone = "good";
        return _("explained");
    case DIFFERENCE_CLOSED:
        return f->gone ? _("closed: no longer found") : _("closed");
    case DIFFERENCE_WRONG_MATCH:
        return _("another person");
    }
    return "";
}

static const char *severity_text(struct cx *cx, const struct list_rule *rule, const char **tone)
{
    *tone = "muted";
    if (!rule)
        return "";
    switch (rule->severity) {
    case SEVERITY_ERROR:
        *tone = "bad";
        return _("urgent");
    case SEVERITY_WARNING:
        *tone = "warn";
        return _("look at it");
    case SEVERITY_NOTE:
        return _("note");
    }
    return "";
}

/* "贵A10001 · 小型轿车": what the list says beside the person. */
static enum rc detail_of(const char **out, struct cx *cx, const struct compare_list *l,
                         const struct compare_finding *f)
{
    struct compare_row row;
    *out = "";
    if (!f->row_number || l->state == COMPARE_UNDONE)
        return RC_OK;
    enum rc rc = compare_row_get(&row, cx, l, f->row_number);
    if (rc == RC_NOTFOUND) {
        err_clear(cx);
        return RC_OK;
    }
    TRY(rc);
    for (size_t i = 0; i < row.detail_count; i++)
        *out = arena_printf(cx->arena, "%s%s%s", *out, i ? " · " : "", row.details[i].value);
    return RC_OK;
}

enum rc finding_views(struct finding_view **out, struct cx *cx, struct compare_finding *all,
                      size_t count)
{
    struct compare_list l = {0};
    struct finding_view *views = arena_new(cx->arena, (count + 1) * sizeof *views);
    for (size_t i = 0; i < count; i++) {
        struct finding_view *v = &views[i];
        v->f = all[i];
        if (l.id != all[i].list_id)
            TRY(compare_load(&l, cx, all[i].list_id));
        v->what = v->f.rule ? LABEL(cx, v->f.rule->message) : v->f.rule_code;
        v->hint = v->f.rule ? LABEL(cx, v->f.rule->hint) : "";
        v->severity = severity_text(cx, v->f.rule, &v->severity_tone);
        v->state = finding_state_text(cx, &v->f, &v->tone);
        v->owner = user_name(cx, v->f.owner_id);
        v->deadline = format_day(cx, v->f.deadline_day);
        v->list_label =
            arena_printf(cx->arena, "%s, %s", l.kind ? LABEL(cx, l.kind->label) : l.kind_code,
                         format_day(cx, l.list_day));
        v->list_href = arena_printf(cx->arena, "/compare/%" PRId64, l.id);
        TRY(detail_of(&v->detail, cx, &l, &v->f));
    }
    *out = views;
    return RC_OK;
}

struct field_choice *compare_owner_choices(size_t *count, struct cx *cx,
                                           const struct compare_user *users, size_t user_count)
{
    struct field_choice *c = arena_new(cx->arena, (user_count + 1) * sizeof *c);
    for (size_t i = 0; i < user_count; i++)
        c[i] = (struct field_choice){arena_printf(cx->arena, "%" PRId64, users[i].id),
                                     users[i].name, false};
    *count = user_count;
    return c;
}

struct field_choice *compare_mark_choices(size_t *count, struct cx *cx)
{
    const struct field_choice all[] = {{"2", _("Explained (with a reason)"), true},
                                       {"3", _("Closed: put right"), false},
                                       {"4", _("Another person (with a reason)"), false},
                                       {"1", _("Open again"), false}};
    *count = sizeof all / sizeof *all;
    struct field_choice *c = arena_new(cx->arena, sizeof all);
    for (size_t i = 0; i < *count; i++)
        c[i] = all[i];
    return c;
}

enum rc household_findings_load(struct household_findings_view *out, struct cx *cx,
                                int64_t county, int64_t household_id)
{
    struct compare_finding *all;
    TRY(compare_findings_of_household(&all, &out->count, cx, county, household_id));
    return finding_views(&out->findings, cx, all, out->count);
}
