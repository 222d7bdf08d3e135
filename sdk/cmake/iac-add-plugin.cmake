# iac_add_plugin(<name> <source>...) builds <name>.so against the target iac::sdk.
set(_iac_version_script "${CMAKE_CURRENT_LIST_DIR}/plugin.version" CACHE INTERNAL "")

function(iac_add_plugin name)
    add_library(${name} MODULE ${ARGN})
    target_link_libraries(${name} PRIVATE iac::sdk)
    set_target_properties(${name} PROPERTIES PREFIX "" C_VISIBILITY_PRESET hidden
        CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON LINK_DEPENDS "${_iac_version_script}")
    # One exported symbol; every symbol resolved at load; never unloaded.
    target_link_options(${name} PRIVATE "LINKER:--version-script=${_iac_version_script}"
        LINKER:--exclude-libs,ALL LINKER:-z,now LINKER:-z,nodelete)
    # A sanitizer's own symbols are only there at run time.
    if(NOT CMAKE_CXX_FLAGS MATCHES "-fsanitize=" AND NOT IAC_SANITIZE)
        target_link_options(${name} PRIVATE LINKER:-z,defs)
    endif()
    find_program(IAC_RUNNER iac-runner HINTS "${_iac_sdk_prefix}/bin")
    if(IAC_RUNNER AND NOT TARGET iac-runner)
        add_test(NAME ${name}.check COMMAND ${IAC_RUNNER} plugins check $<TARGET_FILE:${name}>)
    endif()
endfunction()
