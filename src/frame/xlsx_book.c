/* The workbook's frame: which parts there are, the sheets' names, the day zero, and which cell
 * styles mean a date. Source: ECMA-376-1, 18.2 (workbook), 18.8 (styles), 18.8.30 (numFmt). */
#include "frame/xlsx_parts.h"

#include "base/text.h"

enum { RELATIONS_MAX = 4096 };

static size_t relation_count(const struct xlsx *x)
{
    return x->relations.len / sizeof(struct xlsx_relation);
}

static const struct xlsx_relation *relation_at(const struct xlsx *x, size_t i)
{
    return (const struct xlsx_relation *)(const void *)x->relations.p + i;
}

static enum rc no_end(void *user, const char *name)
{
    (void)user, (void)name;
    return RC_OK;
}

static enum rc no_text(void *user, struct str s)
{
    (void)user, (void)s;
    return RC_OK;
}

/* "worksheets/sheet1.xml" is meant from xl/, "/xl/worksheets/…" from the package's root. */
static const char *part_name(struct cx *cx, struct str target)
{
    if (target.len > 0 && target.p[0] == '/')
        return arena_copy(cx->arena, (struct str){target.p + 1, target.len - 1});
    return arena_printf(cx->arena, "xl/%.*s", STR_ARG(target));
}

static enum rc relation_start(void *user, const struct xml_element *e)
{
    struct xlsx *x = user;
    if (strcmp(e->name, "Relationship") != 0)
        return RC_OK;
    struct str id = xml_attribute(e, "Id"), type = xml_attribute(e, "Type");
    struct str target = xml_attribute(e, "Target");
    if (relation_count(x) >= RELATIONS_MAX || id.len > 256 || target.len > 512)
        return xlsx_damaged(x->cx, "workbook.xml.rels", "size");
    struct xlsx_relation r = {
        .id = arena_copy(x->cx->arena, id),
        .part = part_name(x->cx, target),
        .is_sheet = str_ends(type, STR("/worksheet")),
        .is_strings = str_ends(type, STR("/sharedStrings")),
        .is_styles = str_ends(type, STR("/styles")),
    };
    buf_put(&x->relations, &r, sizeof r);
    return RC_OK;
}

static enum rc sheet_add(struct xlsx *x, const struct xml_element *e)
{
    struct str name = xml_attribute(e, "name"), id = xml_attribute(e, "id");
    struct str state = xml_attribute(e, "state");
    if (x->sheets.len / sizeof(struct xlsx_sheet) >= NORMAL_SHEETS_MAX || name.len > 512)
        return xlsx_damaged(x->cx, "workbook.xml", "sheets");
    for (size_t i = 0; i < relation_count(x); i++) {
        const struct xlsx_relation *r = relation_at(x, i);
        if (!r->is_sheet || !str_eq_z(id, r->id))
            continue;
        struct xlsx_sheet s = {arena_copy(x->cx->arena, name), r->part,
                               str_eq_z(state, "hidden") || str_eq_z(state, "veryHidden")};
        buf_put(&x->sheets, &s, sizeof s);
        break; /* a chart's sheet has another type and no rows */
    }
    return RC_OK;
}

static enum rc book_start(void *user, const struct xml_element *e)
{
    struct xlsx *x = user;
    if (strcmp(e->name, "sheet") == 0)
        return sheet_add(x, e);
    if (strcmp(e->name, "workbookPr") == 0) {
        struct str flag = xml_attribute(e, "date1904");
        x->is_1904 = str_eq_z(flag, "1") || str_eq_z(flag, "true") || str_eq_z(flag, "on");
    }
    return RC_OK;
}

static enum rc not_a_workbook(struct xlsx *x)
{
    struct cx *cx = x->cx;
    if (zip_name_locate(x->zip, "xl/workbook.bin", ZIP_FL_NOCASE) >= 0)
        return fail(
            x->cx, RC_INVALID,
            _("This is a binary workbook (.xlsb). Open it in Excel and save it as .xlsx."),
            "xlsb");
    return fail(
        x->cx, RC_INVALID,
        _("This is a zip file, but not an Excel workbook (.xlsx). Unpack it, or save the "
          "table as .xlsx."),
        "no xl/workbook.xml");
}

enum rc xlsx_read_book(struct xlsx *x)
{
    static const struct xml_handler relations = {relation_start, no_end, no_text};
    static const struct xml_handler book = {book_start, no_end, no_text};
    if (zip_name_locate(x->zip, "xl/workbook.xml", ZIP_FL_NOCASE) < 0)
        return not_a_workbook(x);
    enum rc rc = xlsx_parse(x, "xl/_rels/workbook.xml.rels", &relations, x);
    if (rc == RC_OK)
        rc = xlsx_parse(x, "xl/workbook.xml", &book, x);
    if (rc == RC_NOTFOUND || (rc == RC_OK && x->sheets.len == 0))
        return xlsx_damaged(x->cx, "xl/workbook.xml", "sheets");
    return rc;
}

/* ---- styles ---- */

bool xlsx_format_is_date(struct str code)
{
    bool has_day = false, has_month = false, has_time = false;
    for (size_t i = 0; i < code.len && code.p[i] != ';'; i++) {
        char c = code.p[i];
        if (c == '"' || c == '[') { /* literal text; colour, locale or condition */
            char close = c == '"' ? '"' : ']';
            has_time = has_time || (c == '[' && i + 1 < code.len &&
                                    strchr("hHmMsS", code.p[i + 1]) != NULL);
            for (i++; i < code.len && code.p[i] != close;)
                i++;
        } else if (c == '\\' || c == '_' || c == '*') {
            i++; /* the next character is literal, a width, or a filler */
        } else if (c == 'y' || c == 'Y' || c == 'd' || c == 'D') {
            has_day = true;
        } else if (c == 'm' || c == 'M') {
            has_month = true;
        } else if (c == 'h' || c == 'H' || c == 's' || c == 'S') {
            has_time = true;
        }
    }
    return has_day || (has_month && !has_time);
}

/* The built-in formats that are dates everywhere, and those of Chinese and Japanese Excel. */
static bool builtin_is_date(int64_t id)
{
    return (id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 31) || id == 36 ||
           (id >= 50 && id <= 54) || id == 57 || id == 58;
}

struct styles {
    struct xlsx *x;
    bool in_cell_styles;
};

static bool custom_is_date(const struct xlsx *x, int64_t id)
{
    for (size_t at = 0; at < x->date_formats.len; at += sizeof(uint32_t)) {
        uint32_t known;
        memcpy(&known, x->date_formats.p + at, sizeof known);
        if (known == id)
            return true;
    }
    return false;
}

static enum rc styles_start(void *user, const struct xml_element *e)
{
    struct styles *s = user;
    struct xlsx *x = s->x;
    int64_t id = 0;
    if (strcmp(e->name, "cellXfs") == 0) {
        s->in_cell_styles = true;
    } else if (strcmp(e->name, "numFmt") == 0) {
        bool ok = str_to_i64(&id, xml_attribute(e, "numFmtId")) && id >= 0 && id <= 100000;
        uint32_t short_id = (uint32_t)id;
        if (ok && xlsx_format_is_date(xml_attribute(e, "formatCode")))
            buf_put(&x->date_formats, &short_id, sizeof short_id);
    } else if (s->in_cell_styles && strcmp(e->name, "xf") == 0) {
        bool ok = str_to_i64(&id, xml_attribute(e, "numFmtId"));
        buf_char(&x->date_styles, ok && (builtin_is_date(id) || custom_is_date(x, id)));
    }
    if (!buf_ok(&x->date_formats) || !buf_ok(&x->date_styles))
        return xlsx_damaged(x->cx, "styles.xml", "size");
    return RC_OK;
}

static enum rc styles_end(void *user, const char *name)
{
    struct styles *s = user;
    if (strcmp(name, "cellXfs") == 0)
        s->in_cell_styles = false;
    return RC_OK;
}

enum rc xlsx_read_styles(struct xlsx *x)
{
    static const struct xml_handler handler = {styles_start, styles_end, no_text};
    struct styles s = {x, false};
    const char *part = "xl/styles.xml";
    for (size_t i = 0; i < relation_count(x); i++)
        if (relation_at(x, i)->is_styles)
            part = relation_at(x, i)->part;
    enum rc rc = xlsx_parse(x, part, &handler, &s);
    return rc == RC_NOTFOUND ? RC_OK : rc; /* a workbook may do without styles */
}
