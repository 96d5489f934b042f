/* The minutes of an assembly on paper. */
#include "base/format.h"
#include "base/text.h"
#include "base/time.h"
#include "casework/assembly_inner.h"
#include "casework/case_inner.h"
#include "html/pdf.h"

#include <string.h>

enum { COLUMNS = 6 };

static const char *count_text(struct cx *cx, int32_t n)
{
    return n < 0 ? _("not counted") : format_int(cx, n);
}

static const char *result_text(struct cx *cx, const struct assembly *a,
                               const struct assembly_item *i)
{
    if (i->failed)
        return i->failed;
    if (a->state != ASSEMBLY_CLOSED)
        return _("not closed yet");
    return i->passed ? _("passed") : _("not passed");
}

static enum rc fill_row(const char **row, struct cx *cx, const struct assembly *a,
                        const struct assembly_item *i)
{
    struct flow f;
    struct case_subject s;
    TRY(assembly_case(&f, &s, cx, i->flow_id));
    row[0] = s.title;
    row[1] = f.workflow ? LABEL(cx, f.workflow->label) : f.id ? f.workflow_code : "–";
    row[2] = count_text(cx, i->agree);
    row[3] = count_text(cx, i->disagree);
    row[4] = count_text(cx, i->abstain);
    row[5] = arena_printf(cx->arena, "%s%s%s", result_text(cx, a, i), i->remark[0] ? " · " : "",
                          i->remark);
    return RC_OK;
}

static void write_head(struct pdf *p, struct cx *cx, const struct assembly *a,
                       const struct assembly_rule *rule)
{
    pdf_field(p, _("Where"),
              arena_printf(cx->arena, "%s, %s", area_label(cx, a->area_id), a->place));
    pdf_field(p, _("When"), format_time(cx, a->at));
    pdf_field(p, _("Chair"), a->chair[0] ? a->chair : "–");
    pdf_field(p, _("Recorder"), a->recorder[0] ? a->recorder : "–");
    pdf_field(p, _("Entitled to vote"), count_text(cx, a->entitled));
    pdf_field(p, _("Present"), count_text(cx, a->present));
    pdf_field(
        p, _("Rule"),
        rule->share
            ? arena_printf(cx->arena,
                           _("At least %d %% of those entitled are present; a case passes "
                             "with more than %d %% of those present."),
                           (int)rule->quorum, (int)rule->share)
            : arena_printf(cx->arena,
                           _("At least %d %% of those entitled are present; a case passes "
                             "with more votes for it than against it."),
                           (int)rule->quorum));
}

enum rc assembly_pdf(struct cx *cx, int64_t id, int fd)
{
    static const int widths[COLUMNS] = {26, 20, 9, 9, 9, 27};
    const char *const signs[] = {_("Chair"), _("Recorder"), _("For those present")};
    struct assembly a;
    struct assembly_item *items;
    struct assembly_rule rule;
    struct pdf *p;
    size_t count;
    TRY(assembly_load(&a, cx, id));
    TRY(assembly_rule_get(&rule, cx, a.area_id));
    TRY(assembly_read_items(&items, &count, cx, &a));
    const char **cells = arena_new(cx->arena, (count + 1) * COLUMNS * sizeof *cells);
    const char *const head[COLUMNS] = {_("Case"),    _("About"),     _("For"),
                                       _("Against"), _("Abstained"), _("Result")};
    memcpy(cells, head, sizeof head);
    for (size_t i = 0; i < count; i++)
        TRY(fill_row(cells + (i + 1) * COLUMNS, cx, &a, &items[i]));
    const char *title = arena_printf(cx->arena, _("Minutes of the meeting of %s"),
                                     format_day(cx, day_at(a.at, format_zone())));
    TRY(pdf_begin(&p, cx, title, LABEL(cx, cx->profile->name)));
    pdf_heading(p, title, 1);
    write_head(p, cx, &a, &rule);
    pdf_heading(p, _("Cases"), 2);
    if (count)
        pdf_table(p, cells, count + 1, COLUMNS, widths);
    else
        pdf_text(p, _("No case was on the list."));
    pdf_heading(p, _("Minutes"), 2);
    pdf_text(p, a.minutes[0] ? a.minutes : "–");
    pdf_signatures(p, signs, sizeof signs / sizeof signs[0]);
    return pdf_end(cx, p, fd);
}
