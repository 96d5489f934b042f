/* Parts of the pages about households: people, facts of a sheet, changes as people read them.
 */
#include "register/household_view.h"

#include "base/format.h"
#include "base/time.h"
#include "people/user.h"
#include "profile/sheet.h"

enum { YEARS_MAX = 40, CHANGE_FIELDS_MAX = 12 };

static const char *code_label(struct cx *cx, const struct code_list *list, int64_t code)
{
    const struct code *c = list && code ? code_of(list, code) : NULL;
    return c ? LABEL(cx, c->label) : "–";
}

/* Full years between two days. */
static int age_on(int32_t birth_day, int32_t today)
{
    struct date b = day_date(birth_day), t = day_date(today);
    bool before = t.month < b.month || (t.month == b.month && t.day < b.day);
    return t.year - b.year - (before ? 1 : 0);
}

static const char *const secret_names[3] = {"identity", "phone", "account"};

static const char *secret_label(struct cx *cx, size_t i)
{
    const char *const labels[3] = {_("Identity number"), _("Phone"), _("Bank account")};
    return labels[i];
}

struct person_view person_view_of(struct cx *cx, const struct person *p)
{
    const struct profile *profile = cx->profile;
    struct person_view v = {
        .p = *p,
        .name = p->name[0] ? p->name
                           : arena_printf(cx->arena, _("Person %s"),
                                          p->code[0] ? p->code : format_int(cx, p->id)),
        .relation = code_label(cx, profile->relation_list, p->relation),
        .sex = code_label(cx, profile->sex_list, p->sex),
        .birth = "–",
        .age = "–",
        .href = arena_printf(cx->arena, "/person/%" PRId64, p->id),
    };
    if (p->birth_day != INT32_MIN) {
        v.birth = format_day(cx, p->birth_day);
        v.age = format_int(cx, age_on(p->birth_day, day_at(cx->now_at, format_zone())));
    }
    const bool present[3] = {p->has_identity, p->has_phone, p->has_account};
    for (size_t i = 0; i < 3; i++)
        v.secrets[i] = (struct secret_view){.present = present[i],
                                            .name = secret_names[i],
                                            .label = secret_label(cx, i),
                                            .may_reveal = actor_may(cx, "household.reveal"),
                                            .masked = ""};
    return v;
}

enum rc person_view_secrets(struct cx *cx, struct person_view *v)
{
    for (size_t i = 0; i < 3; i++)
        if (v->secrets[i].present)
            TRY(person_masked(&v->secrets[i].masked, cx, v->p.county, v->p.id, (enum secret)i));
    return RC_OK;
}

const char *household_label(struct cx *cx, const struct household *h)
{
    if (h->head_name && h->head_name[0])
        return arena_printf(cx->arena, _("Household of %s"), h->head_name);
    return arena_printf(cx->arena, _("Household %s"),
                        h->code[0] ? h->code : format_int(cx, h->id));
}

static const char *source_href(struct cx *cx, enum subject subject, int64_t id, int32_t year,
                               int32_t field)
{
    const char *kind = subject == SUBJECT_HOUSEHOLD ? "household" : "person";
    return arena_printf(cx->arena, "/source/%s/%" PRId64 "/%d/%d", kind, id, year, field);
}

enum rc facts_of_sheet(struct fact_group **out, size_t *count, struct cx *cx,
                       const struct sheet_of *of, int32_t year)
{
    enum subject subject = of->subject;
    const struct profile *p = cx->profile;
    size_t n = p->of_count[subject];
    struct value *values = arena_new(cx->arena, (n + 1) * sizeof *values);
    *out = arena_new(cx->arena, (p->group_count + 1) * sizeof **out);
    *count = 0;
    enum rc rc = year ? sheet_get(values, cx, subject, of->county, of->id, year) : RC_NOTFOUND;
    if (rc == RC_NOTFOUND)
        return RC_OK;
    TRY(rc);
    for (size_t g = 0; g < p->group_count; g++) {
        if (p->groups[g].subject != subject)
            continue;
        struct fact_group *group = &(*out)[*count];
        *group =
            (struct fact_group){.label = LABEL(cx, p->groups[g].label),
                                .facts = arena_new(cx->arena, (n + 1) * sizeof *group->facts)};
        for (size_t i = 0; i < n; i++) {
            const struct indicator *ind = p->of[subject][i];
            if (strcmp(ind->group, p->groups[g].code) || values[i].kind == VALUE_MISSING ||
                ind->secret)
                continue;
            group->facts[group->fact_count++] = (struct fact_view){
                LABEL(cx, ind->label), value_show(cx, ind, values[i]), LABEL(cx, ind->help),
                source_href(cx, subject, of->id, year, ind->number)};
        }
        if (group->fact_count)
            (*count)++;
    }
    return RC_OK;
}

enum rc sheet_year_links(struct year_link **out, size_t *count, int32_t *year, struct cx *cx,
                         const struct sheet_of *of)
{
    enum subject subject = of->subject;
    int32_t years[YEARS_MAX];
    size_t n = YEARS_MAX;
    TRY(sheet_years(years, &n, cx, subject, of->county, of->id));
    if (!*year && n)
        *year = years[0];
    *out = arena_new(cx->arena, (n + 1) * sizeof **out);
    *count = n;
    const char *kind = subject == SUBJECT_HOUSEHOLD ? "household" : "person";
    for (size_t i = 0; i < n; i++)
        (*out)[i] = (struct year_link){
            years[i],
            arena_printf(cx->arena, "/%s/%" PRId64 "?year=%d", kind, of->id, years[i]),
            years[i] == *year};
    return RC_OK;
}

static const struct indicator *field_indicator(const struct cx *cx,
                                               const struct journal_entry *e, int32_t field)
{
    bool is_sheet = e->kind == KIND_HOUSEHOLD_SHEET || e->kind == KIND_PERSON_SHEET ||
                    e->kind == KIND_AREA_SHEET;
    return is_sheet && field > 0 ? profile_indicator_number(cx->profile, field) : NULL;
}

/* Fixed fields that are not plain texts or numbers. */
static const char *fixed_value_text(struct cx *cx, int32_t field, struct value v)
{
    switch (field) {
    case FIELD_SEX:
        return code_label(cx, cx->profile->sex_list, v.i);
    case FIELD_RELATION:
        return code_label(cx, cx->profile->relation_list, v.i);
    case FIELD_BIRTH:
    case FIELD_FROM:
    case FIELD_TO:
        return format_day(cx, (int32_t)v.i);
    case FIELD_AREA:
        return area_label(cx, v.i);
    case FIELD_EXISTS:
    case FIELD_VISIBLE:
        return _("yes");
    default:
        return v.kind == VALUE_TEXT ? arena_copy(cx->arena, v.s)
                                    : arena_printf(cx->arena, "%" PRId64, v.i);
    }
}

const char *journal_value_text(struct cx *cx, const struct journal_entry *e,
                               const struct journal_field *f, struct value v)
{
    if (v.kind == VALUE_MISSING)
        return NULL;
    if (f->secret)
        return "••••";
    if (e->kind == KIND_INCOME)
        return format_money(cx, v.i, cx->profile->currency_decimals);
    const struct indicator *ind = field_indicator(cx, e, f->field);
    return ind ? value_show(cx, ind, v) : fixed_value_text(cx, f->field, v);
}

static const char *kind_text(struct cx *cx, const struct journal_entry *e)
{
    switch (e->kind) {
    case KIND_HOUSEHOLD:
        return _("Household");
    case KIND_PERSON:
        return _("Person");
    case KIND_HOUSEHOLD_SHEET:
        return arena_printf(cx->arena, _("Sheet of the household, %d"), e->year);
    case KIND_PERSON_SHEET:
        return arena_printf(cx->arena, _("Sheet of a person, %d"), e->year);
    case KIND_MEMBERSHIP:
        return _("Membership");
    case KIND_INCOME:
        return arena_printf(cx->arena, _("Incomes, %d"), e->year);
    case KIND_AREA:
        return _("Area");
    case KIND_AREA_SHEET:
        return arena_printf(cx->arena, _("Sheet of the area, %d"), e->year);
    case KIND_IMPORT:
        return _("Import");
    }
    return "";
}

/* "Sheet of a person, 2025: Wang Xiaoming". */
static const char *what_text(struct cx *cx, const struct journal_entry *e)
{
    const char *kind = kind_text(cx, e);
    bool of_person =
        e->kind == KIND_PERSON || e->kind == KIND_PERSON_SHEET || e->kind == KIND_MEMBERSHIP;
    struct person p;
    if (!of_person)
        return kind;
    if (person_get(&p, cx, e->subject_id)) {
        err_clear(cx);
        return kind;
    }
    return arena_printf(cx->arena, "%s: %s", kind, p.name[0] ? p.name : p.code);
}

static void change_fields(struct change_view *out, struct cx *cx, const struct journal_entry *e)
{
    out->fields = arena_new(cx->arena, (e->field_count + 1) * sizeof *out->fields);
    for (size_t i = 0; i < e->field_count; i++) {
        const struct journal_field *f = &e->fields[i];
        if (f->field == FIELD_HEAD || f->field == FIELD_HOUSEHOLD ||
            (f->field == FIELD_EXISTS && f->to.kind != VALUE_MISSING))
            continue;
        if (out->field_count == CHANGE_FIELDS_MAX) {
            out->more_count++;
            continue;
        }
        const char *to = journal_value_text(cx, e, f, f->to);
        out->fields[out->field_count++] = (struct field_change){
            journal_field_label(cx, e->kind, f->field), journal_value_text(cx, e, f, f->from),
            to ? to : _("(removed)")};
    }
}

/* Does the entry make the thing? Then the values stand alone, without from and to. */
static bool makes_new(const struct journal_entry *e)
{
    for (size_t i = 0; i < e->field_count; i++)
        if (e->fields[i].field == FIELD_EXISTS && e->fields[i].to.kind != VALUE_MISSING)
            return true;
    return false;
}

enum rc journal_document(struct document *out, struct cx *cx, const struct journal_entry *e)
{
    /* An imported file arrives before its county is known. */
    return store_get(out, cx, e->import_id ? 0 : e->county, e->document_id);
}

enum rc change_view_of(struct change_view *out, struct cx *cx, const struct journal_entry *e)
{
    *out = (struct change_view){.at = format_time(cx, e->at),
                                .what = what_text(cx, e),
                                .is_new = makes_new(e),
                                .seq = e->seq};
    out->who = user_name(cx, e->user_id);
    struct document document;
    if (e->document_id) {
        if (journal_document(&document, cx, e) == RC_OK) {
            out->document = document.name;
            if (!strcmp(document.kind, "decision"))
                out->document_href =
                    arena_printf(cx->arena, "/case/frozen/%" PRId64, document.id);
        } else {
            err_clear(cx);
        }
    }
    if (e->import_id)
        out->document_href = arena_printf(cx->arena, "/import/%" PRId64, e->import_id);
    if (e->document_row)
        out->row = arena_printf(cx->arena, _("row %s"), format_int(cx, e->document_row));
    change_fields(out, cx, e);
    return RC_OK;
}
