/* Loads calendar.csv and the keys rest_days, quiet_hours and summary_at of profile.csv. */
#include "profile/calendar.h"

#include "base/time.h"
#include "profile/load_rules.h"

enum { SUMMARY_DEFAULT_MIN = 7 * 60 + 30, DAYS_OF_ROW_MAX = 366, SUNDAY = 7 };
enum { DAY, TO, KIND, LABEL_EN, LABEL_ZH, SOURCE, COLUMNS };

/* "21:00": minutes of the day. "24:00" is midnight too. */
static bool clock_parse(int32_t *out, struct str s)
{
    struct str minutes = str_trim(s), hours = str_cut(&minutes, ':');
    int64_t h, m;
    if (hours.len > 2 || minutes.len != 2 || !str_to_i64(&h, hours) ||
        !str_to_i64(&m, minutes) || h < 0 || h > 24 || m < 0 || m > 59 || (h == 24 && m))
        return false;
    *out = (int32_t)(h % 24 * 60 + m);
    return true;
}

static void load_rest_days(struct calendar *c, struct loader *l)
{
    struct cx *cx = l->cx;
    int rests = 0;
    for (struct str rest = loader_key(l, "rest_days"); rest.p;) {
        struct str one = str_trim(str_cut(&rest, ' '));
        int64_t day;
        if (!one.len)
            continue;
        if (!str_to_i64(&day, one) || day < 1 || day > SUNDAY || c->rests[day]) {
            loader_key_fault(l, "rest_days", one,
                             _("Expected days of the week by blanks, each once: 1 is Monday, "
                               "7 Sunday."));
            continue;
        }
        c->rests[day] = true;
        if (++rests == SUNDAY)
            loader_key_fault(l, "rest_days", one, _("One day of the week must be worked."));
    }
}

static void load_hours(struct calendar *c, struct loader *l)
{
    struct cx *cx = l->cx;
    struct str cell = loader_key(l, "quiet_hours"), to = cell, from = str_cut(&to, '-');
    if (cell.len &&
        (!to.p || !clock_parse(&c->quiet_from_min, from) || !clock_parse(&c->quiet_to_min, to)))
        loader_key_fault(l, "quiet_hours", cell, _("Expected two times, e.g. 21:00-07:00."));
    cell = loader_key(l, "summary_at");
    c->summary_min = SUMMARY_DEFAULT_MIN;
    if (cell.len && !clock_parse(&c->summary_min, cell))
        loader_key_fault(l, "summary_at", cell, _("Expected a time, e.g. 07:30."));
}

static int weekday(int32_t day)
{
    int32_t n = (day + 3) % 7; /* 1970-01-01 was a Thursday */
    return (n < 0 ? n + 7 : n) + 1;
}

/* A row on its way to its place by day. */
struct dated {
    struct calendar_day day;
    int64_t line;
};

static void load_day(struct dated *out, const struct row *r, const struct calendar *c)
{
    static const char *const kinds[] = {"holiday", "workday"};
    struct cx *cx = r->l->cx;
    struct calendar_day *d = &out->day;
    out->line = row_line(r);
    d->label = row_label(r, LABEL_EN, true);
    d->source = row_text(r, SOURCE);
    d->works = row_choice(r, KIND, kinds, 2) == 1;
    if (!day_parse(&d->from_day, row_cell(r, DAY))) {
        row_fault(r, DAY, _("Expected a day, e.g. 2026-01-01."));
        return;
    }
    d->to_day = d->from_day;
    if (row_cell(r, TO).len && !day_parse(&d->to_day, row_cell(r, TO)))
        row_fault(r, TO, _("Expected a day, e.g. 2026-12-31, or nothing."));
    else if (d->to_day < d->from_day)
        row_fault(r, TO, _("The last day is before the first."));
    else if (d->to_day - d->from_day >= DAYS_OF_ROW_MAX)
        row_fault(r, TO, _("At most 366 days in one row."));
    else if (d->works)
        for (int32_t day = d->from_day; day <= d->to_day; day++)
            if (!c->rests[weekday(day)]) {
                row_fault(r, DAY,
                          arena_printf(cx->arena, _("%s is a working day already."),
                                       day_iso(cx->arena, day)));
                break;
            }
}

static int by_day(const void *a, const void *b)
{
    const struct dated *x = a, *y = b;
    return x->day.from_day < y->day.from_day ? -1 : x->day.from_day > y->day.from_day;
}

void load_calendar(struct loader *l)
{
    static const char *const columns[] = {"day",      "to",       "kind",
                                          "label_en", "label_zh", "source"};
    struct cx *cx = l->cx;
    struct calendar *c = arena_new(l->arena, sizeof *c);
    struct table t;
    l->p->calendar = c;
    load_rest_days(c, l);
    load_hours(c, l);
    if (!table_optional(&t, l, "calendar.csv", columns, COLUMNS))
        return;
    struct dated *rows = arena_new(l->temp, (t.row_count + 1) * sizeof *rows);
    struct calendar_day *days = arena_new(l->arena, (t.row_count + 1) * sizeof *days);
    for (size_t i = 0; i < t.row_count; i++) {
        struct row r = {l, &t, i};
        load_day(&rows[i], &r, c);
    }
    qsort(rows, t.row_count, sizeof *rows, by_day);
    for (size_t i = 0; i < t.row_count; i++) {
        days[i] = rows[i].day;
        if (i && days[i].from_day <= days[i - 1].to_day)
            loader_fault(l, t.file, rows[i].line, "day",
                         str_of(day_iso(cx->arena, days[i].from_day)),
                         arena_printf(cx->arena, _("Its days overlap those of line %lld."),
                                      (long long)rows[i - 1].line));
    }
    c->days = days;
    c->count = t.row_count;
}
