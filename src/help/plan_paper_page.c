/* A plan on paper: one page of A4 as PDF, for the household to keep and the village to sign. */
#include "base/file.h"
#include "base/format.h"
#include "base/text.h"
#include "help/help_view.h"
#include "html/pdf.h"

#include <string.h>
#include <unistd.h>

enum {
    PAPER_COLUMNS = 4,
    PAPER_ITEMS_MAX = 14, /* that fit on one page */
    PAPER_TAPER_ROWS = 4  /* the room of as many do the words about earning need */
};

static bool is_on_paper(const struct plan_item *x)
{
    return x->state != ITEM_REFUSED && x->state != ITEM_STOPPED;
}

static void put_items(struct pdf *pdf, struct cx *cx, const struct plan_card *cards,
                      size_t count, size_t max)
{
    static const int widths[PAPER_COLUMNS] = {35, 27, 21, 17};
    const char **cells = arena_new(cx->arena, (count + 1) * PAPER_COLUMNS * sizeof *cells);
    size_t rows = 1, left = 0;
    cells[0] = _("Measure of help");
    cells[1] = _("Who delivers it");
    cells[2] = _("Until");
    cells[3] = _("Amount");
    for (size_t i = 0; i < count; i++) {
        if (!is_on_paper(cards[i].item))
            continue;
        if (rows > max) {
            left++;
            continue;
        }
        const char **row = cells + rows++ * PAPER_COLUMNS;
        row[0] = cards[i].person
                     ? arena_printf(cx->arena, _("%s (%s)"), cards[i].title, cards[i].person)
                     : cards[i].title;
        row[1] = cards[i].owner;
        row[2] = cards[i].due;
        row[3] = cards[i].cost;
    }
    pdf_table(pdf, cells, rows, PAPER_COLUMNS, widths);
    if (left)
        pdf_text(pdf,
                 arena_printf(cx->arena, _("And %zu more: see the household's page."), left));
}

struct paper {
    const struct plan *p;
    const struct plan_card *cards;
    size_t count;
    const char *title, *place, *address;
    const struct taper_words *taper; /* NULL */
};

/* What the family keeps of its help when it earns, in a few lines: the paper is one page. */
static void put_taper(struct pdf *pdf, struct cx *cx, const struct taper_words *t)
{
    const char *text =
        arena_printf(cx->arena, "%s – %s: %s ", _("If you start to earn"), t->help, t->now);
    for (size_t i = 0; i < t->count; i++)
        text = arena_printf(cx->arena, "%s%s%s: %s", text, i ? "; " : "", t->rows[i].when,
                            t->rows[i].keeps);
    pdf_text(pdf, arena_printf(cx->arena, "%s. %s", text,
                               _("Selling what you grow or make changes nothing in this.")));
}

static enum rc make_paper(struct cx *cx, const struct paper *w, int fd)
{
    struct pdf *pdf;
    const char *const signs[] = {
        arena_printf(cx->arena, "%s          %s", _("For the household:"), _("Date:")),
        arena_printf(cx->arena, "%s          %s", _("For the village:"), _("Date:"))};
    TRY(pdf_begin(&pdf, cx, w->title, w->place));
    pdf_heading(pdf, w->title, 1);
    pdf_field(pdf, _("Place"), w->place);
    pdf_field(pdf, _("State"), plan_state_label(cx, w->p->state));
    pdf_field(pdf, _("Made"), format_time(cx, w->p->made_at));
    put_items(pdf, cx, w->cards, w->count, PAPER_ITEMS_MAX - (w->taper ? PAPER_TAPER_ROWS : 0));
    if (w->taper)
        put_taper(pdf, cx, w->taper);
    if (w->address[0])
        pdf_qr(
            pdf, w->address,
            _("Your own page: scan this to see what comes when, to say “I got it”, “this did "
              "not happen” or “I do not agree”. Do not give it to others."));
    pdf_signatures(pdf, signs, sizeof signs / sizeof signs[0]);
    return pdf_end(cx, pdf, fd);
}

static enum rc file_get(struct cx *cx, const struct request *q, struct response *a)
{
    int64_t id;
    struct plan p;
    struct plan_item *items;
    struct plan_card *cards;
    struct file_temp temp;
    struct paper w = {.p = &p};
    const char *title, *href;
    TRY(request_param_id(&id, cx, q, "id"));
    TRY(db_read_begin(cx));
    TRY(plan_get(&p, &items, &w.count, cx, id));
    TRY(plan_titles(&title, &w.place, &href, cx, &p));
    TRY(plan_cards_fill(&cards, cx, &p, items, w.count, true));
    w.cards = cards;
    if (p.household_id)
        TRY(taper_words_fill(&w.taper, cx, p.county, p.household_id, true));
    w.title = p.household_id ? arena_printf(cx->arena, _("Help plan: %s"), title) : title;
    w.address = plan_home_address(cx, q, &p);
    TRY(file_temp_open(&temp, cx, cx->dir));
    enum rc rc = make_paper(cx, &w, temp.fd);
    if (rc) {
        file_temp_drop(&temp);
        return rc;
    }
    a->file_len = lseek(temp.fd, 0, SEEK_END);
    a->file_fd = temp.fd; /* O_TMPFILE: closing it ends it */
    a->type = "application/pdf";
    response_download(cx, a, arena_printf(cx->arena, "plan-%" PRId64 ".pdf", p.id));
    return RC_OK;
}

static const struct route rows[] = {
    {.method = METHOD_GET,
     .path = "/plan/{id}/file",
     .scope = SCOPE_PERMISSION,
     .permission = "household.view",
     .csrf = CSRF_NONE,
     .time_ms_max = 30000,
     .handle = file_get,
     .test_path = "/plan/1/file"},
};
const struct route_table plan_paper_routes = ROUTE_TABLE(rows);
