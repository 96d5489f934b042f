/* Small loans and grants, stored: asked for, granted, paid out, repaid. */
#include "help/loan.h"

#include "base/fault.h"
#include "base/text.h"
#include "base/utf8.h"
#include "help/help_inner.h"
#include "help/loan.sql.h"
#include "help/loan_inner.h"
#include "people/org.h"
#include "register/area.h"
#include "register/household.h"

#include <string.h>

enum { PURPOSE_MAX = 500, RECEIPT_MAX = 60, ENTRIES_MAX = 2000, LOANS_MAX = 5000, BATCH = 500 };
static const int64_t AMOUNT_MAX_MINOR = 1000000000000;

const char *loan_state_label(struct cx *cx, enum loan_state state)
{
    static const char *const labels[] = {
        [LOAN_ASKED] = N_("asked for"),     [LOAN_GRANTED] = N_("granted"),
        [LOAN_PAID_OUT] = N_("paid out"),   [LOAN_REPAID] = N_("ended, nothing is owed"),
        [LOAN_REFUSED] = N_("not granted"), [LOAN_WRITTEN_OFF] = N_("written off"),
    };
    return text_in(cx->lang, labels[state]);
}

/* ---- reading ---- */

static int32_t day_or_not(const struct db_rows *r, int column)
{
    return row_null(r, column) ? INT32_MIN : (int32_t)row_i64(r, column);
}

static struct loan loan_of_row(const struct db_rows *r)
{
    return (struct loan){.county = row_i64(r, LOAN_ONE_COUNTY),
                         .id = row_i64(r, LOAN_ONE_ID),
                         .household_id = row_i64(r, LOAN_ONE_HOUSEHOLD_ID),
                         .area_id = row_i64(r, LOAN_ONE_AREA_ID),
                         .bank_org_id = row_i64(r, LOAN_ONE_BANK_ORG_ID),
                         .guarantor_org_id = row_i64(r, LOAN_ONE_GUARANTOR_ORG_ID),
                         .kind = (enum loan_kind)row_i64(r, LOAN_ONE_KIND),
                         .state = (enum loan_state)row_i64(r, LOAN_ONE_STATE),
                         .amount_minor = row_i64(r, LOAN_ONE_AMOUNT_MINOR),
                         .months = (int32_t)row_i64(r, LOAN_ONE_MONTHS),
                         .rate_bp = (int32_t)row_i64(r, LOAN_ONE_RATE_BP),
                         .subsidy_bp = (int32_t)row_i64(r, LOAN_ONE_SUBSIDY_BP),
                         .asked_day = (int32_t)row_i64(r, LOAN_ONE_ASKED_DAY),
                         .granted_day = day_or_not(r, LOAN_ONE_GRANTED_DAY),
                         .paid_day = day_or_not(r, LOAN_ONE_PAID_DAY),
                         .due_day = day_or_not(r, LOAN_ONE_DUE_DAY),
                         .purpose = row_copy(r, LOAN_ONE_PURPOSE).p,
                         .reason = row_copy(r, LOAN_ONE_REASON).p,
                         .version = (int32_t)row_i64(r, LOAN_ONE_VERSION)};
}

static enum rc no_loan(struct cx *cx, int64_t id)
{
    return fail(cx, RC_NOTFOUND, _("There is no such loan, or not for you to see."),
                "loan=%" PRId64, id);
}

enum rc loan_load(struct loan *out, struct household *h, struct cx *cx, int64_t id)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &LOAN_ONE, V_I(id));
    if (rc == RC_NOTFOUND)
        return no_loan(cx, id);
    TRY(rc);
    *out = loan_of_row(&rows);
    TRY(db_done(&rows));
    rc = household_get(h, cx, out->household_id);
    if (rc == RC_NOTFOUND) {
        err_clear(cx);
        return no_loan(cx, id);
    }
    return rc;
}

/* Room for one more of `n` in a list of *room. */
static void *room_for(struct cx *cx, void *list, size_t n, size_t *room, size_t size)
{
    if (n < *room)
        return list;
    *room = *room ? 2 * *room : 16;
    char *more = arena_new(cx->arena, *room * size);
    if (n)
        memcpy(more, list, n * size);
    return more;
}

enum rc loan_entries(struct loan_entry **out, size_t *count, struct cx *cx,
                     const struct loan *l)
{
    struct db_rows rows;
    struct loan_entry *list = NULL;
    size_t n = 0, room = 0;
    TRY(DB_SELECT(&rows, cx, &LOAN_ENTRIES, V_I(l->county), V_I(l->id)));
    while (n < ENTRIES_MAX && db_next(&rows)) {
        list = room_for(cx, list, n, &room, sizeof *list);
        list[n++] =
            (struct loan_entry){.id = row_i64(&rows, LOAN_ENTRIES_ID),
                                .day = (int32_t)row_i64(&rows, LOAN_ENTRIES_DAY),
                                .amount_minor = row_i64(&rows, LOAN_ENTRIES_AMOUNT_MINOR),
                                .receipt = row_copy(&rows, LOAN_ENTRIES_RECEIPT).p,
                                .user_id = row_i64(&rows, LOAN_ENTRIES_USER_ID),
                                .at = row_i64(&rows, LOAN_ENTRIES_AT)};
    }
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc loan_get(struct loan *out, struct loan_entry **entries, size_t *count, struct cx *cx,
                 int64_t id)
{
    struct household h;
    TRY(loan_load(out, &h, cx, id));
    return loan_entries(entries, count, cx, out);
}

struct listing {
    const struct loan_query *q;
    struct loan *list;
    size_t count, room, most;
    int64_t before;
    bool ended;
};

/* The next ones, of which the actor may not see all. */
static enum rc list_batch(struct listing *s, struct cx *cx)
{
    struct db_rows rows;
    size_t seen = 0;
    const struct loan_query *q = s->q;
    if (q->household_id)
        TRY(DB_SELECT(&rows, cx, &LOAN_OF_HOUSEHOLD, V_I(q->county), V_I(q->household_id),
                      V_I(s->before), V_I(BATCH)));
    else
        TRY(DB_SELECT(&rows, cx, &LOAN_OF_COUNTY, V_I(q->county), V_I(s->before), V_I(q->state),
                      V_I(q->late ? help_today(cx) : 0), V_I(BATCH)));
    while (s->count < s->most && db_next(&rows)) {
        seen++;
        s->before = row_i64(&rows, LOAN_ONE_ID);
        if (!actor_may_in(cx, "household.view", row_str(&rows, LOAN_ONE_AREA_PATH)))
            continue;
        s->list = room_for(cx, s->list, s->count, &s->room, sizeof *s->list);
        s->list[s->count++] = loan_of_row(&rows);
    }
    s->ended = seen < BATCH;
    return db_done(&rows);
}

enum rc loan_list(struct loan **out, size_t *count, struct cx *cx, const struct loan_query *q)
{
    struct listing s = {.q = q,
                        .most = q->max < LOANS_MAX ? q->max : LOANS_MAX,
                        .before = q->before_id ? q->before_id : INT64_MAX};
    TRY(actor_require(cx, "household.view"));
    while (!s.ended && s.count < s.most)
        TRY(list_batch(&s, cx));
    *out = s.list;
    *count = s.count;
    return RC_OK;
}

/* ---- writing ---- */

struct asking {
    struct loan loan;
    const char *path;
    int64_t id;
};

static enum rc ask_write(struct cx *cx, void *arg)
{
    struct asking *a = arg;
    const struct loan *l = &a->loan;
    TRY(db_ids(&a->id, cx, 1));
    return DB_RUN(cx, &LOAN_INSERT, V_I(l->county), V_I(a->id), V_I(l->household_id),
                  V_I(l->area_id), V_T(a->path), V_I(l->bank_org_id), V_I(l->guarantor_org_id),
                  V_I(l->kind), V_I(l->amount_minor), V_I(l->months), V_I(l->rate_bp),
                  V_I(l->subsidy_bp), V_I(l->asked_day), V_T(l->purpose), V_I(help_user(cx)));
}

static enum rc words_ok(struct cx *cx, struct str words, size_t max)
{
    if (utf8_bad_at(words) < words.len)
        return fail(cx, RC_INVALID, _("The text holds characters that cannot be read."),
                    "not utf-8");
    if (!words.len)
        return fail(cx, RC_INVALID, _("Say what it is for, or why."), "no words");
    if (words.len > max)
        return fail_f(cx, RC_INVALID, _("The text is too long: at most %zu letters."), max);
    return RC_OK;
}

static enum rc figures_ok(struct cx *cx, const struct loan *l)
{
    if (l->kind != LOAN_SMALL && l->kind != LOAN_GRANT)
        return fail(cx, RC_INVALID, _("Choose a small loan or a start-up grant."), "loan kind");
    if (l->amount_minor <= 0 || l->amount_minor > AMOUNT_MAX_MINOR)
        return fail(cx, RC_INVALID, _("The amount must be more than nothing."), "loan amount");
    if (l->kind == LOAN_GRANT)
        return RC_OK;
    if (l->months < 1 || l->months > LOAN_MONTHS_MAX || l->amount_minor < l->months)
        return fail_f(cx, RC_INVALID, _("The loan runs for 1 to %d months."), LOAN_MONTHS_MAX);
    if (l->rate_bp < 0 || l->rate_bp > LOAN_RATE_MAX_BP)
        return fail_f(cx, RC_INVALID, _("The interest is 0 to %d percent a year."),
                      LOAN_RATE_MAX_BP / 100);
    if (l->subsidy_bp < 0 || l->subsidy_bp > l->rate_bp)
        return fail(cx, RC_INVALID, _("The programme cannot pay more than the whole interest."),
                    "subsidy=%d", (int)l->subsidy_bp);
    return RC_OK;
}

static enum rc org_ok(struct cx *cx, int64_t county, int64_t org_id)
{
    struct org o;
    if (!org_id)
        return RC_OK;
    TRY(org_get(&o, cx, org_id));
    return o.county == county
               ? RC_OK
               : fail(cx, RC_INVALID, _("This organisation belongs to another county."),
                      "loan org=%" PRId64, org_id);
}

enum rc loan_ask(int64_t *id, struct cx *cx, const struct loan *l)
{
    struct household h;
    struct asking a = {.loan = *l};
    TRY(household_get(&h, cx, l->household_id));
    TRY(actor_require_in(cx, "work.manage", str_of(h.area_path)));
    TRY(figures_ok(cx, l));
    TRY(words_ok(cx, str_trim(str_of(l->purpose ? l->purpose : "")), PURPOSE_MAX));
    TRY(org_ok(cx, h.county, l->bank_org_id));
    TRY(org_ok(cx, h.county, l->guarantor_org_id));
    a.loan.county = h.county;
    a.loan.area_id = h.area_id;
    a.path = h.area_path;
    if (l->asked_day == INT32_MIN || !l->asked_day)
        a.loan.asked_day = help_today(cx);
    TRY(db_write(cx, h.county, ask_write, &a));
    *id = a.id;
    return RC_OK;
}

static bool can_go(const struct loan *l, enum loan_state to)
{
    switch (to) {
    case LOAN_GRANTED:
        return l->state == LOAN_ASKED;
    case LOAN_REFUSED:
        return l->state == LOAN_ASKED || l->state == LOAN_GRANTED;
    case LOAN_PAID_OUT:
        return l->state == LOAN_GRANTED;
    case LOAN_REPAID:
        return l->state == LOAN_PAID_OUT && l->kind == LOAN_GRANT;
    case LOAN_WRITTEN_OFF:
        return l->state == LOAN_PAID_OUT && l->kind == LOAN_SMALL;
    case LOAN_ASKED:
    default:
        return false;
    }
}

struct moving {
    int64_t id;
    int32_t version, day;
    enum loan_state state;
    struct str reason;
};

static enum rc changed_meanwhile(struct cx *cx, const struct loan *l)
{
    return fail_f(cx, RC_CONFLICT,
                  _("Somebody changed this loan meanwhile: it is now “%s”. Look again."),
                  loan_state_label(cx, l->state));
}

static struct db_arg day_arg(int32_t day)
{
    return day == INT32_MIN ? V_NULL : V_I(day);
}

static enum rc move_write(struct cx *cx, void *arg)
{
    const struct moving *m = arg;
    struct loan l;
    struct household h;
    int64_t changed;
    TRY(loan_load(&l, &h, cx, m->id));
    if (l.version != m->version)
        return changed_meanwhile(cx, &l);
    if (!can_go(&l, m->state))
        return fail_f(cx, RC_INVALID, _("A loan that is “%s” cannot become “%s”."),
                      loan_state_label(cx, l.state), loan_state_label(cx, m->state));
    int32_t granted = m->state == LOAN_GRANTED ? m->day : l.granted_day;
    int32_t paid = m->state == LOAN_PAID_OUT ? m->day : l.paid_day;
    if (m->day > help_today(cx) || m->day < l.asked_day ||
        (granted != INT32_MIN && m->day < granted) || (paid != INT32_MIN && m->day < paid))
        return fail(cx, RC_INVALID, _("The day lies before the step before it, or ahead."),
                    "loan day");
    TRY(DB_RUN_COUNT(&changed, cx, &LOAN_STATE_SET, V_I(l.county), V_I(l.id), V_I(m->version),
                     V_I(m->state), day_arg(granted), day_arg(paid), V_S(m->reason)));
    if (!changed)
        return changed_meanwhile(cx, &l);
    l.state = m->state;
    l.paid_day = paid;
    return loan_follow(cx, &l);
}

enum rc loan_move(struct cx *cx, int64_t id, int32_t version, enum loan_state state,
                  int32_t day, struct str reason)
{
    struct loan l;
    struct household h;
    struct moving m = {id, version, day, state, str_trim(reason)};
    TRY(loan_load(&l, &h, cx, id));
    TRY(actor_require_in(cx, "work.manage", str_of(h.area_path)));
    if (state == LOAN_REFUSED || state == LOAN_WRITTEN_OFF)
        TRY(words_ok(cx, m.reason, PURPOSE_MAX));
    if (!m.reason.p)
        m.reason = STR("");
    return db_write(cx, l.county, move_write, &m);
}

/* ---- repaying ---- */

struct repaying {
    int64_t id, amount_minor;
    int32_t day;
    struct str receipt;
};

/* Entries with one more, in order of day. */
static struct loan_entry *with_entry(struct cx *cx, const struct loan_entry *entries,
                                     size_t count, const struct repaying *r)
{
    struct loan_entry *all = arena_new(cx->arena, (count + 1) * sizeof *all);
    size_t n = 0;
    while (n < count && entries[n].day <= r->day) {
        all[n] = entries[n];
        n++;
    }
    all[n] = (struct loan_entry){.day = r->day, .amount_minor = r->amount_minor};
    for (size_t i = n; i < count; i++)
        all[i + 1] = entries[i];
    return all;
}

static enum rc known_receipt(bool *known, struct cx *cx, const struct loan_entry *entries,
                             size_t count, const struct repaying *r)
{
    *known = false;
    for (size_t i = 0; i < count; i++) {
        if (!str_eq_z(r->receipt, entries[i].receipt))
            continue;
        *known = true;
        if (entries[i].day != r->day || entries[i].amount_minor != r->amount_minor)
            return fail(cx, RC_CONFLICT,
                        _("This receipt was entered before, with another day or amount."),
                        "receipt twice");
    }
    return RC_OK;
}

static enum rc repay_write(struct cx *cx, void *arg)
{
    const struct repaying *r = arg;
    struct loan l;
    struct household h;
    struct loan_entry *entries;
    struct loan_sums s;
    size_t count;
    int64_t id, changed;
    bool known;
    TRY(loan_load(&l, &h, cx, r->id));
    TRY(loan_entries(&entries, &count, cx, &l));
    TRY(known_receipt(&known, cx, entries, count, r));
    if (known)
        return RC_OK;
    if (l.state != LOAN_PAID_OUT || l.kind != LOAN_SMALL || r->day < l.paid_day)
        return fail(cx, RC_INVALID, _("Nothing can be repaid before it was paid out."),
                    "loan state=%d", (int)l.state);
    int32_t last = count && entries[count - 1].day > r->day ? entries[count - 1].day : r->day;
    TRY(loan_sums_at(&s, cx, &l, with_entry(cx, entries, count, r), count + 1, last));
    if (s.too_much_minor > 0 || count >= ENTRIES_MAX - 1)
        return fail(cx, RC_INVALID,
                    _("This is more than is still owed. Look at what is left of the loan."),
                    "too much");
    TRY(db_ids(&id, cx, 1));
    TRY(DB_RUN(cx, &LOAN_ENTRY_INSERT, V_I(l.county), V_I(l.id), V_I(id), V_I(r->day),
               V_I(r->amount_minor), V_S(r->receipt), V_I(help_user(cx)), V_I(cx->now_at)));
    TRY(DB_RUN_COUNT(&changed, cx, &LOAN_TOUCH, V_I(l.county), V_I(l.id), V_I(l.version),
                     V_I(s.owed_minor ? LOAN_PAID_OUT : LOAN_REPAID)));
    if (!changed)
        return changed_meanwhile(cx, &l);
    if (fault_hit("help.loan"))
        return fail(cx, RC_IO, _("Stopped by a test."), "fault help.loan");
    l.state = s.owed_minor ? LOAN_PAID_OUT : LOAN_REPAID;
    return loan_follow(cx, &l);
}

enum rc loan_repay(struct cx *cx, int64_t id, int32_t day, int64_t amount_minor,
                   struct str receipt)
{
    struct loan l;
    struct household h;
    struct repaying r = {id, amount_minor, day, str_trim(receipt)};
    TRY(loan_load(&l, &h, cx, id));
    TRY(actor_require_in(cx, "work.manage", str_of(h.area_path)));
    TRY(words_ok(cx, r.receipt, RECEIPT_MAX));
    if (amount_minor <= 0 || amount_minor > AMOUNT_MAX_MINOR)
        return fail(cx, RC_INVALID, _("The amount must be more than nothing."), "repay amount");
    if (day > help_today(cx))
        return fail(cx, RC_INVALID, _("The day lies ahead."), "repay day");
    return db_write(cx, l.county, repay_write, &r);
}
