# How the project's own targets are compiled. Users' modules get their flags from ArkModule.cmake, their hosts from ArkHost.cmake.

add_library(ark_build INTERFACE)
target_compile_options(ark_build INTERFACE -Wall -Wextra -Wpedantic -Wno-unused-parameter -Werror=return-type
  -fPIC -fvisibility=hidden -fvisibility-inlines-hidden)
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(ark_build INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fno-gnu-unique>)
endif()
target_link_options(ark_build INTERFACE -Wl,--gc-sections)
if(ARK_SANITIZER STREQUAL "none" OR NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")  # clang's run time is static, and every library has to find its malloc
  target_link_options(ark_build INTERFACE -Wl,--exclude-libs,ALL)
endif()
target_compile_options(ark_build INTERFACE -ffunction-sections -fdata-sections)

if(ARK_SANITIZER STREQUAL "address")
  set(ark_sanitize -fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
elseif(ARK_SANITIZER STREQUAL "thread")
  set(ark_sanitize -fsanitize=thread -Wno-tsan)  # Asio's fences
elseif(NOT ARK_SANITIZER STREQUAL "none")
  message(FATAL_ERROR "ARK_SANITIZER is '${ARK_SANITIZER}'; it can be none, address or thread")
endif()
if(ARK_BUILD_FUZZ)
  list(APPEND ark_sanitize -fsanitize=fuzzer-no-link)  # says which code an input has reached
endif()
add_library(ark_sanitizer INTERFACE)
target_compile_options(ark_sanitizer INTERFACE ${ark_sanitize})
target_link_options(ark_sanitizer INTERFACE ${ark_sanitize})
target_link_libraries(ark_build INTERFACE ark_sanitizer)
