/* Pages as files: a table page's columns as CSV, XLSX or JSON, and other downloads. */
#include "base/file.h"
#include "web/page.h"

#include <unistd.h>

enum rc page_file(struct cx *cx, struct response *a, const char *name, enum frame_format format,
                  page_file_fn write, void *arg)
{
    struct file_temp temp;
    TRY(file_temp_open(&temp, cx, cx->dir));
    enum rc rc = write(cx, temp.fd, format, arg);
    int fd = rc ? -1 : dup(temp.fd);
    file_temp_drop(&temp);
    TRY(rc);
    if (fd < 0)
        return fail(cx, RC_IO, _("The file could not be made. Please try again."), "dup");
    a->file_fd = fd;
    a->file_len = lseek(fd, 0, SEEK_END);
    a->type = frame_format_type(format);
    response_header(cx, a, "Content-Disposition",
                    arena_printf(cx->arena, "attachment; filename=\"%s%s\"", name,
                                 frame_format_ending(format)));
    return RC_OK;
}

static enum rc write_table(struct cx *cx, int fd, enum frame_format format, void *arg)
{
    const struct table *t = arg;
    struct column_spec *columns = arena_new(cx->arena, t->column_count * sizeof *columns);
    struct out_cell *cells = arena_new(cx->arena, t->column_count * sizeof *cells);
    for (size_t c = 0; c < t->column_count; c++)
        columns[c] = (struct column_spec){
            .name = t->columns[c].title, .label = t->columns[c].title, .type = COLUMN_TEXT};
    struct frame_writer *w;
    const struct frame_write_options options = {.format = format,
                                                .title = t->caption,
                                                .label_header = true,
                                                .row_count = (int64_t)t->row_count};
    TRY(frame_writer_open(&w, cx, fd, columns, t->column_count, &options));
    for (size_t r = 0; r < t->row_count; r++) {
        for (size_t c = 0; c < t->column_count; c++) {
            const char *text = t->cells[r * t->column_count + c].text;
            cells[c] = (struct out_cell){.missing = !text, .s = str_of(text)};
        }
        enum rc rc = frame_writer_row(cx, w, cells);
        if (rc) {
            frame_writer_abort(w);
            return rc;
        }
    }
    return frame_writer_close(cx, w);
}

enum rc page_table_file(struct cx *cx, const struct request *q, struct response *a,
                        const struct table *t, const char *file_name)
{
    enum frame_format format;
    if (!frame_format_parse(&format, request_query(q, "format")))
        return fail(cx, RC_INVALID, _("Lists are saved as csv, xlsx or json."), "format");
    struct table copy = *t;
    return page_file(cx, a, file_name, format, write_table, &copy);
}
