# rivet_module(name SOURCES … LINKS …): one static library per folder of src/.
# Includes are written from src/ ("batch/batch.h"), so the folder is visible in every include.
function(rivet_module name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
    add_library(rivet_${name} STATIC ${ARG_SOURCES})
    target_include_directories(rivet_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(rivet_${name} PRIVATE rivet_warnings PUBLIC ${ARG_LINKS})
endfunction()
