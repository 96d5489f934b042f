/* Settings of a county's office: see office.h. */
#include "register/office.h"

#include "db/db.h"
#include "register/office.sql.h"

enum rc office_get(const char **value, struct cx *cx, int64_t county, const char *key)
{
    struct db_rows rows;
    enum rc rc = DB_ONE(&rows, cx, &OFFICE_SETTING_GET, V_I(county), V_T(key));
    if (rc == RC_NOTFOUND) {
        *value = NULL;
        return RC_OK;
    }
    TRY(rc);
    *value = arena_copy(cx->arena, row_str(&rows, OFFICE_SETTING_GET_VALUE));
    return db_done(&rows);
}

enum rc office_set(struct cx *cx, int64_t county, const char *key, const char *value)
{
    return DB_RUN(cx, &OFFICE_SETTING_SET, V_I(county), V_T(key), V_T(value));
}

enum rc office_is_synthetic(bool *synthetic, struct cx *cx, int64_t county)
{
    const char *value;
    TRY(office_get(&value, cx, county, "synthetic"));
    *synthetic = value && value[0] == '1';
    return RC_OK;
}

enum rc office_any_synthetic(bool *synthetic, struct cx *cx)
{
    struct db_rows rows;
    enum rc rc = DB_ONE0(&rows, cx, &OFFICE_SYNTHETIC_ANY);
    if (rc == RC_NOTFOUND) {
        *synthetic = false;
        return RC_OK;
    }
    TRY(rc);
    *synthetic = true;
    return db_done(&rows);
}
