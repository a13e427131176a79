/* rivet-docs DIRECTORY: writes cli.md, config.md and man/ there. */
#include <errno.h>
#include <sys/stat.h>

#include "docs.h"

enum { PATH_BYTES = 4096 };

static FILE *
open_page(const char *directory, const char *name)
{
    char path[PATH_BYTES];

    snprintf(path, sizeof(path), "%s/%s", directory, name);
    FILE *out = fopen(path, "w");
    if (out == NULL) {
        perror(path);
        exit(1);
    }
    return out;
}

static void
close_page(FILE *out)
{
    if (fclose(out) != 0) {
        perror("rivet-docs");
        exit(1);
    }
}

static void
write_page(const char *directory, const char *name, void (*write)(FILE *))
{
    FILE *out = open_page(directory, name);

    write(out);
    close_page(out);
}

static void
write_manual(const char *directory, const Command *command)
{
    char page[PATH_BYTES] = "rivet";
    char name[PATH_BYTES + 16];

    if (command != NULL)
        page_name(command, '-', page, sizeof(page));
    snprintf(name, sizeof(name), "man/%s.1", page);
    FILE *out = open_page(directory, name);
    write_command_manual(out, command);
    close_page(out);
}

int
main(int argc, char **argv)
{
    char man[PATH_BYTES];

    if (argc != 2) {
        fputs("usage: rivet-docs DIRECTORY\n", stderr);
        return 2;
    }
    snprintf(man, sizeof(man), "%s/man", argv[1]);
    if (mkdir(man, 0777) != 0 && errno != EEXIST) {
        perror(man);
        return 1;
    }
    write_page(argv[1], "cli.md", write_cli_page);
    write_page(argv[1], "config.md", write_config_page);
    write_page(argv[1], "man/rivet.yaml.5", write_config_manual);
    write_manual(argv[1], NULL);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        write_manual(argv[1], &COMMANDS[i]);
    return 0;
}
