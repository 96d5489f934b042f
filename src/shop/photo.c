/* Photos of products, the parent's side: see photo.h. */
#include "shop/photo.h"

#include "base/file.h"
#include "base/text.h"
#include "people/actor.h"
#include "shop/picture.h"
#include "shop/shop.sql.h"
#include "shop/shop_inner.h"
#include "store/store.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PART_MAX = 4 << 20, COPY_BYTES = 64 * 1024 };

const struct sandbox_kind photo_sandbox_kind = {"photo", picture_run, NULL};

/* ---- what the child wrote ---- */

struct part {
    int width, height;
    int64_t at, len;
};

static unsigned number(const unsigned char *p)
{
    return (unsigned)p[0] | (unsigned)p[1] << 8 | (unsigned)p[2] << 16 | (unsigned)p[3] << 24;
}

/* The child is not believed: sizes, lengths and each file's beginning are looked at. */
static bool head_read(struct part parts[PICTURE_SIZES], int fd)
{
    struct stat st;
    unsigned char head[PICTURE_HEAD], begin[3];
    int64_t at = PICTURE_HEAD;
    if (fstat(fd, &st) != 0 || pread(fd, head, sizeof head, 0) != (ssize_t)sizeof head ||
        memcmp(head, PICTURE_MAGIC, PICTURE_MAGIC_LEN) != 0)
        return false;
    for (size_t i = 0; i < PICTURE_SIZES; i++) {
        const unsigned char *p = head + PICTURE_MAGIC_LEN + i * 12;
        unsigned w = number(p), h = number(p + 4), len = number(p + 8);
        unsigned side = (unsigned)picture_sides[i];
        if (w < 1 || h < 1 || w > side || h > side || len < sizeof begin || len > PART_MAX ||
            pread(fd, begin, sizeof begin, at) != (ssize_t)sizeof begin ||
            memcmp(begin, "\xff\xd8\xff", sizeof begin) != 0)
            return false;
        parts[i] = (struct part){(int)w, (int)h, at, len};
        at += len;
    }
    return at == st.st_size;
}

static enum rc copy_part(struct cx *cx, int to, int from, const struct part *part)
{
    char *buf = arena_new(cx->arena, COPY_BYTES);
    int64_t done = 0;
    while (done < part->len) {
        int64_t want = part->len - done < COPY_BYTES ? part->len - done : COPY_BYTES;
        ssize_t n = pread(from, buf, (size_t)want, part->at + done);
        if (n <= 0)
            return fail(cx, RC_IO, _("The photo could not be kept. Please try again."),
                        "photo copy");
        TRY(file_put(cx, to, buf, (size_t)n, "photo"));
        done += n;
    }
    return RC_OK;
}

static enum rc keep_part(int64_t *document_id, struct cx *cx, int64_t county, int fd,
                         const struct part *part)
{
    struct file_temp temp;
    bool is_new;
    TRY(file_temp_open(&temp, cx, cx->dir));
    enum rc rc = copy_part(cx, temp.fd, fd, part);
    if (!rc)
        rc = store_put(document_id, &is_new, cx, county, "photo", "photo.jpg", "image/jpeg",
                       temp.fd);
    file_temp_drop(&temp);
    return rc;
}

static enum rc keep_parts(int64_t documents[PICTURE_SIZES], struct part *large, struct cx *cx,
                          int64_t county, int fd)
{
    static const struct sandbox_limits limits = {
        .memory_max = 512 << 20, .cpu_s_max = 20, .output_max = PICTURE_SIZES * PART_MAX};
    struct file_temp temp;
    struct part parts[PICTURE_SIZES];
    TRY(file_temp_open(&temp, cx, cx->dir));
    enum rc rc = sandbox_run(cx, photo_sandbox_kind.name, STR(""), fd, temp.fd, &limits);
    if (!rc && !head_read(parts, temp.fd))
        rc = fail(cx, RC_INVALID, _("This photo could not be read. Take another."),
                  "photo child");
    for (size_t i = 0; i < PICTURE_SIZES && !rc; i++)
        rc = keep_part(&documents[i], cx, county, temp.fd, &parts[i]);
    if (!rc)
        *large = parts[PICTURE_SIZES - 1];
    file_temp_drop(&temp);
    return rc;
}

/* ---- rows ---- */

struct photo_change {
    enum { ADD, FIRST, REMOVE } what;
    int64_t county, product_id, id, documents[PICTURE_SIZES];
    struct part large;
};

static enum rc may_change(struct shop *shop, struct cx *cx, int64_t county, int64_t product_id)
{
    struct product p;
    TRY(product_read(&p, cx, county, product_id));
    TRY(shop_read(shop, cx, county, p.shop_id));
    return shop_require(cx, shop);
}

static enum rc check_room(struct cx *cx, int64_t county, int64_t product_id)
{
    struct db_rows rows;
    TRY(DB_ONE(&rows, cx, &PHOTO_COUNT, V_I(county), V_I(product_id)));
    int64_t count = row_i64(&rows, PHOTO_COUNT_COUNT);
    TRY(db_done(&rows));
    if (count >= PHOTOS_MAX)
        return fail_f(cx, RC_LIMIT, _("A product has at most %d photos. Remove one first."),
                      PHOTOS_MAX);
    return RC_OK;
}

static enum rc no_photo(struct cx *cx, int64_t id)
{
    return fail(cx, RC_NOTFOUND, _("There is no such photo."), "photo=%" PRId64, id);
}

static enum rc insert(struct cx *cx, struct photo_change *c)
{
    TRY(check_room(cx, c->county, c->product_id));
    TRY(db_ids(&c->id, cx, 1));
    return DB_RUN(cx, &PHOTO_INSERT, V_I(c->county), V_I(c->id), V_I(c->product_id),
                  V_I(c->documents[PHOTO_SMALL]), V_I(c->documents[PHOTO_MIDDLE]),
                  V_I(c->documents[PHOTO_LARGE]), V_I(c->large.width), V_I(c->large.height),
                  V_I(cx->actor ? cx->actor->user_id : 0), V_I(cx->now_at));
}

static enum rc is_of_product(struct cx *cx, const struct photo_change *c)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &PHOTO_ONE, V_I(c->id));
    if (rc == RC_NOTFOUND)
        return no_photo(cx, c->id);
    TRY(rc);
    bool fits = row_i64(&rows, PHOTO_ONE_COUNTY) == c->county &&
                row_i64(&rows, PHOTO_ONE_PRODUCT_ID) == c->product_id;
    TRY(db_done(&rows));
    return fits ? RC_OK : no_photo(cx, c->id);
}

static enum rc change_write(struct cx *cx, void *arg)
{
    static const char *const acts[] = {"photo.add", "photo.first", "photo.remove"};
    struct photo_change *c = arg;
    struct shop shop;
    TRY(may_change(&shop, cx, c->county, c->product_id));
    if (c->what == ADD)
        TRY(insert(cx, c));
    else
        TRY(is_of_product(cx, c));
    if (c->what == REMOVE)
        TRY(DB_RUN(cx, &PHOTO_DELETE, V_I(c->county), V_I(c->product_id), V_I(c->id)));
    TRY(DB_RUN(cx, &PRODUCT_PHOTO_PUT, V_I(c->county), V_I(c->product_id),
               V_I(c->what == FIRST ? c->id : 0)));
    return seller_act_add(cx, c->county, shop.seller_id, acts[c->what], "", c->id);
}

enum rc photo_add(int64_t *id, struct cx *cx, int64_t county, int64_t product_id, int fd)
{
    struct shop shop;
    struct photo_change c = {.what = ADD, .county = county, .product_id = product_id};
    struct stat st;
    TRY(may_change(&shop, cx, county, product_id));
    TRY(check_room(cx, county, product_id));
    if (fd < 0 || fstat(fd, &st) != 0 || st.st_size == 0)
        return fail(cx, RC_INVALID, _("Choose a photo first."), "no file");
    if (st.st_size > PHOTO_BYTES_MAX)
        return fail(cx, RC_LIMIT, _("This photo is too large. Send it smaller."), "bytes");
    TRY(keep_parts(c.documents, &c.large, cx, county, fd));
    TRY(db_write(cx, county, change_write, &c));
    *id = c.id;
    return RC_OK;
}

enum rc photo_first(struct cx *cx, int64_t county, int64_t product_id, int64_t id)
{
    struct photo_change c = {FIRST, county, product_id, id, {0}, {0}};
    return db_write(cx, county, change_write, &c);
}

enum rc photo_remove(struct cx *cx, int64_t county, int64_t product_id, int64_t id)
{
    struct photo_change c = {REMOVE, county, product_id, id, {0}, {0}};
    return db_write(cx, county, change_write, &c);
}

/* ---- reading ---- */

enum rc photo_list(struct photo **out, size_t *count, struct cx *cx, int64_t county,
                   int64_t product_id)
{
    struct db_rows rows;
    size_t n = 0;
    struct photo *list = arena_new(cx->arena, PHOTOS_MAX * sizeof *list);
    TRY(DB_SELECT(&rows, cx, &PHOTO_OF_PRODUCT, V_I(county), V_I(product_id), V_I(PHOTOS_MAX)));
    while (n < PHOTOS_MAX && db_next(&rows))
        list[n++] = (struct photo){row_i64(&rows, PHOTO_OF_PRODUCT_ID),
                                   (int)row_i64(&rows, PHOTO_OF_PRODUCT_WIDTH),
                                   (int)row_i64(&rows, PHOTO_OF_PRODUCT_HEIGHT)};
    TRY(db_done(&rows));
    *out = list;
    *count = n;
    return RC_OK;
}

enum rc photo_open(int *fd, struct cx *cx, int64_t id, enum photo_size size, bool anybody)
{
    static const int columns[] = {PHOTO_ONE_SMALL_ID, PHOTO_ONE_MIDDLE_ID, PHOTO_ONE_LARGE_ID};
    struct db_rows rows;
    struct product p;
    enum rc rc = DB_ONE(&rows, cx, &PHOTO_ONE, V_I(id));
    if (rc == RC_NOTFOUND)
        return no_photo(cx, id);
    TRY(rc);
    int64_t county = row_i64(&rows, PHOTO_ONE_COUNTY);
    int64_t product_id = row_i64(&rows, PHOTO_ONE_PRODUCT_ID);
    int64_t document_id = row_i64(&rows, columns[size]);
    TRY(db_done(&rows));
    rc = anybody ? product_public(&p, cx, county, product_id)
                 : product_get(&p, cx, county, product_id);
    if (rc == RC_NOTFOUND) {
        err_clear(cx);
        return no_photo(cx, id);
    }
    TRY(rc);
    return store_open(fd, cx, county, document_id);
}
