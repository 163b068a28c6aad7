# For programs that host the container: docs/embedding.md.
#
#   ark_add_host(TARGET)
#
#     Links the container into the executable TARGET, and makes it a clean host: what it exports, and the shared libraries it
#     needs, would win over the same names in every module. So it exports nothing, and other libraries are to be linked in their
#     static forms; a shared one beyond the platform's is named in the log when the container starts.
include_guard(GLOBAL)

function(ark_add_host target)
  if(NOT TARGET ${target})
    message(FATAL_ERROR "ark_add_host(${target}): there is no such target; add_executable(${target} ...) comes first")
  endif()
  get_target_property(type ${target} TYPE)
  if(NOT type STREQUAL "EXECUTABLE")
    message(FATAL_ERROR "ark_add_host(${target}): it is no executable; a library cannot host the container")
  endif()
  set_target_properties(${target} PROPERTIES ENABLE_EXPORTS OFF)
  target_compile_options(${target} PRIVATE -fvisibility=hidden -fvisibility-inlines-hidden
    $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-fno-gnu-unique>)
  target_link_options(${target} PRIVATE -Wl,--exclude-libs,ALL -Wl,--gc-sections)
  target_link_libraries(${target} PRIVATE ark::container)
endfunction()
