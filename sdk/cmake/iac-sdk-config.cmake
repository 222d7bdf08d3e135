# find_package(iac-sdk 1): write, build and check a plugin for iac-runner.
#
#   find_package(iac-sdk 1 REQUIRED)
#   enable_testing()
#   iac_add_plugin(helm helm.cpp)
#
# gives helm.so with exactly one exported symbol and, under ctest, a test that runs
# `iac-runner plugins check` on it where the runner is installed.
include_guard(GLOBAL)

get_filename_component(_iac_sdk_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE CACHE)
mark_as_advanced(_iac_sdk_prefix)
add_library(iac::sdk INTERFACE IMPORTED GLOBAL)
target_include_directories(iac::sdk INTERFACE "${_iac_sdk_prefix}/include")
# A project in plain C needs no C++ compiler.
get_property(_iac_languages GLOBAL PROPERTY ENABLED_LANGUAGES)
if("CXX" IN_LIST _iac_languages)
    target_compile_features(iac::sdk INTERFACE cxx_std_17)
endif()

include("${CMAKE_CURRENT_LIST_DIR}/iac-add-plugin.cmake")
