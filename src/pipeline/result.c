#include "pipeline/result.h"

#include "util/interrupt.h"

const char *
export_status_word(ExportStatus status)
{
    static const char *const WORDS[] = {
        [STATUS_FAILED] = "failed", [STATUS_SUCCESS] = "success", [STATUS_SKIPPED] = "skipped"};

    return WORDS[status];
}

int
result_exit_status(const ExportResult *results, size_t count)
{
    int common = 0;

    if (interrupt_signal() != 0)
        return interrupt_exit_status();
    for (size_t i = 0; i < count; i++) {
        int status = results[i].status == STATUS_FAILED ? error_exit_status(&results[i].error) : 0;
        if (status == 0 || status == common)
            continue;
        common = common == 0 ? status : 1;
    }
    return common;
}
