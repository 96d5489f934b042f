/* Fuzzes the multipart reader: see multipart_check.h. The first byte is the size of the pieces.
 */
#include "http/multipart_check.h"

#include <stddef.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    size_t step = data[0] % 16u + 1;
    struct str body = {(const char *)data + 1, size - 1};
    check_multipart(body, step);
    /* As a header: the boundary found is valid or none. */
    struct str boundary = multipart_boundary(body);
    assert(boundary.len <= 70);
    return 0;
}
