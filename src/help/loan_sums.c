/* Where a small loan stands on a day: schedule, interest, what a payment goes to. Pure. */
#include "help/loan.h"

#include "base/time.h"

#include <assert.h>

enum { YEAR_DAYS = 360, BP = 10000 };

/* k months later, on the same day of the month or on its last. */
static int32_t months_later(int32_t day, int32_t months)
{
    struct date d = day_date(day);
    int32_t month = d.month - 1 + months;
    struct date then = {d.year + month / 12, month % 12 + 1, d.day};
    while (!date_valid(then))
        then.day--;
    return day_of(then);
}

/* The walk from the day of paying out to the day that is asked about. */
struct walk {
    const struct loan *loan;
    struct loan_sums *sums;
    size_t due_count;    /* parts whose day has come */
    int64_t outstanding; /* principal */
    int64_t owed_days;   /* sum of outstanding × days since the last part fell due */
    int32_t at;
};

/* owed_days × rate / (360 × 10,000), half up. Below 2^53 minor units × 120 months of days ×
 * 3,600 it needs more than 64 bits. */
static int64_t interest_of(int64_t owed_days, int32_t rate_bp)
{
    const int64_t unit = (int64_t)YEAR_DAYS * BP;
    return (int64_t)(((__int128)owed_days * rate_bp * 2 + unit) / (2 * unit));
}

static void go_to(struct walk *w, int32_t day)
{
    if (day > w->at)
        w->owed_days += w->outstanding * (day - w->at);
    w->at = day;
}

/* What the interest has come to is owed with the part. */
static void owe_interest(struct walk *w, struct loan_part *part)
{
    const struct loan *l = w->loan;
    int64_t interest = interest_of(w->owed_days, l->rate_bp - l->subsidy_bp);
    part->interest_minor += interest;
    part->interest_left_minor += interest;
    part->subsidy_minor += interest_of(w->owed_days, l->subsidy_bp);
    w->owed_days = 0;
}

static void fall_due(struct walk *w, struct loan_part *part)
{
    go_to(w, part->due_day);
    owe_interest(w, part);
    w->due_count++;
}

static int64_t part_left(const struct loan_part *part)
{
    return part->principal_left_minor + part->interest_left_minor;
}

static int64_t take(int64_t *rest, int64_t *left)
{
    int64_t taken = *rest < *left ? *rest : *left;
    *rest -= taken;
    *left -= taken;
    return taken;
}

/* The principal of a part that fell due stays outstanding until it is paid. */
static void pay_part(struct walk *w, struct loan_part *part, int64_t *rest)
{
    take(rest, &part->interest_left_minor);
    w->outstanding -= take(rest, &part->principal_left_minor);
    if (!part_left(part) && part->paid_day == INT32_MIN)
        part->paid_day = w->at;
}

static void pay(struct walk *w, int64_t amount)
{
    struct loan_part *parts = w->sums->parts;
    size_t count = (size_t)w->loan->months;
    for (size_t k = 0; k < w->due_count; k++)
        pay_part(w, &parts[k], &amount);
    size_t next = w->due_count < count ? w->due_count : count - 1;
    if (amount)
        owe_interest(w, &parts[next]);
    for (size_t k = next; k < count; k++)
        pay_part(w, &parts[k], &amount);
    w->sums->too_much_minor += amount;
}

static void make_parts(struct loan_sums *s, const struct loan *l)
{
    int64_t each = l->amount_minor / l->months;
    for (int32_t k = 0; k < l->months; k++) {
        int64_t principal = k + 1 < l->months ? each : l->amount_minor - each * (l->months - 1);
        s->parts[k] = (struct loan_part){.due_day = months_later(l->paid_day, k + 1),
                                         .principal_minor = principal,
                                         .principal_left_minor = principal,
                                         .paid_day = INT32_MIN};
    }
}

static void add_up(struct loan_sums *s, const struct walk *w, int32_t day)
{
    s->outstanding_minor = w->outstanding;
    s->owed_minor = 0;
    for (int32_t k = 0; k < w->loan->months; k++) {
        const struct loan_part *part = &s->parts[k];
        s->owed_minor += part_left(part);
        s->subsidy_minor += part->subsidy_minor;
        if (!part_left(part))
            continue;
        if (part->due_day < day) {
            s->late_minor += part_left(part);
            if (s->late_since == INT32_MIN)
                s->late_since = part->due_day + 1;
        } else if (s->next_day == INT32_MIN) {
            s->next_day = part->due_day;
            s->next_minor = part_left(part);
        }
    }
    s->owed_minor += interest_of(w->owed_days, w->loan->rate_bp - w->loan->subsidy_bp);
}

enum rc loan_sums_at(struct loan_sums *out, struct cx *cx, const struct loan *loan,
                     const struct loan_entry *entries, size_t count, int32_t day)
{
    *out = (struct loan_sums){.late_since = INT32_MIN, .next_day = INT32_MIN};
    if (loan->kind != LOAN_SMALL || loan->paid_day == INT32_MIN ||
        loan->state == LOAN_WRITTEN_OFF || day < loan->paid_day)
        return RC_OK;
    assert(loan->months > 0 && loan->months <= LOAN_MONTHS_MAX);
    out->parts = arena_new(cx->arena, (size_t)loan->months * sizeof *out->parts);
    make_parts(out, loan);
    struct walk w = {loan, out, 0, loan->amount_minor, 0, loan->paid_day};
    for (size_t i = 0; i <= count; i++) {
        int32_t until = i < count && entries[i].day <= day ? entries[i].day : day;
        while (w.due_count < (size_t)loan->months && out->parts[w.due_count].due_day <= until)
            fall_due(&w, &out->parts[w.due_count]);
        go_to(&w, until);
        if (i == count || entries[i].day > day)
            break;
        pay(&w, entries[i].amount_minor);
    }
    add_up(out, &w, day);
    return RC_OK;
}
