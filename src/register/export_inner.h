/* Inside of the export: what export.c (which households) and export_field.c (which columns)
 * share. */
#ifndef REGISTER_EXPORT_INNER_H
#define REGISTER_EXPORT_INNER_H

#include "profile/mapping.h"
#include "register/export.h"
#include "register/inner.h"

/* What a column of the file is made from. */
enum field_kind {
    EXPORT_AREA,      /* name of the area of .level */
    EXPORT_AREA_CODE, /* its official code */
    EXPORT_CODE,      /* household code */
    EXPORT_HEAD,
    EXPORT_SIZE,
    EXPORT_YEAR,
    EXPORT_PERSON_CODE,
    EXPORT_PERSON_NAME,
    EXPORT_SEX,
    EXPORT_BIRTH,
    EXPORT_RELATION,
    EXPORT_SECRET, /* .secret */
    EXPORT_VALUE,  /* .indicator */
    EXPORT_INCOME, /* sum of .income in the year */
    EXPORT_INCOME_CODE,
    EXPORT_INCOME_NAME,
    EXPORT_INCOME_AMOUNT,
    EXPORT_NOTHING, /* a column that the register does not keep */
};
struct export_field {
    enum field_kind kind;
    int level;
    enum secret secret;
    const struct indicator *indicator;
    const struct income_kind *income;
    const struct mapping_column *column; /* EXPORT_MAPPING */
    bool as_text;                        /* of the mapping: codes as the texts that it reads */
    bool as_plain; /* of the mapping: numbers as text, so that its word for "not known" fits in
                    */
};
struct export_plan {
    const struct export_options *o;
    const struct mapping *m; /* EXPORT_MAPPING */
    bool of_people;          /* a row is a person */
    bool needs_person_sheet, needs_household_sheet, needs_incomes, needs_secrets;
    struct export_field *fields;
    struct column_spec *columns;
    size_t count, room;
};
/* Everything one row is written from. */
struct export_row {
    const struct household *h;
    const struct person *p; /* NULL in rows of households */
    const struct area *chain;
    size_t chain_count;
    int32_t year; /* 0: no sheet */
    const struct value *household_values, *person_values;
    const struct income *incomes; /* all of the household */
    size_t income_count;
    const struct income *income; /* EXPORT_INCOMES: the row's */
    struct str secrets[SECRET_COUNT];
};
enum rc export_plan_make(struct export_plan *plan, struct cx *cx,
                         const struct export_options *o) MUST_USE;
/* Fills plan->count cells; texts in cx->arena. */
void export_cells(struct out_cell *cells, struct cx *cx, const struct export_plan *plan,
                  const struct export_row *r);
/* Would the mapping take this row? Its fixed texts must hold and what it needs must be there.
 */
bool export_row_fits(const struct export_plan *plan, const struct export_row *r);

#endif
