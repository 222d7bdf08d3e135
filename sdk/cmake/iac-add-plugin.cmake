# iac_add_plugin(<name> <source>... [EXAMPLE <file.json>]) builds <name>.so against the target iac::sdk, with exactly
# one exported symbol; and, where the runner is installed, adds the test <name>.check, which runs
# `iac-runner plugins check`. EXAMPLE: settings, input and cases for that check, {"with": {...}, "input": {...},
# "cases": [...]}. The sources get the version of the project as IAC_PLUGIN_VERSION.
set(_iac_version_script "${CMAKE_CURRENT_LIST_DIR}/plugin.version" CACHE INTERNAL "")

function(iac_add_plugin name)
    cmake_parse_arguments(PLUGIN "" "EXAMPLE" "" ${ARGN})
    add_library(${name} MODULE ${PLUGIN_UNPARSED_ARGUMENTS})
    target_link_libraries(${name} PRIVATE iac::sdk)
    # For iac::Info: the version stands once, in project().
    if(PROJECT_VERSION)
        target_compile_definitions(${name} PRIVATE "IAC_PLUGIN_VERSION=\"${PROJECT_VERSION}\"")
    endif()
    set_target_properties(${name} PROPERTIES PREFIX "" C_VISIBILITY_PRESET hidden
        CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON LINK_DEPENDS "${_iac_version_script}")
    # One exported symbol; every symbol resolved at load; never unloaded.
    target_link_options(${name} PRIVATE "LINKER:--version-script=${_iac_version_script}"
        LINKER:--exclude-libs,ALL LINKER:-z,now LINKER:-z,nodelete)
    # A sanitizer's own symbols are only there at run time.
    if(NOT "${CMAKE_C_FLAGS} ${CMAKE_CXX_FLAGS}" MATCHES "-fsanitize=" AND NOT IAC_SANITIZE)
        target_link_options(${name} PRIVATE LINKER:-z,defs)
    endif()
    if(TARGET iac-runner)
        return() # inside the project of the runner, whose tests check its plugins themselves
    endif()
    find_program(IAC_RUNNER iac-runner HINTS "${_iac_sdk_prefix}/bin")
    if(NOT IAC_RUNNER)
        message(STATUS "iac-runner is not installed here: no test checks ${name}")
        return()
    endif()
    set(example)
    if(PLUGIN_EXAMPLE)
        get_filename_component(example "${PLUGIN_EXAMPLE}" ABSOLUTE)
        set(example --example "${example}")
    endif()
    add_test(NAME ${name}.check COMMAND ${IAC_RUNNER} plugins check $<TARGET_FILE:${name}> ${example})
endfunction()
