/* Exports: lists of the register as files, streamed in the actor's areas; secrets masked unless
 * the actor holds household.reveal and asks for them (then each is logged as one look of the
 * whole export). */
#ifndef REGISTER_EXPORT_H
#define REGISTER_EXPORT_H

#include "frame/frame.h"
#include "register/household.h"

enum export_what {
    EXPORT_HOUSEHOLDS, /* one row a household: areas, code, head, size, all household indicators
                          of a year */
    EXPORT_PEOPLE,     /* one row a person: areas, household code, person fields, all person
                          indicators */
    EXPORT_INCOMES,    /* one row per household, year and kind */
    EXPORT_MAPPING,    /* the columns of a mapping (national_person): what came in goes out */
};
struct export_options {
    enum export_what what;
    const char *mapping; /* EXPORT_MAPPING */
    int32_t year;        /* 0 = the newest of each household */
    int64_t area_id;     /* 0 = all of the actor's areas */
    bool secrets;
    bool use_labels; /* codes as labels (CSV, XLSX) instead of numbers */
    enum frame_format format;
};
enum rc export_write(int64_t *rows, struct cx *cx, const struct export_options *o,
                     int fd) MUST_USE;

#endif
