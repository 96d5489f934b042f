/* The files of the made-up county: people in the national layout, households and incomes, and
 * truth.csv, which tells the mistakes. Columns, titles and labels are the profile's. */
#include "base/file.h"
#include "base/text.h"
#include "profile/profile.h"
#include "web/demo.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { FILES_MAX = 32, TITLE_ROWS = 2, DIRT_MAX = 4 };

/* ---- cells ---- */

static const char *labels_of_set(struct cx *cx, const struct code_list *list, int64_t bits)
{
    const char *text = "";
    for (size_t i = 0; i < list->code_count; i++) {
        const struct code *c = &list->codes[i];
        if ((uint64_t)bits >> c->code & 1)
            text = arena_printf(cx->arena, "%s%s%s", text, *text ? "、" : "",
                                c->label.in[LANG_ZH]);
    }
    return text;
}

static struct demo_cell code_cell(const struct code_list *list, int64_t number)
{
    const struct code *c = code_of(list, number);
    assert(c); /* demo.h's numbers are the profile's */
    return (struct demo_cell){c->label.in[LANG_ZH], false};
}

static struct demo_cell value_cell(struct cx *cx, const struct indicator *ind, struct value v)
{
    if (v.kind == VALUE_MISSING)
        return (struct demo_cell){"", false};
    switch (ind->type) {
    case TYPE_CODE:
        return code_cell(ind->list, v.i);
    case TYPE_CODES:
        return (struct demo_cell){labels_of_set(cx, ind->list, v.i), false};
    case TYPE_BOOL:
        return (struct demo_cell){v.i ? "是" : "否", false};
    case TYPE_INTEGER:
    case TYPE_DECIMAL:
    case TYPE_MONEY:
        return (struct demo_cell){value_plain(cx, ind, v), true};
    case TYPE_DAY:
    case TYPE_MONTH:
    case TYPE_TEXT:
        return (struct demo_cell){value_plain(cx, ind, v), false};
    }
    return (struct demo_cell){"", false};
}

static const char *area_text(struct cx *cx, const struct demo_county *c,
                             const struct demo_household *h, int level)
{
    const struct demo_place *village = &c->villages[h->village];
    switch (level - cx->profile->tenant_level) {
    case 0:
        return demo_county_name;
    case 1:
        return c->townships[village->parent].name;
    case 2:
        return village->name;
    case 3:
        return demo_hamlet_name(h->hamlet);
    default:
        return "";
    }
}

static const char *household_code(struct cx *cx, const struct demo_household *h)
{
    return arena_printf(cx->arena, "61%08d", (int)h->code);
}

static struct demo_cell number_cell(struct cx *cx, int64_t n)
{
    return (struct demo_cell){arena_printf(cx->arena, "%" PRId64, n), true};
}

static struct demo_cell income_cell(struct cx *cx, const struct demo_household *h,
                                    const struct income_kind *kind)
{
    for (int i = 0; i < h->income_count; i++)
        if (h->incomes[i].kind == kind)
            return number_cell(cx, h->incomes[i].yuan);
    return (struct demo_cell){"", false};
}

/* What a household's column holds; p NULL in tables of households. */
static struct demo_cell cell_of(struct cx *cx, const struct demo_county *c,
                                const struct demo_household *h, const struct demo_person *p,
                                const struct mapping_column *column)
{
    struct demo_cell none = {"", false};
    switch (column->kind) {
    case TARGET_AREA:
        return (struct demo_cell){area_text(cx, c, h, column->level), false};
    case TARGET_HOUSEHOLD_CODE:
        return (struct demo_cell){household_code(cx, h), false};
    case TARGET_HOUSEHOLD_SIZE:
        return number_cell(cx, demo_household_size(c, h));
    case TARGET_INCOME:
        return income_cell(cx, h, column->income);
    case TARGET_INDICATOR:
        if (column->indicator->subject == SUBJECT_HOUSEHOLD)
            return value_cell(cx, column->indicator,
                              demo_household_value(c, h, column->indicator->code));
        return p ? value_cell(cx, column->indicator,
                              demo_person_value(c, h, p, column->indicator->code))
                 : none;
    case TARGET_PERSON_CODE:
        if (p)
            return (struct demo_cell){arena_printf(cx->arena, "62%09d", (int)p->code), false};
        return none;
    case TARGET_PERSON_NAME:
        return p ? (struct demo_cell){p->name, false} : none;
    case TARGET_PERSON_SEX:
        return p ? code_cell(cx->profile->sex_list, p->sex) : none;
    case TARGET_PERSON_RELATION:
        return p ? code_cell(cx->profile->relation_list, p->relation) : none;
    case TARGET_PERSON_IDENTITY:
        return p ? (struct demo_cell){p->identity, false} : none;
    case TARGET_PERSON_PHONE:
        return p ? (struct demo_cell){p->phone, false} : none;
    case TARGET_PERSON_BIRTH:
    case TARGET_PERSON_ACCOUNT:
    case TARGET_AREA_CODE:
    case TARGET_IGNORE:
        return none;
    }
    return none;
}

/* ---- files ---- */

/* One file being written. */
struct writing {
    struct cx *cx;
    struct demo_files *f;
    const struct demo_county *c;
    const struct mapping *m;
    struct demo_sheet *sheet;
    struct demo_file *file;
    enum demo_format format;
    int first_township, end_township;
    bool dirty; /* with a clerk's mistakes */
};

static enum rc put_titles(struct writing *w, bool variants, const char *what)
{
    struct cx *cx = w->cx;
    struct demo_cell cells[DEMO_COLUMNS_MAX];
    size_t n = 0;
    cells[0] =
        (struct demo_cell){arena_printf(cx->arena, "%s%d年度%s（示例数据，人物均为虚构）",
                                        demo_county_name, w->c->year, what),
                           false};
    TRY(demo_sheet_put(cx, w->sheet, cells, 1));
    cells[0].text = arena_printf(cx->arena, "单位：%s%s%s", demo_province, demo_prefecture,
                                 demo_county_name);
    cells[1] = (struct demo_cell){"金额单位：元", false};
    TRY(demo_sheet_put(cx, w->sheet, cells, 2));
    if (w->m->year_kind == YEAR_COLUMN)
        cells[n++] = (struct demo_cell){w->m->year_header, false};
    for (size_t i = 0; i < w->m->column_count; i++) {
        const struct mapping_column *c = &w->m->columns[i];
        const char *title = variants ? demo_header_variant(&w->f->dirt_dice, c) : c->header;
        cells[n++] = (struct demo_cell){title, false};
    }
    return demo_sheet_put(cx, w->sheet, cells, n);
}

static enum rc tell(struct writing *w, const struct demo_dirt *dirt, int64_t row,
                    const char *household)
{
    struct cx *cx = w->cx;
    const struct demo_cell cells[] = {
        {w->file->name, false},
        {arena_printf(cx->arena, "%" PRId64, row), false},
        {w->m->columns[dirt->column].header, false},
        {dirt->kind, false},
        {dirt->effect, false},
        {household, false},
    };
    w->f->planted++;
    return demo_sheet_put(cx, w->f->truth, cells, sizeof cells / sizeof *cells);
}

static enum rc put_people(struct writing *w, struct demo_rows *rows,
                          const struct demo_household *h)
{
    struct cx *cx = w->cx;
    struct demo_dirt dirt[DIRT_MAX];
    int dirt_count;
    int64_t first = demo_sheet_row(w->sheet);
    rows->count = 0;
    for (int32_t i = demo_member(w->c, h->first); i >= 0 && rows->count < DEMO_ROWS_MAX;
         i = demo_member(w->c, w->c->people[i].next)) {
        for (size_t k = 0; k < w->m->column_count; k++)
            rows->rows[rows->count][k] =
                cell_of(cx, w->c, h, &w->c->people[i], &w->m->columns[k]);
        rows->count++;
    }
    rows->household_code = household_code(cx, h);
    dirt_count = 0;
    if (w->dirty)
        demo_dirt_plant(dirt, &dirt_count, cx, &w->f->dirt_dice, rows, DIRT_MAX);
    for (int i = 0; i < rows->count; i++)
        TRY(demo_sheet_put(cx, w->sheet, rows->rows[i], w->m->column_count));
    w->file->rows += rows->count;
    for (int i = 0; i < dirt_count; i++)
        TRY(tell(w, &dirt[i], first + dirt[i].row, rows->household_code));
    return RC_OK;
}

static enum rc put_household(struct writing *w, const struct demo_household *h)
{
    struct demo_cell cells[DEMO_COLUMNS_MAX];
    size_t n = 0;
    if (w->m->year_kind == YEAR_COLUMN)
        cells[n++] = number_cell(w->cx, w->c->year);
    for (size_t i = 0; i < w->m->column_count; i++)
        cells[n++] = cell_of(w->cx, w->c, h, NULL, &w->m->columns[i]);
    w->file->rows++;
    return demo_sheet_put(w->cx, w->sheet, cells, n);
}

/* The households of one village, in the order of their numbers. */
static enum rc put_village(struct writing *w, struct demo_rows *rows, int village)
{
    struct arena_mark mark = arena_mark(w->cx->arena);
    for (int i = 0; i < w->c->household_count; i++) {
        const struct demo_household *h = &w->c->households[i];
        if (h->village != village || h->gone)
            continue;
        TRY(rows ? put_people(w, rows, h) : put_household(w, h));
        arena_back(w->cx->arena, mark);
    }
    return RC_OK;
}

static enum rc put_all(struct writing *w, const char *what)
{
    struct demo_rows *rows = NULL;
    if (w->m->subject == SUBJECT_PERSON) {
        rows = arena_new(w->cx->arena, sizeof *rows);
        *rows = (struct demo_rows){
            .mapping = w->m, .format = w->format, .dirtiness = w->f->dirtiness, .county = w->c};
        assert(w->m->column_count <= sizeof rows->rows[0] / sizeof rows->rows[0][0]);
    }
    TRY(put_titles(w, w->format != DEMO_CSV_UTF8 && w->dirty, what));
    for (int v = 0; v < w->c->village_count; v++) {
        int township = w->c->villages[v].parent;
        if (township >= w->first_township && township < w->end_township)
            TRY(put_village(w, rows, v));
    }
    return RC_OK;
}

static enum rc write_file(struct writing *w, const char *mapping, const char *name,
                          const char *what)
{
    struct cx *cx = w->cx;
    struct demo_files *f = w->f;
    w->m = profile_mapping(cx->profile, str_of(mapping));
    if (!w->m)
        return fail_f(cx, RC_INVALID, _("The profile has no mapping \"%s\"."), mapping);
    assert(w->m->column_count < DEMO_COLUMNS_MAX && f->count < f->room);
    w->file = &f->files[f->count++];
    *w->file = (struct demo_file){.path = arena_printf(cx->arena, "%s/%s", f->dir, name),
                                  .name = name,
                                  .mapping = mapping,
                                  .year = w->c->year};
    TRY(demo_sheet_open(&w->sheet, cx, w->file->path, w->format));
    enum rc rc = put_all(w, what);
    enum rc closed = demo_sheet_close(cx, w->sheet);
    return rc ? rc : closed;
}

enum rc demo_files_open(struct demo_files **out, struct cx *cx, const char *dir, uint64_t seed)
{
    static const struct demo_cell header[] = {{"file", 0}, {"row", 0},    {"column", 0},
                                              {"kind", 0}, {"effect", 0}, {"household", 0}};
    struct demo_files *f = arena_new(cx->arena, sizeof *f);
    f->dir = arena_copy(cx->arena, str_of(dir));
    f->room = FILES_MAX;
    f->dirtiness = 1;
    f->files = arena_array(cx->arena, FILES_MAX, sizeof *f->files);
    demo_dice_seed(&f->dirt_dice, seed ^ 0x64697274U);
    TRY(file_mkdir(cx, dir));
    TRY(demo_sheet_open(&f->truth, cx, arena_printf(cx->arena, "%s/truth.csv", dir),
                        DEMO_CSV_UTF8));
    *out = f;
    return demo_sheet_put(cx, f->truth, header, sizeof header / sizeof *header);
}

enum rc demo_files_year(struct cx *cx, struct demo_files *f, const struct demo_county *c)
{
    static const struct {
        const char *ending;
        enum demo_format format;
    } parts[] = {{"utf8.csv", DEMO_CSV_UTF8},
                 {"gb18030.csv", DEMO_CSV_GB18030},
                 {"excel.xlsx", DEMO_XLSX}};
    struct writing w = {.cx = cx, .f = f, .c = c};
    for (int i = 0; i < 3; i++) {
        w.dirty = true;
        w.format = parts[i].format;
        w.first_township = c->township_count * i / 3;
        w.end_township = c->township_count * (i + 1) / 3;
        TRY(write_file(&w, "national_person",
                       arena_printf(cx->arena, "people-%d-%s", c->year, parts[i].ending),
                       "家庭成员信息"));
    }
    w.dirty = false;
    w.first_township = 0;
    w.end_township = c->township_count;
    w.format = DEMO_CSV_UTF8;
    if (profile_mapping(cx->profile, STR("person_info")))
        TRY(write_file(&w, "person_info",
                       arena_printf(cx->arena, "people-more-%d.csv", c->year), "人员补充信息"));
    if (profile_mapping(cx->profile, STR("household_info")))
        TRY(write_file(&w, "household_info",
                       arena_printf(cx->arena, "households-%d.csv", c->year), "农户信息"));
    w.format = c->year % 2 ? DEMO_XLSX : DEMO_CSV_GB18030;
    return write_file(&w, "household_income",
                      arena_printf(cx->arena, "incomes-%d.%s", c->year,
                                   w.format == DEMO_XLSX ? "xlsx" : "csv"),
                      "农户收入信息");
}

enum rc demo_files_close(struct cx *cx, struct demo_files *f)
{
    return demo_sheet_close(cx, f->truth);
}
