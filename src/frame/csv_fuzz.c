/* Any bytes as delimited text, in this process: the reader must end with a result, and what it
 * accepts must be a normal form that the parent's reader accepts row by row. */
#include "frame/convert.h"
#include "frame/frame_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    fuzz_convert(p, len);
    return 0;
}
