/* Every limit in one place. A limit that users meet is named in the message that refuses. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

enum {
    LIMIT_REQUEST_ARENA = 8 * 1024 * 1024, /* memory of one request, bytes */
    LIMIT_JOB_ARENA = 64 * 1024 * 1024,    /* memory of one job or command, bytes */
    LIMIT_FORM_BODY = 256 * 1024,          /* a posted form, bytes */
    LIMIT_UPLOAD_BODY = 512 * 1024 * 1024, /* an uploaded file, bytes */
    LIMIT_FORM_FIELDS = 500,
    LIMIT_HEADER_BYTES = 16 * 1024,
    LIMIT_URL_BYTES = 4 * 1024,
    LIMIT_PAGE_ROWS = 200, /* rows of a table on one page */
    LIMIT_PAGE_ROWS_DEFAULT = 50,
    LIMIT_EXPORT_ROWS = 20 * 1000 * 1000,
    LIMIT_CELL_BYTES = 32 * 1024, /* one cell of an imported file */
    LIMIT_IMPORT_COLUMNS = 2000,
    LIMIT_IMPORT_ROWS = 5 * 1000 * 1000,
    LIMIT_FINDINGS = 100 * 1000, /* findings kept of one import */
    LIMIT_HOUSEHOLD_PEOPLE = 200,
    LIMIT_WRITE_BATCH = 256, /* requests in one grouped commit */
    LIMIT_WRITE_BATCH_MS = 20,
    LIMIT_WRITE_QUEUE = 4096,
    LIMIT_WORK_QUEUE = 1024, /* requests waiting for a worker */
    LIMIT_CODES_OF_LIST = 5000,
    LIMIT_INDICATORS = 1000,
    LIMIT_AREA_LEVELS = 8,
};

#endif
