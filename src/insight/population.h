/* The rows behind a figure: the households of a scope in a year out of the live columns of all
 * counties under the area, opened and closed one after another. Numbers of base/value.h become
 * doubles in whole units (yuan). Knows no statistics but the value of the line.
 *
 * Memory: an arena of its own (a province has millions of rows), so population_close must be
 * called whatever happens. */
#ifndef INSIGHT_POPULATION_H
#define INSIGHT_POPULATION_H

#include "insight/scope.h"
#include "register/columns.h"

/* A place of the split: a child area, or a code of the group indicator. */
struct population_group {
    const char *label;
    int64_t area_id;  /* child areas; 0: households that lie at the area itself */
    int64_t code;     /* group indicator: its code; COLUMN_MISSING: not known */
    const char *path; /* child areas */
    int64_t rows;     /* households */
};
/* Rows with the same line, in order: runs[i] covers [begin, end). */
struct population_run {
    size_t begin, end;
    double line;
};
/* Neighbouring rows of one lowest area. */
struct population_place {
    size_t begin, end;
    const char *name;
    const struct str *codes; /* official codes, most specific first */
    size_t code_count;
};
struct population_source {
    int64_t county;
    const char *name;
    int64_t seq; /* journal entry up to which its columns were */
    int64_t rows;
};
enum population_want {
    POPULATION_CHILD = 1,      /* child[] and children[] */
    POPULATION_CODE = 2,       /* code[] and codes[] of scope->group */
    POPULATION_ID = 4,         /* household[] and source[] */
    POPULATION_FLAGS = 8,      /* deprived[], known[] of scope->index */
    POPULATION_NO_WELFARE = 16 /* y stays NULL, no line is looked for */
};
struct population {
    const struct scope *scope;
    int32_t year;
    struct arena *arena;
    size_t n;               /* households */
    double *y;              /* welfare; NaN: not known */
    double *w;              /* people of the household (0: nobody is known), or 1 */
    double weight;          /* sum of w */
    uint32_t *child, *code; /* index in children / codes */
    struct population_group *children, *codes;
    size_t child_count, code_count;
    int64_t *household; /* ids */
    uint32_t *source;   /* index in sources */
    uint16_t *deprived, *known;
    struct population_source *sources;
    size_t source_count;
    struct population_place *places;
    size_t place_count;
    int64_t rows_used, rows_missing; /* by welfare; with NO_WELFARE: rows_used = n */
    double weight_missing;
    int64_t rows_empty; /* of the missing: nothing of welfare or groups is known that year */
    /* The line. Runs only for threshold lines that differ by area; else one run over all. */
    struct population_run *runs;
    size_t run_count;
    double line; /* the line, or NaN when it differs between areas; NaN without a line */
    double line_low, line_high;
    const struct ranked *ranked; /* population_ranked's */
};

/* Reads the households of the scope in `year` (0: scope->year). `line` NULL: scope->line.
 * RC_INVALID with a sentence: the line has no value for an area or date, is zero, relative to
 * nobody, the profile names no welfare, or there is no year with sheets.
 * RC_OK with n = 0: nobody lives there. On failure nothing stays open. */
enum rc population_open(struct population **out, struct cx *cx, const struct scope *s,
                        int32_t year, const struct scope_line *line, unsigned want) MUST_USE;
void population_close(struct population *p);

/* The same rows with another line: fills runs, line, line_low, line_high anew. RC_INVALID as
 * population_open. */
enum rc population_set_line(struct population *p, struct cx *cx,
                            const struct scope_line *line) MUST_USE;

/* cx with the population's arena: for statistics whose memory grows with the rows. Errors must
 * be copied back by population_failed. */
struct cx population_cx(const struct cx *cx, const struct population *p);
/* Takes the error of such a cx over. Returns rc. */
enum rc population_failed(struct cx *cx, const struct cx *wide, enum rc rc) MUST_USE;

/* The rows ranked by welfare; made at the first call, lives as long as the population. */
enum rc population_ranked(const struct ranked **out, struct population *p,
                          struct cx *cx) MUST_USE;
/* y and w as the statistics want them. */
struct welfare population_welfare(const struct population *p);
/* Foster–Greer–Thorbecke sums by group (NULL: one) over the runs: each row against its own
 * line. `sums` are zeroed by the caller. */
void population_fgt(struct fgt_sums *sums, const struct population *p, const uint32_t *group,
                    bool weak);
/* 1 for each row that is poor at the population's line (income known and below it, or at it too
 * when `weak`), else 0; in the population's arena, stays as it is when the line changes. */
enum rc population_poor(const uint8_t **out, struct population *p, struct cx *cx,
                        bool weak) MUST_USE;
/* The line of a row; NaN without a line. */
double population_line_of(const struct population *p, size_t row);
/* Names of a row's areas below the tenant: "A · B". */
const char *population_place_of(const struct population *p, size_t row);

#endif
