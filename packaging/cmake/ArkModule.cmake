# Functions that make modules. They work the same in this project and after find_package(Ark).
#
#   ark_add_contract(TARGET HEADERS acme/greeter.hpp... [INCLUDE_DIR DIR] [LINK LIBRARY...])
#
#     An interface library for the header of a contract. INCLUDE_DIR is where the header's path begins, by default the current
#     source folder. LINK: contracts whose headers it includes. Install it with install(TARGETS ... FILE_SET HEADERS).
#
#   ark_add_biz(TARGET VERSION 1.0.0 SOURCES FILE... [options])
#   ark_add_plugin(TARGET VERSION 1.0.0 SOURCES FILE... [options])
#
#     A module, and the package NAME-VERSION.ark in the current binary folder, which is built with ALL (or by the target
#     TARGET_package). The target's property ARK_PACKAGE is the package's path.
#
#     LINK LIBRARY...            contracts and libraries; shared ones travel with the module (BUNDLE)
#     EXPORTS "ID@VERSION"...    services the module publishes: "com.acme.Orders@1.0"
#     IMPORTS "ID@RANGE"...      services it refers to: "com.acme.Greeter@[1.0,2.0)"; with ? at the end it starts without
#     DEPENDS "NAME@RANGE"...    modules that must be there
#     RESOURCES PATH...          folders, of which everything inside is packed below resources/, and files
#     EXPORT_RESOURCES NAME...   of these, those that others may have: "templates/mail.html", or "templates/*" for all that begin so
#     IMPORT_RESOURCES NAME...   resources of others it may have; with ? at the end it starts without
#     DENY_IMPORTS ID...         services it is never given: "com.acme.Greeter", or "com.acme.*" for all that begin so
#     DENY_RESOURCES NAME...     resources of others it is never given
#     MODULE_NAME NAME           by default TARGET: for several versions of one module in one build
#     DESCRIPTION TEXT           one line for people
#     PRIORITY NUMBER            smaller starts first, by default 100
#     BUNDLE auto|none           auto, the default: the shared libraries that it needs, and those that they need, are packed, but the
#                                platform's (docs/isolation.md); none: a module that needs one is refused
#     COMMIT TEXT                where it was built from, for people
#     OUTPUT_NAME FILE.ark       by default NAME-VERSION.ark
#
#     In a function of your own that calls these, quote the lists you pass on ("${ARGS}" after IMPORTS): CMake does not split a
#     list that contains a bracket without its partner, as ranges do.
#
#     TARGET_linked, built when something uses it, is the same module as an object library, for linking into an executable.
include_guard(GLOBAL)
include(CheckLinkerFlag)

function(ark_add_contract target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "INCLUDE_DIR" "HEADERS;LINK")
  _ark_check_arguments(ark_add_contract ${target} "HEADERS")
  if(NOT DEFINED arg_INCLUDE_DIR)
    set(arg_INCLUDE_DIR ${CMAKE_CURRENT_SOURCE_DIR})
  endif()
  cmake_path(ABSOLUTE_PATH arg_INCLUDE_DIR NORMALIZE)
  list(TRANSFORM arg_HEADERS PREPEND "${arg_INCLUDE_DIR}/" REGEX "^[^/]")
  foreach(header IN LISTS arg_HEADERS)
    if(NOT EXISTS "${header}")
      message(FATAL_ERROR "ark_add_contract(${target}): there is no header ${header}")
    endif()
  endforeach()
  add_library(${target} INTERFACE)
  target_sources(${target} INTERFACE FILE_SET HEADERS BASE_DIRS ${arg_INCLUDE_DIR} FILES ${arg_HEADERS})
  target_link_libraries(${target} INTERFACE ark::sdk ${arg_LINK})
endfunction()

function(ark_add_biz target)
  _ark_add_module(ark_add_biz ARK_MODULE_BIZ ${target})
endfunction()

function(ark_add_plugin target)
  _ark_add_module(ark_add_plugin ARK_MODULE_PLUGIN ${target})
endfunction()

# A macro, so that PARSE_ARGV sees the arguments of the function that calls it.
macro(_ark_add_module function kind target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "VERSION;MODULE_NAME;DESCRIPTION;PRIORITY;BUNDLE;COMMIT;OUTPUT_NAME"
    "SOURCES;LINK;EXPORTS;IMPORTS;DEPENDS;RESOURCES;EXPORT_RESOURCES;IMPORT_RESOURCES;DENY_IMPORTS;DENY_RESOURCES")
  _ark_check_arguments(${function} ${target} "VERSION;SOURCES")
  _ark_check_values(${function} ${target})
  _ark_add_module_target(${target} ${kind})
  _ark_add_linked_target(${target})
  _ark_add_package(${target})
endmacro()

# Uses what cmake_parse_arguments left in the caller's arg_... variables, like all below.
function(_ark_check_arguments function target required)
  if(DEFINED arg_UNPARSED_ARGUMENTS)
    list(JOIN arg_UNPARSED_ARGUMENTS " " unknown)
    message(FATAL_ERROR "${function}(${target}): unknown argument: ${unknown}")
  endif()
  if(DEFINED arg_KEYWORDS_MISSING_VALUES)
    list(JOIN arg_KEYWORDS_MISSING_VALUES ", " empty)
    message(FATAL_ERROR "${function}(${target}): nothing follows ${empty}")
  endif()
  foreach(name IN LISTS required)
    if(NOT DEFINED arg_${name})
      message(FATAL_ERROR "${function}(${target}): ${name} is missing")
    endif()
  endforeach()
endfunction()

function(_ark_check_values function target)
  set(problem)
  if(NOT arg_VERSION MATCHES "^[0-9]+\\.[0-9]+\\.[0-9]+(-[0-9A-Za-z.-]+)?$")
    set(problem "VERSION is \"${arg_VERSION}\"; write it like 1.0.0 or 1.0.0-rc.1")
  elseif(DEFINED arg_MODULE_NAME AND NOT arg_MODULE_NAME MATCHES "^[a-z0-9][a-z0-9._-]*$")
    set(problem "MODULE_NAME is \"${arg_MODULE_NAME}\"; use a-z, 0-9, '.', '_' and '-'")
  elseif(NOT DEFINED arg_MODULE_NAME AND NOT target MATCHES "^[a-z0-9][a-z0-9._-]*$")
    set(problem "a module's name is made of a-z, 0-9, '.', '_' and '-'; give it one with MODULE_NAME")
  elseif(DEFINED arg_PRIORITY AND NOT arg_PRIORITY MATCHES "^-?[0-9]+$")
    set(problem "PRIORITY is \"${arg_PRIORITY}\"; it must be a whole number")
  elseif(DEFINED arg_BUNDLE AND NOT arg_BUNDLE MATCHES "^(auto|none)$")
    set(problem "BUNDLE is \"${arg_BUNDLE}\"; it can be auto or none")
  elseif(DEFINED arg_OUTPUT_NAME AND NOT arg_OUTPUT_NAME MATCHES "\\.ark$")
    set(problem "OUTPUT_NAME is \"${arg_OUTPUT_NAME}\"; it must end in .ark")
  endif()
  list(TRANSFORM arg_RESOURCES PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/" REGEX "^[^/]")
  foreach(resource IN LISTS arg_RESOURCES)
    if(NOT EXISTS "${resource}")
      set(problem "RESOURCES names ${resource}, which is not there")
    endif()
  endforeach()
  foreach(library IN LISTS arg_LINK)
    if(library MATCHES "^[^$]*@")
      set(problem "LINK has \"${library}\", which is no library; is a word before it misspelt?")
    endif()
  endforeach()
  # Ranges have brackets that are not closed, which would keep CMake from splitting a list.
  string(REGEX REPLACE "[][()]" "|" services "${arg_EXPORTS}")
  foreach(service IN LISTS services)
    if(NOT service MATCHES "^[^@ ]+@[0-9][^@ ]*$")
      set(problem "EXPORTS has \"${service}\"; write it like com.acme.Orders@1.0")
    endif()
  endforeach()
  if(NOT problem AND NOT CMAKE_CXX_COMPILER)
    set(problem "the project has no C++; write project(... LANGUAGES CXX)")
  endif()
  if(problem)
    message(FATAL_ERROR "${function}(${target}): ${problem}")
  endif()
endfunction()

function(_ark_add_module_target target kind)
  add_library(${target} MODULE ${arg_SOURCES})
  set_target_properties(${target} PROPERTIES PREFIX "" SUFFIX .so NO_SONAME ON SKIP_BUILD_RPATH ON POSITION_INDEPENDENT_CODE ON
    LINK_DEPENDS ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/ark_module.map)
  target_link_libraries(${target} PRIVATE ${arg_LINK} ark::sdk ark::glue $<TARGET_NAME_IF_EXISTS:ark_sanitizer>)
  _ark_include_info(${target} ${kind})
  target_compile_options(${target} PRIVATE
    -fvisibility=hidden $<$<COMPILE_LANGUAGE:CXX>:-fvisibility-inlines-hidden>
    # Unique symbols are one for the whole process, and keep the module from being unmapped.
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>
    -fno-plt -ffunction-sections -fdata-sections)
  check_linker_flag(CXX "-Wl,-z,pack-relative-relocs" ARK_HAS_PACKED_RELOCATIONS)
  target_link_options(${target} PRIVATE
    -Wl,-z,now -Wl,-z,relro $<$<BOOL:${ARK_HAS_PACKED_RELOCATIONS}>:-Wl,-z,pack-relative-relocs>
    -Wl,--exclude-libs,ALL -Wl,--gc-sections -Wl,-Bsymbolic-functions -Wl,--build-id=sha1
    -Wl,--version-script=${CMAKE_CURRENT_FUNCTION_LIST_DIR}/ark_module.map)
  _ark_forbid_undefined(${target})
endfunction()

# Clang's sanitizers leave their symbols to the executable.
function(_ark_forbid_undefined target)
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang" AND ("${CMAKE_CXX_FLAGS}" MATCHES "-fsanitize=" OR "${ARK_SANITIZER}" MATCHES "^(address|thread)$"))
    return()
  endif()
  target_link_options(${target} PRIVATE -Wl,--no-undefined)
endfunction()

# By a header and not by definitions: ranges of versions do not survive CMake's lists.
function(_ark_include_info target kind)
  if(NOT DEFINED arg_MODULE_NAME)
    set(arg_MODULE_NAME ${target})
  endif()
  set(info_name "${arg_MODULE_NAME}")
  set(info_version "${arg_VERSION}")
  set(info_kind ${kind})
  set(info_exports "${arg_EXPORTS}")
  set(info_imports "${arg_IMPORTS}")
  set(header ${CMAKE_CURRENT_BINARY_DIR}/${target}_ark_module.h)
  configure_file(${CMAKE_CURRENT_FUNCTION_LIST_DIR}/ark_module_info.h.in ${header} @ONLY)
  target_compile_options(${target} PRIVATE "SHELL:-include \"${header}\"")
endfunction()

function(_ark_add_linked_target target)
  get_target_property(options ${target} COMPILE_OPTIONS)
  string(MAKE_C_IDENTIFIER ${target} identifier)
  add_library(${target}_linked OBJECT EXCLUDE_FROM_ALL ${arg_SOURCES})
  set_target_properties(${target}_linked PROPERTIES POSITION_INDEPENDENT_CODE ON)
  target_compile_options(${target}_linked PRIVATE ${options})
  target_compile_definitions(${target}_linked PRIVATE ARK_LINKED=${identifier})
  target_link_libraries(${target}_linked PUBLIC ${arg_LINK} ark::sdk PRIVATE $<TARGET_NAME_IF_EXISTS:ark_sanitizer>)
endfunction()

function(_ark_add_package target)
  set(name ${target})
  if(DEFINED arg_MODULE_NAME)
    set(name ${arg_MODULE_NAME})
  endif()
  if(NOT DEFINED arg_OUTPUT_NAME)
    set(arg_OUTPUT_NAME ${name}-${arg_VERSION}.ark)
  endif()
  set(package ${CMAKE_CURRENT_BINARY_DIR}/${arg_OUTPUT_NAME})
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  string(STRIP "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${type}}" flags)
  if(NOT DEFINED arg_PRIORITY)
    set(arg_PRIORITY 100)
  endif()
  list(TRANSFORM arg_RESOURCES PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/" REGEX "^[^/]")
  set(resource_files)
  foreach(resource IN LISTS arg_RESOURCES)
    if(IS_DIRECTORY "${resource}")
      file(GLOB_RECURSE inside CONFIGURE_DEPENDS "${resource}/*")
      list(APPEND resource_files ${inside})
    else()
      list(APPEND resource_files "${resource}")
    endif()
  endforeach()
  if(NOT DEFINED arg_BUNDLE)
    set(arg_BUNDLE auto)
  endif()
  set(folders)
  foreach(library IN LISTS arg_LINK)
    if(TARGET ${library})
      foreach(type SHARED_LIBRARY UNKNOWN_LIBRARY)
        list(APPEND folders "$<$<STREQUAL:$<TARGET_PROPERTY:${library},TYPE>,${type}>:$<TARGET_FILE_DIR:${library}>>")
      endforeach()
    endif()
  endforeach()
  add_custom_command(OUTPUT ${package}  # lists arrive with ';' between their texts
    COMMAND ark::arkctl pack $<TARGET_FILE:${target}> --output ${package}
      --bundle=${arg_BUNDLE} "--library-folders=${folders}" --priority=${arg_PRIORITY} "--description=${arg_DESCRIPTION}" "--commit=${arg_COMMIT}" "--depends=${arg_DEPENDS}"
      "--resources=${arg_RESOURCES}" "--export-resources=${arg_EXPORT_RESOURCES}" "--import-resources=${arg_IMPORT_RESOURCES}"
      "--deny-imports=${arg_DENY_IMPORTS}" "--deny-resources=${arg_DENY_RESOURCES}"
      "--compiler=${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}" "--flags=${flags}"
    DEPENDS ${target} $<TARGET_FILE:ark::arkctl> ${resource_files}
    COMMENT "Packing ${arg_OUTPUT_NAME}"
    VERBATIM)
  add_custom_target(${target}_package ALL DEPENDS ${package})
  set_target_properties(${target} PROPERTIES ARK_PACKAGE ${package})
endfunction()
