# find_package(iac-sdk 1): write, build and check a plugin for iac-runner.
#
#   find_package(iac-sdk 1 REQUIRED)
#   iac_add_plugin(helm helm.cpp)
#
# gives helm.so with exactly one exported symbol and, under ctest, a test that runs
# `iac-runner plugins check` on it where the runner is installed.
include_guard(GLOBAL)

get_filename_component(_iac_sdk_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
add_library(iac::sdk INTERFACE IMPORTED)
target_include_directories(iac::sdk INTERFACE "${_iac_sdk_prefix}/include")
target_compile_features(iac::sdk INTERFACE cxx_std_17)

include("${CMAKE_CURRENT_LIST_DIR}/iac-add-plugin.cmake")
