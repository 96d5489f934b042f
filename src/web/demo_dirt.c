/* The mistakes that real files have, planted into the rows of one household. */
#include "base/buf.h"
#include "base/check_digit.h"
#include "web/demo.h"

#include <string.h>

enum { ROW_PER_MILLE = 14, HOUSEHOLD_PER_MILLE = 9, IDENTITY_LEN = 18, CELL_BYTES = 200 };

/* One mistake being made. */
struct plant {
    struct cx *cx;
    struct demo_dice *dice;
    struct demo_rows *rows;
    int row, column; /* column: set by what plants */
};

static int column_of(const struct demo_rows *rows, enum target_kind kind, const char *indicator)
{
    for (size_t i = 0; i < rows->mapping->column_count; i++) {
        const struct mapping_column *c = &rows->mapping->columns[i];
        if (c->kind == kind && (!indicator || !strcmp(c->indicator->code, indicator)))
            return (int)i;
    }
    return -1;
}

/* The cell of that column in the row at hand; NULL when it is empty. */
static struct demo_cell *cell_of(struct plant *p, enum target_kind kind, const char *indicator)
{
    p->column = column_of(p->rows, kind, indicator);
    if (p->column < 0)
        return NULL;
    struct demo_cell *cell = &p->rows->rows[p->row][p->column];
    return cell->text[0] ? cell : NULL;
}

static bool is_plain_identity(const struct demo_cell *cell)
{
    return cell && !cell->number && strlen(cell->text) == IDENTITY_LEN && cell->text[0] == '9';
}

/* ---- mistakes in one row ---- */

static bool wrong_check_digit(struct plant *p)
{
    static const char order[] = "0123456789X";
    struct demo_cell *cell = cell_of(p, TARGET_PERSON_IDENTITY, NULL);
    if (!is_plain_identity(cell))
        return false;
    char right = check_mod11_2_of((struct str){cell->text, IDENTITY_LEN - 1});
    /* Neither the right one nor the next, which the made-up county wants. */
    int off = demo_between(p->dice, 2, 10);
    cell->text = arena_printf(p->cx->arena, "%.17s%c", cell->text,
                              order[(strchr(order, right) - order + off) % 11]);
    return true;
}

static bool lost_digit(struct plant *p)
{
    struct demo_cell *cell = cell_of(p, TARGET_PERSON_IDENTITY, NULL);
    if (!is_plain_identity(cell))
        return false;
    int at = demo_between(p->dice, 8, 16);
    cell->text = arena_printf(p->cx->arena, "%.*s%s", at, cell->text, cell->text + at + 1);
    return true;
}

/* What a spreadsheet makes of 18 digits that it takes for a number. */
static bool rounded_identity(struct plant *p)
{
    struct demo_cell *cell = cell_of(p, TARGET_PERSON_IDENTITY, NULL);
    if (!is_plain_identity(cell) || cell->text[IDENTITY_LEN - 1] == 'X')
        return false;
    cell->number = p->rows->format == DEMO_XLSX;
    if (!cell->number)
        cell->text = arena_printf(p->cx->arena, "%.1s.%.5sE+17", cell->text, cell->text + 1);
    return true;
}

static bool month_13_of_birth(struct plant *p)
{
    struct demo_cell *cell = cell_of(p, TARGET_PERSON_IDENTITY, NULL);
    if (!is_plain_identity(cell))
        return false;
    const char *digits = arena_printf(p->cx->arena, "%.10s13%.5s", cell->text, cell->text + 12);
    cell->text =
        arena_printf(p->cx->arena, "%s%c", digits, demo_check_character(str_of(digits)));
    return true;
}

static const char *full_width(struct cx *cx, const char *text)
{
    struct buf b;
    buf_init(&b, cx->arena, CELL_BYTES);
    for (const char *c = text; *c; c++) {
        /* U+FF01 … U+FF5E are the ASCII characters from '!' on. */
        unsigned code = 0xFF00U + (unsigned)(unsigned char)*c - 0x20U;
        buf_char(&b, (char)(0xE0 | code >> 12));
        buf_char(&b, (char)(0x80 | (code >> 6 & 0x3F)));
        buf_char(&b, (char)(0x80 | (code & 0x3F)));
    }
    return arena_copy(cx->arena, buf_view(&b));
}

static bool full_width_identity(struct plant *p)
{
    struct demo_cell *cell = cell_of(p, TARGET_PERSON_IDENTITY, NULL);
    if (!is_plain_identity(cell))
        return false;
    cell->text = full_width(p->cx, cell->text);
    return true;
}

static bool full_width_household(struct plant *p)
{
    struct demo_cell *cell = cell_of(p, TARGET_HOUSEHOLD_CODE, NULL);
    if (!cell)
        return false;
    cell->text = full_width(p->cx, cell->text);
    return true;
}

static bool blank_in_identity(struct plant *p)
{
    struct demo_cell *cell = cell_of(p, TARGET_PERSON_IDENTITY, NULL);
    if (!is_plain_identity(cell))
        return false;
    cell->text = demo_chance(p->dice, 500)
                     ? arena_printf(p->cx->arena, "%.6s %.8s %s", cell->text, cell->text + 6,
                                    cell->text + 14)
                     : arena_printf(p->cx->arena, "%s\t", cell->text);
    return true;
}

static bool text_mark(struct plant *p)
{
    struct demo_cell *cell = cell_of(p, TARGET_PERSON_IDENTITY, NULL);
    if (!is_plain_identity(cell))
        return false;
    cell->text = arena_printf(p->cx->arena, "'%s", cell->text);
    return true;
}

static bool blank_around_name(struct plant *p)
{
    static const char *const forms[] = {" %s", "%s ", "　%s", "%s\xC2\xA0", " %s　"};
    struct demo_cell *cell = cell_of(p, TARGET_PERSON_NAME, NULL);
    if (!cell)
        return false;
    const char *form = forms[demo_between(p->dice, 0, 4)], *at = strstr(form, "%s");
    cell->text =
        arena_printf(p->cx->arena, "%.*s%s%s", (int)(at - form), form, cell->text, at + 2);
    return true;
}

static bool blank_around_village(struct plant *p)
{
    p->column = column_of(p->rows, TARGET_AREA, NULL) + 2;
    struct demo_cell *cell = &p->rows->rows[p->row][p->column];
    cell->text = arena_printf(p->cx->arena, "%s　", cell->text);
    return true;
}

/* A person's column with a code list, not empty. */
static struct demo_cell *code_cell(struct plant *p)
{
    static const char *const columns[] = {"ethnic", "education", "health", "labour_skill",
                                          "work_place"};
    return cell_of(p, TARGET_INDICATOR, columns[demo_between(p->dice, 0, 4)]);
}

static bool misspelt_code(struct plant *p)
{
    struct demo_cell *cell = code_cell(p);
    if (!cell || strlen(cell->text) < 6 || (unsigned char)cell->text[0] < 0xE0 ||
        (unsigned char)cell->text[3] < 0xE0)
        return false;
    const char *swapped =
        arena_printf(p->cx->arena, "%.3s%.3s%s", cell->text + 3, cell->text, cell->text + 6);
    const struct indicator *ind = p->rows->mapping->columns[p->column].indicator;
    struct value v;
    const char *expected;
    if (!value_parse(&v, &expected, p->cx, ind, str_of(swapped), false))
        return false; /* another spelling, not a wrong one: 外省务工 for 省外务工 */
    cell->text = swapped;
    return true;
}

static bool unknown_code(struct plant *p)
{
    struct demo_cell *cell = code_cell(p);
    if (!cell)
        return false;
    cell->text = arena_printf(p->cx->arena, "%d", demo_between(p->dice, 70, 89));
    return true;
}

static bool other_spelling(struct plant *p)
{
    struct demo_cell *cell = code_cell(p);
    if (!cell)
        return false;
    const struct code_list *list = p->rows->mapping->columns[p->column].indicator->list;
    const struct code *c = code_parse(list, p->cx, str_of(cell->text));
    if (!c || !c->aliases[0])
        return false;
    cell->text = c->aliases[0];
    return true;
}

static bool month_13(struct plant *p)
{
    struct demo_cell *cell = cell_of(p, TARGET_INDICATOR, "work_months");
    if (!cell)
        return false;
    cell->text = "13";
    return true;
}

static bool short_phone(struct plant *p)
{
    struct demo_cell *cell = cell_of(p, TARGET_PERSON_PHONE, NULL);
    if (!cell || strlen(cell->text) != 11)
        return false;
    cell->text = arena_printf(p->cx->arena, "%.10s", cell->text);
    return true;
}

static bool no_household(struct plant *p)
{
    struct demo_cell *cell = cell_of(p, TARGET_HOUSEHOLD_CODE, NULL);
    if (!cell)
        return false;
    cell->text = "";
    return true;
}

/* ---- mistakes of a household ---- */

static bool two_heads(struct plant *p)
{
    p->column = column_of(p->rows, TARGET_PERSON_RELATION, NULL);
    if (p->rows->count < 2)
        return false;
    p->row = demo_between(p->dice, 1, p->rows->count - 1);
    p->rows->rows[p->row][p->column].text = p->rows->rows[0][p->column].text;
    return true;
}

static bool person_twice(struct plant *p)
{
    struct demo_rows *rows = p->rows;
    if (rows->count == DEMO_ROWS_MAX)
        return false;
    p->row = demo_between(p->dice, 0, rows->count - 1);
    if (!is_plain_identity(cell_of(p, TARGET_PERSON_IDENTITY, NULL)))
        return false;
    memcpy(rows->rows[rows->count], rows->rows[p->row], sizeof rows->rows[0]);
    p->row = rows->count++;
    return true;
}

static bool wrong_size(struct plant *p)
{
    p->column = column_of(p->rows, TARGET_HOUSEHOLD_SIZE, NULL);
    for (int i = 0; i < p->rows->count; i++)
        p->rows->rows[i][p->column].text = arena_printf(p->cx->arena, "%d", p->rows->count + 1);
    p->row = 0;
    return true;
}

static bool income_as_text(struct plant *p)
{
    for (int i = 0; i < p->rows->count; i++) {
        p->row = i;
        struct demo_cell *cell = cell_of(p, TARGET_INDICATOR, "net_income_per_head");
        if (!cell)
            return false;
        size_t whole = strcspn(cell->text, ".");
        if (whole < 4 || cell->text[0] == '-')
            return false;
        const char *text = arena_printf(p->cx->arena, "%.*s,%s", (int)whole - 3, cell->text,
                                        cell->text + whole - 3);
        *cell = (struct demo_cell){text, false};
    }
    p->row = 0;
    return true;
}

static bool incomes_differ(struct plant *p)
{
    if (p->rows->count < 2)
        return false;
    p->row = p->rows->count - 1;
    struct demo_cell *cell = cell_of(p, TARGET_INDICATOR, "net_income_per_head");
    if (!cell)
        return false;
    cell->text = arena_printf(p->cx->arena, "1%s", cell->text[0] == '-' ? "000" : cell->text);
    return true;
}

struct mistake {
    const char *kind, *effect;
    bool (*plant)(struct plant *);
    int weight;
};
static const struct mistake of_row[] = {
    {"identity.check_digit", "row", wrong_check_digit, 22},
    {"identity.length", "row", lost_digit, 7},
    {"identity.rounded", "row", rounded_identity, 6},
    {"identity.birth", "row", month_13_of_birth, 4},
    {"identity.full_width", "read", full_width_identity, 6},
    {"identity.blank", "read", blank_in_identity, 9},
    {"identity.text_mark", "read", text_mark, 7},
    {"household.full_width", "read", full_width_household, 3},
    {"name.blank", "read", blank_around_name, 10},
    {"area.blank", "read", blank_around_village, 5},
    {"code.misspelt", "row", misspelt_code, 9},
    {"code.unknown", "row", unknown_code, 5},
    {"code.other_spelling", "read", other_spelling, 12},
    {"work.month_13", "row", month_13, 5},
    {"phone.short", "row", short_phone, 6},
    {"household.missing", "row", no_household, 5},
};
static const struct mistake of_household[] = {
    {"household.two_heads", "household", two_heads, 10},
    {"person.duplicate", "row", person_twice, 10},
    {"household.size", "value", wrong_size, 8},
    {"number.text", "read", income_as_text, 12},
    {"household.differs", "value", incomes_differ, 4},
};
enum {
    OF_ROW = sizeof of_row / sizeof *of_row,
    OF_HOUSEHOLD = sizeof of_household / sizeof *of_household,
};

static bool plant_one(struct demo_dirt *out, struct plant *p, const struct mistake *list, int n)
{
    int weights[OF_ROW];
    for (int i = 0; i < n; i++)
        weights[i] = list[i].weight;
    const struct mistake *m = &list[demo_pick(p->dice, weights, n)];
    if (!m->plant(p))
        return false;
    *out = (struct demo_dirt){p->row, p->column, m->kind, m->effect};
    return true;
}

void demo_dirt_plant(struct demo_dirt *out, int *count, struct cx *cx, struct demo_dice *d,
                     struct demo_rows *rows, int max)
{
    struct plant p = {.cx = cx, .dice = d, .rows = rows};
    *count = 0;
    if (demo_chance(d, HOUSEHOLD_PER_MILLE * rows->dirtiness) && max > 0)
        *count += plant_one(out, &p, of_household, OF_HOUSEHOLD);
    /* One mistake a household, so that each is found for itself. */
    for (int i = 0; i < rows->count && !*count && *count < max; i++) {
        p.row = i;
        if (demo_chance(d, ROW_PER_MILLE * rows->dirtiness))
            *count += plant_one(out, &p, of_row, OF_ROW);
    }
}

const char *demo_header_variant(struct demo_dice *d, const struct mapping_column *column)
{
    int count = 0;
    while (column->aliases[count])
        count++;
    if (!count || !demo_chance(d, 300))
        return column->header;
    return column->aliases[demo_between(d, 0, count - 1)];
}
