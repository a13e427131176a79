# Flags every target of ours is built with. _GNU_SOURCE: F_OFD_SETLK, O_TMPFILE, renameat2.
add_library(rivet_warnings INTERFACE)
target_compile_definitions(rivet_warnings INTERFACE _GNU_SOURCE)
target_compile_options(rivet_warnings INTERFACE
    -Wall -Wextra -Wpedantic
    -Wconversion            # silent narrowing is how exact values get lost
    -Wshadow
    -Wmissing-prototypes -Wstrict-prototypes
    -Wformat=2
    -Wvla                   # stack use must be bounded by the source text
    -Wcast-qual
    -Wundef
    -fno-strict-aliasing    # decoders and encoders read words out of byte buffers
    -fstack-protector-strong
)
if(RIVET_WERROR)
    target_compile_options(rivet_warnings INTERFACE -Werror)
endif()
if(RIVET_FAULTS)
    target_compile_definitions(rivet_warnings INTERFACE RIVET_FAULTS=1)
endif()
if(RIVET_SANITIZE)
    target_compile_options(rivet_warnings INTERFACE
        -fsanitize=${RIVET_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(rivet_warnings INTERFACE -fsanitize=${RIVET_SANITIZE})
endif()
if(RIVET_FUZZ)
    target_compile_options(rivet_warnings INTERFACE -fsanitize=fuzzer-no-link)
endif()
