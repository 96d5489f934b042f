/* What a page of the evidence is asked for. All of it stands in the address, so that a figure
 * can be sent to a colleague: area, year, welfare, poverty line, unit, group, index of
 * deprivations with its weights, cut-offs and k. Reads and checks it, and writes it back with
 * one thing changed. Does not compute figures (population.h).
 *
 * In the address (all optional):
 *   area=ID            an area; default: the top of the actor's areas
 *   year=2025          default: the newest year that has sheets
 *   from_year=2021     the year compared with; default: the one before `year`
 *   welfare=CODE       a household indicator of profile->welfare; default: the first
 *   line=TEXT          a threshold's code or label, a number, or 60%median, 50%mean, 40%q0.5;
 *                      default: the first of profile->poverty_lines
 *   from_line=TEXT     the line compared with
 *   poor=at            poor is also who stands exactly at the line (default: below it)
 *   unit=household     households are counted instead of people
 *   group=CODE         a household indicator of profile->poverty_groups to split by, or size
 *   index=CODE         an index of deprivations; default: the profile's first
 *   w_CODE=3           weight of a deprivation of that index, an integer
 *   c_CODE=6           its cut-off: the first number (or threshold's name) behind < <= > >=
 *                      in its rule, c_CODE_2 the second …
 *   k=1/3              poverty cut-off: 1/3, 33%, 0.33 */
#ifndef INSIGHT_SCOPE_H
#define INSIGHT_SCOPE_H

#include "base/text.h"
#include "http/http.h"
#include "profile/profile.h"
#include "profile/rules.h"
#include "register/area.h"
#include "stats/mpi.h"
#include "stats/poverty.h"

enum { SCOPE_PAIRS_MAX = 64, SCOPE_CUTS_MAX = 48 };

/* A poverty line as it was asked for. Its value depends on area, year and people: see
 * line_of_areas and population.h. */
struct scope_line {
    const char *text;      /* as in the address, half width: "national_line", "60%median" */
    const char *label;     /* for people: "National poverty line", "60 % of the median" */
    const char *threshold; /* its code; NULL: `spec` */
    struct line_spec spec;
};
struct scope_county {
    int64_t county, area_id;
    const char *path, *code, *name;
};
/* A number or threshold in a deprivation's rule that can be moved. */
struct scope_cut {
    size_t deprivation;
    const char *name;   /* in the address: "c_school", "c_school_2" */
    size_t at, len;     /* its bytes in the profile's rule */
    const char *own;    /* as the profile has it */
    const char *text;   /* as asked for; = own when not moved */
    const char *around; /* the piece of the rule that it stands in, for people */
};
struct scope {
    struct area area;   /* id 0, path "": everything */
    struct area *chain; /* from the top to it */
    size_t chain_count;
    const char *const *tops; /* paths of the actor's areas; "" = everything */
    size_t top_count;
    struct scope_county *counties; /* at, above or under the area, in order of path */
    size_t county_count;
    int32_t *years; /* with sheets in any of these counties, oldest first */
    size_t year_count;
    int32_t year, from_year;         /* 0: there is none */
    const struct indicator *welfare; /* NULL: the profile names none */
    struct scope_line line;      /* text "" when the profile names no line and none is asked */
    struct scope_line from_line; /* text NULL: none is compared with */
    bool weak, households;
    const struct indicator *group;     /* NULL: none */
    bool by_size;                      /* group=size: by the number of people */
    const struct poverty_index *index; /* NULL: the profile has none */
    struct mpi_spec spec;              /* of the index, with weights and k as asked for */
    const char *k_text;                /* as written: "1/3" */
    struct scope_cut *cuts;
    size_t cut_count;
    bool index_moved; /* a weight, a cut-off or k differs from the profile's */
    const struct rule_program *program; /* root j = deprivation j; NULL: the profile's own (no
                                           cut-off was moved) */
    struct pair pairs[SCOPE_PAIRS_MAX]; /* what the address asked for */
    size_t pair_count;
};

/* Reads the address. Everything lives in cx->arena. Needs an open read transaction; opens and
 * closes the counties' columns one after another to learn their years.
 * RC_DENIED: the actor may see poverty nowhere; RC_NOTFOUND: no such area, or outside the
 * actor's areas (permission poverty.view); RC_INVALID with a sentence that says what was
 * expected: every other mistake. After RC_INVALID (but for a wrong area) `out` is whole, with
 * the default where the mistake stands: for showing the form again, not for figures. */
enum rc scope_read(struct scope *out, struct cx *cx, const struct request *q) MUST_USE;

/* The same from pairs instead of a request: for jobs, commands and tests. */
enum rc scope_of_pairs(struct scope *out, struct cx *cx, const struct pair *pairs,
                       size_t count) MUST_USE;

/* Is this a name of the scope's in an address? */
bool scope_knows(struct str name);

/* The address's query with `name` set to `value` (NULL or "": taken out; name NULL: nothing
 * changed), encoded, without "?": "area=12&line=5000". Another `index` drops the weights,
 * cut-offs and k of the present one. In cx->arena. */
const char *scope_query(struct cx *cx, const struct scope *s, const char *name,
                        const char *value);
/* The same for a number. */
const char *scope_query_i64(struct cx *cx, const struct scope *s, const char *name,
                            int64_t value);

/* Reads a line: half or full width, thousands separators allowed. RC_INVALID with a sentence:
 * neither a threshold of the profile nor a number nor a share; zero; negative. */
enum rc scope_line_parse(struct scope_line *out, struct cx *cx, struct str text) MUST_USE;
/* Value of a threshold line for an area given by its official codes, most specific first, on
 * the last day of the income year. RC_NOTFOUND without a text when none is in force. */
enum rc scope_threshold(double *out, struct cx *cx, const char *code, const struct str *codes,
                        size_t code_count, int32_t year) MUST_USE;
/* Has that threshold values of its own for some areas? Then the line may differ inside. */
bool scope_threshold_by_area(const struct profile *p, const char *code);
/* "monitoring_line" → its label in cx's language in that year (any area); the code itself when
 * there is none. */
const char *scope_threshold_label(struct cx *cx, const char *code, int32_t year);

/* A welfare value or a line for people: "4,000 yuan per person". */
const char *scope_money(struct cx *cx, const struct scope *s, double value);
/* "people" or "households". */
const char *scope_unit(struct cx *cx, const struct scope *s);
/* May the actor see the households of the scope's area (household.view)? */
bool scope_may_households(const struct cx *cx, const struct scope *s);

#endif
