/* Any bytes as the parts of a workbook: a zip is built around them, because a fuzzer does not
 * find checksums. The first byte chooses which part the rest becomes. */
#include "frame/frame_fuzz.h"

#include <zip.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

#define REL "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

static const struct {
    const char *name, *text;
} parts[] = {
    {"xl/worksheets/sheet1.xml", "<worksheet><sheetData><row r=\"1\"><c r=\"A1\" "
                                 "t=\"s\"><v>0</v></c><c s=\"1\"><v>45000</v></c>"
                                 "</row></sheetData></worksheet>"},
    {"xl/sharedStrings.xml", "<sst><si><t>a_x000D_</t></si></sst>"},
    {"xl/styles.xml",
     "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"yyyy\"/></numFmts>"
     "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"164\"/></cellXfs></styleSheet>"},
    {"xl/workbook.xml",
     "<workbook xmlns:r=\"" REL "\"><sheets><sheet name=\"a\" r:id=\"rId1\"/>"
     "</sheets></workbook>"},
    {"xl/_rels/workbook.xml.rels",
     "<Relationships><Relationship Id=\"rId1\" Type=\"" REL
     "/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"},
};
enum { PARTS = sizeof parts / sizeof parts[0] };

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    zip_error_t error;
    zip_stat_t st;
    if (len == 0)
        return 0;
    zip_source_t *target = zip_source_buffer_create(NULL, 0, 0, &error);
    zip_t *zip = zip_open_from_source(target, ZIP_TRUNCATE, &error);
    assert(zip != NULL);
    zip_source_keep(target);
    for (size_t i = 0; i < PARTS; i++) {
        bool own = i == p[0] % PARTS;
        zip_source_t *s = own ? zip_source_buffer(zip, p + 1, len - 1, 0)
                              : zip_source_buffer(zip, parts[i].text, strlen(parts[i].text), 0);
        zip_int64_t at = zip_file_add(zip, parts[i].name, s, 0);
        assert(at >= 0);
        (void)zip_set_file_compression(zip, (zip_uint64_t)at, ZIP_CM_STORE, 0);
    }
    if (zip_close(zip) != 0)
        abort();
    if (zip_source_stat(target, &st) != 0 || zip_source_open(target) != 0)
        abort();
    uint8_t *bytes = malloc(st.size);
    assert(bytes != NULL && zip_source_read(target, bytes, st.size) == (zip_int64_t)st.size);
    zip_source_close(target);
    zip_source_free(target);
    fuzz_convert(bytes, st.size);
    free(bytes);
    return 0;
}
