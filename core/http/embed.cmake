# Writes OUTPUT, a C++ source with the text of INPUT. Run at build time, so that a changed file is built in without
# configuring again:
#   cmake -DINPUT=... -DOUTPUT=... -P embed.cmake
# A string literal may hold 64 KiB at least; pieces of 8 KiB keep every compiler content.
file(READ ${INPUT} text)
string(FIND "${text}" ")iac\"" clash)
if(NOT clash EQUAL -1)
    message(FATAL_ERROR "${INPUT} contains )iac\", which ends the literal it is put into")
endif()
string(LENGTH "${text}" length)
set(out "")
set(at 0)
while(at LESS length)
    string(SUBSTRING "${text}" ${at} 8192 piece)
    string(APPEND out "    R\"iac(${piece})iac\"\n")
    math(EXPR at "${at} + 8192")
endwhile()
file(WRITE ${OUTPUT} "#include \"http/description.hpp\"

namespace iac::http {

const std::string_view kDescriptionYaml =
${out};

}  // namespace iac::http
")
