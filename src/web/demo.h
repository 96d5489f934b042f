/* The made-up county: a seeded generator of places, households, people and incomes, and the
 * files that such a county would send, in the national layout and with its usual mistakes. The
 * same seed gives the same bytes. Nobody in it exists: identity numbers begin with a region
 * code that was never given out and carry the check character after the right one, so that they
 * are valid only in a database whose county says it is synthetic.
 *   demo_random.c   the generator's dice
 *   demo_names.c    names of people and places
 *   demo_person.c   one person: identity number, schooling, health, work
 *   demo_county.c   households put together from people, and the step from year to year
 *   demo_income.c   incomes by kind, and what follows from them
 *   demo_dirt.c     the mistakes
 *   demo_sheet.c    a table file of the demo: CSV in two encodings, XLSX
 *   demo_values.c   what a person or household says to an indicator
 *   demo_files.c    the files of a year
 *   demo_load.c     a database out of the files, through the normal door
 *   demo_office.h   … and the office at work in it
 * It knows profile/cn by its code numbers; every label comes from the loaded profile. */
#ifndef WEB_DEMO_H
#define WEB_DEMO_H

#include "base/cx.h"
#include "base/str.h"
#include "profile/mapping.h"

/* ---- dice ---- */
struct demo_dice {
    uint64_t s[4];
};
void demo_dice_seed(struct demo_dice *d, uint64_t seed);
uint64_t demo_roll(struct demo_dice *d);
/* low..high, both included. */
int demo_between(struct demo_dice *d, int low, int high);
/* True `per_mille` times in 1,000. */
bool demo_chance(struct demo_dice *d, int per_mille);
/* Index in proportion to the weights. */
int demo_pick(struct demo_dice *d, const int *weights, int count);
/* Log-normal with this median and standard deviation of the logarithm. */
double demo_amount(struct demo_dice *d, double median, double sigma);

/* ---- codes of profile/cn ---- */
enum { DEMO_MALE = 1, DEMO_FEMALE = 2 };
enum demo_relation {
    DEMO_HEAD = 1,
    DEMO_SPOUSE = 2,
    DEMO_SON = 3,
    DEMO_DAUGHTER = 4,
    DEMO_SONS_WIFE = 5,
    DEMO_GRANDSON = 7,
    DEMO_GRANDDAUGHTER = 8,
    DEMO_FATHER = 11,
    DEMO_MOTHER = 12,
    DEMO_OTHER_RELATIVE = 21,
};
enum demo_labour { LABOUR_PLAIN = 1, LABOUR_SKILLED, LABOUR_WEAK, LABOUR_LOST, LABOUR_NONE };
enum demo_health { HEALTHY = 1, HEALTH_LONG = 2, HEALTH_SERIOUS = 4, HEALTH_DISABLED = 5 };
enum demo_cause {
    CAUSE_ILLNESS = 1,
    CAUSE_DISABILITY = 2,
    CAUSE_SCHOOL = 3,
    CAUSE_DISASTER = 4,
    CAUSE_LABOUR = 8,
    CAUSE_OTHER = 20,
    CAUSE_WORK = 21,
    CAUSE_HOUSE = 22,
    CAUSE_WATER = 23,
    CAUSE_ACCIDENT = 24,
    CAUSE_PROJECT = 25,
};
enum {
    ATTRIBUTE_NONE = 4,       /* an ordinary farm household */
    ATTRIBUTE_LIFTED = 11,    /* lifted out of poverty */
    ATTRIBUTE_ALLOWANCE = 12, /* … and on the low-income allowance */
    ATTRIBUTE_DESTITUTE = 13, /* … and on destitute support */
    EXIT_DONE = 2,
    MONITOR_UNSTABLE = 0,
    MONITOR_EDGE = 1,
    MONITOR_SUDDEN = 2,
    MONITOR_NONE = 9,
    MISSING = -1,
};

/* ---- the county ---- */
enum { DEMO_NAME = 32, DEMO_INCOMES_MAX = 24, DEMO_TOWNSHIPS = 12, DEMO_VILLAGES = 160 };

struct demo_place {
    char name[DEMO_NAME];
    char code[13];
    int parent;     /* of a village: its township */
    int hamlets;    /* of a village: its numbered hamlets */
    int ethnic;     /* of a village: the people most of its families belong to */
    int speciality; /* of a township: what its fields are known for (demo_income.c) */
    int remote;     /* of a village: 0 near a road … 2 far up */
};
struct demo_person {
    int32_t next; /* next member of the household, -1 the last */
    int32_t birth_day;
    int32_t code; /* running number, part of the person code */
    bool gone;    /* died or moved away */
    int8_t sex, relation, ethnic;
    int8_t education, student; /* MISSING: the other one holds */
    int8_t labour, work_place; /* work_place 0: does not work away */
    int8_t work_months;
    uint8_t health; /* set of enum demo_health as bits */
    bool serious_illness_insured, welfare_post;
    int32_t wage; /* yuan a month */
    char name[16];
    char identity[20];
    char phone[12];
};
struct demo_income {
    const struct income_kind *kind;
    int32_t yuan;
};
struct demo_household {
    int32_t first; /* member; the head */
    int32_t code;
    int16_t village;
    int8_t hamlet; /* from 0 */
    bool gone;
    int8_t attribute, exit_status, cause, monitor; /* exit_status, cause: MISSING = none */
    bool dangerous_house, water_safe, water_difficult, cooperative, online_shop;
    int8_t house_structure, house_grade, water_supply, road_type, fuel;
    int32_t arable, paddy, forest; /* hundredths of a mu */
    int32_t house_m2, road_m;
    int32_t monitored_on; /* month, as TYPE_MONTH */
    double luck;          /* of its incomes, steady over the years */
    struct demo_income incomes[DEMO_INCOMES_MAX];
    int income_count;
    int64_t per_head_minor; /* net income per head */
};
struct demo_county {
    struct demo_place townships[DEMO_TOWNSHIPS], villages[DEMO_VILLAGES];
    int township_count, village_count;
    struct demo_household *households;
    int household_count, household_room;
    struct demo_person *people;
    int people_count, people_room;
    int year; /* the sheets' year */
    struct demo_dice dice;
    uint16_t *birth_numbers; /* numbers given out per day of birth and sex */
    int32_t next_phone;
};
extern const char demo_province[], demo_prefecture[], demo_county_name[];
/* A county of about `households` households (100 to 100,000) as it was at the end of `year`. In
 * cx->arena. RC_INVALID for another number, RC_LIMIT when the arena is too small. */
enum rc demo_county_make(struct demo_county **out, struct cx *cx, uint64_t seed, int households,
                         int year) MUST_USE;
/* Births, deaths, weddings, school years, jobs and incomes: the next year. */
enum rc demo_county_step(struct cx *cx, struct demo_county *c) MUST_USE;
/* Members present. */
int demo_household_size(const struct demo_county *c, const struct demo_household *h);
/* The next member present from `person` on, -1 none: for (i = demo_member(c, h->first); i >= 0;
 * i = demo_member(c, c->people[i].next)). */
int32_t demo_member(const struct demo_county *c, int32_t person);
/* Adds a household or a member (appended); -1 when there is no room. */
int32_t demo_household_add(struct demo_county *c, int village);
int32_t demo_person_add(struct demo_county *c, struct demo_household *h, int relation, int sex,
                        int age);

/* ---- demo_names.c ---- */
/* A surname by its frequency; static. */
const char *demo_surname(struct demo_dice *d, int ethnic);
/* Surname and a given name of that sex and year of birth. */
void demo_person_name(char out[16], struct demo_dice *d, const char *surname, int sex,
                      int birth_year);
/* "第" is left out: 一组, 二组 … 十二组. */
const char *demo_hamlet_name(int hamlet);
void demo_places_make(struct demo_county *c, int villages);

/* ---- demo_person.c ---- */
int demo_age(const struct demo_county *c, const struct demo_person *p);
/* Identity number, schooling, health and work of a new person whose sex, relation and birth are
 * set. */
void demo_person_fill(struct demo_county *c, struct demo_person *p);
/* School and work of another year. */
void demo_person_year(struct demo_county *c, struct demo_person *p);
/* The check character after the right one. */
char demo_check_character(struct str digits17);
bool demo_can_work(const struct demo_person *p);

/* ---- demo_income.c ---- */
enum rc demo_incomes_make(struct cx *cx, struct demo_county *c) MUST_USE;

/* ---- demo_values.c ---- */
/* By the indicator's code; missing where the generator knows nothing. */
struct value demo_person_value(const struct demo_county *c, const struct demo_household *h,
                               const struct demo_person *p, const char *code);
struct value demo_household_value(const struct demo_county *c, const struct demo_household *h,
                                  const char *code);

/* ---- demo_sheet.c ---- */
enum demo_format { DEMO_CSV_UTF8, DEMO_CSV_GB18030, DEMO_XLSX };
struct demo_cell {
    const char *text; /* UTF-8 */
    bool number;      /* XLSX: kept as a number */
};
struct demo_sheet;
/* A file to fill row by row; ended by demo_sheet_close. Owned by caller. */
enum rc demo_sheet_open(struct demo_sheet **out, struct cx *cx, const char *path,
                        enum demo_format format) MUST_USE;
/* The number of the row that comes next, from 1. */
int64_t demo_sheet_row(const struct demo_sheet *s);
enum rc demo_sheet_put(struct cx *cx, struct demo_sheet *s, const struct demo_cell *cells,
                       size_t count) MUST_USE;
enum rc demo_sheet_close(struct cx *cx, struct demo_sheet *s) MUST_USE;

/* ---- demo_files.c ---- */
/* What one file is, for the import. */
struct demo_file {
    const char *path;    /* in cx->arena */
    const char *name;    /* without the folder */
    const char *mapping; /* of the profile */
    int year;
    int64_t rows; /* of data */
};
struct demo_files {
    struct demo_file *files;
    size_t count, room;
    int64_t planted; /* mistakes, = rows of truth.csv */
    struct demo_sheet *truth;
    struct demo_dice dirt_dice;
    int dirtiness; /* 1, as real files have it; tests take more */
    const char *dir;
};
/* Makes the folder and begins truth.csv: file, row, column, kind, effect, household. `effect`
 * is what a careful reader does: "read" (the value is meant so), "row" (the row is refused),
 * "household" (so is its household), "value" (a warning, the row goes in). */
enum rc demo_files_open(struct demo_files **out, struct cx *cx, const char *dir,
                        uint64_t seed) MUST_USE;
/* The files of the county's present year. */
enum rc demo_files_year(struct cx *cx, struct demo_files *f,
                        const struct demo_county *c) MUST_USE;
enum rc demo_files_close(struct cx *cx, struct demo_files *f) MUST_USE;

/* ---- demo_dirt.c ---- */
enum { DEMO_COLUMNS_MAX = 160, DEMO_ROWS_MAX = 24 };
/* The rows of one household, before they are written. */
struct demo_rows {
    const struct mapping *mapping;
    enum demo_format format;
    struct demo_cell rows[DEMO_ROWS_MAX][32];
    int count, dirtiness;
    const char *household_code;
    const struct demo_county *county;
};
struct demo_dirt {
    int row; /* of demo_rows */
    int column;
    const char *kind, *effect;
};
/* Plants mistakes into about 15 rows of 1,000 (times dirtiness); *count of at most `max` are
 * told. */
void demo_dirt_plant(struct demo_dirt *out, int *count, struct cx *cx, struct demo_dice *d,
                     struct demo_rows *rows, int max);
/* The title of a column as a county's clerk might have written it. */
const char *demo_header_variant(struct demo_dice *d, const struct mapping_column *column);

/* ---- demo_load.c ---- */
struct demo_account {
    const char *login, *role, *area;
};
extern const char demo_password[];
/* One file through the door of any import, as cx's actor; prints what came of it. */
enum rc demo_import_file(struct cx *cx, int64_t county, const struct demo_file *file) MUST_USE;
/* Areas, the synthetic mark, accounts (printed to `accounts`), the imports and the office
 * (demo_office.h). cx has an open database. */
enum rc demo_load(struct cx *cx, const struct demo_county *c, const struct demo_files *f,
                  FILE *accounts) MUST_USE;

#endif
