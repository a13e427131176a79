#include "writer.h"

const WriterDriver *const WRITER_DRIVERS[] = {&POSTGRES_WRITER, NULL};
