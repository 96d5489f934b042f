/* Reads a survey design from the command line and the columns it names. */
#include "insight/survey.h"

#include "base/text.h"

#include <math.h>
#include <stdio.h>

const struct option_row survey_option_rows[SURVEY_OPTIONS] = {
    {"strata", "V,…", OPTION_TEXT, N_("the columns of the sample's strata"), false},
    {"cluster", "V,…", OPTION_TEXT,
     N_("the columns of the clusters drawn, the first stage first (village,household)"), false},
    {"fpc", "V,…", OPTION_TEXT,
     N_("by stage: how many clusters there are in the stratum, or the share drawn"), false},
    {"lonely", "fail|adjust|certainty|average", OPTION_TEXT,
     N_("what to do with a stratum that has one cluster; default fail"), false},
    {"srs", NULL, OPTION_FLAG, N_("the rows are a simple random sample"), false},
    {"household", "V", OPTION_TEXT,
     N_("the column of the household: warns when its people are taken as drawn one by one"),
     false},
    {"replicate", "V,…", OPTION_TEXT,
     N_("columns of replicate weights; first..last names all from one to the other by number"),
     false},
    {"replicate-kind", "brr|jrr|bootstrap", OPTION_TEXT, N_("of these columns; default brr"),
     false},
    {"replicate-scale", "N", OPTION_TEXT,
     N_("the factor of their squared deviations; default that of the kind"), false},
    {"bootstrap", "N", OPTION_INT, N_("errors from so many bootstrap samples of the clusters"),
     false},
    {"jackknife", NULL, OPTION_FLAG, N_("errors by leaving out each cluster in turn"), false},
    {"seed", "N", OPTION_INT, N_("of the bootstrap; default 1"), false},
    {"difference", "V", OPTION_TEXT,
     N_("also the difference of each group from the first one of this column of --by"), false},
};

void survey_option_table(struct option_row *all, const struct option_row *own, size_t count)
{
    memcpy(all, own, count * sizeof *all);
    memcpy(all + count, survey_option_rows, sizeof survey_option_rows);
}

/* ---- options ---- */

/* "w1..w80" as w1, w2, … w80; no range: RC_NOTFOUND without a sentence. */
static enum rc range_parse(const char ***out, size_t *count, struct cx *cx, const char *text)
{
    const char *dots = strstr(text, "..");
    if (!dots)
        return RC_NOTFOUND;
    struct str first = {text, (size_t)(dots - text)}, last = str_of(dots + 2);
    size_t stem = 0;
    int64_t from = 0, to = 0;
    while (stem < first.len && stem < last.len && first.p[stem] == last.p[stem] &&
           !(first.p[stem] >= '0' && first.p[stem] <= '9'))
        stem++;
    if (!str_to_i64(&from, (struct str){first.p + stem, first.len - stem}) ||
        !str_to_i64(&to, (struct str){last.p + stem, last.len - stem}) || from < 0 ||
        to <= from || to - from >= REPLICATES_MAX)
        return fail_f(cx, RC_INVALID,
                      _("“%s” names no columns: write the first and the last, such as "
                        "w1..w80."),
                      text);
    *count = (size_t)(to - from) + 1;
    const char **list = arena_array(cx->arena, *count, sizeof *list);
    if (!list)
        return fail(cx, RC_LIMIT, _("The list is too long."), "n=%zu", *count);
    for (size_t i = 0; i < *count; i++)
        list[i] = arena_printf(cx->arena, "%.*s%" PRId64, (int)stem, text, from + (int64_t)i);
    *out = list;
    return RC_OK;
}

struct lists {
    const char **name[5];
    size_t count[5];
};

static enum rc read_lists(struct lists *l, struct cx *cx, const struct option_value *v)
{
    static const int options[5] = {SURVEY_STRATA, SURVEY_CLUSTER, SURVEY_FPC, SURVEY_REPLICATE,
                                   SURVEY_HOUSEHOLD};
    for (size_t i = 0; i < 5; i++) {
        const char *text = v[options[i]].text;
        enum rc rc = RC_NOTFOUND;
        if (!v[options[i]].given)
            continue;
        if (options[i] == SURVEY_REPLICATE)
            rc = range_parse(&l->name[i], &l->count[i], cx, text);
        if (rc == RC_NOTFOUND)
            rc = file_frame_list(&l->name[i], &l->count[i], cx, text);
        TRY(rc);
    }
    return RC_OK;
}

static enum rc check_options(const struct lists *l, struct cx *cx, const struct option_value *v)
{
    bool design = l->count[0] || l->count[1] || v[SURVEY_SRS].given;
    bool made = v[SURVEY_BOOTSTRAP].given || v[SURVEY_JACKKNIFE].given;
    if (v[SURVEY_SRS].given && (l->count[0] || l->count[1]))
        return fail(cx, RC_INVALID,
                    _("--srs is a sample without strata and clusters: leave out --srs, or "
                      "--strata and --cluster."),
                    "srs");
    if (v[SURVEY_BOOTSTRAP].given && v[SURVEY_JACKKNIFE].given)
        return fail(cx, RC_INVALID, _("Take one: --bootstrap or --jackknife."), "made");
    if (l->count[3] && (design || made || l->count[2]))
        return fail(cx, RC_INVALID,
                    _("Replicate weights hold the design already: leave out --strata, "
                      "--cluster, --fpc, --srs, --bootstrap and --jackknife."),
                    "replicate");
    if (made && !design)
        return fail(cx, RC_INVALID,
                    _("--bootstrap and --jackknife draw from the design: name it with "
                      "--strata, --cluster or --srs."),
                    "made");
    if (l->count[2] > (l->count[1] ? l->count[1] : 1) || (l->count[2] && !design))
        return fail(cx, RC_INVALID, _("--fpc has one column for each stage of --cluster."),
                    "fpc");
    if (l->count[1] > DESIGN_STAGES_MAX)
        return fail_f(cx, RC_INVALID, _("A design has at most %d stages."),
                      (int)DESIGN_STAGES_MAX);
    if (v[SURVEY_BOOTSTRAP].given &&
        (v[SURVEY_BOOTSTRAP].number < 2 || v[SURVEY_BOOTSTRAP].number > REPLICATES_MAX))
        return fail_f(cx, RC_INVALID, _("--bootstrap takes from 2 to %d samples."),
                      (int)REPLICATES_MAX);
    return RC_OK;
}

static enum rc parse_word(int *out, struct cx *cx, const struct option_value *v,
                          const char *const *words, const char *sentence)
{
    *out = 0;
    for (int i = 0; v->given && words[i]; i++)
        if (!strcmp(v->text, words[i])) {
            *out = i;
            return RC_OK;
        }
    return v->given ? fail(cx, RC_INVALID, sentence, "word") : RC_OK;
}

static enum rc parse_words(struct survey *s, struct cx *cx, const struct option_value *v)
{
    static const char *const lonely[] = {"fail", "adjust", "certainty", "average", NULL},
                             *const kinds[] = {"brr", "jrr", "bootstrap", NULL};
    int word = 0;
    TRY(parse_word(&word, cx, &v[SURVEY_LONELY], lonely,
                   _("--lonely is fail, adjust, certainty or average.")));
    s->design.lonely = (enum design_lonely)word;
    TRY(parse_word(&word, cx, &v[SURVEY_KIND], kinds,
                   _("--replicate-kind is brr, jrr or bootstrap.")));
    s->plan.kind = (enum replicate_kind)word;
    s->plan.scale = 0;
    if (v[SURVEY_SCALE].given &&
        (!str_to_f64(&s->plan.scale, str_of(v[SURVEY_SCALE].text)) || !(s->plan.scale > 0)))
        return fail(cx, RC_INVALID, _("--replicate-scale is a number above zero."), "scale");
    return RC_OK;
}

enum rc survey_options(struct survey *out, struct cx *cx, const struct option_value *v,
                       const char *const *by, size_t by_count)
{
    struct survey s = {.v = v, .difference = SIZE_MAX};
    struct lists l = {0};
    TRY(read_lists(&l, cx, v));
    TRY(check_options(&l, cx, v));
    TRY(parse_words(&s, cx, v));
    for (size_t i = 0; i < by_count && v[SURVEY_DIFFERENCE].given; i++)
        if (!strcmp(by[i], v[SURVEY_DIFFERENCE].text))
            s.difference = i;
    if (v[SURVEY_DIFFERENCE].given && s.difference == SIZE_MAX)
        return fail(cx, RC_INVALID, _("--difference names a column of --by."), "difference");
    s.strata = l.count[0];
    s.clusters = l.count[1];
    s.fpcs = l.count[2];
    s.replicates = l.count[3];
    s.household = l.count[4] > 0;
    s.name_count = s.strata + s.clusters + s.fpcs + s.replicates + s.household;
    s.names = arena_array(cx->arena, s.name_count + 1, sizeof *s.names);
    if (!s.names)
        return fail(cx, RC_LIMIT, _("The list is too long."), "n=%zu", s.name_count);
    for (size_t list = 0, at = 0; list < 5; list++)
        for (size_t i = 0; i < l.count[list] && at < s.name_count; i++)
            s.names[at++] = (struct file_want){.name = l.name[list][i],
                                               .as_labels = list == 0,
                                               .as_codes = list == 1 || list == 4};
    s.errors = s.replicates || v[SURVEY_BOOTSTRAP].given || v[SURVEY_JACKKNIFE].given
                   ? SURVEY_REPLICATED
               : s.strata || s.clusters || v[SURVEY_SRS].given ? SURVEY_LINEAR
                                                               : SURVEY_NONE;
    *out = s;
    return RC_OK;
}

/* ---- the file's columns ---- */

/* A sampled row without a stratum or cluster has no place in the design. */
static enum rc check_known(struct cx *cx, const struct file_want *want, const double *w,
                           size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!*want->labels[want->label[i]] && (!w || isfinite(w[i])))
            return fail_f(cx, RC_INVALID,
                          _("Column %s, data row %lld: empty. Every row of a sample has its "
                            "stratum and its cluster; fill it in, or leave the row's weight "
                            "empty."),
                          want->name, (long long)i + 1);
    return RC_OK;
}

/* Whether weights are usable: none negative, some above zero. */
static enum rc check_weights(struct cx *cx, const double *w, size_t n)
{
    bool any = !w;
    for (size_t i = 0; w && i < n; i++) {
        if (w[i] < 0)
            return fail(cx, RC_INVALID,
                        _("A weight is negative; weights are zero or more. Check --weight."),
                        "row=%zu", i);
        any |= w[i] > 0;
    }
    return any ? RC_OK
               : fail(cx, RC_INVALID,
                      _("No row has a weight above zero. Check the column of --weight."),
                      "weights");
}

/* Several columns of strata as one: the groups' numbers and texts. */
static enum rc join_strata(struct design_columns *c, struct cx *cx,
                           const struct file_want *wants, size_t count)
{
    struct file_groups g = {0};
    if (!count)
        return RC_OK;
    TRY(file_groups_make(&g, cx, wants, count, c->n));
    const char **labels = arena_array(cx->arena, g.count + 1, sizeof *labels);
    if (!labels)
        return fail(cx, RC_LIMIT, _("There is not enough memory for so many groups."),
                    "strata");
    for (size_t s = 0; s < g.count; s++)
        for (size_t i = 0; i < count; i++) {
            const char *z = wants[i].labels[g.labels[s][i]];
            labels[s] = i ? arena_printf(cx->arena, "%s × %s", labels[s], z) : z;
        }
    c->strata = g.of_row;
    c->strata_labels = labels;
    c->strata_name = wants[0].name;
    return RC_OK;
}

/* Warns when people of one household stand in several rows and are taken as drawn singly. */
static void warn_households(struct survey *s, struct cx *cx, const struct file_want *household)
{
    size_t several = 0;
    uint8_t *rows = arena_array(cx->arena, household->label_count + 1, sizeof *rows);
    for (size_t i = 0; rows && i < s->design.n; i++) {
        uint8_t *r = &rows[household->label[i]];
        *r = (uint8_t)(*r < 2 ? *r + 1 : 2);
    }
    for (size_t h = 0; rows && h < household->label_count; h++)
        several += rows[h] > 1 && *household->labels[h];
    if (several && !s->clusters)
        fprintf(stderr,
                _("Warning: %lld households have several rows (column %s), but no cluster is "
                  "declared, so the standard errors are too small. Add --cluster %s, or the "
                  "clusters that were drawn.\n"),
                (long long)several, household->name, household->name);
}

static enum rc make_design(struct survey *s, struct cx *cx, const struct file_want *wants,
                           const double *w, size_t n)
{
    struct design_columns c = {
        .n = n, .w = w, .stages = s->clusters, .lonely = s->design.lonely};
    const struct file_want *cluster = wants + s->strata, *fpc = cluster + s->clusters;
    for (size_t i = 0; i < s->strata + s->clusters; i++)
        TRY(check_known(cx, &wants[i], w, n));
    TRY(join_strata(&c, cx, wants, s->strata));
    for (size_t i = 0; i < s->clusters; i++)
        c.cluster[i] = cluster[i].label;
    c.cluster_name = s->clusters ? cluster[0].name : NULL;
    for (size_t i = 0; i < s->fpcs; i++) {
        c.fpc[i] = fpc[i].number;
        c.fpc_name[i] = fpc[i].name;
    }
    TRY(design_make(&s->design, cx, &c));
    if (s->design.crossing)
        fprintf(stderr,
                _("Note: some values of %s stand in several strata; in each they are taken as "
                  "a cluster of its own.\n"),
                cluster[0].name);
    TRY(design_sums_make(&s->other, cx, &s->design));
    return design_sums_make(&s->sums, cx, &s->design);
}

static enum rc make_plan(struct survey *s, struct cx *cx, const struct file_want *wants,
                         size_t n)
{
    double scale = s->plan.scale;
    if (s->replicates) {
        const double **column = arena_array(cx->arena, s->replicates, sizeof *column);
        if (!column)
            return fail(cx, RC_LIMIT, _("The list is too long."), "n=%zu", s->replicates);
        for (size_t i = 0; i < s->replicates; i++)
            column[i] = wants[s->name_count - s->household - s->replicates + i].number;
        TRY(replicates_given(&s->plan, cx, s->plan.kind, column, s->replicates, n));
        if (scale > 0)
            s->plan.scale = scale;
        return RC_OK;
    }
    bool jackknife = s->v[SURVEY_JACKKNIFE].given;
    TRY(replicates_made(&s->plan, cx, &s->design,
                        jackknife ? REPLICATE_JACKKNIFE : REPLICATE_BOOTSTRAP,
                        (size_t)s->v[SURVEY_BOOTSTRAP].number));
    s->plan.seed = s->v[SURVEY_SEED].given ? (uint64_t)s->v[SURVEY_SEED].number : (uint64_t)1;
    if (jackknife)
        fprintf(
            stderr, "%s\n",
            _("Note: leaving out one cluster at a time does not give the error of a median, "
              "nor of a line made of it. Take --bootstrap for these."));
    else
        fprintf(stderr, _("Standard errors from %lld bootstrap samples, --seed %llu.\n"),
                (long long)s->plan.count, (unsigned long long)s->plan.seed);
    return RC_OK;
}

enum rc survey_make(struct survey *s, struct cx *cx, const struct file_want *wants,
                    const double *w, size_t n)
{
    TRY(check_weights(cx, w, n));
    if (s->errors == SURVEY_NONE) {
        s->why_none = _("No survey design is declared.");
        s->design.n = n;
        if (s->household)
            warn_households(s, cx, &wants[s->name_count - 1]);
        if (!s->own_errors)
            fprintf(
                stderr, "%s\n",
                _("Note: no standard errors, because no survey design is declared. Name it "
                  "with --strata, --cluster or --replicate; or say --srs when the rows are a "
                  "simple random sample."));
        return RC_OK;
    }
    if (!s->replicates)
        TRY(make_design(s, cx, wants, w, n));
    s->design.n = n;
    if (s->household && !s->replicates)
        warn_households(s, cx, &wants[s->name_count - 1]);
    return s->errors == SURVEY_REPLICATED ? make_plan(s, cx, wants, n) : RC_OK;
}
