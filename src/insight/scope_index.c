/* The index of deprivations as it was asked for: weights, k, and cut-offs, which are the
 * numbers and thresholds behind a comparison in a deprivation's rule. */
#include "insight/scope_impl.h"

#include <stdio.h>
#include <string.h>

enum { WEIGHT_LIMIT = 10000, CUT_DIGITS_MAX = 12, CUT_DECIMALS_MAX = 6 };

static const char *index_codes(struct cx *cx)
{
    struct buf b;
    buf_init(&b, cx->arena, 4096);
    const struct profile_rules *r = cx->profile->rules;
    for (size_t i = 0; i < r->index_count; i++)
        buf_printf(&b, "%s%s", i ? ", " : "", r->indexes[i].code);
    return arena_copy(cx->arena, buf_view(&b));
}

static enum rc choose_index(struct scope *s, struct cx *cx)
{
    struct str asked = scope_asked(s, "index");
    const struct profile_rules *r = cx->profile->rules;
    s->index = r && r->index_count ? &r->indexes[0] : NULL;
    if (!asked.len)
        return RC_OK;
    const struct poverty_index *found = r ? profile_index(cx->profile, asked) : NULL;
    if (!found)
        return fail_f(cx, RC_INVALID, _("There is no index “%.*s”. Indexes: %s."),
                      STR_ARG(asked), r ? index_codes(cx) : "");
    s->index = found;
    return RC_OK;
}

static void own_spec(struct scope *s, struct cx *cx)
{
    s->spec = (struct mpi_spec){
        .n = s->index->count, .k_num = s->index->k_num, .k_den = s->index->k_den};
    for (size_t j = 0; j < s->index->count; j++)
        s->spec.weight[j] = s->index->deprivations[j].weight;
    s->k_text =
        arena_printf(cx->arena, "%" PRId64 "/%" PRId64, s->index->k_num, s->index->k_den);
}

/* ---- weights and k ---- */

static enum rc read_weight(struct scope *s, struct cx *cx, const struct pair *p)
{
    struct str code = {p->name.p + 2, p->name.len - 2};
    for (size_t j = 0; j < s->index->count; j++) {
        const struct deprivation *d = &s->index->deprivations[j];
        int64_t weight;
        if (!str_eq_z(code, d->code))
            continue;
        if (!str_to_i64(&weight, p->value) || weight < 0 || weight > WEIGHT_LIMIT)
            return fail_f(cx, RC_INVALID,
                          _("The weight of “%s” should be a whole number from 0 to %d."),
                          LABEL(cx, d->label), WEIGHT_LIMIT);
        s->spec.weight[j] = (int32_t)weight;
        s->index_moved = s->index_moved || weight != d->weight;
        return RC_OK;
    }
    return fail_f(cx, RC_INVALID, _("This index has no deprivation “%.*s”."), STR_ARG(code));
}

static enum rc read_spec(struct scope *s, struct cx *cx)
{
    struct str k = scope_asked(s, "k");
    for (size_t i = 0; i < s->pair_count; i++)
        if (str_starts(s->pairs[i].name, STR("w_")))
            TRY(read_weight(s, cx, &s->pairs[i]));
    if (k.len) {
        TRY(mpi_k_parse(&s->spec.k_num, &s->spec.k_den, cx, k));
        s->k_text = arena_copy(cx->arena, k);
        s->index_moved = s->index_moved ||
                         s->spec.k_num * s->index->k_den != s->index->k_num * s->spec.k_den;
    }
    return mpi_spec_check(cx, &s->spec);
}

/* ---- cut-offs ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return is_digit(c) || c == '_' || c == '.' || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

/* Behind a quoted text, a comment or a word that begins at `i`; i itself where none does. */
static size_t skip_other(const char *z, size_t i)
{
    if (z[i] == '\'') {
        for (i++; z[i] && z[i] != '\'';)
            i++;
        return z[i] ? i + 1 : i;
    }
    if (z[i] == '#') {
        while (z[i] && z[i] != '\n')
            i++;
        return i;
    }
    if (is_word(z[i]) && !is_digit(z[i]))
        while (is_word(z[i]))
            i++;
    return i;
}

/* The comparison that a number stands in, from the beginning of its clause. */
static const char *clause_of(struct cx *cx, const char *z, size_t at, size_t len)
{
    static const char *const breaks[] = {" and ", " or ", " not ", " where ", "(", ",", "\n"};
    size_t from = 0;
    for (size_t b = 0; b < sizeof breaks / sizeof breaks[0]; b++)
        for (size_t i = 0; i + strlen(breaks[b]) <= at; i++)
            if (!strncmp(z + i, breaks[b], strlen(breaks[b])) && i + strlen(breaks[b]) > from)
                from = i + strlen(breaks[b]);
    struct str clause = {z + from, at + len - from};
    return arena_copy(cx->arena, str_trim(clause));
}

static bool is_threshold(const struct profile *p, struct str code)
{
    for (size_t i = 0; i < p->threshold_count; i++)
        if (str_eq_z(code, p->thresholds[i].code))
            return true;
    return false;
}

static void add_cut(struct scope *s, struct cx *cx, size_t deprivation, size_t at, size_t len)
{
    const struct deprivation *d = &s->index->deprivations[deprivation];
    const char *own = arena_copy(cx->arena, (struct str){d->rule + at, len});
    size_t nth = 1;
    for (size_t i = 0; i < s->cut_count; i++)
        nth += s->cuts[i].deprivation == deprivation;
    s->cuts[s->cut_count++] =
        (struct scope_cut){.deprivation = deprivation,
                           .name = nth > 1 ? arena_printf(cx->arena, "c_%s_%zu", d->code, nth)
                                           : arena_printf(cx->arena, "c_%s", d->code),
                           .at = at,
                           .len = len,
                           .own = own,
                           .text = own,
                           .around = clause_of(cx, d->rule, at, len)};
}

/* Finds the numbers and the thresholds' names that stand directly behind < <= > >= in a rule.
 */
static void find_cuts(struct scope *s, struct cx *cx, size_t deprivation)
{
    const char *z = s->index->deprivations[deprivation].rule;
    bool behind = false; /* a comparison sign stands before */
    for (size_t i = 0; z[i] && s->cut_count < SCOPE_CUTS_MAX;) {
        size_t other = skip_other(z, i);
        if (other > i) {
            if (behind && is_threshold(cx->profile, (struct str){z + i, other - i}))
                add_cut(s, cx, deprivation, i, other - i);
            behind = false;
            i = other;
            continue;
        }
        if (!is_digit(z[i])) {
            if (z[i] == '<' || z[i] == '>')
                behind = z[i + 1] != '>' && !(z[i] == '>' && i && z[i - 1] == '<');
            else if (z[i] != ' ' && z[i] != '=')
                behind = false;
            i++;
            continue;
        }
        size_t end = i;
        while (is_digit(z[end]) || (z[end] == '.' && is_digit(z[end + 1])))
            end++;
        bool is_date = z[end] == '-' && is_digit(z[end + 1]);
        if (behind && !is_date)
            add_cut(s, cx, deprivation, i, end - i);
        while (is_date && (is_digit(z[end]) || z[end] == '-'))
            end++;
        behind = false;
        i = end;
    }
}

static bool is_plain_number(struct str s)
{
    size_t dot = str_find(s, STR("."));
    size_t whole = dot == SIZE_MAX ? s.len : dot;
    size_t decimals = dot == SIZE_MAX ? 0 : s.len - dot - 1;
    if (!whole || whole > CUT_DIGITS_MAX || decimals > CUT_DECIMALS_MAX ||
        (dot != SIZE_MAX && !decimals))
        return false;
    for (size_t i = 0; i < s.len; i++)
        if (i != dot && !is_digit(s.p[i]))
            return false;
    return true;
}

static enum rc read_cut(bool *moved, struct scope *s, struct cx *cx, const struct pair *p)
{
    for (size_t i = 0; i < s->cut_count; i++) {
        struct scope_cut *c = &s->cuts[i];
        if (!str_eq_z(p->name, c->name))
            continue;
        if (!is_plain_number(p->value) && !str_eq_z(p->value, c->own))
            return fail_f(cx, RC_INVALID,
                          _("The cut-off in “%s” should be a plain number such as 6 or 2.5."),
                          c->around);
        c->text = arena_copy(cx->arena, p->value);
        *moved = *moved || strcmp(c->text, c->own) != 0;
        return RC_OK;
    }
    return fail_f(cx, RC_INVALID, _("This index has no cut-off “%.*s”."), STR_ARG(p->name));
}

/* A rule with its numbers replaced. */
static const char *moved_rule(struct cx *cx, const struct scope *s, size_t deprivation)
{
    const char *z = s->index->deprivations[deprivation].rule;
    size_t from = 0;
    struct buf b;
    buf_init(&b, cx->arena, RULE_TEXT_MAX);
    for (size_t i = 0; i < s->cut_count; i++) {
        const struct scope_cut *c = &s->cuts[i];
        if (c->deprivation != deprivation)
            continue;
        buf_put(&b, z + from, c->at - from);
        buf_z(&b, c->text);
        from = c->at + c->len;
    }
    buf_z(&b, z + from);
    return arena_copy(cx->arena, buf_view(&b));
}

static enum rc compile_moved(struct scope *s, struct cx *cx)
{
    struct rule_text texts[MPI_INDICATORS_MAX];
    struct rule_fault fault;
    for (size_t j = 0; j < s->index->count; j++)
        texts[j] = (struct rule_text){.name = s->index->deprivations[j].code,
                                      .level = RULE_HOUSEHOLD,
                                      .text = str_of(moved_rule(cx, s, j)),
                                      .want_bool = true};
    return rule_compile(&s->program, &fault, cx, cx->profile->rules->dictionary, texts,
                        s->index->count);
}

static enum rc read_cuts(struct scope *s, struct cx *cx)
{
    bool moved = false;
    for (size_t i = 0; i < s->pair_count; i++)
        if (str_starts(s->pairs[i].name, STR("c_")))
            TRY(read_cut(&moved, s, cx, &s->pairs[i]));
    if (!moved)
        return RC_OK;
    s->index_moved = true;
    return compile_moved(s, cx);
}

enum rc scope_read_index(struct scope *s, struct scope_reading *r, struct cx *cx)
{
    TRY(scope_keep(r, cx, choose_index(s, cx)));
    if (!s->index)
        return RC_OK;
    own_spec(s, cx);
    s->cuts = arena_new(cx->arena, SCOPE_CUTS_MAX * sizeof *s->cuts);
    for (size_t j = 0; j < s->index->count; j++)
        find_cuts(s, cx, j);
    TRY(scope_keep(r, cx, read_spec(s, cx)));
    return scope_keep(r, cx, read_cuts(s, cx));
}
