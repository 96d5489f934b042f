/* Which reader a file gets: decided by its first bytes. Runs in the sandboxed child. */
#ifndef FRAME_CONVERT_H
#define FRAME_CONVERT_H

#include "frame/sink.h"

/* Reads the file from offset 0 into the sink. `sheet`: XLSX sheet by name, or empty;
 * `prefer_tab`: the file's name ends in .tsv or .tab. */
enum rc convert_file(struct cx *cx, int fd, struct sink *sink, struct str sheet,
                     bool prefer_tab) MUST_USE;

#endif
