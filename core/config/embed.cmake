# Writes OUTPUT, a C++ source with the files of config/ as text. Run at build time, so that a changed
# file is built in without configuring again:
#   cmake -DREFERENCE=... -DSCHEMA=... -DOUTPUT=... -P embed.cmake
# A string literal may hold 64 KiB at least; pieces of 8 KiB keep every compiler content.
function(literal file result)
    file(READ ${file} text)
    string(FIND "${text}" ")iac\"" clash)
    if(NOT clash EQUAL -1)
        message(FATAL_ERROR "${file} contains )iac\", which ends the literal it is put into")
    endif()
    string(LENGTH "${text}" length)
    set(out "")
    set(at 0)
    while(at LESS length)
        string(SUBSTRING "${text}" ${at} 8192 piece)
        string(APPEND out "    R\"iac(${piece})iac\"\n")
        math(EXPR at "${at} + 8192")
    endwhile()
    set(${result} "${out}" PARENT_SCOPE)
endfunction()

literal(${REFERENCE} reference)
literal(${SCHEMA} schema)
file(WRITE ${OUTPUT} "#include \"config/embedded.hpp\"

namespace iac::config::embedded {

const std::string_view reference =
${reference};
const std::string_view schema =
${schema};

}  // namespace iac::config::embedded
")
