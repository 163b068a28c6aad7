# Installs the build, moves the prefix elsewhere, builds the project from there, and looks at what came of it.
foreach(name ARK_BINARY_DIR PROJECT EXAMPLES ORDERS WORK GENERATOR CXX_COMPILER)
  if(NOT DEFINED ${name})
    message(FATAL_ERROR "consumer.cmake needs -D${name}=")
  endif()
endforeach()

function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE result OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT result EQUAL 0)
    list(JOIN ARGV " " line)
    message(FATAL_ERROR "${line}\nended with ${result}\n${out}\n${err}")
  endif()
  set(output "${out}" PARENT_SCOPE)
endfunction()

function(expect text)
  string(FIND "${output}" "${text}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "'${text}' is not in\n${output}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${ARK_BINARY_DIR} --prefix ${WORK}/first)
file(RENAME ${WORK}/first ${WORK}/prefix)

run(${CMAKE_COMMAND} -S ${PROJECT} -B ${WORK}/build -G ${GENERATOR} -DCMAKE_PREFIX_PATH=${WORK}/prefix
  -DCMAKE_CXX_COMPILER=${CXX_COMPILER} -DCMAKE_CXX_FLAGS=${CXX_FLAGS} -DCMAKE_BUILD_TYPE=Release
  -DEXAMPLES=${EXAMPLES})
run(${CMAKE_COMMAND} --build ${WORK}/build)

set(arkctl ${WORK}/prefix/bin/arkctl)
foreach(package greeter-1.0.0 shop-2.0.0 shop-2.1.0 customer-1.0.0)
  run(${arkctl} verify ${WORK}/build/${package}.ark)
endforeach()
run(${arkctl} inspect ${WORK}/build/shop-2.0.0.ark)
expect("biz           shop 2.0.0")
expect("com.acme.Shop@1.0")
expect("sell(string&) -> string")
expect("com.acme.Greeter@[1.0,2.0)")
expect("greeter@[1.0,2.0)")
run(${arkctl} inspect ${WORK}/build/greeter-1.0.0.ark)
expect("plugin        greeter 1.0.0")
expect("greet(string&) -> string const")

# A word that is none.
file(WRITE ${WORK}/wrong/CMakeLists.txt
  "cmake_minimum_required(VERSION 3.25)\nproject(wrong LANGUAGES CXX)\nfind_package(Ark REQUIRED COMPONENTS host)\n")
execute_process(COMMAND ${CMAKE_COMMAND} -S ${WORK}/wrong -B ${WORK}/wrong/build -DCMAKE_PREFIX_PATH=${WORK}/prefix
  -DCMAKE_CXX_COMPILER=${CXX_COMPILER} RESULT_VARIABLE result OUTPUT_QUIET ERROR_VARIABLE output)
if(result EQUAL 0)
  message(FATAL_ERROR "a component that there is not was found")
endif()
expect("it has no component \"host\"; there is \"container\"")

# Nothing may lead back to where the SDK was built or first installed.
foreach(folder ${ARK_BINARY_DIR}/packaging ${WORK}/first)
  execute_process(COMMAND grep -rlF ${folder} ${WORK}/prefix/lib/cmake OUTPUT_VARIABLE leaks)
  if(leaks)
    message(FATAL_ERROR "these mention ${folder}:\n${leaks}")
  endif()
endforeach()

# The contract can be given on.
run(${CMAKE_COMMAND} --install ${WORK}/build --prefix ${WORK}/contracts)
if(NOT EXISTS ${WORK}/contracts/include/acme/greeter.hpp)
  message(FATAL_ERROR "the contract's header was not installed")
endif()

# And the modules live.
run(sh ${CMAKE_CURRENT_LIST_DIR}/live.sh ${WORK}/prefix ${WORK}/build)

# So does the program that hosts them itself.
run(sh ${EXAMPLES}/../tests/biz-examples/embedding.sh ${WORK}/build/embedding ${ORDERS})
