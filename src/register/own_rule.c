/* Rules of the office's own: who may look, their versions, saving and going back. What a rule
 * finds is own_rule_count.c, test cases are own_case.c. */
#include "register/own_rule.h"

#include "base/text.h"
#include "base/utf8.h"
#include "people/actor.h"
#include "register/area.sql.h"
#include "register/inner.h"
#include "register/own_rule.sql.h"

#include <assert.h>
#include <string.h>

enum { CODE_MIN = 2 };

/* ---- whose ---- */

static bool touches(const char *path, const char *const *own, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_starts(str_of(path), str_of(own[i])) ||
            str_starts(str_of(own[i]), str_of(path)))
            return true;
    return false;
}

bool own_rule_may_look(struct cx *cx, const char *county_path)
{
    const char *const *own;
    size_t count;
    if (actor_paths(&own, &count, cx, "profile.view")) {
        err_clear(cx);
        return false;
    }
    return touches(county_path, own, count);
}

static enum rc take_county(struct own_place *out, struct cx *cx, const struct area *a)
{
    struct check_place place;
    TRY(check_place_of_county(&place, cx, a->county));
    out->has_county = true;
    out->county = place.tenant;
    out->area = *a;
    out->may_edit = actor_may_in(cx, "rule.edit", str_of(place.tenant.path));
    return RC_OK;
}

/* The only county with households under the paths; *county 0 when there are others. */
static enum rc only_county(struct area *county, struct cx *cx, const char *const *own,
                           size_t count)
{
    struct str found = {NULL, 0};
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        struct db_rows rows;
        struct str path = str_of(own[i]);
        TRY(DB_SELECT(&rows, cx, &AREA_TENANTS, V_I(cx->profile->tenant_level), V_S(path),
                      V_S(area_path_end(cx, path))));
        while (n < 2 && db_next(&rows))
            if (row_i64(&rows, AREA_TENANTS_HOUSEHOLD_COUNT) > 0) {
                found = row_copy(&rows, AREA_TENANTS_PATH);
                n++;
            }
        TRY(db_done(&rows));
    }
    *county = (struct area){.path = ""};
    return n == 1 ? area_by_path(county, cx, found) : RC_OK;
}

enum rc own_place_find(struct own_place *out, struct cx *cx, int64_t area_id)
{
    const char *const *own;
    size_t own_count, count, kept = 0;
    struct area a = {.path = ""}, *all;
    *out = (struct own_place){0};
    TRY(actor_require(cx, "profile.view"));
    TRY(actor_paths(&own, &own_count, cx, "profile.view"));
    if (area_id)
        TRY(area_get(&a, cx, area_id));
    else if (own_count >= 1 && own[0][0])
        TRY(area_by_path(&a, cx, str_of(own[0])));
    if (!touches(a.path, own, own_count))
        return fail(cx, RC_NOTFOUND, _("There is no such area, or not for you to see."),
                    "rules area=%" PRId64, area_id);
    if (!area_id && !a.county)
        TRY(only_county(&a, cx, own, own_count));
    if (a.county)
        return take_county(out, cx, &a);
    TRY(area_children(&all, &count, cx, area_id ? a.id : 0));
    for (size_t i = 0; i < count; i++)
        if (all[i].household_count > 0 && touches(all[i].path, own, own_count))
            all[kept++] = all[i];
    out->area = a;
    out->choices = all;
    out->choice_count = kept;
    return RC_OK;
}

/* ---- reading ---- */

/* All selecting statements have the same columns in the same order. */
static struct own_rule rule_of_row(const struct db_rows *r)
{
    return (struct own_rule){
        .county = row_i64(r, OWN_RULE_ONE_COUNTY),
        .id = row_i64(r, OWN_RULE_ONE_ID),
        .version = (int32_t)row_i64(r, OWN_RULE_ONE_VERSION),
        .origin = (int32_t)row_i64(r, OWN_RULE_ONE_ORIGIN),
        .code = row_copy(r, OWN_RULE_ONE_CODE).p,
        .subject = row_i64(r, OWN_RULE_ONE_SUBJECT) == SUBJECT_PERSON ? SUBJECT_PERSON
                                                                      : SUBJECT_HOUSEHOLD,
        .kind = (enum own_kind)row_i64(r, OWN_RULE_ONE_KIND),
        .severity = (enum severity)row_i64(r, OWN_RULE_ONE_SEVERITY),
        .state = (enum own_state)row_i64(r, OWN_RULE_ONE_STATE),
        .rule = row_copy(r, OWN_RULE_ONE_RULE).p,
        .message = row_copy(r, OWN_RULE_ONE_MESSAGE).p,
        .hint = row_copy(r, OWN_RULE_ONE_HINT).p,
        .note = row_copy(r, OWN_RULE_ONE_NOTE).p,
        .cases = row_copy(r, OWN_RULE_ONE_CASES).p,
        .at = row_i64(r, OWN_RULE_ONE_AT),
        .user_id = row_i64(r, OWN_RULE_ONE_USER_ID),
    };
}

static enum rc read_rules(struct own_rule **out, size_t *count, struct db_rows *rows,
                          size_t max)
{
    struct own_rule *list = arena_new(rows->cx->arena, (max + 1) * sizeof *list);
    size_t n = 0;
    while (n < max && db_next(rows))
        list[n++] = rule_of_row(rows);
    TRY(db_done(rows));
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc own_rule_list(struct own_rule **out, size_t *count, struct cx *cx, int64_t county)
{
    struct db_rows rows;
    TRY(DB_SELECT(&rows, cx, &OWN_RULE_LIST, V_I(county), V_I(OWN_RULES_MAX)));
    return read_rules(out, count, &rows, OWN_RULES_MAX);
}

static enum rc no_rule(struct cx *cx, int64_t id)
{
    return fail(cx, RC_NOTFOUND, _("There is no such rule, or not for you to see."),
                "own rule=%" PRId64, id);
}

enum rc own_rule_get(struct own_rule *out, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    struct check_place place;
    enum rc rc = DB_ONE(&rows, cx, &OWN_RULE_ONE, V_I(id));
    if (rc == RC_NOTFOUND)
        return no_rule(cx, id);
    TRY(rc);
    struct own_rule rule = rule_of_row(&rows);
    TRY(db_done(&rows));
    TRY(check_place_of_county(&place, cx, rule.county));
    if (!own_rule_may_look(cx, place.tenant.path))
        return no_rule(cx, id);
    *out = rule;
    return RC_OK;
}

enum rc own_rule_versions(struct own_rule **out, size_t *count, struct cx *cx,
                          const struct own_rule *rule)
{
    struct db_rows rows;
    TRY(DB_SELECT(&rows, cx, &OWN_RULE_HISTORY, V_I(rule->county), V_I(rule->id),
                  V_I(OWN_VERSIONS_MAX)));
    return read_rules(out, count, &rows, OWN_VERSIONS_MAX);
}

int own_rule_before(const struct own_rule *versions, size_t count)
{
    for (size_t i = 1; count && i < count; i++)
        if (versions[i].version < versions[0].origin)
            return (int)i;
    return -1;
}

/* ---- compiling ---- */

enum rc own_rule_compile(const struct rule_program **out, struct rule_fault *fault,
                         struct cx *cx, const struct own_rule *rule)
{
    const struct rule_text text = {.name = rule->code,
                                   .level = rule->subject == SUBJECT_PERSON ? RULE_PERSON
                                                                            : RULE_HOUSEHOLD,
                                   .text = str_of(rule->rule),
                                   .want_bool = rule->kind != OWN_FIGURE};
    enum rc rc = rule_compile(out, fault, cx, cx->profile->rules->dictionary, &text, 1);
    if (rc == RC_INVALID)
        err_clear(cx);
    return rc;
}

/* ---- saving ---- */

static enum rc problem_at(struct own_problem *p, const char *field, const char *text)
{
    *p = (struct own_problem){field, text};
    return RC_INVALID;
}

static bool code_fits(struct str code)
{
    if (code.len < CODE_MIN || code.len > OWN_CODE_MAX || code.p[0] < 'a' || code.p[0] > 'z')
        return false;
    for (size_t i = 0; i < code.len; i++) {
        char c = code.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
            return false;
    }
    return true;
}

static bool is_profile_name(const struct cx *cx, struct str code)
{
    const struct rule_dictionary *d = cx->profile->rules->dictionary;
    for (size_t i = 0; i < d->count; i++)
        if (str_eq(d->names[i].name, code))
            return true;
    return false;
}

/* What holds for drafts too. */
static enum rc check_fields(struct own_problem *p, struct cx *cx, const struct own_rule *r)
{
    if (!code_fits(str_of(r->code)))
        return problem_at(p, "code",
                          _("The short name is 2 to 40 small letters, digits and _, beginning "
                            "with a letter, such as two_houses."));
    if (is_profile_name(cx, str_of(r->code)))
        return problem_at(
            p, "code",
            _("The profile knows something by this short name; please choose another one."));
    if (!str_trim(str_of(r->rule)).len)
        return problem_at(p, "rule", _("The rule is empty."));
    if (strlen(r->rule) > OWN_RULE_BYTES)
        return problem_at(p, "rule", _("The rule is too long."));
    if (utf8_length(str_of(r->message)) > OWN_MESSAGE_MAX)
        return problem_at(
            p, "message",
            arena_printf(cx->arena, _("At most %d characters, please."), (int)OWN_MESSAGE_MAX));
    if (utf8_length(str_of(r->hint)) > OWN_HINT_MAX)
        return problem_at(
            p, "hint",
            arena_printf(cx->arena, _("At most %d characters, please."), (int)OWN_HINT_MAX));
    if (utf8_length(str_of(r->note)) > OWN_NOTE_MAX)
        return problem_at(
            p, "note",
            arena_printf(cx->arena, _("At most %d characters, please."), (int)OWN_NOTE_MAX));
    if (strlen(r->cases) > OWN_CASES_BYTES)
        return problem_at(p, "cases", _("The test cases are too long."));
    return RC_OK;
}

static enum rc check_cases(struct own_problem *p, struct cx *cx, const struct own_rule *r)
{
    struct own_case *cases;
    size_t count;
    enum rc rc = own_cases_run(&cases, &count, cx, r);
    if (rc == RC_LIMIT) {
        const char *text = arena_copy(cx->arena, str_of(cx->err.text));
        err_clear(cx);
        return problem_at(p, "cases", text);
    }
    TRY(rc);
    for (size_t i = 0; i < count; i++) {
        const struct own_case *c = &cases[i];
        if (c->problem)
            return problem_at(p, "cases",
                              arena_printf(cx->arena,
                                           _("The test case in line %zu is not understood: %s"),
                                           c->line, c->problem));
        if (!c->passed)
            return problem_at(
                p, "cases",
                arena_printf(cx->arena,
                             _("The test case in line %zu fails (%s): %s was expected, and %s "
                               "came out. A rule in force passes all of its cases."),
                             c->line, c->text, c->expected, c->got));
    }
    return RC_OK;
}

/* What must hold of a rule in force. */
static enum rc check_force(struct own_problem *p, struct cx *cx, const struct own_rule *r)
{
    const struct rule_program *program;
    struct rule_fault fault = {.message = ""};
    enum rc rc = own_rule_compile(&program, &fault, cx, r);
    if (rc == RC_INVALID)
        return problem_at(
            p, "rule",
            arena_printf(cx->arena, _("Line %zu of the rule: %s"), fault.line, fault.message));
    TRY(rc);
    if (r->kind == OWN_CHECK && !str_trim(str_of(r->message)).len)
        return problem_at(p, "message", _("A check needs a sentence that says what is wrong."));
    return check_cases(p, cx, r);
}

static bool same_content(const struct own_rule *a, const struct own_rule *b)
{
    return a->subject == b->subject && a->kind == b->kind && a->severity == b->severity &&
           a->state == b->state && !strcmp(a->code, b->code) && !strcmp(a->rule, b->rule) &&
           !strcmp(a->message, b->message) && !strcmp(a->hint, b->hint) &&
           !strcmp(a->note, b->note) && !strcmp(a->cases, b->cases);
}

struct own_write {
    const struct own_rule *rule;
    int64_t id;
    int32_t looked_at, version, origin; /* origin 0: the new version itself */
    bool stale, code_taken, full;
};

static enum rc one_i64(int64_t *out, struct cx *cx, struct db_rows *rows, enum rc rc)
{
    (void)cx;
    TRY(rc);
    *out = row_i64(rows, 0);
    return db_done(rows);
}

static enum rc next_version(struct own_write *w, struct cx *cx, int64_t county)
{
    struct db_rows rows;
    int64_t n;
    if (!w->rule->id) {
        TRY(one_i64(&n, cx, &rows, DB_ONE(&rows, cx, &OWN_RULE_COUNT, V_I(county))));
        w->full = n >= OWN_RULES_MAX;
        if (w->full)
            return RC_LIMIT;
        w->version = 1;
        return db_ids(&w->id, cx, 1);
    }
    w->id = w->rule->id;
    TRY(one_i64(&n, cx, &rows, DB_ONE(&rows, cx, &OWN_RULE_NEWEST, V_I(county), V_I(w->id))));
    w->stale = n != w->looked_at;
    w->version = w->looked_at + 1;
    return w->stale ? RC_CONFLICT : RC_OK;
}

static enum rc write_version(struct cx *cx, void *arg)
{
    struct own_write *w = arg;
    const struct own_rule *r = w->rule;
    struct db_rows rows;
    int64_t same;
    w->stale = w->code_taken = w->full = false;
    TRY(next_version(w, cx, r->county));
    TRY(one_i64(
        &same, cx, &rows,
        DB_ONE(&rows, cx, &OWN_RULE_SAME_CODE, V_I(r->county), V_T(r->code), V_I(w->id))));
    w->code_taken = same > 0;
    if (w->code_taken)
        return RC_CONFLICT;
    TRY(DB_RUN(cx, &OWN_RULE_OLD, V_I(r->county), V_I(w->id)));
    return DB_RUN(cx, &OWN_RULE_ADD, V_I(r->county), V_I(w->id), V_I(w->version),
                  V_I(w->origin ? w->origin : w->version), V_T(r->code), V_I(r->subject),
                  V_I(r->kind), V_I(r->severity), V_I(r->state), V_T(r->rule), V_T(r->message),
                  V_T(r->hint), V_T(r->note), V_T(r->cases), V_I(cx->now_at),
                  V_I(register_user(cx)));
}

static enum rc stale(struct cx *cx, const struct own_rule *r)
{
    return fail(cx, RC_CONFLICT,
                _("Somebody saved this rule since you opened it. Compare both and save again."),
                "own rule=%" PRId64 " version=%d", r->id, r->version);
}

static enum rc write_rule(struct own_write *w, struct own_problem *problem, struct cx *cx)
{
    enum rc rc = db_write(cx, w->rule->county, write_version, w);
    if (rc == RC_OK)
        return RC_OK;
    if (w->code_taken) {
        err_clear(cx);
        return problem_at(problem, "code",
                          _("Another rule of the county has this short name."));
    }
    if (w->full)
        return fail_f(cx, rc, _("A county may have %d rules of its own, and has them already."),
                      (int)OWN_RULES_MAX);
    return w->stale ? stale(cx, w->rule) : rc;
}

/* The county's path, when the actor may change its rules. */
static enum rc require_edit(struct cx *cx, int64_t county)
{
    struct check_place place;
    TRY(check_place_of_county(&place, cx, county));
    return actor_require_in(cx, "rule.edit", str_of(place.tenant.path));
}

enum rc own_rule_save(struct own_rule *rule, struct own_problem *problem,
                      struct own_rule *newer, struct cx *cx)
{
    struct own_write w = {.rule = rule, .looked_at = rule->version};
    struct own_rule now = {0};
    assert(rule->subject != SUBJECT_AREA);
    *problem = (struct own_problem){0};
    TRY(require_edit(cx, rule->county));
    if (rule->id) {
        TRY(own_rule_get(&now, cx, rule->id));
        if (now.county != rule->county)
            return no_rule(cx, rule->id);
        if (now.version != rule->version) {
            *newer = now;
            return stale(cx, rule);
        }
    }
    TRY(check_fields(problem, cx, rule));
    if (rule->state == OWN_IN_FORCE)
        TRY(check_force(problem, cx, rule));
    if (rule->id && same_content(&now, rule))
        return RC_OK;
    enum rc rc = write_rule(&w, problem, cx);
    if (w.stale && own_rule_get(newer, cx, rule->id))
        return RC_DB; /* never: nothing is deleted */
    TRY(rc);
    rule->id = w.id;
    rule->version = rule->origin = w.version;
    return RC_OK;
}

enum rc own_rule_undo(struct own_rule *out, struct own_problem *problem, struct cx *cx,
                      int64_t id, int32_t version)
{
    struct own_rule now, *versions;
    size_t count;
    *problem = (struct own_problem){0};
    TRY(own_rule_get(&now, cx, id));
    TRY(require_edit(cx, now.county));
    if (now.version != version) {
        now.version = version;
        return stale(cx, &now);
    }
    TRY(own_rule_versions(&versions, &count, cx, &now));
    int before = own_rule_before(versions, count);
    if (before < 0)
        return problem_at(problem, "version", _("There is no earlier version to go back to."));
    struct own_rule back = versions[before];
    struct own_write w = {.rule = &back, .looked_at = version, .origin = back.origin};
    if (back.state == OWN_IN_FORCE) {
        enum rc rc = check_force(problem, cx, &back);
        if (rc == RC_INVALID)
            back.state = OWN_DRAFT;
        else
            TRY(rc);
    }
    TRY(write_rule(&w, problem, cx));
    back.version = w.version;
    *out = back;
    return RC_OK;
}
