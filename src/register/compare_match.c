/* Fellegi–Sunter matching: agreement levels, EM, weights. See compare_match.h. */
#include "register/compare_match.h"

#include "base/time.h"
#include "base/utf8.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEVELS_AND_MISSING = MATCH_LEVELS + 1, NAME_MAX = 24, VISIBLE_MIN = 8, ENDS = 4 };
static const double settled_change = 1e-9, least = 1e-12; /* a level that never occurs */

int match_pattern(struct match_levels l)
{
    int n = 0;
    for (int f = 0; f < MATCH_FIELDS; f++) {
        assert(l.of[f] >= MATCH_MISSING && l.of[f] < MATCH_LEVELS);
        n = n * LEVELS_AND_MISSING + l.of[f] + 1;
    }
    return n;
}

struct match_levels match_levels_of(int pattern)
{
    struct match_levels l;
    for (int f = MATCH_FIELDS - 1; f >= 0; f--) {
        l.of[f] = (int8_t)(pattern % LEVELS_AND_MISSING - 1);
        pattern /= LEVELS_AND_MISSING;
    }
    return l;
}

/* ---- the model ---- */

void match_model_begin(struct match_model *out, const struct match_priors *p, double share)
{
    *out = (struct match_model){.share = share};
    for (int f = 0; f < MATCH_FIELDS; f++)
        for (int k = 0; k < MATCH_LEVELS; k++) {
            out->m[f][k] = (double)p->m[f][k] / MATCH_UNIT;
            out->u[f][k] = (double)p->u[f][k] / MATCH_UNIT;
        }
}

double match_weight(const struct match_model *model, struct match_levels l)
{
    double w = 0;
    for (int f = 0; f < MATCH_FIELDS; f++)
        if (l.of[f] != MATCH_MISSING)
            w += log2(fmax(model->m[f][l.of[f]], least) / fmax(model->u[f][l.of[f]], least));
    return w;
}

double match_chance(const struct match_model *model, double weight)
{
    double odds = model->share / (1 - model->share) * exp2(weight);
    return isinf(odds) ? 1 : odds / (1 + odds);
}

/* What one round adds up: expected pairs of the same person, and of two, by level. */
struct sums {
    double m[MATCH_FIELDS][MATCH_LEVELS], u[MATCH_FIELDS][MATCH_LEVELS];
    double same, all;
};

static void sum_up(struct sums *s, const struct match_model *model,
                   const int64_t counts[MATCH_PATTERNS])
{
    for (int i = 0; i < MATCH_PATTERNS; i++) {
        if (!counts[i])
            continue;
        struct match_levels l = match_levels_of(i);
        double n = (double)counts[i], same = match_chance(model, match_weight(model, l));
        for (int f = 0; f < MATCH_FIELDS; f++) {
            if (l.of[f] == MATCH_MISSING)
                continue;
            s->m[f][l.of[f]] += n * same;
            s->u[f][l.of[f]] += n * (1 - same);
        }
        s->same += n * same;
        s->all += n;
    }
}

/* The share of a level among a field's pairs, with the prior's pairs; the largest change. */
static void set_levels(double out[MATCH_LEVELS], double *change,
                       const double pairs[MATCH_LEVELS], const int32_t prior[MATCH_LEVELS],
                       double strength)
{
    double all = strength;
    for (int k = 0; k < MATCH_LEVELS; k++)
        all += pairs[k];
    if (all <= 0)
        return; /* nobody says this field: the prior stands */
    for (int k = 0; k < MATCH_LEVELS; k++) {
        double value = (pairs[k] + strength * prior[k] / MATCH_UNIT) / all;
        *change = fmax(*change, fabs(value - out[k]));
        out[k] = value;
    }
}

static void add_outside(struct sums *s, const struct match_outside *outside)
{
    s->all += outside->all;
    for (int f = 0; f < MATCH_FIELDS; f++)
        for (int k = 0; k < MATCH_LEVELS; k++)
            s->u[f][k] += outside->level[f][k];
}

void match_model_fit(struct match_model *model, const struct match_priors *p,
                     const int64_t counts[MATCH_PATTERNS], const struct match_outside *outside,
                     double strength, int rounds_max)
{
    double begun = model->share;
    model->settled = false;
    for (model->rounds = 0; model->rounds < rounds_max && !model->settled; model->rounds++) {
        struct sums s = {0};
        double change = 0;
        sum_up(&s, model, counts);
        if (s.all <= 0)
            return;
        if (outside)
            add_outside(&s, outside);
        for (int f = 0; f < MATCH_FIELDS; f++) {
            set_levels(model->m[f], &change, s.m[f], p->m[f], strength);
            set_levels(model->u[f], &change, s.u[f], p->u[f], strength);
        }
        double share = (s.same + strength * begun) / (s.all + strength);
        change = fmax(change, fabs(share - model->share));
        model->share = share;
        model->settled = change < settled_change;
    }
}

/* ---- names ---- */

static size_t code_points(uint32_t out[NAME_MAX], struct str s)
{
    size_t n = 0;
    while (s.len && n < NAME_MAX)
        out[n++] = utf8_next(&s);
    return n;
}

static bool same_character(uint32_t a, uint32_t b)
{
    return a == b || a == '*' || b == '*';
}

/* At most one character replaced, or one more in `a` (which is not shorter). */
static bool one_apart(const uint32_t *a, size_t a_len, const uint32_t *b, size_t b_len)
{
    size_t same = 0;
    if (a_len - b_len > 1)
        return false;
    while (same < b_len && same_character(a[same], b[same]))
        same++;
    if (same == b_len)
        return true;
    size_t shift = a_len == b_len ? 1 : 0;
    for (size_t i = same + 1; i < a_len; i++)
        if (!same_character(a[i], b[i - 1 + shift]))
            return false;
    return true;
}

int match_name(struct str a, struct str a_pinyin, struct str b, struct str b_pinyin)
{
    uint32_t x[NAME_MAX], y[NAME_MAX];
    if (!a.len || !b.len)
        return MATCH_MISSING;
    if (str_eq(a, b))
        return NAME_EXACT;
    if (a_pinyin.len && str_eq(a_pinyin, b_pinyin))
        return NAME_PINYIN;
    size_t x_len = code_points(x, a), y_len = code_points(y, b);
    if (x_len < 2 || y_len < 2)
        return NAME_DIFFERENT;
    bool near = x_len >= y_len ? one_apart(x, x_len, y, y_len) : one_apart(y, y_len, x, x_len);
    return near ? NAME_ONE_CHARACTER : NAME_DIFFERENT;
}

/* ---- dates ---- */

static void digits_of_day(char out[8], struct date d)
{
    int32_t n = d.year * 10000 + d.month * 100 + d.day;
    for (int i = 7; i >= 0; i--, n /= 10)
        out[i] = (char)('0' + n % 10);
}

/* One character differs, or two neighbours changed places. */
static bool slipped(const char *a, const char *b, size_t len)
{
    size_t differ = 0, first = 0;
    for (size_t i = 0; i < len; i++)
        if (a[i] != b[i] && differ++ == 0)
            first = i;
    return differ == 1 || (differ == 2 && first + 1 < len && a[first] == b[first + 1] &&
                           a[first + 1] == b[first]);
}

int match_birth(int32_t a, int32_t b)
{
    char x[8], y[8];
    if (a == INT32_MIN || b == INT32_MIN)
        return MATCH_MISSING;
    if (a == b)
        return BIRTH_EXACT;
    struct date p = day_date(a), q = day_date(b);
    digits_of_day(x, p);
    digits_of_day(y, q);
    bool turned = p.year == q.year && p.month == q.day && p.day == q.month;
    if (turned || slipped(x, y, sizeof x))
        return BIRTH_SWAPPED;
    return p.year == q.year ? BIRTH_YEAR : BIRTH_DIFFERENT;
}

int match_sex(int32_t a, int32_t b)
{
    if (!a || !b)
        return MATCH_MISSING;
    return a == b ? SEX_SAME : SEX_DIFFERENT;
}

int match_place(struct str listed, struct str own, size_t county_len)
{
    enum { STEP = 3 };
    if (listed.len <= county_len || own.len <= county_len)
        return MATCH_MISSING;
    struct str village = {listed.p, county_len + (size_t)2 * STEP},
               township = {listed.p, county_len + STEP};
    if (listed.len >= village.len && str_starts(own, village))
        return PLACE_VILLAGE;
    return str_starts(own, township) ? PLACE_TOWNSHIP : PLACE_DIFFERENT;
}

/* ---- identity numbers ---- */

static bool same_ends(struct str a, struct str b)
{
    return a.len >= ENDS && b.len >= ENDS && !memchr(a.p + a.len - ENDS, '*', ENDS) &&
           memcmp(a.p + a.len - ENDS, b.p + b.len - ENDS, ENDS) == 0;
}

static int match_masked(struct str listed, struct str own)
{
    size_t visible = 0;
    bool agree = listed.len == own.len;
    for (size_t i = 0; i < listed.len && agree; i++) {
        if (listed.p[i] == '*')
            continue;
        visible++;
        agree = listed.p[i] == own.p[i];
    }
    if (agree && visible >= VISIBLE_MIN)
        return IDENTITY_VISIBLE;
    return same_ends(listed, own) ? IDENTITY_ENDS : IDENTITY_DIFFERENT;
}

/* One character more in `a`. */
static bool one_more(struct str a, struct str b)
{
    size_t i = 0;
    if (a.len != b.len + 1)
        return false;
    while (i < b.len && a.p[i] == b.p[i])
        i++;
    return memcmp(a.p + i + 1, b.p + i, b.len - i) == 0;
}

static bool near_numbers(struct str a, struct str b)
{
    size_t differ = 0;
    if (a.len != b.len)
        return one_more(a, b) || one_more(b, a);
    for (size_t i = 0; i < a.len; i++)
        differ += a.p[i] != b.p[i];
    return differ <= 2 || slipped(a.p, b.p, a.len);
}

int match_identity(struct str listed, struct str own)
{
    if (!listed.len || !own.len)
        return MATCH_MISSING;
    if (memchr(listed.p, '*', listed.len))
        return match_masked(listed, own);
    if (listed.len >= VISIBLE_MIN && own.len >= VISIBLE_MIN && near_numbers(listed, own))
        return IDENTITY_NEAR;
    return same_ends(listed, own) ? IDENTITY_ENDS : IDENTITY_DIFFERENT;
}

int match_phone(struct str a, struct str b)
{
    if (!a.len || !b.len)
        return MATCH_MISSING;
    return str_eq(a, b) ? PHONE_SAME : PHONE_DIFFERENT;
}
