/* What the statistics commands on a file share: see study.h. */
#include "insight/study.h"

#include "base/buf.h"
#include "base/text.h"
#include "insight/file_rule.h"

#include <math.h>
#include <stdio.h>

enum { ARENA_MAX_MB = 6144 };

static const struct option_row shared_rows[STUDY_SURVEY] = {
    {"weight", "V,…", OPTION_TEXT,
     N_("the column of weights; several are multiplied (weight,household size)"), false},
    {"by", "V,…", OPTION_TEXT, N_("also for each group of these columns"), false},
    {"if", "RULE", OPTION_TEXT,
     N_("only the rows for which this holds, such as \"age >= 15 and region = 'North'\"; the "
        "survey design stays that of all rows"),
     false},
    {"sheet", "NAME", OPTION_TEXT, N_("of a workbook; default the first"), false},
    {"format", "table|json|csv|markdown", OPTION_TEXT, N_("default table"), false},
};

void study_option_table(struct option_row *all, const struct option_row *own, size_t count)
{
    memcpy(all, own, count * sizeof *all);
    survey_option_table(all + count, shared_rows, STUDY_SURVEY);
}

static const char *text_of(const struct option_value *v)
{
    return v->given ? v->text : NULL;
}

enum rc study_options(struct study *out, struct cx *cx, const char *path,
                      const struct option_value *v)
{
    struct study s = {.from = {path, text_of(&v[STUDY_SHEET])}, .rule = text_of(&v[STUDY_IF])};
    if (v[STUDY_WEIGHT].given)
        TRY(file_frame_list(&s.weights, &s.weight_count, cx, v[STUDY_WEIGHT].text));
    if (v[STUDY_BY].given)
        TRY(file_frame_list(&s.by, &s.by_count, cx, v[STUDY_BY].text));
    TRY(figure_format_parse(&s.format, cx, text_of(&v[STUDY_FORMAT])));
    TRY(survey_options(&s.survey, cx, v + STUDY_SURVEY, s.by, s.by_count));
    *out = s;
    return RC_OK;
}

/* ---- reading ---- */

static enum rc no_memory(struct cx *cx, size_t n)
{
    return fail(cx, RC_LIMIT, _("The table has too many rows for this computation."),
                "rows=%zu", n);
}

/* All columns as own ones in front of `rest`. */
static enum rc read_all_columns(struct study *s, struct cx *cx, const struct file_want *rest,
                                size_t rest_count)
{
    struct file_want *all = NULL;
    size_t rows = 0;
    TRY(file_frame_read_all(&all, &s->own, &s->n, cx, &s->from));
    s->wants = arena_array(cx->arena, s->own + rest_count + 1, sizeof *s->wants);
    if (!s->wants)
        return no_memory(cx, s->n);
    memcpy(s->wants, all, s->own * sizeof *all);
    memcpy(s->wants + s->own, rest, rest_count * sizeof *rest);
    if (!rest_count)
        return RC_OK;
    return file_frame_read(&rows, cx, &s->from, s->wants + s->own, rest_count);
}

static enum rc read_columns(struct study *s, struct cx *cx, const struct file_want *own,
                            size_t count, const struct file_want *rest, size_t rest_count)
{
    s->own = count;
    if (!own)
        return read_all_columns(s, cx, rest, rest_count);
    s->wants = arena_array(cx->arena, count + rest_count + 1, sizeof *s->wants);
    if (!s->wants)
        return no_memory(cx, count + rest_count);
    memcpy(s->wants, own, count * sizeof *own);
    memcpy(s->wants + count, rest, rest_count * sizeof *rest);
    return file_frame_read(&s->n, cx, &s->from, s->wants, count + rest_count);
}

static void multiply(struct study *s, const struct file_want *weights)
{
    if (!s->weight_count)
        return;
    s->w = weights[0].number;
    for (size_t k = 1; k < s->weight_count; k++)
        for (size_t i = 0; i < s->n; i++)
            s->w[i] *= weights[k].number[i];
}

/* Lists the rows for which --if holds, of all and of each group. */
static enum rc list_rows(struct study *s, struct cx *cx)
{
    size_t count = s->by_count ? s->groups.count : 0, all = 0;
    s->order = arena_array(cx->arena, 2 * s->n + 1, sizeof *s->order);
    s->start = arena_array(cx->arena, count + 2, sizeof *s->start);
    s->end = arena_array(cx->arena, count + 2, sizeof *s->end);
    if (!s->order || !s->start || !s->end)
        return no_memory(cx, s->n);
    s->group_count = count;
    for (uint32_t i = 0; i < s->n; i++) {
        if (s->inside && !s->inside[i])
            continue;
        s->order[all++] = i;
        if (count)
            s->end[s->groups.of_row[i] + 1]++; /* how many, for now */
    }
    s->end[0] = all;
    for (size_t g = 1, at = all; g <= count; g++) {
        at += s->end[g];
        s->start[g] = s->end[g] = at - s->end[g];
    }
    for (size_t i = 0; count && i < all; i++)
        s->order[s->end[s->groups.of_row[s->order[i]] + 1]++] = s->order[i];
    return all ? RC_OK
               : fail(cx, RC_INVALID,
                      s->rule ? _("No row is left: --if holds for none. Check its condition.")
                              : _("The table has no rows besides its heading."),
                      "rows");
}

enum rc study_read(struct study *s, struct cx *cx, const struct file_want *own, size_t count)
{
    struct file_want *rule = NULL;
    size_t rule_count = 0;
    if (s->rule)
        TRY(file_rule_columns(&rule, &rule_count, cx, s->rule));
    size_t rest_count = s->weight_count + s->by_count + rule_count + s->survey.name_count;
    struct file_want *rest = arena_array(cx->arena, rest_count + 1, sizeof *rest);
    if (!rest)
        return fail(cx, RC_LIMIT, _("The list is too long."), "n=%zu", rest_count);
    for (size_t i = 0; i < s->weight_count; i++)
        rest[i].name = s->weights[i];
    for (size_t i = 0; i < s->by_count; i++)
        rest[s->weight_count + i] = (struct file_want){.name = s->by[i], .as_labels = true};
    size_t at = s->weight_count + s->by_count;
    if (rule_count)
        memcpy(rest + at, rule, rule_count * sizeof *rest);
    memcpy(rest + at + rule_count, s->survey.names, s->survey.name_count * sizeof *rest);
    TRY(read_columns(s, cx, own, count, rest, rest_count));
    struct file_want *read = s->wants + s->own;
    multiply(s, read);
    if (s->rule)
        TRY(file_rule_run(&s->inside, cx, s->rule, read + at, rule_count, s->n));
    s->survey_columns = read + at + rule_count;
    TRY(survey_make(&s->survey, cx, s->survey_columns, s->w, s->n));
    TRY(file_groups_make(&s->groups, cx, read + s->weight_count, s->by_count, s->n));
    return list_rows(s, cx);
}

const uint32_t *study_rows(const struct study *s, size_t group, size_t *count)
{
    size_t g = group == FIGURE_ALL ? 0 : group + 1;
    *count = s->end[g] - s->start[g];
    return s->order + s->start[g];
}

/* ---- running ---- */

static void quoted(struct buf *b, const char *z)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789_-./,:=+%@";
    if (*z && !z[strspn(z, plain)]) {
        buf_z(b, z);
        return;
    }
    buf_char(b, '\'');
    for (; *z; z++)
        if (*z == '\'')
            buf_z(b, "'\\''");
        else
            buf_char(b, *z);
    buf_char(b, '\'');
}

void study_say_again(struct cx *cx, int argc, char **argv)
{
    struct buf b;
    buf_init(&b, cx->arena, 64 * 1024);
    for (int i = 0; i < argc; i++) {
        buf_char(&b, ' ');
        quoted(&b, argv[i]);
    }
    if (buf_ok(&b))
        fprintf(stderr, _("The same again: fumin%.*s\n"), (int)b.len, b.p);
}

enum rc study_compute(struct cx *cx, enum rc (*compute)(void *run, struct cx *cx), void *run)
{
    struct arena *small = cx->arena;
    cx->arena = arena_open((size_t)ARENA_MAX_MB << 20);
    enum rc rc = compute(run, cx);
    arena_free(cx->arena);
    cx->arena = small;
    return rc;
}
