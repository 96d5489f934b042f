/* msgc: translations become the catalogue of base/text.h. See doc/tools.md.
 *     msgc OUT.c PO-FILES... [--check POT]
 * With --check every text of the .pot (made by xgettext) must have a translation. */
#include "common/po.h"

struct row {
    const char *source, *translation;
    const struct po_entry *entry;
};
struct rows {
    struct row *row;
    int count;
};

static void add_row(struct rows *rows, const char *source, const struct po_entry *entry)
{
    rows->row = must_grow(rows->row, ((size_t)rows->count + 1) * sizeof *rows->row);
    rows->row[rows->count++] = (struct row){source, entry->translation, entry};
}

static int row_order(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    int order = strcmp(x->source, y->source);
    return order ? order : x->entry->line - y->entry->line;
}

/* A plural form is found under both of its sources: the language has one form. The text with
 * the number is the one that must fit: "one row" may say the number in letters. */
static void add_entry(struct rows *rows, const struct po_entry *entry)
{
    char why[160];
    const char *shape = entry->id_plural ? entry->id_plural : entry->id;
    if (entry->is_fuzzy || !*entry->translation)
        return;
    if (!po_same_conversions(shape, entry->translation, why, sizeof why))
        complain(entry->path, entry->line, 0, "%s", why);
    size_t id_len = strlen(entry->id), len = strlen(entry->translation);
    if ((entry->id[id_len - 1] == '\n') != (entry->translation[len - 1] == '\n'))
        complain(entry->path, entry->line, 0, "only one of the texts ends in a line end");
    add_row(rows, entry->id, entry);
    if (entry->id_plural && strcmp(entry->id, entry->id_plural) != 0)
        add_row(rows, entry->id_plural, entry);
}

/* Sorts and drops repetitions; two rooms may translate one text, but alike. */
static void settle(struct rows *rows)
{
    int kept = 0;
    if (rows->count > 0)
        qsort(rows->row, (size_t)rows->count, sizeof *rows->row, row_order);
    for (int i = 0; i < rows->count; i++) {
        struct row *row = &rows->row[i], *last = kept ? &rows->row[kept - 1] : NULL;
        if (!last || strcmp(last->source, row->source) != 0) {
            rows->row[kept++] = *row;
        } else if (strcmp(last->translation, row->translation) != 0) {
            complain(row->entry->path, row->entry->line, 0,
                     "\"%s\" is translated differently in %s:%d", row->source,
                     last->entry->path, last->entry->line);
        }
    }
    rows->count = kept;
}

static bool has_row(const struct rows *rows, const char *source)
{
    int low = 0, high = rows->count;
    while (low < high) {
        int middle = (low + high) / 2;
        int order = strcmp(rows->row[middle].source, source);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* Splits "file:line", or names the .pot itself. */
static void complain_missing(const struct po_entry *entry)
{
    char *file =
        entry->reference ? must_copy(entry->reference, strlen(entry->reference)) : NULL;
    char *colon = file ? strrchr(file, ':') : NULL;
    int line = colon ? (int)strtol(colon + 1, NULL, 10) : entry->line;
    if (colon)
        *colon = '\0';
    complain(colon ? file : entry->path, line, 0, "no translation of \"%s\"", entry->id);
}

static void check(const struct rows *rows, const char *pot_path)
{
    struct po pot = {0};
    po_read(&pot, pot_path);
    for (int i = 0; i < pot.count; i++) {
        const struct po_entry *entry = &pot.row[i];
        if (!has_row(rows, entry->id) || (entry->id_plural && !has_row(rows, entry->id_plural)))
            complain_missing(entry);
    }
}

static void write_catalogue(const char *path, const struct rows *rows)
{
    struct text out = {0};
    text_z(&out, "/* Made by tools/msgc from po/zh_CN.d. */\n#include \"base/text.h\"\n\n"
                 "static const struct message messages[] = {\n");
    for (int i = 0; i < rows->count; i++) {
        const struct row *row = &rows->row[i];
        text_z(&out, "    {\n");
        text_literal(&out, row->source, strlen(row->source), "        ");
        text_z(&out, ",\n");
        text_literal(&out, row->translation, strlen(row->translation), "        ");
        text_z(&out, ",\n    },\n");
    }
    text_printf(&out,
                "    {NULL, NULL},\n};\n\n"
                "const struct message_catalogue messages_zh = {messages, %d};\n",
                rows->count);
    file_write(path, &out);
}

int main(int argc, char **argv)
{
    struct po po = {0};
    struct rows rows = {0};
    const char *pot_path = NULL;
    if (argc < 2)
        die("usage: msgc OUT.c PO-FILES... [--check POT]");
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--check") == 0 && i + 1 < argc)
            pot_path = argv[++i];
        else
            po_read(&po, argv[i]);
    }
    for (int i = 0; i < po.count; i++)
        add_entry(&rows, &po.row[i]);
    settle(&rows);
    if (pot_path)
        check(&rows, pot_path);
    if (complaint_count() > 0)
        return 1;
    write_catalogue(argv[1], &rows);
    return 0;
}
